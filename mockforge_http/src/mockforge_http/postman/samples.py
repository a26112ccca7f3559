"""JSON as people type it into Postman: with variables where values belong, comments, a comma too many."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

DEEPEST: Final = 60
"""Deepest sample that is read as JSON; a deeper one is kept as text."""

_PIECES: Final = re.compile(
    r'(?P<string>"(?:[^"\\]+|\\.)*+"?)'
    r"|//[^\n]*|/\*.*?(?:\*/|\Z)"
    r"|(?P<variable>\{\{[^{}]*\}\})"
    r"|,(?=\s*[}\]])",
    re.DOTALL,
)
_MARK: Final = "\x00any\x00"
_MARK_TEXT: Final = '"\\u0000any\\u0000"'


class _Any:
    """Stands in a sample for a value that a variable will give."""

    def __repr__(self) -> str:
        return "ANY"


ANY: Final = _Any()


class NotJsonError(Exception):
    """The text is no JSON, also when it is read with indulgence, or nests too deeply."""


def read_json(text: str) -> Any:
    """The value that ``text`` stands for, with :data:`ANY` where a variable without a value stands."""
    try:
        value = msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        value = _read_indulgently(text)
    if _deeper_than(value, DEEPEST):
        raise NotJsonError
    return value


def _read_indulgently(text: str) -> Any:
    marked = False

    def put(match: re.Match[str]) -> str:
        nonlocal marked
        if match["string"] is not None:
            return match[0]
        if match["variable"] is not None:
            marked = True
            return _MARK_TEXT
        return ""

    cleaned = _PIECES.sub(put, text)
    try:
        value = msgspec.json.decode(cleaned)
        return _with_any(value) if marked else value
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise NotJsonError from None


def _with_any(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_any(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_with_any(item) for item in value]
    return ANY if value == _MARK else value


def _deeper_than(value: Any, levels: int) -> bool:
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return False
    return levels <= 0 or any(_deeper_than(member, levels - 1) for member in value)


def without_any(value: Any) -> Any:
    """``value`` with ``null`` for every :data:`ANY`, to be shown."""
    if isinstance(value, dict):
        return {key: without_any(member) for key, member in value.items()}
    if isinstance(value, list):
        return [without_any(item) for item in value]
    return None if value is ANY else value
