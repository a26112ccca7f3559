"""Functions of GripMock's templates that ours have no word for; translated templates call them as
``gripmock.NAME``.

Numbers may be given as texts, as in GripMock, and whole ones come out without a fraction.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Iterable
from typing import Any, Final
from uuid import UUID

from mockforge.errors import MockForgeError

_MOST: Final = 100_000


def _number(value: Any) -> float:
    if value is None or value == "":
        return 0.0
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise MockForgeError(f"{str(value)[:60]!r} is no number") from error
    return number


def _plain(number: float) -> float | int:
    return int(number) if math.isfinite(number) and number == int(number) else number


def _numbers(values: tuple[Any, ...]) -> list[float]:
    """What is given one by one, or in one list."""
    given = values[0] if len(values) == 1 and isinstance(values[0], list) else values
    return [_number(value) for value in given]


def _two(compute: Callable[[float, float], float]) -> Callable[[Any, Any], Any]:
    return lambda one, other: _plain(compute(_number(one), _number(other)))


def _many(compute: Callable[[list[float]], float]) -> Callable[..., Any]:
    def function(*values: Any) -> Any:
        numbers = _numbers(values)
        try:
            return _plain(compute(numbers)) if numbers else 0
        except OverflowError as error:
            raise MockForgeError("the result is too large") from error

    return function


def _mod(one: float, other: float) -> float:
    return math.fmod(one, other) if other else 0.0


def _whole(value: Any) -> int:
    number = _number(value)
    if not math.isfinite(number):
        raise MockForgeError(f"{number} is no whole number")
    return int(number)


def _round(value: Any, *digits: Any) -> Any:
    return _plain(round(_number(value), _whole(digits[0]) if digits else 0))


def _extract(messages: Any, field: Any) -> list[Any]:
    """The field of each message that has it."""
    if not isinstance(messages, list):
        return []
    return [each[field] for each in messages if isinstance(each, dict) and field in each]


def _where(field: Any, operation: Any, value: Any, items: Any) -> list[Any]:
    compare = _COMPARISONS.get(str(operation))
    if compare is None:
        raise MockForgeError(f"`where` knows no {operation!r}", hint="eq, ne, gt, gte, lt, lte")
    found = items if isinstance(items, list) else []
    return [item for item in found if isinstance(item, dict) and compare(item.get(field), value)]


def _ordered(compare: Callable[[float, float], bool]) -> Callable[[Any, Any], bool]:
    return lambda one, other: compare(_number(one), _number(other))


_COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "eq": lambda one, other: one == other or str(one) == str(other),
    "ne": lambda one, other: not (one == other or str(one) == str(other)),
    "gt": _ordered(lambda one, other: one > other),
    "gte": _ordered(lambda one, other: one >= other),
    "lt": _ordered(lambda one, other: one < other),
    "lte": _ordered(lambda one, other: one <= other),
}


def _count_by(field: Any, items: Any) -> dict[str, int]:
    counts: dict[str, int] = {}
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            key = str(item.get(field))
            counts[key] = counts.get(key, 0) + 1
    return counts


def _page(offset: Any, limit: Any, items: Any) -> list[Any]:
    found = items if isinstance(items, list) else []
    start, size = max(_whole(offset), 0), _whole(limit)
    return found[start : start + size] if size > 0 else found[start:]


def _seq(count: Any) -> list[int]:
    number = _whole(count)
    if number > _MOST:
        raise MockForgeError(f"seq gives at most {_MOST} numbers")
    return list(range(number))


def _split(text: Any, by: Any) -> list[str]:
    """Through a pipe the separator comes first; it is the shorter of the two."""
    one, other = str(text), str(by)
    if len(one) < len(other):
        one, other = other, one
    return one.split(other) if other else list(one)


def _join(items: Any, by: Any) -> str:
    given, sign = (items, by) if isinstance(items, list) else (by, items)
    parts: Iterable[Any] = given if isinstance(given, list) else [given]
    return str(sign).join("" if each is None else str(each) for each in parts)


def _uuid(value: Any) -> UUID:
    try:
        return UUID(str(value))
    except ValueError as error:
        raise MockForgeError(f"{str(value)[:60]!r} is no UUID") from error


def _encoded(value: Any) -> str:
    return base64.b64encode(str(value).encode("utf-8", "replace")).decode()


FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "add": _two(lambda one, other: one + other),
    "sub": _two(lambda one, other: one - other),
    "div": _two(lambda one, other: one / other if other else 0.0),
    "mod": _two(_mod),
    "sum": _many(math.fsum),
    "mul": _many(math.prod),
    "avg": _many(lambda numbers: math.fsum(numbers) / len(numbers)),
    "min": _many(min),
    "max": _many(max),
    "int": _whole,
    "number": lambda value: _plain(_number(value)),
    "floor": lambda value: _plain(math.floor(_number(value))),
    "ceil": lambda value: _plain(math.ceil(_number(value))),
    "round": _round,
    "extract": _extract,
    "where": _where,
    "page": _page,
    "countBy": _count_by,
    "seq": _seq,
    "split": _split,
    "join": _join,
    "base64": _encoded,
    "uuid2base64": lambda value: base64.b64encode(_uuid(value).bytes).decode(),
}
