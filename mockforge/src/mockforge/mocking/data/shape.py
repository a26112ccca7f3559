"""A shape: what all the schemas that apply to one place demand together.

:mod:`~mockforge.mocking.data.fold` puts ``$ref``, ``allOf`` and their like into one shape; what has
to be decided (``anyOf``, ``oneOf``, ``if``) stays in ``choices`` and what only a check can tell in
``residuals``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, Literal, NamedTuple

from mockforge.mocking.data.model import TYPES, Key, Source
from mockforge.mocking.data.patterns import Pattern
from mockforge.mocking.data.values import identity


class ArrayPart(NamedTuple):
    """``prefixItems`` and ``items`` of one schema."""

    prefix: tuple[Source, ...]
    rest: Source | None

    def at(self, place: int) -> Source | None:
        """The schema for the item at ``place``."""
        return self.prefix[place] if place < len(self.prefix) else self.rest


class Contains(NamedTuple):
    """``contains`` with ``minContains`` and ``maxContains``."""

    source: Source
    least: int
    most: int | None


class ObjectPart(NamedTuple):
    """``properties``, ``patternProperties`` and ``additionalProperties`` of one schema."""

    named: dict[str, Source]
    patterns: tuple[tuple[Pattern, Source], ...]
    rest: Source | None

    def at(self, name: str) -> Iterator[Source]:
        """The schemas for the property ``name``."""
        known = name in self.named
        if known:
            yield self.named[name]
        for pattern, source in self.patterns:
            if pattern.matches(name):
                known = True
                yield source
        if not known and self.rest is not None:
            yield self.rest


class Branch(NamedTuple):
    """One way to satisfy a choice: the schemas to add, and the property (with the values it should
    have, best first) by which readers recognise the branch."""

    sources: tuple[Source, ...]
    label: tuple[str, tuple[str, ...]] | None = None


class Choice(NamedTuple):
    """A decision to be made: any branch, exactly one, or the first that works (``opposite``).
    ``presence`` is the property on which a ``dependent`` one hangs."""

    kind: Literal["any", "one", "opposite", "dependent"]
    branches: tuple[Branch, ...]
    presence: str | None = None


class Bound(NamedTuple):
    """A lower or upper bound of numbers; ``open`` if the bound itself is excluded."""

    value: float
    open: bool


class Shape:
    """The conjunction of schemas, as far as it can be written down. ``never`` says why no value at
    all can satisfy it. ``seen`` holds what went in, by key."""

    __slots__ = (
        "arrays",
        "choices",
        "contains",
        "default",
        "dependents",
        "encoding",
        "entry",
        "enum",
        "examples",
        "formats",
        "high",
        "hints",
        "integral",
        "labels",
        "low",
        "max_items",
        "max_length",
        "max_properties",
        "media_type",
        "min_items",
        "min_length",
        "min_properties",
        "multiples",
        "name_rules",
        "names",
        "never",
        "objects",
        "patterns",
        "required",
        "residuals",
        "roots",
        "seen",
        "title",
        "types",
        "unevaluated_items",
        "unevaluated_properties",
        "unique",
    )

    def __init__(self) -> None:
        self.never: str | None = None
        self.seen: dict[Key, Source] = {}
        self.roots: tuple[Source, ...] = ()
        self.entry: Key | None = None
        self.names: tuple[str, ...] = ()
        self.title: str | None = None
        self.types: frozenset[str] = frozenset(TYPES)
        self.hints: frozenset[str] = frozenset()
        self.integral = False
        self.enum: list[Any] | None = None
        self.examples: tuple[Any, ...] = ()
        self.default: tuple[Any, ...] = ()
        self.low: Bound | None = None
        self.high: Bound | None = None
        self.multiples: tuple[Fraction, ...] = ()
        self.min_length = 0
        self.max_length: int | None = None
        self.patterns: tuple[str, ...] = ()
        self.formats: tuple[str, ...] = ()
        self.encoding: str | None = None
        self.media_type: str | None = None
        self.min_items = 0
        self.max_items: int | None = None
        self.unique = False
        self.arrays: tuple[ArrayPart, ...] = ()
        self.contains: tuple[Contains, ...] = ()
        self.unevaluated_items: tuple[Source, ...] = ()
        self.objects: tuple[ObjectPart, ...] = ()
        self.required: dict[str, None] = {}
        self.min_properties = 0
        self.max_properties: int | None = None
        self.name_rules: tuple[Source, ...] = ()
        self.dependents: tuple[tuple[str, tuple[str, ...]], ...] = ()
        self.unevaluated_properties: tuple[Source, ...] = ()
        self.labels: dict[str, tuple[str, ...]] = {}
        self.choices: tuple[Choice, ...] = ()
        self.residuals: tuple[Source, ...] = ()

    def copy(self) -> Shape:
        """An independent shape that demands the same."""
        twin = Shape.__new__(Shape)
        for slot in Shape.__slots__:
            setattr(twin, slot, getattr(self, slot))
        # All else is immutable: tuples are added to, never changed.
        twin.seen = self.seen.copy()
        twin.required = self.required.copy()
        twin.labels = self.labels.copy()
        return twin

    def refuse(self, reason: str) -> None:
        """Note that nothing can satisfy this; the first reason is kept."""
        if self.never is None:
            self.never = reason

    def restrict_types(self, names: Sequence[str]) -> None:
        """Only these types (``integer`` among them)."""
        wanted = {"number" if name == "integer" else name for name in names}
        remaining = self.types & wanted
        if not remaining:
            self.refuse(f"{_either(names)} is asked for where only {_either(self.types)} may be")
        self.types = remaining
        if "integer" in names and "number" not in names:
            self.integral = True

    def restrict_values(self, values: Sequence[Any]) -> None:
        """Only these values."""
        if self.enum is None:
            self.enum = list({identity(value): value for value in values}.values())
        else:
            allowed = frozenset(map(identity, values))
            self.enum = [value for value in self.enum if identity(value) in allowed]
        if not self.enum:
            self.refuse("the lists of allowed values have nothing in common")

    def raise_low(self, bound: Bound) -> None:
        """Numbers from here on."""
        if self.low is None or (bound.value, bound.open) > (self.low.value, self.low.open):
            self.low = bound

    def lower_high(self, bound: Bound) -> None:
        """Numbers up to here."""
        if self.high is None or (bound.value, not bound.open) < (
            self.high.value,
            not self.high.open,
        ):
            self.high = bound

    def forbids_more(self) -> bool:
        """Whether only named properties may be there."""
        return any(part.rest is not None and part.rest.schema is False for part in self.objects)


def _either(names: Sequence[str] | frozenset[str]) -> str:
    ordered = sorted(names)
    return (
        " or ".join(ordered) if len(ordered) < 4 else f"{', '.join(ordered[:-1])} or {ordered[-1]}"
    )


def smaller(first: int | None, second: int) -> int:
    """The stricter of two upper bounds, of which the first may be missing."""
    return second if first is None else min(first, second)
