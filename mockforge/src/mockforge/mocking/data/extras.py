"""Properties that the schema allows without naming them: ``additionalProperties``,
``patternProperties``, ``propertyNames``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockforge.mocking.data.model import Source, UnsatisfiableError
from mockforge.mocking.data.names import singular
from mockforge.mocking.data.patterns import Pattern
from mockforge.mocking.data.plan import Node
from mockforge.mocking.data.pools import pool
from mockforge.mocking.data.runtime import Context
from mockforge.mocking.data.shape import Shape

if TYPE_CHECKING:
    from mockforge.mocking.data.compile import Compiler

_TRIES = 24


class Extras:
    """Makes further properties of an object. ``usual`` is how many it should have without need: two
    for a schema that describes a map, none for one that names its properties."""

    def __init__(self, compiler: Compiler, node: Node, shape: Shape, taken: frozenset[str]) -> None:
        self._compiler = compiler
        self._node = node
        self._shape = shape
        self._taken = taken | {name for part in shape.objects for name in part.named}
        self._patterns = _patterns(shape)
        self._names: Node | None = None
        if shape.name_rules:
            text = Source({"type": "string"}, "")
            self._names = compiler.node(
                (*shape.name_rules, text), field="", owner="", parent=node, step="/propertyNames"
            )
            self._text = text
        self._rules = [compiler.checks.of(source) for source in shape.name_rules]
        described = any(
            part.patterns or (part.rest is not None and part.rest.schema not in (False, {}))
            for part in shape.objects
        )
        described = described or any(
            source.schema is not False for source in shape.unevaluated_properties
        )
        self.usual = 2 if described and not taken else 0

    def add(self, context: Context, made: dict[str, Any], count: int, most: int | None) -> None:
        """Add ``count`` properties, as far as names and values for them can be found."""
        if most is not None:
            count = min(count, most - len(made))
        for _ in range(_TRIES + 4 * count):
            if count <= 0:
                return
            name = self._name(context, len(made))
            if name is None or name in made or name in self._taken:
                continue
            sources = self._sources(name)
            if sources is None or not all(rule(name) for rule in self._rules):
                continue
            before = context.misses
            context.nodes += 1
            try:
                value = self._value_node(sources).make(context)
            except UnsatisfiableError:
                context.misses = before
                continue
            if context.misses == before:
                made[name] = value
                count -= 1
            context.misses = before

    def _sources(self, name: str) -> tuple[Source, ...] | None:
        """The schemas for a property called ``name``; None if it must not be there."""
        sources = [source for part in self._shape.objects for source in part.at(name)]
        if not sources:
            sources.extend(self._shape.unevaluated_properties)
        if any(source.schema is False for source in sources):
            return None
        return tuple(sources)

    def _value_node(self, sources: tuple[Source, ...]) -> Node:
        return self._compiler.node(
            sources,
            field=singular(self._node.field),
            owner=self._node.owner,
            parent=self._node,
            step="/additionalProperties",
        )

    def _name(self, context: Context, size: int) -> str | None:
        """A name that has a chance."""
        random = context.random
        if self._names is not None and random() < 0.8:
            name = self._names.make(context)
            return name if isinstance(name, str) else None
        if self._patterns and random() < 0.9:
            chosen = self._patterns[int(random() * len(self._patterns))]
            # Where the pattern leaves the end open, further letters make different names.
            low = 0 if chosen.tree.ends else min(40, chosen.low + 2 + int(random() * 6))
            return chosen.make(random, low, max(40, chosen.low))
        words = pool("noun")
        word = words[int(random() * len(words))]
        return word if size < len(words) // 2 else f"{word}{int(random() * 10_000)}"


def _patterns(shape: Shape) -> list[Pattern]:
    """The patterns to make names from: of the schemas that allow nothing else, if there are any."""
    closed = [part for part in shape.objects if part.rest is not None and part.rest.schema is False]
    return [pattern for part in closed or shape.objects for pattern, _ in part.patterns]
