"""Which formats are asserted.

All of JSON Schema 2020-12 (validation, section 7.3) by the validator itself, of the OpenAPI format
registry those that can be told: ranges of numbers, base64. Prism and openapi-core assert the same ones;
formats nobody knows hold of everything. A format says something about its own type only: ``int64`` of a
text says nothing.
"""

from __future__ import annotations

import re
from typing import Any, Final

INTEGERS: Final = {
    name: (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    for name, bits in (("int8", 8), ("int16", 16), ("int32", 32), ("int64", 64))
} | {
    name: (0, 2**bits - 1)
    for name, bits in (("uint8", 8), ("uint16", 16), ("uint32", 32), ("uint64", 64))
}
FLOAT_MAX: Final = (2 - 2**-23) * 2.0**127
"""The largest number of single precision (IEEE 754)."""
_BASE64: Final = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_BASE64URL: Final = re.compile(
    r"(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2,3}|[A-Za-z0-9_-]{2}==|[A-Za-z0-9_-]{3}=)?"
)
_SAME: Final = {"url": "uri"}


def _is_base64(text: str) -> bool:
    return _BASE64.fullmatch(text) is not None


def _is_base64url(text: str) -> bool:
    return _BASE64URL.fullmatch(text) is not None


CUSTOM: Final = {"byte": _is_base64, "base64url": _is_base64url}
"""Formats that the validator does not know."""

EXAMPLES: Final = {
    "base64url": "SGVsbG8",
    "byte": "SGVsbG8=",
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "duration": "P1DT12H",
    "email": "ann@example.com",
    "hostname": "www.example.com",
    "idn-email": "ann@example.com",
    "idn-hostname": "www.example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "iri": "https://example.com/",
    "iri-reference": "/pets/1",
    "json-pointer": "/pets/0/name",
    "regex": "^[a-z]+$",
    "relative-json-pointer": "1/name",
    "time": "12:00:00Z",
    "uri": "https://example.com/",
    "uri-reference": "/pets/1",
    "uri-template": "/pets/{petId}",
    "uuid": "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
}
"""A text of each format, for messages."""


def settle(made: dict[str, Any]) -> None:
    """Write the ``format`` of ``made`` as the validator knows it; a range of numbers as bounds."""
    name = made["format"]
    if name in INTEGERS:
        del made["format"]
        low, high = INTEGERS[name]
        _bound(made, low, high)
    elif name == "float":
        del made["format"]
        _bound(made, -FLOAT_MAX, FLOAT_MAX)
    elif name in _SAME:
        made["format"] = _SAME[name]


def _bound(made: dict[str, Any], low: float, high: float) -> None:
    made["minimum"] = max(made.get("minimum", low), low)
    made["maximum"] = min(made.get("maximum", high), high)
