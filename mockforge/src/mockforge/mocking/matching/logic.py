"""Predicates made of predicates: ``anyOf``, ``allOf``, ``not``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mockforge.explanations import cut
from mockforge.mocking.matching.base import (
    Mismatch,
    Predicate,
    Scope,
    Subject,
    shown,
    shown_spec,
)


class AllOf(Predicate):
    """``allOf``, and several predicates in one mapping."""

    __slots__ = ("_parts", "cost")
    name = "allOf"

    def __init__(self, parts: Sequence[Predicate]) -> None:
        self._parts = tuple(sorted(parts, key=lambda part: part.cost))
        self.cost = max(part.cost for part in parts)

    def matches(self, value: Subject) -> bool:
        """Whether every part matches."""
        return all(part.matches(value) for part in self._parts)

    def among(self, values: Sequence[Subject]) -> bool:
        """Each part may be satisfied by another one of the values."""
        return all(part.among(values) for part in self._parts)

    def mismatch(self, value: Subject) -> Mismatch | None:
        """The first part that does not match, at a distance that counts them all."""
        found = [part.mismatch(value) for part in self._parts]
        first = next((miss for miss in found if miss is not None), None)
        if first is None:
            return None
        total = sum(miss.distance for miss in found if miss is not None)
        return Mismatch(first.expected, first.actual, total / len(found), first.path)

    def mismatch_among(self, values: Sequence[Subject]) -> Mismatch | None:
        """The first part that none of the values satisfies."""
        found = [part.mismatch_among(values) for part in self._parts]
        first = next((miss for miss in found if miss is not None), None)
        if first is None:
            return None
        total = sum(miss.distance for miss in found if miss is not None)
        return Mismatch(first.expected, first.actual, total / len(found), first.path)

    def __str__(self) -> str:
        return cut(" and ".join(map(_bracketed, self._parts)))


class AnyOf(Predicate):
    """``anyOf``."""

    __slots__ = ("_parts", "cost")
    name = "anyOf"

    def __init__(self, parts: Sequence[Predicate]) -> None:
        self._parts = tuple(sorted(parts, key=lambda part: part.cost))
        self.cost = max(part.cost for part in parts)

    def matches(self, value: Subject) -> bool:
        """Whether one part matches."""
        return any(part.matches(value) for part in self._parts)

    def among(self, values: Sequence[Subject]) -> bool:
        """Whether one part holds among the values."""
        return any(part.among(values) for part in self._parts)

    def distance(self, value: Subject) -> float:
        """That of the part which came nearest."""
        found = [part.mismatch(value) for part in self._parts]
        return min((miss.distance for miss in found if miss is not None), default=1.0)

    def __str__(self) -> str:
        return cut(" or ".join(map(_bracketed, self._parts)))


class Not(Predicate):
    """``not``: everything that the predicate inside does not match, absent values included."""

    __slots__ = ("_part", "cost")
    name = "not"
    negative = True

    def __init__(self, part: Predicate) -> None:
        self._part = part
        self.cost = part.cost

    def matches(self, value: Subject) -> bool:
        """Whether the predicate inside does not match."""
        return not self._part.matches(value)

    def among(self, values: Sequence[Subject]) -> bool:
        """Whether the predicate inside does not hold among the values."""
        return not self._part.among(values)

    def mismatch_among(self, values: Sequence[Subject]) -> Mismatch | None:
        """All values, as together they are what holds."""
        if self.among(values):
            return None
        return Mismatch(str(self), cut(", ".join(map(shown, values[:5]))) or shown(None), 0.5)

    def distance(self, value: Subject) -> float:
        """It holds or it does not."""
        return 0.5

    def __str__(self) -> str:
        return f"not {_bracketed(self._part)}"


def together(parts: Sequence[Predicate]) -> Predicate:
    """One predicate for all of ``parts``, of which there is at least one."""
    return parts[0] if len(parts) == 1 else AllOf(parts)


def compile_all_of(value: Any, scope: Scope) -> Predicate:
    """``allOf``."""
    return together(_parts(value, scope))


def compile_any_of(value: Any, scope: Scope) -> Predicate:
    """``anyOf``."""
    parts = _parts(value, scope)
    return parts[0] if len(parts) == 1 else AnyOf(parts)


def compile_not(value: Any, scope: Scope) -> Predicate:
    """``not``."""
    return Not(scope.inside(value))


def _parts(value: Any, scope: Scope) -> list[Predicate]:
    if not isinstance(value, list) or not value:
        raise scope.error(f"expected a list of predicates, got {shown_spec(value)}")
    return [scope.inside(item, i) for i, item in enumerate(value)]


def _bracketed(part: Predicate) -> str:
    return f"({part})" if isinstance(part, AllOf | AnyOf) else str(part)
