"""Objects: which properties, in which order, and what gives way when there is no room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockforge.mocking.data.entry import entered
from mockforge.mocking.data.extras import Extras
from mockforge.mocking.data.model import UnsatisfiableError
from mockforge.mocking.data.plan import Node, Plan
from mockforge.mocking.data.properties import Property, properties_of
from mockforge.mocking.data.runtime import BARE, FULL, Context, Make
from mockforge.mocking.data.shape import Shape

if TYPE_CHECKING:
    from mockforge.mocking.data.compile import Compiler


def object_plan(compiler: Compiler, node: Node, shape: Shape) -> Plan:
    """The plan for objects of ``shape``."""
    properties = properties_of(compiler, node, shape)
    names = frozenset(item.name for item in properties)
    extras: Extras | None = Extras(compiler, node, shape, names)
    certain = sum(item.required for item in properties)
    if extras is not None and not extras.usual and certain >= shape.min_properties:
        extras = None
    maker = _Maker(properties, shape, extras)
    needs = tuple(item.node for item in properties if item.required)
    return Plan(entered(compiler, node, shape, maker.fill), needs=needs, level=1)


class _Maker:
    """Makes the objects of one shape."""

    __slots__ = (
        "_containers",
        "_dependents",
        "_extras",
        "_least",
        "_most",
        "_needs",
        "_pairs",
        "_properties",
        "_scalars",
        "_simple",
        "_waiting",
    )

    def __init__(
        self,
        properties: list[Property],
        shape: Shape,
        extras: Extras | None,
    ) -> None:
        self._properties = properties
        self._least = shape.min_properties
        self._most = shape.max_properties
        self._dependents = dict(shape.dependents)
        self._needs = {name: _needs(name, self._dependents, shape) for name in self._dependents}
        self._extras = extras
        self._containers = sum(item.container for item in properties)
        self._scalars = len(properties) - self._containers
        self._waiting = sum(item.required for item in properties)
        self._simple = (
            not self._containers
            and not self._dependents
            and extras is None
            and len(properties) >= self._least
            and (self._most is None or len(properties) <= self._most)
        )
        self._pairs = [(item.name, item.node) for item in properties] if self._simple else []

    @property
    def fill(self) -> Make:
        """The maker of one object."""
        return self._fill_simple if self._simple else self._fill

    def _fill_simple(self, context: Context) -> dict[str, Any]:
        """All properties, where all are scalars and there is room."""
        pairs = self._pairs
        if context.mode != FULL or context.nodes + len(pairs) >= context.ceiling:
            return self._fill(context)
        before = context.misses
        try:
            made = {name: node.make(context) for name, node in pairs}
        except UnsatisfiableError:
            return self._fill(context)
        if context.misses != before:
            context.misses = before
            return self._fill(context)
        context.nodes += len(pairs) + 1
        return made

    def _fill(self, context: Context) -> dict[str, Any]:
        """The properties for which there is room: scalars first, as they are what an object says
        itself; what they leave is shared out among its containers."""
        made: dict[str, Any] = {}
        left, waiting = self._containers, self._waiting
        quota = max(0, min(self._scalars, context.ceiling - context.nodes - 1))
        context.nodes += quota + 1
        for item in self._properties:
            left -= item.container
            if item.required:
                waiting -= 1
                made[item.name] = self._value(context, item, left)
            elif self._wanted(context, item, made, waiting, quota):
                self._try(context, item, left, made)
            elif not waiting and quota <= 0 and context.mode == FULL and context.tight:
                break
            quota -= not item.container
        if len(made) < self._least:
            self._top_up(context, made)
        if self._dependents:
            self._complete(context, made)
        if self._extras is not None and context.mode == FULL and not context.tight:
            self._extras.add(context, made, self._extras.usual, self._most)
        return made

    def _wanted(
        self, context: Context, item: Property, made: dict[str, Any], waiting: int, quota: int
    ) -> bool:
        """Whether an optional property is to be included, with ``waiting`` required ones to come."""
        if self._most is not None:
            names = (*made, item.name)
            owed = {other for name in names for other in self._needs.get(name, ())}
            if len(owed.union(names)) + waiting > self._most:
                return False
        if context.mode != FULL:
            return context.mode != BARE and context.random() < 0.5
        return not context.tight if item.container else quota > 0

    def _value(self, context: Context, item: Property, left: int) -> Any:
        """The value; a container gets its fair share of the room, with ``left`` more to come."""
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
        except UnsatisfiableError:
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
        if self._extras is not None:
            self._extras.add(context, made, self._least - len(made), self._most)
        if len(made) < self._least:
            context.misses += 1

    def _complete(self, context: Context, made: dict[str, Any]) -> None:
        """Add what the properties that are there require (``dependentRequired``)."""
        todo = list(made)
        by_name = {item.name: item for item in self._properties}
        while todo:
            for other in self._dependents.get(todo.pop(), ()):
                if other not in made:
                    item = by_name.get(other)
                    if item is None:
                        context.misses += 1
                    else:
                        made[other] = self._value(context, item, 0)
                        todo.append(other)


def _needs(name: str, dependents: dict[str, tuple[str, ...]], shape: Shape) -> frozenset[str]:
    """What else must be there if the property ``name`` is, apart from what is required anyway."""
    found: set[str] = set()
    todo = [name]
    while todo:
        for other in dependents.get(todo.pop(), ()):
            if other not in found and other != name:
                found.add(other)
                todo.append(other)
    return frozenset(found - shape.required.keys())
