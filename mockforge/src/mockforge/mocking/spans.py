"""Spans of time as people write them (``3 days``, ``1h``, ``2mo``), and times moved by them: what templates
and the predicates on dates have in common."""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime, timedelta
from typing import Final

_SECONDS: Final = {
    "ms": 1e-3, "millisecond": 1e-3, "s": 1.0, "sec": 1.0, "second": 1.0, "m": 60.0, "min": 60.0,
    "minute": 60.0, "h": 3600.0, "hour": 3600.0, "d": 86400.0, "day": 86400.0, "w": 604800.0,
    "week": 604800.0,
}  # fmt: skip
_MONTHS: Final = {"mo": 1, "month": 1, "y": 12, "year": 12}


def span_of(number: str, unit: str) -> tuple[int, float] | None:
    """Months and seconds of so many of a unit; None if there is no such unit, or no part of it (1.5mo).

    Units longer than a letter may be written in any case and with an ``s`` at the end."""
    name = unit if unit in _SECONDS or unit in _MONTHS else unit.lower().removesuffix("s")
    amount = float(number)
    if name in _SECONDS:
        return 0, amount * _SECONDS[name]
    if name in _MONTHS and amount.is_integer():
        return int(amount) * _MONTHS[name], 0.0
    return None


def moved(at: datetime, months: int, rest: timedelta) -> datetime:
    """``at``, so much later; the 31st of a month is the last day of a shorter one. OverflowError outside of
    the years 1 to 9999."""
    if months:
        number = at.year * 12 + at.month - 1 + months
        year, month = number // 12, number % 12 + 1
        if not 1 <= year <= 9999:
            raise OverflowError("the year is out of range")
        at = at.replace(year=year, month=month, day=min(at.day, monthrange(year, month)[1]))
    return at + rest
