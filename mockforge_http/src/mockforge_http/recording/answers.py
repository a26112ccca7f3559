"""How a recorded stub answers: with the bytes that were received."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from mockforge.mocking.fields import essence
from mockforge.mocking.recording.secrets import Secrets, redact
from mockforge.mocking.recording.texts import is_written_the_same, looks_templated
from mockforge_http.operations.negotiate import is_json
from mockforge_http.recording.exchanged import Exchanged

_ENDINGS: Final = {
    "application/gzip": ".gz",
    "application/javascript": ".js",
    "application/json": ".json",
    "application/pdf": ".pdf",
    "application/xml": ".xml",
    "application/zip": ".zip",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/svg+xml": ".svg",
    "image/webp": ".webp",
    "text/css": ".css",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/javascript": ".js",
    "text/plain": ".txt",
}


def answer_body(exchanged: Exchanged, secrets: Secrets) -> bytes:
    """The body to write down: as received, unless it is JSON with secret members."""
    body = exchanged.answer
    if not secrets.names or not holds_json(exchanged.headers):
        return body
    lowered = body.lower()
    if not any(name.encode() in lowered for name in secrets.names):
        return body
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return body
    return msgspec.json.encode(value) if redact(value, secrets) else body


def response_definition(
    exchanged: Exchanged, body: bytes, *, inline: int
) -> tuple[dict[str, Any], bool]:
    """The ``response`` of the stub, and whether ``body`` is still to be put into a file: it is text of up to
    ``inline`` bytes otherwise."""
    made: dict[str, Any] = {"status": exchanged.status}
    if exchanged.headers:
        made["headers"] = _headers(exchanged.headers)
    if not body:
        return made, False
    if not header(exchanged.headers, "content-type"):
        made.setdefault("headers", {})["Content-Type"] = None  # or it would get one by its kind
    if len(body) > inline:
        return made, True
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return made, True
    if holds_json(exchanged.headers) and is_written_the_same(body):
        made["json"] = msgspec.json.decode(body)
    else:
        made["text"] = text
    if looks_templated(text):
        made["template"] = False
    return made, False


def ending(headers: tuple[tuple[str, str], ...]) -> str:
    """The ending for the file of a body."""
    if header(headers, "content-encoding"):
        return ".bin"
    return _ENDINGS.get(essence(header(headers, "content-type")), ".bin")


def holds_json(headers: tuple[tuple[str, str], ...]) -> bool:
    """Whether the body is JSON, not encoded further."""
    return not header(headers, "content-encoding") and is_json(header(headers, "content-type"))


def header(headers: tuple[tuple[str, str], ...], name: str) -> str:
    """The first value of ``name`` (lower case); empty if there is none."""
    return next((value for key, value in headers if key.lower() == name), "")


def _headers(headers: tuple[tuple[str, str], ...]) -> dict[str, str | list[str]]:
    made: dict[str, str | list[str]] = {}
    spelt: dict[str, str] = {}
    for name, value in headers:
        key = spelt.setdefault(name.lower(), name)
        known = made.get(key)
        if known is None:
            made[key] = value
        else:
            made[key] = [*([known] if isinstance(known, str) else known), value]
    return made
