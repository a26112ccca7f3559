"""Dates of ``now``, ``date``, ``parseDate`` and ``truncateDate``: offsets, time zones, and patterns as
``java.text.SimpleDateFormat`` describes them."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .values import HelperError

_OFFSET: Final = re.compile(r"(?:now\s*)?([-+]?)\s*(\d{1,9})\s+([A-Za-z]+)")
_UNITS: Final = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
_TOKEN: Final = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+")
_ISO: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?\s*(Z|[-+]\d\d(?::?\d\d)?)?"
)


class Date:
    """A moment, printed in ISO 8601 with seconds, or by its pattern."""

    __slots__ = ("moment", "pattern")

    def __init__(self, moment: datetime, pattern: str | None = None) -> None:
        self.moment = moment
        self.pattern = pattern

    def __str__(self) -> str:
        if self.pattern is None:
            return iso(self.moment)
        return formatted(self.moment, self.pattern)

    def __repr__(self) -> str:
        return str(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Date) and self.moment == other.moment

    def __lt__(self, other: Date) -> bool:
        return self.moment < other.moment

    def __hash__(self) -> int:
        return hash(self.moment)


def iso(moment: datetime) -> str:
    """``2020-01-31T10:20:30Z``, with the offset where it is not UTC."""
    text = moment.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    return text + _zone(moment, colon=True)


def zone(name: str) -> tzinfo:
    """The time zone ``name``. HelperError if there is none."""
    offset = re.fullmatch(r"(?:GMT|UTC)?([-+])(\d\d?):?(\d\d)?", name)
    if offset:
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    if name in ("Z", "UTC", "GMT"):
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise HelperError(f"no time zone {name!r}") from error


def moved(moment: datetime, offset: str) -> datetime:
    """``moment`` moved by ``3 days``, ``-2 hours``, ``now +1 years``."""
    match = _OFFSET.fullmatch(offset.strip())
    unit = match[3].lower().removesuffix("s") if match else ""
    if match is None or unit not in (*_UNITS, "month", "year"):
        raise HelperError(f"{offset!r} is no offset")
    amount = -int(match[2]) if match[1] == "-" else int(match[2])
    try:
        if unit in _UNITS:
            return moment + amount * _UNITS[unit]
        months = moment.year * 12 + moment.month - 1 + amount * (12 if unit == "year" else 1)
        year, month = divmod(months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        return moment.replace(year=year, month=month + 1, day=min(moment.day, last))
    except (ValueError, OverflowError, calendar.IllegalMonthError) as error:
        raise HelperError(f"{offset!r} leads out of the calendar") from error


def truncated(moment: datetime, to: str) -> datetime:
    """``moment`` cut to ``first day of month`` and the like."""
    key = " ".join(to.lower().replace("_", " ").split())
    second = moment.replace(microsecond=0)
    minute = second.replace(second=0)
    hour = minute.replace(minute=0)
    day = hour.replace(hour=0)
    month = day.replace(day=1)
    cuts: dict[str, Callable[[], datetime]] = {
        "first second of minute": lambda: minute,
        "first minute of hour": lambda: hour,
        "first hour of day": lambda: day,
        "first day of month": lambda: month,
        "first day of next month": lambda: moved(month, "1 months"),
        "last day of month": lambda: moved(month, "1 months") - timedelta(days=1),
        "first day of year": lambda: month.replace(month=1),
        "first day of next year": lambda: moved(month.replace(month=1), "1 years"),
        "last day of year": lambda: month.replace(month=12, day=31),
    }
    if key not in cuts:
        raise HelperError(f"cannot truncate a date to {to!r}")
    return cuts[key]()


# -------------------------------------------------------------------- text to dates


def parsed(text: str, pattern: str | None = None) -> datetime:
    """The moment that ``text`` names, in ISO 8601 or by ``pattern``; UTC where it says no zone."""
    text = text.strip()
    if pattern in ("epoch", "unix"):
        try:
            seconds = int(text) / (1000 if pattern == "epoch" else 1)
            return datetime.fromtimestamp(seconds, UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise HelperError(f"{text[:40]!r} is no {pattern} time") from error
    try:
        return _by_pattern(text, pattern) if pattern else _by_iso(text)
    except (ValueError, OverflowError) as error:
        raise HelperError(f"{text[:40]!r} is no date {pattern or ''}".strip()) from error


def _by_iso(text: str) -> datetime:
    match = _ISO.fullmatch(text)
    if match is None:
        from email.utils import parsedate_to_datetime

        made = parsedate_to_datetime(text)
        return made if made.tzinfo else made.replace(tzinfo=UTC)
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    return datetime(
        int(year),
        int(month),
        int(day),
        int(hour or 0),
        int(minute or 0),
        int(second or 0),
        int((fraction or "0").ljust(6, "0")[:6]),
        tzinfo=zone(offset) if offset else UTC,
    )


_MONTHS: Final = [name.lower() for name in calendar.month_name]
_READ: Final = {
    "d": r"(\d{1,2})", "H": r"(\d{1,2})", "h": r"(\d{1,2})", "m": r"(\d{1,2})", "s": r"(\d{1,2})",
    "k": r"(\d{1,2})", "K": r"(\d{1,2})", "S": r"(\d{1,9})", "a": r"([AaPp][Mm])", "E": r"([A-Za-z]+)",
    "Z": r"([-+]\d\d:?\d\d|Z)", "X": r"([-+]\d\d(?::?\d\d)?|Z)",
    "z": r"([A-Za-z/_]+(?:[-+]\d\d?(?::?\d\d)?)?)",
    "V": r"([A-Za-z/_]+)", "G": r"(AD|BC)", "u": r"(\d{1,4})",
}  # fmt: skip


def _by_pattern(text: str, pattern: str) -> datetime:
    letters: list[str] = []
    expression = ""
    for match in _TOKEN.finditer(pattern):
        run = match[0]
        if run[0] == "'":
            expression += re.escape((match[1] or "'").replace("''", "'"))
        elif match[2] is None:
            expression += re.escape(run)
        else:
            letter = run[0]
            letters.append(letter)
            if letter in "My":
                expression += (
                    r"(\d{4}|\d{2})"
                    if letter == "y"
                    else r"(\d{1,2})"
                    if len(run) < 3
                    else r"([A-Za-z]+)"
                )
            elif letter in _READ:
                expression += (
                    _READ[letter] if len(run) != 2 else _READ[letter].replace("{1,2}", "{2}")
                )
            else:
                raise ValueError(letter)
    found = re.fullmatch(expression, text)
    if found is None:
        raise ValueError(text)
    return _assembled(dict(zip(letters, found.groups(), strict=True)))


def _assembled(parts: dict[str, str]) -> datetime:
    year = int(parts.get("y") or parts.get("u") or 1970)
    if len(parts.get("y", "")) == 2:
        year += 2000 if year < 80 else 1900
    named = parts.get("M", "1").lower()
    month = int(named) if named.isdigit() else next(
        index for index, name in enumerate(_MONTHS) if index and name[:3] == named[:3]
    )  # fmt: skip
    hour = int(parts.get("H") or parts.get("h") or parts.get("k") or parts.get("K") or 0)
    if "a" in parts:
        hour = hour % 12 + (12 if parts["a"].lower() == "pm" else 0)
    name = parts.get("X") or parts.get("Z") or parts.get("z") or parts.get("V")
    return datetime(
        year,
        month,
        int(parts.get("d", 1)),
        hour % 24,
        int(parts.get("m", 0)),
        int(parts.get("s", 0)),
        int(parts.get("S", "0").ljust(3, "0")[:6].ljust(6, "0")),
        tzinfo=zone(name) if name else UTC,
    )


# -------------------------------------------------------------------- dates to text

_STYLES: Final = {
    "full": "EEEE, MMMM d, yyyy",
    "long": "MMMM d, yyyy",
    "medium": "MMM d, yyyy",
    "short": "M/d/yy",
}
"""Those of ``java.text.DateFormat``, for dates, in American English."""


def formatted(moment: datetime, pattern: str) -> str:
    """``moment`` by ``pattern``; ``epoch`` gives milliseconds, ``unix`` seconds."""
    if pattern == "epoch":
        return str(int(moment.timestamp() * 1000))
    if pattern == "unix":
        return str(int(moment.timestamp()))
    pattern = _STYLES.get(pattern, pattern)
    made = ""
    for match in _TOKEN.finditer(pattern):
        run = match[0]
        if run[0] == "'":
            made += (match[1] or "'").replace("''", "'")
        elif match[2] is None:
            made += run
        else:
            made += _field(moment, run[0], len(run))
    return made


def _field(moment: datetime, letter: str, width: int) -> str:
    if letter in "yY":
        year = moment.year if letter == "y" else _week_year(moment)[0]
        return f"{year % 100:02}" if width == 2 else str(year).zfill(width)
    if letter in "ML":
        if width >= 3:
            return (
                calendar.month_abbr[moment.month]
                if width == 3
                else calendar.month_name[moment.month]
            )
        return str(moment.month).zfill(width)
    if letter == "E":
        weekday = moment.weekday()
        return calendar.day_name[weekday] if width > 3 else calendar.day_abbr[weekday]
    if letter == "a":
        return "AM" if moment.hour < 12 else "PM"
    if letter == "G":
        return "AD"
    if letter in "zZXxVO":
        return _zone_field(moment, letter, width)
    if letter in _NUMBERS:
        return str(_NUMBERS[letter](moment)).zfill(width)
    raise HelperError(f"{letter!r} is no letter of a date pattern")


_NUMBERS: Final[dict[str, Callable[[datetime], int]]] = {
    "d": lambda moment: moment.day,
    "D": lambda moment: moment.timetuple().tm_yday,
    "u": lambda moment: moment.isoweekday(),
    "F": lambda moment: (moment.day + 6) // 7,
    "w": lambda moment: _week_year(moment)[1],
    "W": lambda moment: (moment.day + (moment.replace(day=1).weekday() + 1) % 7 + 6) // 7,
    "H": lambda moment: moment.hour,
    "k": lambda moment: moment.hour or 24,
    "K": lambda moment: moment.hour % 12,
    "h": lambda moment: moment.hour % 12 or 12,
    "m": lambda moment: moment.minute,
    "s": lambda moment: moment.second,
    "S": lambda moment: moment.microsecond // 1000,
    "n": lambda moment: moment.microsecond * 1000,
}


def _week_year(moment: datetime) -> tuple[int, int]:
    """Year and number of the week as in the United States: weeks begin on Sunday, the first holds
    1 January."""
    day = moment.date()
    first = (day.replace(month=1, day=1).weekday() + 1) % 7
    week = (day.timetuple().tm_yday - 1 + first) // 7 + 1
    to_end = (day.replace(month=12, day=31) - day).days
    if (day.weekday() + 1) % 7 + to_end < 6 and day.month == 12:
        return day.year + 1, 1
    return day.year, week


def _zone_field(moment: datetime, letter: str, width: int) -> str:
    if letter in "zV":
        return moment.tzname() or "UTC"
    if letter == "O":
        return f"GMT{_zone(moment, colon=True).replace('Z', '')}"
    if letter == "Z":
        return _zone(moment, colon=False).replace("Z", "+0000")
    text = _zone(moment, colon=width >= 3)
    if letter == "x":
        text = text.replace("Z", "+00:00" if width >= 3 else "+0000")
    return text[:3] if width == 1 else text


def _zone(moment: datetime, *, colon: bool) -> str:
    offset = moment.utcoffset()
    if not offset:
        return "Z"
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    return f"{sign}{hours:02}{':' if colon else ''}{rest:02}"
