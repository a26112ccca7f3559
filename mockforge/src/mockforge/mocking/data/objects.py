"""Objects: which properties, in which order, and what gives way when there is no room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mockforge.mocking.data.extras import Extras
from mockforge.mocking.data.model import (
    DEMAND_ITEMS,
    Endless,
    Source,
    Unsatisfiable,
    pointer_token,
)
from mockforge.mocking.data.plan import Node, Plan
from mockforge.mocking.data.runtime import BARE, FULL, Context, Make
from mockforge.mocking.data.shape import Shape

if TYPE_CHECKING:
    from mockforge.mocking.data.compile import Compiler

_HARD_DEPTH = 60
"""Nesting at which even required properties stop."""


class Property(NamedTuple):
    """A property that can be made. ``container``: it holds an object or array."""

    name: str
    node: Node
    required: bool
    container: bool


def object_plan(compiler: Compiler, node: Node, shape: Shape) -> Plan:
    """The plan for objects of ``shape``."""
    _check_sizes(node, shape)
    required = _required(shape)
    properties = _Properties(compiler, node, shape, required).found
    extras = Extras(compiler, node, shape, frozenset(name for name in properties))
    maker = _Maker(
        list(properties.values()), shape, extras, node.path, compiler.entry(shape)
    )
    needs = tuple(item.node for item in properties.values() if item.required)
    return Plan(maker.entered(), needs=needs, level=1)


def _check_sizes(node: Node, shape: Shape) -> None:
    most = shape.max_properties
    if most is not None and (shape.min_properties > most or len(shape.required) > most):
        least = max(shape.min_properties, len(shape.required))
        raise Unsatisfiable(
            node.path, f"at least {least} properties are asked for, at most {most} allowed"
        )
    if shape.min_properties > DEMAND_ITEMS:
        raise Unsatisfiable(
            node.path,
            f"{shape.min_properties} properties are beyond the {DEMAND_ITEMS} that are generated",
        )


def _required(shape: Shape) -> dict[str, None]:
    """The required names, with those that their presence requires."""
    required = dict(shape.required)
    grown = True
    while grown:
        grown = False
        for name, others in shape.dependents:
            if name in required:
                for other in others:
                    grown = grown or other not in required
                    required.setdefault(other)
    return required


class _Properties:
    """The properties of a shape that can be made, by name."""

    def __init__(
        self, compiler: Compiler, node: Node, shape: Shape, required: dict[str, None]
    ) -> None:
        self._compiler = compiler
        self._node = node
        self._shape = shape
        self._rules = [compiler.checks.of(source) for source in shape.name_rules]
        self._owner = (shape.names or [shape.title or node.field or node.owner])[0]
        self.found: dict[str, Property] = {}
        names = dict.fromkeys(name for part in shape.objects for name in part.named)
        for name in (*names, *(name for name in required if name not in names)):
            self._add(name, required=name in required)
        self._close(dict(shape.dependents))
        self._cut(compiler.limits.max_properties)

    def _add(self, name: str, *, required: bool) -> bool:
        """Add the property; False if it must not be there."""
        sources = [source for part in self._shape.objects for source in part.at(name)]
        reason = self._obstacle(name, sources)
        if reason is not None:
            if required:
                raise Unsatisfiable(self._node.path, f"the property {name!r} is required but {reason}")
            return False
        if not required and any(map(self._compiler.references.hidden, sources)):
            return False
        node = self._compiler.node(
            tuple(sources),
            field=name,
            owner=self._owner,
            path=f"{self._node.path}/properties/{pointer_token(name)}",
            wishes=tuple(self._shape.labels.get(name, ())),
        )
        self.found[name] = Property(name, node, required, node.container)
        return True

    def _obstacle(self, name: str, sources: list[Source]) -> str | None:
        if any(source.schema is False for source in sources):
            return "not allowed"
        if not all(rule(name) for rule in self._rules):
            return "its name is not allowed"
        return None

    def _close(self, dependents: dict[str, tuple[str, ...]]) -> None:
        """Leave out optional properties that require what must not be there."""
        grown = True
        while grown:
            grown = False
            for name, others in dependents.items():
                if name not in self.found:
                    continue
                for other in others:
                    if other not in self.found and not self._add(other, required=False):
                        del self.found[name]
                        grown = True
                        break

    def _cut(self, most: int) -> None:
        room = most - sum(item.required for item in self.found.values())
        for name, item in list(self.found.items()):
            if not item.required:
                room -= 1
                if room < 0:
                    del self.found[name]


class _Maker:
    """Makes the objects of one shape."""

    def __init__(
        self, properties: list[Property], shape: Shape, extras: Extras, path: str, entry: int
    ) -> None:
        self._properties = properties
        self._least = shape.min_properties
        self._most = shape.max_properties
        self._dependents = dict(shape.dependents)
        self._extras = extras
        self._path = path
        self._entry = entry
        self._containers = sum(item.container for item in properties)
        self._pairs = [(item.name, item.node) for item in properties]
        self._simple = (
            not self._containers
            and not self._dependents
            and not extras.usual
            and len(properties) >= self._least
            and (self._most is None or len(properties) <= self._most)
        )
        self._by_name = {item.name: item for item in properties}
        self._waiting = sum(item.required for item in properties)

    def entered(self) -> Make:
        """The maker, with the account of depth and recursion around it."""
        entry, path = self._entry, self._path
        fill = self._fill_simple if self._simple else self._fill

        def make(context: Context) -> dict[str, Any]:
            active = context.active
            inside = active.get(entry, 0)
            if inside >= context.levels and inside >= context.levels + context.tight:
                raise Endless(path, "it contains itself without end")
            if context.depth >= _HARD_DEPTH:
                raise Endless(path, f"it is nested more than {_HARD_DEPTH} levels deep")
            active[entry] = inside + 1
            context.depth += 1
            try:
                return fill(context)
            finally:
                context.depth -= 1
                active[entry] = inside

        return make

    def _fill_simple(self, context: Context) -> dict[str, Any]:
        """All properties, where all are scalars and there is room."""
        pairs = self._pairs
        if context.mode != FULL or context.nodes + len(pairs) >= context.ceiling:
            return self._fill(context)
        before = context.misses
        try:
            made = {name: node.make(context) for name, node in pairs}
        except Unsatisfiable:
            return self._fill(context)
        if context.misses != before:
            context.misses = before
            return self._fill(context)
        context.nodes += len(pairs) + 1
        return made

    def _fill(self, context: Context) -> dict[str, Any]:
        made: dict[str, Any] = {}
        left, waiting = self._containers, self._waiting
        context.nodes += 1
        for item in self._properties:
            left -= item.container
            if item.required:
                waiting -= 1
                made[item.name] = self._value(context, item, left)
            elif self._wanted(context, item, len(made) + waiting):
                self._try(context, item, left, made)
            elif not waiting and context.nodes >= context.ceiling and context.mode == FULL:
                break
        if len(made) < self._least:
            self._top_up(context, made)
        if self._dependents:
            self._complete(context, made)
        if self._extras.usual and context.mode == FULL and not context.tight:
            self._extras.add(context, made, self._extras.usual, self._most)
        return made

    def _wanted(self, context: Context, item: Property, size: int) -> bool:
        """Whether an optional property is to be included, with ``size`` others being certain."""
        if self._most is not None and size >= self._most:
            return False
        if context.mode != FULL:
            return context.mode != BARE and context.random() < 0.5
        if context.nodes >= context.ceiling:
            return False
        return not item.container or context.depth <= context.max_depth

    def _value(self, context: Context, item: Property, left: int) -> Any:
        """The value; a container gets its fair share of the room, with ``left`` more to come."""
        context.nodes += 1
        if not item.container:
            return item.node.make(context)
        ceiling = context.ceiling
        room = ceiling - context.nodes
        if room > 0:
            context.ceiling = context.nodes + room // (left + 1)
        try:
            return item.node.make(context)
        finally:
            context.ceiling = ceiling

    def _try(self, context: Context, item: Property, left: int, made: dict[str, Any]) -> None:
        """Add an optional property, if it can be made."""
        before = context.misses
        try:
            value = self._value(context, item, left)
        except Unsatisfiable:
            context.misses = before
            return
        if context.misses == before:
            made[item.name] = value
        context.misses = before

    def _top_up(self, context: Context, made: dict[str, Any]) -> None:
        """Bring the object up to ``minProperties``."""
        for item in self._properties:
            if len(made) >= self._least:
                return
            if item.name not in made:
                self._try(context, item, 0, made)
        self._extras.add(context, made, self._least - len(made), self._most)
        if len(made) < self._least:
            context.misses += 1

    def _complete(self, context: Context, made: dict[str, Any]) -> None:
        """Add what the properties that are there require (``dependentRequired``)."""
        todo = list(made)
        while todo:
            for other in self._dependents.get(todo.pop(), ()):
                if other not in made:
                    item = self._by_name.get(other)
                    if item is None:
                        context.misses += 1
                    else:
                        made[other] = self._value(context, item, 0)
                        todo.append(other)
