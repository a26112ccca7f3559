"""Bodies that are a sequence of items: JSON Lines, JSON text sequences, server-sent events.

"Implementations MUST support mapping sequential media types into the JSON Schema data model by treating
them as if the values were in an array in the same order" (OpenAPI 3.2.1 section 4.14.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from mockforge.mocking.malformed import MalformedError
from mockforge_http.bodies.spec import BodyLimits
from mockforge_http.values.charset import decode_text

EVENTS: Final = "text/event-stream"
_RECORD: Final = b"\x1e"
_LINE_END: Final = re.compile("\r\n|\n|\r")
_DIGITS: Final = re.compile("[0-9]{1,18}")


def read_sequence(media_type: str, raw: bytes, limits: BodyLimits) -> list[Any]:
    """The items of ``raw`` in order."""
    is_records = media_type.endswith("json-seq")
    ends = raw.count(_RECORD) if is_records else raw.count(b"\n") + raw.count(b"\r")
    if ends > limits.max_items:
        raise MalformedError(
            f"has more than {limits.max_items} {'records' if is_records else 'lines'}",
            code="too-many-items",
            expected=f"up to {limits.max_items}",
        )
    if media_type == EVENTS:
        return list(_events(decode_text(raw, None)))
    items: list[Any] = []
    decode = limits.json_decoder()
    # RFC 7464 section 2.1; a text without the leading record separator is read too.
    for text in raw.split(_RECORD) if is_records else raw.splitlines():
        if text.strip():
            try:
                items.append(decode(text))
            except MalformedError as error:
                raise error.below(f"/{len(items)}") from None
    return items


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
