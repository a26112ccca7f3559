"""Points in time: ``now``, offsets (``1h30m``), and the ways to write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from mockforge.mocking.spans import moved, span_of
from mockforge.mocking.templating.runtime import RefusedError

_PART: Final = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*([A-Za-z]+)\s*")
_HINT: Final = (
    "an offset is a number and a unit (ms, s, m, h, d, w, mo, y), several in a row: +1h30m, -7 days"
)
_ZONE: Final = re.compile(r"([+-])(\d\d):?(\d\d)")
_LONGEST_FORMAT: Final = 200
_LONGEST_OFFSET: Final = 100


def offset_of(text: str) -> tuple[int, timedelta]:
    """Months and the rest of an offset: ``+1h``, ``-1d12h``, ``3 days``."""
    stripped = text.strip()
    sign = -1 if stripped.startswith("-") else 1
    rest = stripped.removeprefix("+" if sign > 0 else "-").strip()
    months, seconds, at = 0, 0.0, 0
    while len(rest) <= _LONGEST_OFFSET and (found := _PART.match(rest, at)):
        span = span_of(found[1], found[2])
        if span is None:
            break
        months += span[0]
        seconds += span[1]
        at = found.end()
    if not rest or at != len(rest):
        raise RefusedError(f"{text[:40]!r} is no time span", _HINT)
    try:
        return sign * months, timedelta(seconds=sign * seconds)
    except OverflowError:
        raise RefusedError(f"the time span {text[:40]!r} is too long") from None


class Moment:
    """A point in time with a time zone. As text it is ISO 8601 to the millisecond (``Z`` for UTC)."""

    __slots__ = ("at",)
    template_methods: ClassVar = frozenset(("format",))

    def __init__(self, at: datetime) -> None:
        self.at = at

    def shifted(self, offset: Any, sign: int) -> Moment:
        """This much later (``sign`` 1) or earlier (-1). ``offset`` is an offset, or seconds."""
        if isinstance(offset, int | float) and not isinstance(offset, bool):
            months, seconds = 0, float(offset)
        elif isinstance(offset, str):
            months, rest = offset_of(offset)
            seconds = rest.total_seconds()
        else:
            raise RefusedError("a time is moved by a time span", _HINT)
        try:
            return Moment(moved(self.at, sign * months, timedelta(seconds=sign * seconds)))
        except (OverflowError, ValueError):
            raise RefusedError("the time is out of range", "years go from 1 to 9999") from None

    def since(self, other: Any) -> float:
        """Seconds from ``other`` to this."""
        if not isinstance(other, Moment):
            raise RefusedError("from a time, a time span or another time is taken", _HINT)
        return (self.at - other.at).total_seconds()

    def written(self, form: str = "", zone: str = "") -> str | int:
        """By a format: a name of :data:`FORMATS`, or ``strftime`` directives."""
        at = self.at.astimezone(zone_of(zone)) if zone else self.at
        named = FORMATS.get(form.lower())
        if named is not None:
            return named(at)  # type: ignore[no-any-return] # str or int, as the table says
        if len(form) > _LONGEST_FORMAT or any(
            width.isdigit() for width in re.findall("%(.)", form)
        ):
            raise RefusedError(
                "the format is too long, or has widths", "use strftime directives: %Y-%m-%d"
            )
        try:
            return at.strftime(form)
        except (ValueError, UnicodeError) as error:
            raise RefusedError(f"{form!r} is no format: {error}") from error

    def format(self, form: Any = "", zone: Any = "") -> str | int:
        """:meth:`written`, for templates."""
        return self.written(str(form), str(zone))

    def __str__(self) -> str:
        return _iso(self.at)

    def __repr__(self) -> str:
        return f"<Moment {self}>"

    def __eq__(self, other: object) -> bool:
        return self.at == other.at if isinstance(other, Moment) else str(self) == other

    def __lt__(self, other: Moment) -> bool:
        return self.at < other.at if isinstance(other, Moment) else NotImplemented

    def __le__(self, other: Moment) -> bool:
        return self.at <= other.at if isinstance(other, Moment) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.at)


def _iso(at: datetime) -> str:
    text = at.isoformat(timespec="milliseconds")
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def _seconds(at: datetime) -> int:
    return int(at.timestamp() // 1)


def _milliseconds(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


FORMATS: Final[dict[str, Any]] = {
    "": _iso,
    "iso": _iso,
    "rfc3339": _iso,
    "date": lambda at: at.date().isoformat(),
    "time": lambda at: at.time().isoformat(timespec="seconds"),
    "rfc1123": lambda at: format_datetime(at.astimezone(UTC), usegmt=True),
    "http": lambda at: format_datetime(at.astimezone(UTC), usegmt=True),
    "epoch": _seconds,
    "unix": _seconds,
    "timestamp": _seconds,
    "epoch_ms": _milliseconds,
    "millis": _milliseconds,
}
"""Formats by name: `epoch` and its like give numbers."""


def zone_of(name: str) -> timezone | ZoneInfo:
    """A time zone: ``UTC``, ``+02:00``, ``Europe/Berlin``."""
    if name.upper() in ("UTC", "Z", "GMT"):
        return UTC
    if (fixed := _ZONE.fullmatch(name)) and int(fixed[2]) < 24 and int(fixed[3]) < 60:
        span = timedelta(hours=int(fixed[2]), minutes=int(fixed[3]))
        return timezone(span if fixed[1] == "+" else -span)
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise RefusedError(
            f"there is no time zone {name[:40]!r}", "name it like Europe/Berlin, or as +02:00"
        ) from None


def moment_of(value: Any) -> Moment:
    """A time given as one, as ISO 8601 text, or as seconds (or, past 10^11, milliseconds) since 1970."""
    if isinstance(value, Moment):
        return value
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return Moment(
                datetime.fromtimestamp(value / 1000 if abs(value) >= 1e11 else value, UTC)
            )
        if isinstance(value, str):
            if re.fullmatch(r"\d{1,15}", value):
                return moment_of(int(value))
            at = datetime.fromisoformat(value.strip())
            return Moment(at if at.tzinfo else at.replace(tzinfo=UTC))
    except (ValueError, OverflowError, OSError):
        pass
    text = value if isinstance(value, str) else type(value).__name__
    hint = "write it like 2026-01-31T12:00:00Z"
    if _PART.match(text):
        hint = "filters bind tighter than + and -: write (now + 1h) | date('%Y')"
    raise RefusedError(f"{text[:40]!r} is no time", hint)
