"""Arrays and objects in one text, taken apart at delimiters: styles ``simple``, ``form`` without explode,
``label``, ``matrix``, ``spaceDelimited``, ``pipeDelimited`` and ``tabDelimited``.

The delimiters of ``spaceDelimited`` and ``pipeDelimited`` "MUST be percent-encoded to comply with RFC 3986"
(OpenAPI 3.2.1 appendix E), so their escaped forms delimit too. An escaped comma belongs to a value, except
where no value could hold one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from mockforge.mocking.malformed import MalformedError
from mockforge_http.findings import pointer_to, shortened
from mockforge_http.values.shape import Shape

Decode = Callable[[str], str]
Split = Callable[[str], list[str]]

_ESCAPED_COMMA: Final = re.compile("%2[Cc]")
_ESCAPED_PIPE: Final = re.compile("%7[Cc]")
_SPACE: Final = re.compile("%20|[+ ]")
_TAB: Final = re.compile("%09|\t")


def split_commas(text: str) -> list[str]:
    """At unescaped commas."""
    return text.split(",")


def split_dots(text: str) -> list[str]:
    """At full stops."""
    return text.split(".")


def split_spaces(text: str) -> list[str]:
    """At spaces in any of their three spellings."""
    return _SPACE.split(text)


def split_tabs(text: str) -> list[str]:
    """At tabs, escaped or not."""
    return _TAB.split(text)


def split_pipes(text: str) -> list[str]:
    """At ``|``; where there is none, at its escaped form."""
    return text.split("|") if "|" in text else _ESCAPED_PIPE.split(text)


SPLITS: Final[dict[str, Split]] = {
    "spaceDelimited": split_spaces,
    "pipeDelimited": split_pipes,
    "tabDelimited": split_tabs,
}
"""By style; every other style delimits with commas."""


def read_array(text: str, split: Split, shape: Shape, decode: Decode) -> list[Any]:
    """The items of ``text``. An empty text is an empty array: that is how the styles write one."""
    if not text:
        return []
    pieces = split(text)
    if len(pieces) == 1 and split is split_commas and not shape.item().textual:
        # The items cannot be strings, so an escaped comma can only be a delimiter that a client
        # escaped along with everything else.
        pieces = _ESCAPED_COMMA.split(text)
    return items_of(pieces, shape, decode)


def items_of(pieces: list[str], shape: Shape, decode: Decode) -> list[Any]:
    """Each piece as an item."""
    if shape.uniform:
        convert = shape.item().convert
        return [convert(decode(piece)) for piece in pieces]
    return [shape.item(i).convert(decode(piece)) for i, piece in enumerate(pieces)]


def read_pairs(text: str, split: Split, shape: Shape, decode: Decode) -> dict[str, Any]:
    """An object written ``R,100,G,200``."""
    if not text:
        return {}
    pieces = split(text)
    if len(pieces) == 1 and split is split_commas:
        # One piece is no pair, so here too an escaped comma can only be a delimiter.
        pieces = _ESCAPED_COMMA.split(text)
    if len(pieces) % 2:
        raise MalformedError(
            f"has no value for `{shortened(pieces[-1])}`: names and values must alternate",
            expected="name,value,name,value",
            actual=text,
        )
    return members_of(zip(pieces[::2], pieces[1::2], strict=True), shape, decode)


def read_assignments(text: str, split: Split, shape: Shape, decode: Decode) -> dict[str, Any]:
    """An object written ``R=100,G=200``."""
    if not text:
        return {}
    pairs: list[tuple[str, str]] = []
    for piece in split(text):
        name, equals, value = piece.partition("=")
        if not equals:
            raise MalformedError(
                f"has no `=` behind `{shortened(piece)}`",
                expected="name=value,name=value",
                actual=text,
            )
        pairs.append((name, value))
    return members_of(pairs, shape, decode)


def members_of(pairs: Any, shape: Shape, decode: Decode) -> dict[str, Any]:
    """Names and values, both still escaped, as an object."""
    value: dict[str, Any] = {}
    for raw_name, raw in pairs:
        name = decode(raw_name)
        if name in value:
            raise MalformedError(
                f"gives `{shortened(name)}` more than once",
                code="repeated",
                pointer=pointer_to(name),
            )
        value[name] = shape.member(name).convert(decode(raw))
    return value
