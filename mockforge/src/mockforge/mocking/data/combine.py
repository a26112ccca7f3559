"""Choices: ``anyOf``, ``oneOf``, ``if``, ``dependentSchemas`` and opposites.

Each branch is folded into the shape it belongs to, which gives the ways to satisfy both. Ways that
contradict are dropped at once. For ``oneOf``, a value is compared with the rivals of its branch that
are not ruled out by construction; where one matches too, the branch is tried again with the opposites
of these rivals folded in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from mockforge.mocking.data.disjoint import Outline
from mockforge.mocking.data.model import Check, Source, UnsatisfiableError
from mockforge.mocking.data.plan import Node, Plan
from mockforge.mocking.data.runtime import FULL, Context
from mockforge.mocking.data.shape import Branch, Choice, Shape

if TYPE_CHECKING:
    from mockforge.mocking.data.compile import Compiler

_DEEP: Final = 3
"""Depth from which on a scalar branch is preferred to an object: an id to the expanded object."""

_COMBINATIONS: Final = 16
"""Combinations of rivals that a branch is narrowed for."""

_ROOM: Final = 100
"""Values for which there must be room, or a scalar branch is preferred."""


class Way:
    """One branch together with its surroundings. ``rivals`` are the other branches of a ``oneOf``
    that could match the same value."""

    __slots__ = ("_compiler", "_narrow", "_shape", "node", "rivals", "sources")

    def __init__(self, compiler: Compiler, node: Node, branch: Branch, shape: Shape) -> None:
        self._compiler = compiler
        self.node = node.variant(shape)
        self.sources = branch.sources
        self._shape: Shape | None = shape
        self.rivals: list[tuple[Source, Check, Check]] = []
        self._narrow: dict[tuple[int, ...], Node] = {}

    @property
    def shape(self) -> Shape:
        """The surroundings with the branch folded in."""
        return self._shape or self.node.shape

    def settle(self) -> None:
        """Let go of what only a way with rivals needs once it is compiled."""
        if not self.rivals:
            self._shape = None

    def collisions(self, value: Any, *, formats: bool) -> tuple[int, ...]:
        """Which rivals match ``value`` too."""
        return tuple(
            number
            for number, (_, lenient, strict) in enumerate(self.rivals)
            if (strict if formats else lenient)(value)
        )

    def without(self, rivals: tuple[int, ...]) -> Node:
        """The way with the opposites of these rivals folded in; of all rivals, once there are many
        combinations."""
        if len(self._narrow) >= _COMBINATIONS:
            rivals = tuple(range(len(self.rivals)))
        node = self._narrow.get(rivals)
        if node is None:
            shape = self.shape.copy()
            for number in rivals:
                opposite = self._compiler.references.negated(self.rivals[number][0])
                self._compiler.folder.fold_root(shape, opposite)
            node = self._narrow[rivals] = self.node.variant(shape)
        return node


def choice_plan(compiler: Compiler, node: Node, shape: Shape) -> Plan:
    """The plan for the first choice of ``shape``; the rest is left to its branches."""
    choice, base = shape.choices[0], shape.copy()
    base.choices = shape.choices[1:]
    ways, reason = _ways(compiler, node, choice, base)
    if not ways:
        raise UnsatisfiableError(node.path, f"no alternative fits the rest of the schema: {reason}")
    if choice.kind == "one":
        _set_rivals(compiler, ways)
    if len(ways) == 1:
        return compiler.compile(ways[0].node, ways[0].shape)
    draw = _drawer(ways, choice, base)
    for way in ways:
        way.settle()
    return Plan(_maker(ways, draw), ways=tuple(way.node for way in ways))


def _ways(
    compiler: Compiler, node: Node, choice: Choice, base: Shape
) -> tuple[list[Way], str | None]:
    ways: list[Way] = []
    reason = None
    for branch in choice.branches:
        if any(_surrounds(compiler, base, source) for source in branch.sources):
            # The branch is a schema that surrounds the choice: taking it would settle nothing.
            reason = reason or "the schema refers to itself"
            continue
        shape = base.copy()
        if any(_ref(source) is not None for source in branch.sources):
            shape.names = ()
        if branch.label is not None:
            name, values = branch.label
            shape.labels[name] = (*values, *shape.labels.get(name, ()))
        for source in branch.sources:
            compiler.folder.fold_root(shape, source)
        if shape.never is None:
            ways.append(Way(compiler, node, branch, shape))
        else:
            reason = reason or shape.never
    return ways, reason


def _ref(source: Source) -> str | None:
    ref = source.schema.get("$ref") if isinstance(source.schema, dict) else None
    return ref if isinstance(ref, str) else None


def _surrounds(compiler: Compiler, base: Shape, source: Source) -> bool:
    """Whether ``source`` is, or leads to, a schema that the choice is part of."""
    ref = _ref(source)
    if ref is not None:
        target = compiler.references.follow(source, ref)
        return isinstance(target.schema, dict) and target.key in base.seen
    return isinstance(source.schema, dict) and source.key in base.seen


def _set_rivals(compiler: Compiler, ways: list[Way]) -> None:
    outlines = [Outline(compiler, way.shape) for way in ways]
    for number, way in enumerate(ways):
        for other_number in range(number):
            if not outlines[number].excludes(outlines[other_number]):
                _make_rivals(compiler, way, ways[other_number])
                _make_rivals(compiler, ways[other_number], way)


def _make_rivals(compiler: Compiler, way: Way, other: Way) -> None:
    for source in other.sources:
        way.rivals.append((source, compiler.checks.of(source), compiler.strict.of(source)))


Draw = Callable[[Context], list[Way]]


def _drawer(ways: list[Way], choice: Choice, base: Shape) -> Draw:
    """The order in which ways are tried: a drawn one first, the others after it."""
    flat = [way for way in ways if not way.node.container and way.shape.types != {"null"}]
    solid = [way for way in ways if way.shape.types != {"null"}]
    rest = [way for way in ways if way.shape.types == {"null"}]
    shallow = [*flat, *(way for way in ways if way not in flat)] if flat else [*solid, *rest]
    ordered = choice.kind in ("dependent", "opposite")
    wanted = choice.kind != "dependent" or (
        choice.presence in base.required
        or any(choice.presence in part.named for part in base.objects)
    )

    def draw(context: Context) -> list[Way]:
        if context.tight and context.mode == FULL:
            return sorted(ways, key=lambda way: way.node.floor)
        if ordered and context.mode == FULL:
            return ways if wanted else ways[::-1]
        if context.mode != FULL:
            pool, after = ways, []
        elif flat and (context.depth >= _DEEP or context.ceiling - context.nodes < _ROOM):
            pool, after = flat, shallow[len(flat) :]
        else:
            pool, after = solid, rest
        if not pool:
            return ways
        at = int(context.random() * len(pool))
        return [*pool[at:], *pool[:at], *after]

    return draw


def _maker(ways: list[Way], draw: Draw) -> Callable[[Context], Any]:
    def make(context: Context) -> Any:
        before = context.misses
        second: list[Any] = []
        missed: list[Any] = []
        error: UnsatisfiableError | None = None
        for way in draw(context):
            # A way that leads nowhere must not use up the second attempts of those after it.
            reserve = context.retries >> 2
            context.retries -= reserve
            try:
                value = way.node.make(context)
                if way.rivals:
                    value = _told_apart(context, way, value, second)
            except UnsatisfiableError as problem:
                error = problem
                continue
            finally:
                context.retries += reserve
            if context.misses == before:
                return value
            context.misses = before
            missed.append(value)
        if second:
            return second[0]
        if not missed:
            raise error or UnsatisfiableError("", "no alternative fits")
        context.misses = before + 1
        return missed[0]

    return make


def _told_apart(context: Context, way: Way, value: Any, second: list[Any]) -> Any:
    """A value of ``way`` that no rival matches, starting from ``value``. Counts a miss if there is
    none; a value that only formats tell apart is noted in ``second``."""
    before = context.misses
    narrowed: set[int] = set()
    for attempt in range(4):
        if not way.collisions(value, formats=False):
            return value
        hits = way.collisions(value, formats=True)
        if not hits:
            second.append(value)
            break
        if context.retries <= 0 or attempt == 3:
            break
        context.retries -= 1
        context.misses = before
        narrowed.update(hits)
        value = way.without(tuple(sorted(narrowed))).make(context)
    context.misses = before + 1
    return value
