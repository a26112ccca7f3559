"""Arrays: how many items, and each of them; ``uniqueItems``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mockforge.mocking.data import numbers
from mockforge.mocking.data.array_layout import Layout
from mockforge.mocking.data.entry import entered
from mockforge.mocking.data.model import DEMAND_NODES, UnsatisfiableError
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


def array_plan(compiler: Compiler, node: Node, shape: Shape) -> Plan:
    """The plan for arrays of ``shape``. Second attempts put what ``contains`` asks for elsewhere."""
    usual = _Arrays(compiler, node, shape, Layout(compiler, node, shape, within=False))
    other = usual
    if shape.contains and (usual.layout.prefix or len(shape.contains) > 1):
        other = _Arrays(compiler, node, shape, Layout(compiler, node, shape, within=True))

    def make(context: Context) -> list[Any]:
        if context.mode == FULL:
            return usual.make(context)
        return other.make_any(context)

    layout = usual.layout
    needed = layout.nodes[: layout.least]
    if layout.least > len(layout.nodes):
        needed = [*needed, layout.rest]
    return Plan(entered(compiler, node, shape, make), needs=tuple(needed), level=1)


class _Arrays:
    """Makes arrays of one layout: decides how many items there are."""

    __slots__ = ("_domain", "_high", "_items", "_least", "_low", "layout")

    def __init__(self, compiler: Compiler, node: Node, shape: Shape, layout: Layout) -> None:
        fixed, most = len(layout.nodes), layout.most
        self.layout = layout
        self._least = layout.least
        self._low = min(most, max(layout.least, fixed, 1))
        self._high = min(most, max(self._low, fixed or compiler.limits.max_items))
        if shape.unevaluated_items and not shape.arrays:
            self._low = self._high = max(layout.least, min(self._low, fixed))
        self._items = _Items(layout.nodes, layout.rest, node, unique=shape.unique)
        self._domain = _domain(layout.rest) if shape.unique and not fixed else None
        if self._domain is not None:
            size = len(self._domain)
            if size < layout.least:
                raise UnsatisfiableError(
                    node.path,
                    f"{layout.least} different items are asked for, but there are {size}",
                )
            self._low, self._high = min(self._low, size), min(self._high, size)

    def make(self, context: Context) -> list[Any]:
        """An array of the usual size."""
        if context.tight:
            return self._of(context, self._least)
        deep = context.depth >= _DEEP
        return self._of(context, self._low if deep else context.between(self._low, self._high))

    def make_any(self, context: Context) -> list[Any]:
        """An array of any size that is allowed and small."""
        return self._of(context, context.between(self._least, max(self._least, self._high)))

    def _of(self, context: Context, count: int) -> list[Any]:
        if self._domain is not None:
            return context.rng.sample(self._domain, count)
        return self._items.make(context, count, self._least)


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
