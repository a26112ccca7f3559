"""Templates that only put values in their places (``{{ request.path.petId }}``): filled in without the
engine.

Most templates of stubs are no more than that, and calling the engine costs more than all the rest of an
answer. Whatever is not plainly text when it is looked up is left to the engine, which knows the rules.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

_TAG: Final = re.compile(r'\{\{ __([tsj])\(([a-z_]+)((?:\.[A-Za-z_]\w*|\["[\w\-]+"\]){1,3})\) \}\}')
_NAME: Final = re.compile(r"[\w\-]+")
_OPENING: Final = re.compile(r"\{[{%#]")
_MOST_TAGS: Final = 32
_quote: Final = json.JSONEncoder(ensure_ascii=False).encode


class Direct:
    """A template as its pieces: text between places, and for each place the names that lead to its value."""

    __slots__ = ("_places", "_texts")

    def __init__(self, texts: list[str], places: list[tuple[str, str, tuple[str, ...]]]) -> None:
        self._texts = texts
        self._places = places

    def fill(self, context: Mapping[str, Any], most: int) -> str | None:
        """The text, of at most ``most`` characters; ``None`` where the engine has to say what it is."""
        texts = self._texts
        out = [texts[0]]
        for number, (kind, root, names) in enumerate(self._places, 1):
            try:
                value = context[root]
                for name in names:
                    value = value[name]
            except Exception:
                return None
            # A surrogate, half of a character, is neither ASCII nor for us.
            if value.__class__ is not str or not value.isascii() or len(value) > most:
                return None
            if kind != "t":
                value = _quote(value) if kind == "j" else _quote(value)[1:-1]
            out.append(value)
            out.append(texts[number])
        made = "".join(out)
        return made if len(made) <= most else None


def direct(translation: str) -> Direct | None:
    """The pieces of a translation, or ``None`` if there is more to it than values in their places."""
    pieces = _TAG.split(translation)
    texts = pieces[::4]
    if len(texts) > _MOST_TAGS or any(_OPENING.search(text) for text in texts):
        return None
    places = [
        (pieces[at], pieces[at + 1], tuple(_NAME.findall(pieces[at + 2])))
        for at in range(1, len(pieces), 4)
    ]
    return Direct(texts, places)
