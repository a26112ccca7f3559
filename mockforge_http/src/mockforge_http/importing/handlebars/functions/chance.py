"""Helpers about time and chance. Both come from the template: its first argument is the moment, or the
text that chance is seeded with."""

from __future__ import annotations

import socket
import string
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

from .collections import whole
from .dates import Date, moved, parsed, truncated, zone
from .numbers import decimal
from .values import HelperError, Listed, text

LONGEST: Final = 100_000
_LETTERS: Final = string.ascii_lowercase
_ALPHABETS: Final = {
    "ALPHANUMERIC": _LETTERS + string.digits,
    "ALPHABETIC": _LETTERS,
    "NUMERIC": string.digits,
    "ALPHANUMERIC_AND_SYMBOLS": _LETTERS + string.digits + "!#$%&()*+,-./:;=?@[]^_{|}~",
    "HEXADECIMAL": "0123456789abcdef",
}


def random_value(
    seed: str,
    length: Any = 36,
    type: Any = "ALPHANUMERIC",  # noqa: A002 - WireMock's name
    uppercase: Any = False,
) -> str:
    """A text of ``length`` characters, or a UUID."""
    chance = Random(seed)  # noqa: S311 - made-up data
    kind = text(type).upper()
    if kind == "UUID":
        return uuid(seed)
    if kind not in _ALPHABETS:
        raise HelperError(f"{kind} is no type of randomValue")
    count = whole(length, "length")
    if not 0 <= count <= LONGEST:
        raise HelperError(f"length is not between 0 and {LONGEST:,}")
    made = "".join(chance.choices(_ALPHABETS[kind], k=count))
    return made.upper() if uppercase is True else made


def uuid(seed: str) -> str:
    """A version 4 UUID (RFC 9562)."""
    digits = f"{Random(seed).getrandbits(128):032x}"  # noqa: S311 - made-up data
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def random_int(seed: str, lower: Any = -(2**31), upper: Any = 2**31) -> int:
    """From ``lower`` up to, not including, ``upper``."""
    low, high = whole(lower, "lower"), whole(upper, "upper")
    if low >= high:
        raise HelperError("upper must be above lower")
    return Random(seed).randrange(low, high)  # noqa: S311 - made-up data


def random_decimal(seed: str, lower: Any = 5e-324, upper: Any = 1.7e308) -> float:
    """From ``lower`` up to, not including, ``upper``."""
    low, high = float(decimal(lower)), float(decimal(upper))
    if not low < high:
        raise HelperError("upper must be above lower")
    return low + (high - low) * Random(seed).random()  # noqa: S311 - made-up data


def pick_random(seed: str, *values: Any, count: Any = None) -> Any:
    """One of ``values``, or a list of ``count`` of them."""
    choices = (
        list(values[0])
        if len(values) == 1 and isinstance(values[0], list | tuple)
        else list(values)
    )
    if not choices:
        raise HelperError(
            "Must specify either a single list argument or a set of single value arguments."
        )
    chance = Random(seed)  # noqa: S311 - made-up data
    if count is None:
        return chance.choice(choices)
    chance.shuffle(choices)
    return Listed(choices[: max(0, whole(count, "count"))])


def _moment(now: Any) -> datetime:
    at = getattr(now, "at", now)
    return at if isinstance(at, datetime) else datetime.now(UTC)


def now(
    moment: Any,
    offset: Any = None,
    format: Any = None,  # noqa: A002 - WireMock's name
    timezone: Any = None,
    at: Any = None,
) -> Date:
    """``at``, or the moment of the request seen in ``timezone``, moved by ``offset``."""
    value = at.moment if isinstance(at, Date) else _moment(moment)
    if offset is not None:
        value = moved(value, text(offset))
    if timezone is not None and not isinstance(at, Date):
        value = value.astimezone(zone(text(timezone)))
    return Date(value, None if format is None else text(format))


def date(moment: Any, at: Any = None, *pattern: Any, **named: Any) -> Date:
    """``at`` (of ``parseDate``) moved and formatted."""
    if pattern:
        named.setdefault("format", pattern[0])
    return now(moment, at=at, **named)


def date_format(
    moment: Any, at: Any = None, pattern: Any = "medium", *locale: Any, **named: Any
) -> Date:
    """``at`` by a pattern or style; dates are written in English whatever the locale."""
    del locale
    named.pop("locale", None)
    return now(moment, at=at, **{"format": pattern, **named})


def parse_date(value: Any, format: Any = None) -> Date:  # noqa: A002 - WireMock's name
    """The date that a text names."""
    return Date(parsed(text(value), None if format is None else text(format)))


def truncate_date(value: Any, to: Any = None) -> Date:
    """``value`` cut to the start of something."""
    if not isinstance(value, Date):
        raise HelperError("truncateDate takes a date")
    return Date(truncated(value.moment, text(to)))


def system_value(key: Any = None, type: Any = None, default: Any = None) -> str:  # noqa: A002 - WireMock's name
    """Nothing of the machine is handed out, as without leave in WireMock."""
    del type, default
    if not key:
        raise HelperError("The key cannot be empty")
    raise HelperError(f"Access to {text(key)} is denied")


MOMENTS: Final[Mapping[str, Callable[..., Any]]] = {
    "now": now,
    "date": date,
    "dateFormat": date_format,
}
"""Helpers whose first argument is ``now()``."""
CHANCES: Final[Mapping[str, Callable[..., Any]]] = {
    "pickRandom": pick_random,
    "randomDecimal": random_decimal,
    "randomInt": random_int,
    "randomValue": random_value,
    "requestId": uuid,
}
"""Helpers whose first argument is a text to seed chance with."""
OTHERS: Final[Mapping[str, Callable[..., Any]]] = {
    "hostname": socket.gethostname,
    "parseDate": parse_date,
    "systemValue": system_value,
    "truncateDate": truncate_date,
}
