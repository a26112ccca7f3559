"""How a recorded stub answers: with the bytes that were received."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from mockforge.mocking.fields import essence
from mockforge.observe.journal.redaction import REDACTED
from mockforge_http.operations.negotiate import is_json
from mockforge_http.recording.exchanged import Exchanged, Secrets

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
_TEMPLATE: Final = ("{{", "{%", "{#")


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
    return msgspec.json.encode(value) if _redact(value, secrets) else body


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
    if holds_json(exchanged.headers) and _is_written_the_same(body):
        made["json"] = msgspec.json.decode(body)
    else:
        made["text"] = text
    if any(mark in text for mark in _TEMPLATE):
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


def _is_written_the_same(body: bytes) -> bool:
    """Whether the value in ``body`` is written with the same bytes again, as stubs write it."""
    try:
        value = msgspec.json.decode(body)
        return msgspec.json.encode(value) == body and _is_plain(value)
    except (msgspec.DecodeError, RecursionError):
        return False


def _is_plain(value: Any) -> bool:
    """Whether YAML keeps ``value`` as it is: no number that is not whole, no text with control characters."""
    if isinstance(value, dict):
        return all(_is_plain(key) and _is_plain(item) for key, item in value.items())
    if isinstance(value, list):
        return all(map(_is_plain, value))
    if isinstance(value, str):
        return value.isprintable()
    return not isinstance(value, float)


def _redact(value: Any, secrets: Secrets) -> bool:
    """Put :data:`REDACTED` in the place of secret members of ``value``; whether there were any."""
    found = False
    if isinstance(value, dict):
        for name, item in value.items():
            if secrets.is_member(name):
                value[name] = REDACTED
                found = True
            else:
                found = _redact(item, secrets) or found
    elif isinstance(value, list):
        for item in value:
            found = _redact(item, secrets) or found
    return found
