"""Pairs of names and values in the head of a request, read leniently as servers do: for matching, routing and
templates alike."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl

MOST_FIELDS: Final = 10_000
"""Parameters of a query that are looked at; further ones are not seen."""
MAX_COOKIES: Final = 1_000
_SEPARATORS: Final = re.compile("[;&]")


def query_fields(query: str) -> dict[str, list[str]]:
    """The parameters of a query as sent, decoded (``+`` is a space), by name and in order."""
    if not query:
        return {}
    parts = query.split("&", MOST_FIELDS)[:MOST_FIELDS]
    fields: dict[str, list[str]] = {}
    if "%" in query or "+" in query:
        for name, value in parse_qsl("&".join(parts), keep_blank_values=True):
            fields.setdefault(name, []).append(value)
        return fields
    for part in parts:
        if part:
            name, _, value = part.partition("=")
            fields.setdefault(name, []).append(value)
    return fields


def split_cookies(header: str, *, ampersands: bool = False) -> dict[str, list[str]]:
    """The cookies of a ``Cookie`` header (RFC 6265 section 4.2.1) by name, in order. Quotes around a value
    are taken off, pairs without ``=`` are skipped; what comes after :data:`MAX_COOKIES` pairs is left out.

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
