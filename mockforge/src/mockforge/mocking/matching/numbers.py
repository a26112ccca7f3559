"""``lt lte gt gte``: comparison of numbers, exact for integers of any size that texts can hold."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from mockforge.mocking.matching.base import TEXT, Predicate, Scope, Subject, shown_spec
from mockforge.mocking.matching.content import Content

Number = int | float

_NUMBER: Final = re.compile(r"\s*[-+]?[0-9]+(?:(\.[0-9]+)?([eE][-+]?[0-9]{1,4})?)?\s*")
_LONGEST: Final = 400
_SIGNS: Final[dict[str, tuple[str, Callable[[Number, Number], bool]]]] = {
    "lt": ("<", operator.lt),
    "lte": ("<=", operator.le),
    "gt": (">", operator.gt),
    "gte": (">=", operator.ge),
}


def number_of(value: Subject) -> Number | None:
    """``value`` as a number: a text that is one, a number of JSON. None if it is no finite number."""
    if isinstance(value, Content):
        node = value.json
        if isinstance(node, int | float) and not isinstance(node, bool):
            return node if isinstance(node, int) or math.isfinite(node) else None
        value = node if isinstance(node, str) else value.text
    if value is None or len(value) > _LONGEST:
        return None
    found = _NUMBER.fullmatch(value)
    if found is None:
        return None
    if found[1] is None and found[2] is None:
        return int(value)
    number = float(value)
    return number if math.isfinite(number) else None


class Compared(Predicate):
    """A comparison with a number; what is no number does not satisfy any."""

    __slots__ = ("_holds", "_limit", "_words")
    cost = TEXT

    def __init__(self, sign: str, holds: Callable[[Number, Number], bool], limit: Number) -> None:
        self._words = f"{sign} {limit}"
        self._holds = holds
        self._limit = limit

    def matches(self, value: Subject) -> bool:
        """Whether the value is a number on the right side of the limit."""
        number = number_of(value)
        return number is not None and self._holds(number, self._limit)

    def distance(self, value: Subject) -> float:
        """Numbers by how far off they are, relative to the limit."""
        number = number_of(value)
        if number is None:
            return 1.0
        off = abs(float(min(max(number, -1e300), 1e300)) - float(self._limit))
        return min(0.9, off / (off + abs(float(self._limit)) + 1))

    def __str__(self) -> str:
        return self._words


def _compile(name: str, value: Any, scope: Scope) -> Predicate:
    number: Number | None = None
    if isinstance(value, str):
        number = number_of(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        number = value
    if number is None or not abs(number) <= 1e300:
        raise scope.error(
            f"expected a number, got {shown_spec(value)}",
            "for dates there are `before` and `after`",
        )
    return Compared(*_SIGNS[name], number)


compile_lt: Final = partial(_compile, "lt")
compile_lte: Final = partial(_compile, "lte")
compile_gt: Final = partial(_compile, "gt")
compile_gte: Final = partial(_compile, "gte")
