"""``google.protobuf.Timestamp`` and ``Duration``: nanoseconds within the rules, whole seconds where they do.

Without rules, timestamps lie in the days that :mod:`mockforge.mocking.data.names` tells from the name.
``lt_now`` and ``gt_now`` are kept without asking the clock (before 2026, after 2089), so that equal seeds
give equal answers; ``within`` cannot be, and asks it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from mockforge.mocking.data.names import number_span, window
from mockforge.mocking.data.runtime import Context

from .errors import UnsatisfiableRulesError

_NANOS: Final = 1_000_000_000
_DAY: Final = 86_400 * _NANOS
_PAST: Final = 1_767_225_599 * _NANOS
"""The last second of 2025."""
_FUTURE: Final = 3_786_912_000 * _NANOS
"""The first second of 2090."""
_FIRST: Final = -62_135_596_800 * _NANOS
_LAST: Final = 253_402_300_799 * _NANOS
_LONGEST: Final = 315_576_000_000 * _NANOS
"""About 10,000 years, the longest Duration."""

Nanos = Callable[[Context], int]


def timestamp_maker(rules: Mapping[str, Any], name: str, field: str) -> Nanos:
    """A maker of nanoseconds since the epoch for a field called ``name``."""
    low, high = _bounds(rules, _FIRST, _LAST)
    if rules.get("lt_now"):
        high = min(high, _PAST)
    if rules.get("gt_now"):
        low = max(low, _FUTURE)
    days = window(name)
    usual = (days.start * _DAY, days.end * _DAY - _NANOS)
    within = rules.get("within")
    if within is None:
        return _maker(rules, low, high, usual, field)
    low, high = _bounds(rules, _FIRST, _LAST)

    def make(context: Context) -> int:
        # Half of what is allowed, so that the answer stays valid on its way.
        now, reach = time.time_ns(), within // 2
        start = max(low, now if rules.get("gt_now") else now - reach)
        end = min(high, now if rules.get("lt_now") else now + reach)
        if rules.get("gt_now"):
            start = min(start + reach // 2, end)
        return start if start >= end else context.between(start, end)

    return make


def duration_maker(rules: Mapping[str, Any], name: str, field: str) -> Nanos:
    """A maker of nanoseconds for a duration called ``name``."""
    low, high = _bounds(rules, -_LONGEST, _LONGEST)
    span = number_span(name)
    usual = (_NANOS, 3600 * _NANOS)
    if span is not None and span.high <= 1_000_000:
        usual = (max(int(span.low), 1) * _NANOS, int(span.high) * _NANOS)
    return _maker(rules, low, high, usual, field)


def _bounds(rules: Mapping[str, Any], low: int, high: int) -> tuple[int, int]:
    if "gte" in rules:
        low = max(low, rules["gte"])
    if "gt" in rules:
        low = max(low, rules["gt"] + 1)
    if "lte" in rules:
        high = min(high, rules["lte"])
    if "lt" in rules:
        high = min(high, rules["lt"] - 1)
    lower, upper = {"gt", "gte"} & rules.keys(), {"lt", "lte"} & rules.keys()
    if lower and upper and low > high:
        # Bounds that are crossed mean everything outside of them: what is above.
        high = _LONGEST
    return low, high


def _maker(
    rules: Mapping[str, Any], low: int, high: int, usual: tuple[int, int], field: str
) -> Nanos:
    banned = frozenset(rules.get("not_in", ()))
    values = [rules["const"]] if "const" in rules else list(rules.get("in", ()))
    if values:
        fitting = [value for value in values if low <= value <= high and value not in banned]
        if not fitting:
            raise UnsatisfiableRulesError(field, "none of the values is within the bounds")
        return lambda context: fitting[int(context.random() * len(fitting))]
    if low > high:
        raise UnsatisfiableRulesError(field, "the bounds leave no time between them")
    start, end, unit = _readable(low, high, usual)

    def make(context: Context) -> int:
        made = context.between(start, end) * unit
        for _ in range(8):
            if made not in banned:
                break
            made = context.between(start, end) * unit
        return made

    return make


def _readable(low: int, high: int, usual: tuple[int, int]) -> tuple[int, int, int]:
    """The part of the bounds that is usual, or near to it, in the widest unit that has values there."""
    start, end = max(low, usual[0]), min(high, usual[1])
    if start > end:
        room = usual[1] - usual[0]
        start, end = (
            (low, min(high, low + room)) if low > usual[1] else (max(low, high - room), high)
        )
    for unit in (_NANOS, 1_000_000, 1):
        first, last = -(-start // unit), end // unit
        if first <= last:
            return first, last, unit
    raise AssertionError("nanoseconds are always there")


def set_nanos(message: Any, nanos: int) -> None:
    """Put ``nanos`` into a Timestamp or a Duration; of a Duration both parts have one sign."""
    seconds, rest = divmod(nanos, _NANOS)
    if seconds < 0 and rest and message.DESCRIPTOR.name == "Duration":
        seconds, rest = seconds + 1, rest - _NANOS
    message.seconds, message.nanos = seconds, rest
