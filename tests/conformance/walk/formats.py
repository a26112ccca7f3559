"""What the ``format`` keyword asks of a value, written out for this judge.

The formats of the OpenAPI format registry and of JSON Schema; others are annotations.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import ipaddress
import re
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from jsonschema import FormatChecker

from .patterns import PatternError, compiled

CHECKER: Final = FormatChecker(formats=())

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME: Final = re.compile(
    r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)",
    re.ASCII | re.IGNORECASE,
)
_DURATION: Final = re.compile(
    r"P(\d+W|(?=.)(\d+Y(\d+M(\d+D)?)?|\d+M(\d+D)?|\d+D)?"
    r"(T(\d+H(\d+M(\d+S)?)?|\d+M(\d+S)?|\d+S))?)",
    re.ASCII,
)
_LABEL: Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOSTNAME: Final = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(\.{_LABEL})*", re.IGNORECASE | re.ASCII)
_URI_TEXT: Final = r"([!#$&-;=?-Z_a-z~\[\]]|%[0-9A-Fa-f]{2})*"
_URI: Final = re.compile(rf"[A-Za-z][A-Za-z0-9+.-]*:{_URI_TEXT}")
_URI_REFERENCE: Final = re.compile(_URI_TEXT)
_IRI_TEXT: Final = r'[^\s<>"{}|\\^`]*'
_IRI: Final = re.compile(rf"[A-Za-z][A-Za-z0-9+.-]*:{_IRI_TEXT}")
_POINTER: Final = re.compile(r"(/([^~/]|~[01])*)*")


def _text(*names: str) -> Callable[[Callable[[str], bool]], Callable[[str], bool]]:
    """Register a check of strings; other values have no such format."""

    def register(check: Callable[[str], bool]) -> Callable[[str], bool]:
        def checked(value: Any) -> bool:
            if not isinstance(value, str):
                return True
            try:
                return check(value)
            except ValueError:
                return False

        for name in names:
            CHECKER.checks(name)(checked)
        return check

    return register


def _whole(expression: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda value: expression.fullmatch(value) is not None


@_text("date")
def _date(value: str) -> bool:
    return _DATE.fullmatch(value) is not None and bool(dt.date.fromisoformat(value))


@_text("date-time")
def _date_time(value: str) -> bool:
    return value[10:11] in {"T", "t"} and _date(value[:10]) and _time(value[11:])


@_text("time")
def _time(value: str) -> bool:
    return _TIME.fullmatch(value) is not None


@_text("email", "idn-email")
def _email(value: str) -> bool:
    local, at, domain = value.rpartition("@")
    return bool(local and at and domain) and not re.search(r"\s", value)


@_text("ipv4")
def _ipv4(value: str) -> bool:
    return ipaddress.IPv4Address(value) is not None


@_text("ipv6")
def _ipv6(value: str) -> bool:
    return "%" not in value and ipaddress.IPv6Address(value) is not None


@_text("uuid")
def _uuid(value: str) -> bool:
    return len(value) == 36 and str(UUID(value)) == value.lower()


@_text("byte")
def _base64(value: str) -> bool:
    try:
        base64.b64decode("".join(value.split()), validate=True)
    except binascii.Error:
        return False
    return True


@_text("regex")
def _regex(value: str) -> bool:
    try:
        compiled(value)
    except PatternError:
        return False
    return True


_text("duration")(_whole(_DURATION))
_text("hostname")(_whole(_HOSTNAME))
_text("uri")(_whole(_URI))
_text("uri-reference")(_whole(_URI_REFERENCE))
_text("iri")(_whole(_IRI))
_text("iri-reference")(_whole(re.compile(_IRI_TEXT)))
_text("json-pointer")(_whole(_POINTER))


def _integers(name: str, bits: int) -> None:
    limit = 1 << (bits - 1)

    def check(value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, int):
            return True
        return -limit <= value < limit

    CHECKER.checks(name)(check)


for _bits in (8, 16, 32, 64):
    _integers(f"int{_bits}", _bits)
