"""What the parts of the evaluator share: the form of an assertion, and what it has seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any


class Seen:
    """Which properties and items were evaluated, for ``unevaluatedProperties`` and
    ``unevaluatedItems`` (JSON Schema 2020-12 core, section 11). ``items`` counts the leading ones,
    ``places`` lists single ones found by ``contains``."""

    __slots__ = ("items", "places", "properties")

    def __init__(self) -> None:
        self.properties: set[str] = set()
        self.items = 0
        self.places: set[int] = set()

    def add(self, other: Seen) -> None:
        """Take over what a subschema that matched has evaluated."""
        self.properties |= other.properties
        self.items = max(self.items, other.items)
        self.places |= other.places


Assertion = Callable[[Any, "Seen | None"], bool]
"""Whether a value satisfies a schema; notes in the second argument what it evaluated, if anyone
wants to know."""


def all_of(checks: Sequence[Assertion]) -> Assertion:
    """All of the checks, in order."""
    if not checks:
        return lambda _value, _seen: True
    if len(checks) == 1:
        return checks[0]

    def check(value: Any, seen: Seen | None) -> bool:
        for assertion in checks:  # noqa: SIM110  (a generator costs more than the loop)
            if not assertion(value, seen):
                return False
        return True

    return check
