"""Percent-decoding (RFC 3986 section 2.1) and its ``application/x-www-form-urlencoded`` variant.

A ``%`` that starts no escape stays as it is, as in the WHATWG URL standard; octets that are no UTF-8 are an
error, because no JSON string could hold them.
"""

from __future__ import annotations

import re
from typing import Final

from mockforge.mocking.malformed import MalformedError

_ESCAPES: Final = re.compile("(?:%[0-9A-Fa-f]{2})+")


def decode_percent(text: str) -> str:
    """``text`` without escapes: for paths and cookies, where ``+`` is itself."""
    if "%" not in text:
        return text
    try:
        return _ESCAPES.sub(_decoded, text)
    except UnicodeDecodeError:
        raise MalformedError(
            "is not UTF-8 once it is percent-decoded",
            expected="percent-encoded UTF-8",
            actual=text,
        ) from None


def _decoded(escapes: re.Match[str]) -> str:
    return bytes.fromhex(escapes[0].replace("%", "")).decode()


def _replaced(escapes: re.Match[str]) -> str:
    return bytes.fromhex(escapes[0].replace("%", "")).decode(errors="replace")


def decode_form(text: str) -> str:
    """``text`` of a query string or form: "treating non-percent-encoded ``+`` as an escaped space"
    (OpenAPI 3.2.1, "URL Percent-Encoding")."""
    if "+" in text:
        text = text.replace("+", " ")
    return decode_percent(text) if "%" in text else text


def decode_name(text: str) -> str:
    """A field name of a query string or form; never fails: a name that is no UTF-8 is no name that a
    document could declare."""
    return _ESCAPES.sub(_replaced, text.replace("+", " "))


def as_utf8(text: str) -> str:
    """Text that was read as ISO 8859-1, as UTF-8 where it is that: raw octets above 127 in a target or a
    header field are UTF-8 from nearly every client."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text
