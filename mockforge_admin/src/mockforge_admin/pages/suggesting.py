"""A stub that answers a recorded request as it was answered: what "make a stub of this" begins with."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

import msgspec

from mockforge.observe.journal import JournalEntry
from mockforge.structured.to_yaml import yaml_text

_OWN: Final = frozenset(
    {"content-length", "date", "connection", "keep-alive", "transfer-encoding", "server", "etag"}
)
"""Header fields that belong to one answer, not to its kind."""


def stub_for(entry: JournalEntry) -> str | None:
    """The stub as YAML; ``None`` for what is no request of HTTP."""
    if entry.protocol != "http":
        return None
    request: dict[str, Any] = {"method": entry.method, "path": entry.path}
    query = _query(entry.query)
    if query:
        request["query"] = query
    if entry.request_body and not (entry.request_body_truncated or entry.request_body_base64):
        body = _json(entry.request_body)
        if body is not None:
            request["body"] = {"json": body}
    answered = entry.status if entry.status and entry.source != "none" else HTTPStatus.OK
    response: dict[str, Any] = {"status": int(answered)}
    headers = {name: value for name, value in entry.response_headers if name.lower() not in _OWN}
    if entry.source == "none" or entry.response_body_truncated or entry.response_body_base64:
        response["json"] = {"changed": "by this stub"}
    else:
        body = _json(entry.response_body)
        if body is not None:
            headers = {
                name: value for name, value in headers.items() if name.lower() != "content-type"
            }
            response["json"] = body
        elif entry.response_body:
            response["text"] = entry.response_body
        if headers:
            response["headers"] = headers
    return yaml_text({"request": request, "response": response})


def _query(query: str) -> dict[str, str]:
    from urllib.parse import parse_qsl

    return dict(parse_qsl(query, keep_blank_values=True))


def _json(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None
