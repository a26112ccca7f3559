"""Arrays: how many items, which schema for each place, ``contains`` and ``uniqueItems``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mockforge.mocking.data import numbers
from mockforge.mocking.data.model import DEMAND_ITEMS, DEMAND_NODES, Source, UnsatisfiableError
from mockforge.mocking.data.names import singular
from mockforge.mocking.data.plan import Node, Plan
from mockforge.mocking.data.runtime import FULL, SPARSE, Context, Make
from mockforge.mocking.data.shape import Shape
from mockforge.mocking.data.values import identity

if TYPE_CHECKING:
    from mockforge.mocking.data.compile import Compiler

_DEEP: Final = 4
"""Depth from which on one item is enough."""

_TRIES: Final = 24
"""Attempts at an item that is not there yet, for ``uniqueItems``."""


class Layout:
    """Which node makes which item. ``least`` and ``most`` bound the number of items; ``fixed`` is how
    many places have a node of their own (``prefixItems``, ``contains``), after which ``rest`` makes
    them all."""

    def __init__(self, compiler: Compiler, node: Node, shape: Shape) -> None:
        self._compiler = compiler
        self._node = node
        self._shape = shape
        prefix = max((len(part.prefix) for part in shape.arrays), default=0)
        self.least = shape.min_items
        self.most = self._most(shape)
        self._required = self._place_contains(shape, prefix)
        if self._required:
            self.least = max(self.least, max(self._required) + 1)
        if self.least > self.most:
            raise UnsatisfiableError(
                node.path, f"at least {self.least} items are asked for, at most {self.most} allowed"
            )
        if self.least > DEMAND_ITEMS:
            raise UnsatisfiableError(
                node.path, f"{self.least} items are beyond the {DEMAND_ITEMS} that are generated"
            )
        self.fixed = max(prefix, self.least if self._required else 0)
        self.rest = self.node_at(self.fixed)
        self.nodes = [self.node_at(place) for place in range(min(self.fixed, self.most))]

    def _most(self, shape: Shape) -> int:
        most = DEMAND_ITEMS * 2 if shape.max_items is None else shape.max_items
        for part in shape.arrays:
            for place in range(len(part.prefix) + 1):
                source = part.at(place)
                if source is not None and source.schema is False:
                    most = min(most, place)
        return most

    def _place_contains(self, shape: Shape, prefix: int) -> dict[int, list[Source]]:
        """The places that have to hold what ``contains`` asks for: behind the prefix, each their own,
        if there is room; else together and from the first place on."""
        total = sum(wanted.least for wanted in shape.contains)
        placed: dict[int, list[Source]] = {}
        if total > DEMAND_ITEMS:
            raise UnsatisfiableError(
                self._node.path, f"minContains {total} is beyond what is generated"
            )
        together = prefix + total > self.most
        at = 0 if together else prefix
        for wanted in shape.contains:
            for offset in range(wanted.least):
                placed.setdefault(at + offset, []).append(wanted.source)
            at += 0 if together else wanted.least
        return placed

    def node_at(self, place: int) -> Node:
        """The node for the item at ``place``."""
        shape = self._shape
        sources = [source for part in shape.arrays if (source := part.at(place)) is not None]
        wanted = self._required.get(place, [])
        if not sources:
            sources.extend(shape.unevaluated_items if not wanted else ())
        sources.extend(wanted)
        sources.extend(
            self._compiler.references.negated(contains.source)
            for contains in shape.contains
            if contains.most is not None and contains.source not in wanted
        )
        return self._compiler.node(
            tuple(sources),
            field=singular(self._node.field),
            owner=singular(self._node.field) or self._node.owner,
            parent=self._node,
            step=f"/prefixItems/{place}" if place < self.fixed else "/items",
        )


def array_plan(compiler: Compiler, node: Node, shape: Shape) -> Plan:
    """The plan for arrays of ``shape``."""
    layout = Layout(compiler, node, shape)
    least, most = layout.least, layout.most
    usual = compiler.limits.max_items
    low = min(most, max(least, layout.fixed, 1))
    high = min(most, max(low, usual if layout.fixed == 0 else layout.fixed))
    if shape.unevaluated_items and not shape.arrays:
        low = high = max(least, min(low, layout.fixed))
    items = _Items(layout.nodes, layout.rest, node, unique=shape.unique)
    domain = _domain(layout.rest) if shape.unique and not layout.fixed else None
    if domain is not None:
        if len(domain) < least:
            raise UnsatisfiableError(
                node.path, f"{least} different items are asked for, but there are {len(domain)}"
            )
        low, high = min(low, len(domain)), min(high, len(domain))

    def make(context: Context) -> list[Any]:
        if context.mode != FULL:
            count = context.between(least, max(least, high))
        elif context.tight:
            count = least
        else:
            count = low if context.depth >= _DEEP else context.between(low, high)
        if domain is not None:
            return context.rng.sample(domain, count)
        return items.make(context, count, least)

    needed = layout.nodes if least else []
    if least > len(layout.nodes):
        needed = [*needed, layout.rest]
    return Plan(make, needs=tuple(needed), level=1)


class _Items:
    """Makes the items one by one."""

    __slots__ = ("_node", "_nodes", "_plain", "_rest", "_unique")

    def __init__(self, nodes: list[Node], rest: Node, node: Node, *, unique: bool) -> None:
        self._nodes = nodes
        self._rest = rest
        self._node = node
        self._unique = unique
        self._plain: dict[Node, Make] = {}

    def make(self, context: Context, count: int, least: int) -> list[Any]:
        """``count`` items, or as many as there can be, but ``least`` in any case."""
        nodes, fixed, rest = self._nodes, len(self._nodes), self._rest
        made: list[Any] = []
        seen: set[Any] = set()
        ceiling = context.ceiling
        context.depth += 1
        try:
            for place in range(count):
                context.nodes += 1
                if context.nodes > DEMAND_NODES:
                    raise UnsatisfiableError(
                        self._node.path, f"more than {DEMAND_NODES} values are asked for"
                    )
                room = ceiling - context.nodes
                context.ceiling = context.nodes + room // (count - place) if room > 0 else ceiling
                node = nodes[place] if place < fixed else rest
                before = context.misses
                try:
                    value = self._item(context, node, seen)
                except UnsatisfiableError:
                    if place < least:
                        raise
                    break
                if context.misses != before and place >= least:
                    context.misses = before
                    break
                made.append(value)
        finally:
            context.depth -= 1
            context.ceiling = ceiling
        return made

    def _item(self, context: Context, node: Node, seen: set[Any]) -> Any:
        value = node.make(context)
        if not self._unique:
            return value
        key = identity(value)
        if key in seen:
            value, key = self._another(context, node, seen, value)
        seen.add(key)
        return value

    def _another(self, context: Context, node: Node, seen: set[Any], value: Any) -> tuple[Any, Any]:
        """A value that is not among ``seen``; a miss if none turns up."""
        plain = self._plain.get(node)
        if plain is None:
            plain = self._plain[node] = node.compiler.plain(node)
        mode, nodes, key = context.mode, context.nodes, identity(value)
        try:
            for attempt in range(_TRIES):
                first = attempt < _TRIES // 3
                context.mode = mode if first else SPARSE
                context.nodes = nodes
                value = (node.make if first else plain)(context)
                key = identity(value)
                if key not in seen:
                    return value, key
            for value in _domain(node) or ():
                key = identity(value)
                if key not in seen:
                    return value, key
        finally:
            context.mode = mode
        context.misses += 1
        return value, key


def _domain(node: Node) -> list[Any] | None:
    """All values that a node can make, if they can be listed; none that a check might refuse."""
    shape = node.shape
    if shape.never is not None or shape.residuals:
        return None
    if shape.enum is not None:
        return node.compiler.accepted(shape, shape.enum)
    if shape.choices:
        return None
    if shape.types == {"boolean"}:
        return [False, True]
    if shape.types == {"null"}:
        return [None]
    return numbers.domain(shape) if shape.types == {"number"} else None
