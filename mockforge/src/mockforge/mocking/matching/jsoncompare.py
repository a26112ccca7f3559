"""How two JSON values are compared: members, items in order or in any, placeholders; in bounded time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from msgspec import UNSET

from mockforge.structured.marks import Part as Step

MOST_COMPARED: Final = 200_000
"""Comparisons of two values that one match may take where arrays are compared in any order; one that takes
more is given up and does not match."""


class Placeholder:
    """Something that stands for many values. ``optional`` if the member may be missing altogether."""

    __slots__ = ("holds", "optional", "words")

    def __init__(self, words: str, holds: Callable[[Any], bool], *, optional: bool = False) -> None:
        self.words = words
        self.holds = holds
        self.optional = optional


class DifferenceError(Exception):
    """The first place at which the values differ."""

    def __init__(self, steps: list[Step], expected: Any, actual: Any) -> None:
        super().__init__()
        self.steps = steps
        self.expected = expected
        self.actual = actual


class GivenUpError(Exception):
    """The comparison would take too long."""


class Comparison:
    """Compares what is expected with what is there. One is made per match, as it counts its steps."""

    __slots__ = ("_any_order", "_extra", "_left")

    def __init__(self, any_order: bool, extra: bool) -> None:
        self._any_order = any_order
        self._extra = extra
        self._left = MOST_COMPARED

    def same(self, expected: Any, actual: Any) -> bool:
        """Whether ``actual`` is what is expected."""
        self._left -= 1
        if self._left < 0:
            raise GivenUpError
        kind = expected.__class__
        if kind is dict:
            return self._objects(expected, actual)
        if kind is list:
            return isinstance(actual, list) and self._arrays(expected, actual)
        if kind is Placeholder:
            return bool(expected.holds(actual))
        return same_scalar(expected, actual)

    def _objects(self, expected: dict[str, Any], actual: Any) -> bool:
        if not isinstance(actual, dict):
            return False
        same = self.same
        missing = 0
        for name, value in expected.items():
            found = actual.get(name, UNSET)
            if found is UNSET:
                if value.__class__ is not Placeholder or not value.optional:
                    return False
                missing += 1
            elif not same(value, found):
                return False
        return self._extra or len(actual) == len(expected) - missing

    def _arrays(self, expected: list[Any], actual: list[Any]) -> bool:
        if len(expected) > len(actual) or not (self._extra or len(expected) == len(actual)):
            return False
        if not self._any_order:
            return all(self.same(one, other) for one, other in zip(expected, actual, strict=False))
        if not any(isinstance(item, dict | list | Placeholder) for item in expected):
            return self._scalars(expected, actual)
        return self._assign(expected, actual)

    def _scalars(self, expected: list[Any], actual: list[Any]) -> bool:
        """Each expected text or number takes one item; which one does not matter."""
        counts: dict[Any, int] = {}
        for item in actual:
            if not isinstance(item, dict | list):
                key = (item.__class__ is bool, item)
                counts[key] = counts.get(key, 0) + 1
        for item in expected:
            key = (item.__class__ is bool, item)
            if not counts.get(key):
                return False
            counts[key] -= 1
        return True

    def _assign(self, expected: list[Any], actual: list[Any]) -> bool:
        """An item for each that is expected, no item twice: a matching in a bipartite graph, found by
        augmenting paths without recursion."""
        edges = [[j for j, item in enumerate(actual) if self.same(one, item)] for one in expected]
        if not all(edges):
            return False
        taken: dict[int, int] = {}
        for start in range(len(expected)):
            came: dict[int, int] = {}
            waiting = [start]
            free = -1
            while waiting and free < 0:
                i = waiting.pop()
                for j in edges[i]:
                    if j in came:
                        continue
                    self._left -= 1
                    if self._left < 0:
                        raise GivenUpError
                    came[j] = i
                    if j not in taken:
                        free = j
                        break
                    waiting.append(taken[j])
            if free < 0:
                return False
            self._rearrange(start, free, came, taken)
        return True

    @staticmethod
    def _rearrange(start: int, free: int, came: dict[int, int], taken: dict[int, int]) -> None:
        owned = {i: j for j, i in taken.items()}
        j = free
        while True:
            i = came[j]
            before = owned.get(i)
            taken[j] = i
            if i == start or before is None:
                return
            j = before

    def find(self, expected: Any, actual: Any, steps: list[Step]) -> None:
        """Raise :class:`DifferenceError` at the first place where the two differ."""
        if self.same(expected, actual):
            return
        if isinstance(expected, dict) and isinstance(actual, dict):
            for name, value in expected.items():
                if name not in actual:
                    if not (isinstance(value, Placeholder) and value.optional):
                        raise DifferenceError([*steps, name], value, UNSET)
                else:
                    self.find(value, actual[name], [*steps, name])
            extra = next(name for name in actual if name not in expected)
            raise DifferenceError([*steps, extra], UNSET, actual[extra])
        if isinstance(expected, list) and isinstance(actual, list) and not self._any_order:
            for i, (one, other) in enumerate(zip(expected, actual, strict=False)):
                self.find(one, other, [*steps, i])
        if isinstance(expected, list) and isinstance(actual, list) and self._any_order:
            for one in expected:
                if not any(self.same(one, item) for item in actual):
                    raise DifferenceError(steps, one, actual)
        raise DifferenceError(steps, expected, actual)


def same_scalar(expected: Any, actual: Any) -> bool:
    """Equality of texts, numbers, booleans and null: numbers by value, booleans are no numbers."""
    if expected.__class__ is actual.__class__:
        return bool(expected == actual)
    if isinstance(expected, bool) or isinstance(actual, bool):
        return False
    if isinstance(expected, int | float) and isinstance(actual, int | float):
        return expected == actual
    return False
