"""``before``, ``after`` and ``sameTime``: points in time, fixed ones or relative to now.

Expected: ISO 8601, or ``now``, ``now +3 days``, ``now -1h``. The value: ISO 8601 or an HTTP date, unless
``format`` says otherwise. A time without a zone is taken as UTC.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, Final

from mockforge.explanations import cut
from mockforge.mocking.matching.base import (
    REGEX,
    Predicate,
    Scope,
    Subject,
    shown_spec,
    text_of,
)
from mockforge.mocking.spans import moved, span_of

_LONGEST: Final = 64
_NOW: Final = re.compile(r"\s*now((?:\s*[+-]\s*[0-9]{1,9}\s*[A-Za-z]+)*)\s*")
_OFFSET: Final = re.compile(r"([+-])\s*([0-9]{1,9})\s*([A-Za-z]+)")
_JAVA: Final = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|(.)", re.DOTALL)
_DIRECTIVES: Final = {
    "y": "%Y", "u": "%Y", "M": "%m", "d": "%d", "H": "%H", "h": "%I", "m": "%M", "s": "%S", "S": "%f",
    "a": "%p", "E": "%a", "Z": "%z", "X": "%z", "x": "%z", "z": "%Z", "D": "%j",
}  # fmt: skip
_LONG_DIRECTIVES: Final = {"yy": "%y", "MMM": "%b", "MMMM": "%B", "EEEE": "%A"}
_TRIAL: Final = datetime(2026, 12, 30, 23, 58, 59, 123000, UTC)

Moment = Callable[[], datetime]


def now() -> datetime:
    """The current time."""
    return datetime.now(UTC)


def moment_of(text: str, form: str | None = None) -> datetime | None:
    """The point in time that ``text`` names, by ``form`` (``unix``, ``epoch`` or a strptime format) or in ISO
    8601 or as an HTTP date; None if it names none."""
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return None
    try:
        return _zoned(_read(text, form))
    except (ValueError, OverflowError, OSError, TypeError, IndexError):
        return None


def _read(text: str, form: str | None) -> datetime:
    if form == "unix":
        return datetime.fromtimestamp(float(text), UTC)
    if form == "epoch":
        return datetime.fromtimestamp(float(text) / 1000, UTC)
    if form is not None:
        return datetime.strptime(text, form)  # noqa: DTZ007 - a zone is added where the format has none
    if text[0].isdigit():
        return datetime.fromisoformat(text)
    return parsedate_to_datetime(text)


def _zoned(at: datetime) -> datetime:
    """In UTC, so that comparing cannot overflow."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


class Dated(Predicate):
    """A comparison with a point in time; what is none does not satisfy any."""

    __slots__ = ("_expected", "_form", "_sign", "_truncate", "_words")
    cost = REGEX

    def __init__(
        self,
        sign: int,
        words: str,
        expected: Moment,
        form: str | None,
        truncate: Callable[[datetime], datetime] | None,
    ) -> None:
        self._sign = sign
        self._words = words
        self._expected = expected
        self._form = form
        self._truncate = truncate

    def matches(self, value: Subject) -> bool:
        """Whether the value is a point in time on the right side."""
        text = text_of(value)
        actual = None if text is None else moment_of(text, self._form)
        if actual is None:
            return False
        try:
            if self._truncate is not None:
                actual = self._truncate(actual)
            expected = self._expected()
        except (ValueError, OverflowError):  # beyond the years 1 to 9999
            return False
        return ((actual > expected) - (actual < expected)) == self._sign

    def distance(self, value: Subject) -> float:
        """A date at the wrong time is nearer than no date."""
        text = text_of(value)
        return 0.4 if text is not None and moment_of(text, self._form) is not None else 1.0

    def __str__(self) -> str:
        return self._words


def _first(at: datetime, **parts: int) -> datetime:
    return at.replace(**{"hour": 0, "minute": 0, "second": 0, "microsecond": 0, **parts})  # type: ignore[arg-type]


