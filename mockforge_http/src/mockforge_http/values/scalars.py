"""Numbers, booleans and null from text.

A text becomes another type only where the schema allows that type and the text is written as JSON writes
it (leading zeros are forgiven where no string is allowed); else it stays text, and the check against the
schema says what was expected. OpenAPI leaves the conversion open (3.2.1 appendix B).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

Converter = Callable[[str], Any]

SCALARS: Final = frozenset({"integer", "number", "boolean", "null", "string"})

MAX_DIGITS: Final = 1000
"""Longest number that is read as one; arithmetic with longer ones takes quadratic time."""

_INTEGER: Final = re.compile(r"-?[0-9]+")
_WHOLE: Final = re.compile(r"(-?[0-9]+)\.0+")
_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_CANONICAL_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)")
_CANONICAL: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_LARGEST: Final = 1.7976931348623157e308
SURE_DIGITS: Final = 16
"""Characters (sign, point and exponent counted) within which a float says what the text says."""


def exact_number(text: str) -> float | Decimal:
    """The number that ``text`` (in JSON's syntax, not an integer) stands for: a float where it is the
    same number, else a Decimal; ValueError if no float comes near it."""
    value = float(text)
    if not -_LARGEST <= value <= _LARGEST:
        raise ValueError("the number is out of range")
    if len(text) <= SURE_DIGITS or value == 0:
        return value
    if len(text) > MAX_DIGITS:
        raise ValueError("the number has too many digits")
    exact = Decimal(text)
    return value if exact == Decimal(repr(value)) else exact


def converter(kinds: frozenset[str]) -> Converter:
    """What turns a text into the first of integer, number, boolean, null that it is and ``kinds`` has."""
    numbers = bool(kinds & {"integer", "number"})
    if numbers and not kinds & {"boolean", "null", "string"}:
        return _number if "number" in kinds else _integer
    if not kinds & {"integer", "number", "boolean", "null"}:
        return str
    number = _number if "number" in kinds else _integer
    words: dict[str, Any] = {}
    if "boolean" in kinds:
        words |= {"true": True, "false": False}
    if "null" in kinds:
        words["null"] = None
        if "string" not in kinds:
            words[""] = None
    if not numbers:
        return lambda text: words.get(text, text)
    plain = _NUMBER
    if "string" in kinds:
        plain = _CANONICAL if "number" in kinds else _CANONICAL_INTEGER

    def convert(text: str) -> Any:
        if text in words:
            return words[text]
        return number(text) if plain.fullmatch(text) else text

    return convert


def _integer(text: str) -> Any:
    if text.isdecimal() and text.isascii() and len(text) < 19:
        return int(text)
    if len(text) <= MAX_DIGITS:
        if _INTEGER.fullmatch(text):
            return int(text)
        # "Both 1 and 1.0 are considered to be integers" (OpenAPI 3.2.1 section 4.21, Data Types).
        whole = _WHOLE.fullmatch(text)
        if whole:
            return int(whole[1])
    return text


def _number(text: str) -> Any:
    if len(text) <= MAX_DIGITS:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _NUMBER.fullmatch(text):
            try:
                return exact_number(text)
            except ValueError:
                return text
    return text
