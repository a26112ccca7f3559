"""What stands between two values in a filter. ``UNSET`` is a value that is not there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from msgspec import UNSET

from mockforge.mocking.matching.jsoncompare import Comparison, GivenUpError, same_scalar

Operator = Callable[[Any, Any], bool]


def equal(left: Any, right: Any) -> bool:
    """Deep equality (RFC 9535 section 2.3.5.2.2); nothing equals nothing."""
    if left is UNSET or right is UNSET:
        return left is right
    if isinstance(left, dict | list):
        try:
            return Comparison(False, False).same(left, right)
        except GivenUpError:
            return False
    return same_scalar(left, right)


def less(left: Any, right: Any) -> bool:
    """Numbers by value, texts by code points; values of other or of different types are in no order."""
    if isinstance(left, str) and isinstance(right, str):
        return left < right
    if isinstance(left, bool) or isinstance(right, bool):
        return False
    if isinstance(left, int | float) and isinstance(right, int | float):
        return left < right
    return False


def _within(left: Any, right: Any) -> bool:
    return isinstance(right, list) and any(equal(left, item) for item in right)


def _subset(left: Any, right: Any) -> bool:
    return isinstance(left, list) and all(_within(item, right) for item in left)


def _overlaps(left: Any, right: Any) -> bool:
    return isinstance(left, list) and any(_within(item, right) for item in left)


def _size(left: Any, right: Any) -> bool:
    if not isinstance(left, list | str | dict):
        return False
    return same_scalar(len(right) if isinstance(right, list | str | dict) else right, len(left))


def _empty(left: Any, right: Any) -> bool:
    return (
        isinstance(left, list | str | dict) and isinstance(right, bool) and right is not bool(left)
    )


def _contains(left: Any, right: Any) -> bool:
    if isinstance(left, str):
        return isinstance(right, str) and right in left
    return _within(right, left)


COMPARISONS: Final[dict[str, Operator]] = {
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
    "<=": lambda left, right: less(left, right) or equal(left, right),
    ">=": lambda left, right: less(right, left) or equal(left, right),
    "<": less,
    ">": lambda left, right: less(right, left),
}

JAYWAY: Final[dict[str, Operator]] = {
    "in": _within,
    "nin": lambda left, right: left is not UNSET and not _within(left, right),
    "subsetof": _subset,
    "anyof": _overlaps,
    "noneof": lambda left, right: isinstance(left, list) and not _overlaps(left, right),
    "size": _size,
    "empty": _empty,
    "contains": _contains,
}