_TRUNCATIONS: Final[dict[str, Callable[[datetime], datetime]]] = {
    "first second of minute": lambda at: at.replace(second=0, microsecond=0),
    "first minute of hour": lambda at: at.replace(minute=0, second=0, microsecond=0),
    "first hour of day": _first,
    "first day of month": lambda at: _first(at, day=1),
    "first day of next month": lambda at: moved(_first(at, day=1), 1, timedelta()),
    "last day of month": lambda at: _first(at, day=monthrange(at.year, at.month)[1]),
    "first day of year": lambda at: _first(at, month=1, day=1),
    "first day of next year": lambda at: _first(at, year=at.year + 1, month=1, day=1),
    "last day of year": lambda at: _first(at, month=12, day=31),
}


def _compile(name: str, sign: int, value: Any, scope: Scope) -> Predicate:
    if not isinstance(value, str) or len(value) > _LONGEST:
        hint = "put it in quotes" if hasattr(value, "isoformat") else None
        raise scope.error(f"expected a date or `now`, got {shown_spec(value)}", hint)
    form = _format(scope)
    cut_expected = _truncation("truncateExpected", scope)
    expected = _moment(value, cut_expected, scope)
    words = f"{name} {value}" + (f" ({scope.options['truncateExpected']})" if cut_expected else "")
    return Dated(sign, cut(words), expected, form, _truncation("truncate", scope))


def _moment(text: str, truncate: Callable[[datetime], datetime] | None, scope: Scope) -> Moment:
    relative = _NOW.fullmatch(text)
    if relative is None:
        fixed = moment_of(text)
        if fixed is None:
            raise scope.error(
                f"`{cut(text)}` is no date", "write 2026-01-31T12:00:00Z, or now +3 days"
            )
        if truncate is not None:
            try:
                fixed = truncate(fixed)
            except (ValueError, OverflowError):
                raise scope.error(f"`{cut(text)}` is out of range") from None
        return lambda: fixed
    months, seconds = 0, 0.0
    for sign, number, unit in _OFFSET.findall(relative[1]):
        span = span_of(sign + number, unit)
        if span is None:
            raise scope.error(
                f"`{unit}` is no unit of time",
                "seconds, minutes, hours, days, weeks, months, years",
            )
        months += span[0]
        seconds += span[1]

    def moment() -> datetime:
        at = now() if truncate is None else truncate(now())
        return moved(at, months, timedelta(seconds=seconds))

    return moment


def _truncation(option: str, scope: Scope) -> Callable[[datetime], datetime] | None:
    value = scope.options.get(option)
    if value is None:
        return None
    found = _TRUNCATIONS.get(value) if isinstance(value, str) else None
    if found is None:
        known = ", ".join(_TRUNCATIONS)
        raise scope.option_error(
            option,
            f"expected one of the truncations, got {shown_spec(value)}",
            f"known are: {known}",
        )
    return found


def _format(scope: Scope) -> str | None:
    """The option ``format`` for strptime: that or a pattern as Java writes it (``yyyy-MM-dd``)."""
    value = scope.options.get("format")
    if value is None or value in ("unix", "epoch"):
        return value
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise scope.option_error("format", f"expected a date format, got {shown_spec(value)}")
    form = value if "%" in value else _from_java(value, scope)
    try:
        datetime.strptime(_TRIAL.strftime(form), form)  # noqa: DTZ007 - only a trial
    except (ValueError, TypeError, IndexError, KeyError, re.error):
        raise scope.option_error(
            "format",
            f"`{cut(value)}` is no date format",
            "write yyyy-MM-dd, %Y-%m-%d, unix or epoch",
        ) from None
    return form


def _from_java(pattern: str, scope: Scope) -> str:
    out: list[str] = []
    for found in _JAVA.finditer(pattern):
        quoted, letter, other = found.groups()
        if letter is None:
            out.append(
                (other if quoted is None else quoted.replace("''", "'") or "'").replace("%", "%%")
            )
            continue
        run = found[0]
        directive = _LONG_DIRECTIVES.get(run) or _DIRECTIVES.get(letter)
        if directive is None:
            raise scope.option_error(
                "format", f"`{run}` is no part of a date format that is known here"
            )
        out.append(directive)
    return "".join(out)


compile_before: Final = partial(_compile, "before", -1)
compile_after: Final = partial(_compile, "after", 1)
compile_same_time: Final = partial(_compile, "at the time", 0)
