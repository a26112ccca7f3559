"""What is wrong with a value, in words: the second half of a sentence whose first half names the place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Final

from mockforge_http.findings import MAX_EXCERPT

_MOST_LISTED: Final = 12
_SHOWN: Final = 60
_MOST_COMPARED: Final = 300
_LONGEST_NAME: Final = 64
_PLAIN_NUMBER: Final = 10**15
_ARTICLES: Final = {
    "array": "an array",
    "boolean": "true or false",
    "integer": "an integer",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}


def shown(value: Any, most: int = _SHOWN) -> str:
    """``value`` as JSON on one line, cut to about ``most`` characters. Only as much of it is looked at as is
    shown."""
    kind = type(value)
    if kind is int and -_PLAIN_NUMBER < value < _PLAIN_NUMBER:
        return str(value)
    if kind is str and len(value) <= most - 2:
        return _quoted(value, most)
    pieces: list[str] = []
    _write(value, pieces, [most])
    text = "".join(pieces)
    return text if len(text) <= most else text[: most - 3] + "..."


def actual(value: Any) -> str:
    """``value`` for the ``actual`` of a finding."""
    return shown(value, MAX_EXCERPT)


def _write(value: Any, pieces: list[str], room: list[int]) -> None:
    if room[0] <= 0:
        return
    if isinstance(value, str):
        _put(_quoted(value, room[0]), pieces, room)
    elif value is None or isinstance(value, bool):
        _put({None: "null", True: "true", False: "false"}[value], pieces, room)
    elif isinstance(value, dict):
        _put("{", pieces, room)
        for position, (name, item) in enumerate(value.items()):
            _put(f"{', ' if position else ''}{_quoted(name, room[0])}: ", pieces, room)
            _write(item, pieces, room)
            if room[0] <= 0:
                return
        _put("}", pieces, room)
    elif isinstance(value, list | tuple):
        _put("[", pieces, room)
        for position, item in enumerate(value):
            if position:
                _put(", ", pieces, room)
            _write(item, pieces, room)
            if room[0] <= 0:
                return
        _put("]", pieces, room)
    else:
        _put(number(value), pieces, room)


def _put(text: str, pieces: list[str], room: list[int]) -> None:
    pieces.append(text)
    room[0] -= len(text)


def _quoted(text: str, room: int) -> str:
    cut = text[: max(room, 0) + 1]
    if cut.isascii() and cut.isprintable() and '"' not in cut and "\\" not in cut:
        return f'"{cut}"'
    cut = cut.encode("utf-8", "replace").decode()
    escaped = cut.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c >= " " else f"\\u{ord(c):04x}" for c in escaped) + '"'


def number(value: Any) -> str:
    """A number as JSON writes it, without a fraction that is zero."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 700:
        return f"a number of about {int(value.bit_length() * 0.30103)} digits"
    return str(value) if isinstance(value, Decimal) else repr(value)


def types(names: Sequence[str]) -> str:
    """``["string", "null"]``: "a string or null"."""
    return either([_ARTICLES.get(name, name) for name in dict.fromkeys(names)])


def either(choices: Sequence[str]) -> str:
    """ "a, b or c"."""
    return _joined(choices, "or")


def both(choices: Sequence[str]) -> str:
    """ "a, b and c"."""
    return _joined(choices, "and")


def _joined(choices: Sequence[str], word: str) -> str:
    if len(choices) < 2:
        return choices[0] if choices else "nothing"
    return f"{', '.join(choices[:-1])} {word} {choices[-1]}"


def options(values: Sequence[Any]) -> str:
    """The first values of an ``enum``, and how many more there are."""
    listed = [shown(value) for value in values[:_MOST_LISTED]]
    left = len(values) - len(listed)
    return ", ".join(listed) + (f" and {left} more" if left > 0 else "") if listed else "nothing"


def count(amount: int, noun: str) -> str:
    """ "1 item", "2 items"."""
    plural = {"property": "properties"}.get(noun, f"{noun}s")
    return f"{amount} {noun if amount == 1 else plural}"


def nearest(name: str, declared: Iterable[str]) -> str | None:
    """The declared name that ``name`` was probably meant to be."""
    if len(name) > _LONGEST_NAME:
        return None
    names = [other for other, _ in zip(declared, range(_MOST_COMPARED), strict=False)]
    plain = _plain(name)
    for other in names:
        if _plain(other) == plain and other != name:
            return other
    return next(iter(get_close_matches(name, names, 1, 0.75)), None)


def _plain(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "")
