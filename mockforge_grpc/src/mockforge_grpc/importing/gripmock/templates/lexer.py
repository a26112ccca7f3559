"""The words of a Go template: text, and what stands between ``{{`` and ``}}`` (text/template, "Actions")."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple


class GoTemplateError(ValueError):
    """A template that cannot be translated; the text says what in it."""


class Word(NamedTuple):
    """A word of an action. ``kind`` is ``field`` (``.a.b``, the names in ``value``), ``variable`` (``$x``),
    ``name`` (a function, or a keyword), ``value`` (a literal), or the sign itself. ``tight`` if it follows
    the word before without a space."""

    kind: str
    value: Any
    tight: bool


_ACTION: Final = re.compile(
    r"\{\{(?P<left>-(?=\s))?(?P<inside>.*?)(?P<right>(?<=\s)-)?\}\}", re.DOTALL
)
_WORD: Final = re.compile(
    r"""(?P<space>\s+)|(?P<comment>/\*.*?\*/)|(?P<string>"(?:[^"\\]|\\.)*")|(?P<raw>`[^`]*`)
    |(?P<char>'(?:[^'\\]|\\.)+')|(?P<number>[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)
    |(?P<field>(?:\.[A-Za-z_]\w*)+)|(?P<variable>\$\w*)|(?P<name>[A-Za-z_]\w*)|(?P<sign>:=|[=|(),.])""",
    re.VERBOSE | re.DOTALL,
)
MOST_WORDS: Final = 2_000


def pieces(source: str) -> Iterator[str | list[Word]]:
    """Texts and actions in turn; white space that an action trims is gone."""
    end, trim = 0, False
    for match in _ACTION.finditer(source):
        text = source[end : match.start()]
        text = text.lstrip() if trim else text
        yield text.rstrip() if match["left"] else text
        inside = match["inside"]
        if not inside.strip().startswith("/*"):
            yield words(inside)
        end, trim = match.end(), bool(match["right"])
    rest = source[end:]
    if "{{" in rest:
        raise GoTemplateError("`{{` is not closed")
    yield rest.lstrip() if trim else rest


def words(inside: str) -> list[Word]:
    """The words of one action."""
    found: list[Word] = []
    at, tight = 0, False
    while at < len(inside):
        match = _WORD.match(inside, at)
        if match is None:
            raise GoTemplateError(f"{inside[at : at + 20]!r} cannot be read")
        kind, at = str(match.lastgroup), match.end()
        if kind in ("space", "comment"):
            tight = False
            continue
        found.append(_word(kind, match[0], tight))
        tight = True
        if len(found) > MOST_WORDS:
            raise GoTemplateError(f"an action has more than {MOST_WORDS} words")
    return found


def _word(kind: str, text: str, tight: bool) -> Word:
    if kind == "string":
        try:
            return Word("value", json.loads(text), tight)
        except ValueError as error:
            raise GoTemplateError(f"{text} is a string that cannot be read") from error
    if kind == "raw":
        return Word("value", text[1:-1], tight)
    if kind == "char":
        inner = text[1:-1]
        if len(inner) != 1:
            raise GoTemplateError(f"{text} is a character that cannot be read")
        return Word("value", ord(inner), tight)
    if kind == "number":
        return Word("value", float(text) if set(text) & set(".eE") else int(text), tight)
    if kind == "field":
        return Word("field", tuple(text[1:].split(".")), tight)
    if kind == "name" and text in ("true", "false", "nil"):
        return Word("value", {"true": True, "false": False, "nil": None}[text], tight)
    return Word(kind if kind in ("variable", "name") else text, text, tight)
