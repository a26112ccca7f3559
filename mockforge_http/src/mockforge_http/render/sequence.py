"""Media types that carry a sequence of items (OpenAPI 3.2.0, section 4.14.3): server-sent events,
JSON Lines, JSON text sequences."""

from __future__ import annotations

from typing import Any

from mockforge_http.render.json import render_json
from mockforge_http.render.text import render_text

_LINES = frozenset(
    {"application/jsonl", "application/x-ndjson", "application/ndjson", "application/x-jsonlines"}
)
_EVENTS = "text/event-stream"
_SEQUENCES = frozenset({"application/json-seq", "application/geo+json-seq"})


def is_sequence(media_type: str) -> bool:
    """Whether bodies of this type are a sequence of items."""
    return media_type in _LINES or media_type == _EVENTS or media_type in _SEQUENCES


def render_sequence(media_type: str, items: list[Any]) -> bytes:
    """The items one after the other in the framing of ``media_type``."""
    if media_type == _EVENTS:
        return b"".join(render_event(item) for item in items)
    if media_type in _LINES:
        return b"".join(render_json(item) + b"\n" for item in items)
    # RFC 7464 section 2.2: record separator, text, line feed.
    return b"".join(b"\x1e" + render_json(item) + b"\n" for item in items)


def render_event(item: Any) -> bytes:
    """One server-sent event (WHATWG HTML section 9.2.5).

    An object with ``data`` (and perhaps ``event``, ``id``, ``retry``), as OpenAPI 3.2 models events,
    gives those fields; anything else is the data itself.
    """
    fields = item if isinstance(item, dict) and "data" in item else {"data": item}
    lines: list[bytes] = []
    for name in ("event", "id", "retry", "data"):
        if name in fields:
            text = render_text(fields[name]).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            lines += [name.encode() + b": " + line + b"\n" for line in text.split(b"\n")]
    return b"".join(lines) + b"\n"
