"""Whether a text is of a format: used to tell the branches of a ``oneOf`` apart, where ``date`` and
``date-time`` are meant to exclude each other.

Only the formats that are commonly told apart this way; a text is of every format not listed.
"""

from __future__ import annotations

import datetime
import ipaddress
import re
from collections.abc import Callable
from typing import Final


def _by(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def check(value: str) -> bool:
        try:
            parse(value)
        except ValueError:
            return False
        return True

    return check


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.ASCII | re.IGNORECASE)
    return lambda value: compiled.fullmatch(value) is not None


_TIME: Final = r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(z|[+-]([01]\d|2[0-3]):[0-5]\d)"
_date_time_shape: Final = _matches(rf"\d{{4}}-\d\d-\d\d[t ]{_TIME}")
_date_shape: Final = _matches(r"\d{4}-\d\d-\d\d")
_is_date: Final = _by(datetime.date.fromisoformat)

_FORMATS: Final[dict[str, Callable[[str], bool]]] = {
    "date": lambda value: _date_shape(value) and _is_date(value),
    "date-time": lambda value: _date_time_shape(value) and _is_date(value[:10]),
    "time": _matches(_TIME),
    "duration": _matches(
        r"P(?!$)(\d+W|(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?)"
    ),
    "email": _matches(r"[^@\s]+@[^@\s]+"),
    "idn-email": _matches(r"[^@\s]+@[^@\s]+"),
    "hostname": _matches(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*"),
    "ipv4": _by(ipaddress.IPv4Address),
    "ipv6": _by(ipaddress.IPv6Address),
    "uri": _matches(r"[a-z][a-z0-9+.-]*:\S*"),
    "url": _matches(r"[a-z][a-z0-9+.-]*:\S*"),
    "iri": _matches(r"[a-z][a-z0-9+.-]*:\S*"),
    "uuid": _matches(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    "byte": _matches(r"([a-z0-9+/]{4})*([a-z0-9+/]{2}==|[a-z0-9+/]{3}=)?"),
    "json-pointer": _matches(r"(/([^~/]|~[01])*)*"),
}  # fmt: skip


def is_of_format(name: str, value: str) -> bool:
    """Whether ``value`` is of the format ``name``; formats that are not known hold of every text."""
    check = _FORMATS.get(name)
    return check is None or check(value)
