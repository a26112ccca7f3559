"""Media types: ranges, and the families whose bodies are read alike."""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.message import Message
from typing import Literal

from .model import Media

Family = Literal["json", "sequence", "events", "xml", "form", "multipart", "text", "binary"]

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_NAME = re.compile(rf"\s*({_TOKEN})/({_TOKEN})\s*(;.*)?", re.DOTALL)


def essence(name: str) -> str:
    """``type/subtype`` in lower case; an empty text where ``name`` is no media type."""
    match = _NAME.fullmatch(name)
    return f"{match[1]}/{match[2]}".lower() if match else ""


def option(name: str, key: str) -> str | None:
    """A parameter of a media type, such as ``charset``."""
    message = Message()
    message["Content-Type"] = name
    value = message.get_param(key)
    return value if isinstance(value, str) else None


def family(name: str) -> Family:
    """How a body of this media type is read."""
    kind = essence(name)
    main, _, sub = kind.partition("/")
    if sub in {"x-ndjson", "ndjson", "jsonl", "x-jsonl", "json-lines", "x-json-lines", "json-seq"}:
        return "sequence"
    if sub.endswith("+json-seq"):
        return "sequence"
    if sub == "json" or sub.endswith("+json") or sub in {"x-json", "json5"}:
        return "json"
    if kind == "text/event-stream":
        return "events"
    if sub == "xml" or sub.endswith("+xml"):
        return "xml"
    if kind == "application/x-www-form-urlencoded":
        return "form"
    if main == "multipart":
        return "multipart"
    return "text" if main == "text" else "binary"


def covers(declared: str, actual: str) -> int:
    """How closely ``declared`` covers ``actual``: 0 not at all, 1 ``*/*``, 2 ``type/*``, 3 the type,
    4 with its parameters."""
    wanted, given = essence(declared), essence(actual)
    if not wanted or not given:
        return 0
    if wanted == "*/*":
        return 1
    if wanted.endswith("/*"):
        return 2 if given.startswith(wanted[:-1]) else 0
    if wanted != given:
        return 0
    return 4 if _options(declared) <= _options(actual) else 3


def _options(name: str) -> set[str]:
    parts = (part.strip().lower().replace('"', "") for part in name.split(";")[1:])
    return {part for part in parts if part and not part.startswith("charset=")}


def closest(declared: Iterable[Media], actual: str) -> Media | None:
    """The declared media type that covers ``actual`` most closely."""
    best: Media | None = None
    score = 0
    for media in declared:
        if (found := covers(media.name, actual)) > score:
            best, score = media, found
    return best
