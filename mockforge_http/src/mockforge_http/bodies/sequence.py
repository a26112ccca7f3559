"""Bodies that are a sequence of items: JSON Lines, JSON text sequences, server-sent events.

"Implementations MUST support mapping sequential media types into the JSON Schema data model by treating
them as if the values were in an array in the same order" (OpenAPI 3.2.1 section 4.14.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from mockforge_http.bodies.spec import BodyLimits
from mockforge_http.values.charset import decode_text
from mockforge_http.values.jsontext import decode_json
from mockforge_http.values.malformed import MalformedError

EVENTS: Final = "text/event-stream"
_RECORD: Final = b"\x1e"
_LINE_END: Final = re.compile("\r\n|\n|\r")
_DIGITS: Final = re.compile("[0-9]{1,18}")


def read_sequence(media_type: str, raw: bytes, limits: BodyLimits) -> list[Any]:
    """The items of ``raw`` in order."""
    if media_type == EVENTS:
        return list(_events(decode_text(raw, None)))
    items: list[Any] = []
    for text in _records(raw) if media_type.endswith("json-seq") else raw.splitlines():
        if text.strip():
            try:
                items.append(
                    decode_json(text, max_depth=limits.max_depth, unique_names=limits.unique_names)
                )
            except MalformedError as error:
                raise error.below(f"/{len(items)}") from None
    return items


def _records(raw: bytes) -> list[bytes]:
    """RFC 7464 section 2.1; a text without the leading record separator is read too."""
    return raw.split(_RECORD)


def _events(text: str) -> Iterator[dict[str, Any]]:
    """WHATWG HTML section 9.2.6: fields other than ``data``, ``event``, ``id`` and ``retry`` are ignored,
    and an event without data is none. The last event counts without the empty line behind it too: a body
    has an end, which a stream has not."""
    event: dict[str, Any] = {}
    data: list[str] = []
    for line in _LINE_END.split(text.removeprefix("\ufeff")):
        if not line:
            if data:
                yield {**event, "data": "\n".join(data)}
            event, data = {}, []
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            data.append(value)
        elif name == "event" or (name == "id" and "\0" not in value):
            event[name] = value
        elif name == "retry" and _DIGITS.fullmatch(value):
            event[name] = int(value)
    if data:
        yield {**event, "data": "\n".join(data)}
