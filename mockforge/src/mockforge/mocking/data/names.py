"""What a property is probably about, told by its name: ``billing_email``, ``firstName``, ``unit-price``.

Only a guess about open schemas: whoever uses it checks it against the schema first.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from mockforge.mocking.data.name_tables import (
    EPOCH,
    NUMBERS,
    OWNERS,
    TEXTS,
    USUAL,
    WINDOWS,
    Span,
    Window,
)

_TOKEN: Final = re.compile(r"[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+")


@lru_cache(maxsize=2048)
def tokens(name: str) -> tuple[str, ...]:
    """The lower-case words of a name in snake, kebab, camel or any other case."""
    return tuple(word.lower() for word in _TOKEN.findall(name))


@lru_cache(maxsize=2048)
def singular(name: str) -> str:
    """The name of one item of a list called ``name``."""
    lower = name.lower()
    if lower.endswith("ies") and len(name) > 4:
        return f"{name[:-3]}y"
    if lower.endswith(("ses", "xes", "ches", "shes")):
        return name[:-2]
    if lower.endswith("s") and not lower.endswith(("ss", "us", "is")) and len(name) > 2:
        return name[:-1]
    return name


@lru_cache(maxsize=4096)
def text_kind(field: str, owner: str = "") -> str | None:
    """The kind of text under ``field`` of an object called ``owner``: a pool of
    :mod:`~mockforge.mocking.data.pools` or a maker of :mod:`~mockforge.mocking.data.texts`."""
    words = tokens(field)
    if not words:
        return None
    if words == ("name",):
        return _owner_kind(owner) or "title"
    if words[-1] in ("state", "region", "province"):
        about_places = {"address", "location", "shipping", "billing", "city", "place", "store"}
        near = (*words[:-1], *tokens(owner))
        return "state" if about_places.intersection(near) else TEXTS.get(words[-1])
    for count in (len(words), 2, 1):
        kind = TEXTS.get("_".join(words[-count:]))
        if count == 1 and words[-1] == "name":
            kind = _owner_kind("_".join(words[:-1]))
        if kind is not None:
            return kind
    if words[-1] in ("at", "on") and len(words) > 1:
        return "date_time"
    plain = singular(words[-1])
    return TEXTS.get(plain) if plain != words[-1] else None


@lru_cache(maxsize=4096)
def owner_matters(field: str) -> bool:
    """Whether the owner's name says anything more about ``field``."""
    words = tokens(field)
    return not words or words[-1] in ("name", "state", "region", "province")


def _owner_kind(owner: str) -> str | None:
    for word in reversed(tokens(owner)):
        kind = OWNERS.get(word) or OWNERS.get(singular(word))
        if kind is not None:
            return kind
    return None


@lru_cache(maxsize=4096)
def number_span(field: str) -> Span | None:
    """The usual range of a number under ``field``."""
    words = tokens(field)
    for count in (len(words), 2, 1):
        if words:
            span = NUMBERS.get("_".join(words[-count:]))
            if span is not None:
                return span
    if len(words) > 1 and words[-1] in ("at", "on"):
        return EPOCH
    return None


@lru_cache(maxsize=2048)
def window(field: str) -> Window:
    """The days in which a date under ``field`` lies."""
    words = tokens(field)
    for marks, span in WINDOWS:
        if not marks.isdisjoint(words):
            return span
    return USUAL
