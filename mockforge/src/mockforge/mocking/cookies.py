"""The Cookie header as fields (RFC 6265 section 4.2.1), read leniently as servers do."""

from __future__ import annotations

import re
from typing import Final

MAX_COOKIES: Final = 1_000
_SEPARATORS: Final = re.compile("[;&]")


def split_cookies(header: str, *, ampersands: bool = False) -> dict[str, list[str]]:
    """The cookies of ``header`` by name, in order. Quotes around a value are taken off, pairs without
    ``=`` are skipped, and what comes after :data:`MAX_COOKIES` pairs is left out.

    ``ampersands`` lets ``&`` separate too: style ``form`` with explode "uses the wrong delimiter for
    cookies" (OpenAPI 3.2.1 appendix D), and that is what is sent.
    """
    cookies: dict[str, list[str]] = {}
    pairs = _SEPARATORS.split(header, MAX_COOKIES) if ampersands else header.split(";", MAX_COOKIES)
    for pair in pairs[:MAX_COOKIES]:
        name, equals, value = pair.partition("=")
        if not equals:
            continue
        value = value.strip()
        if len(value) >= 2 and value[0] == value[-1] == '"':
            value = value[1:-1]
        cookies.setdefault(name.strip(), []).append(value)
    return cookies
