"""What a recorded stub asks of a request."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

import msgspec

from mockforge.mocking.fields import essence
from mockforge_http.operations.negotiate import is_json
from mockforge_http.recording.exchanged import Exchanged, Secrets

_LONGEST_BODY: Final = 64 * 1024
"""Bodies above this many bytes are not part of what a stub asks for."""
_MOST_FIELDS: Final = 1000
_FORM: Final = "application/x-www-form-urlencoded"


def request_definition(exchanged: Exchanged, secrets: Secrets) -> dict[str, Any]:
    """The ``request`` of the stub for this request: method, path, query, chosen headers and body."""
    made: dict[str, Any] = {"method": exchanged.method, "path": _path(exchanged.path)}
    more: list[dict[str, Any]] = []
    query: dict[str, Any] = {}
    for name, value in _pairs(exchanged.query):
        if secrets.is_parameter(name):
            continue
        if name in query:
            more.append({"query": {name: value}})
        else:
            query[name] = value
    if query:
        made["query"] = query
    if exchanged.matched:
        made["headers"] = dict(exchanged.matched)
    if exchanged.body:
        body = _body(exchanged, secrets)
        if body is not None:
            made["body"] = body
    if more:
        made["allOf"] = more
    return made


def key_of(definition: dict[str, Any]) -> bytes:
    """The same for requests that the same stub answers."""
    return blake2b(msgspec.json.encode(definition, order="deterministic"), digest_size=16).digest()


def _path(path: str) -> Any:
    return {"equals": path} if "{" in unquote(path) or "}" in unquote(path) else path


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return []


def _body(exchanged: Exchanged, secrets: Secrets) -> Any:
    """The condition on the body, ``None`` if there is to be none."""
    body = exchanged.body
    if len(body) > _LONGEST_BODY:
        return None
    media_type = essence(exchanged.media_type)
    if media_type.startswith("multipart/"):
        return None  # its boundary is another one each time
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        import base64

        return {"base64": base64.b64encode(body).decode()}
    if media_type == _FORM:
        return _form(text, secrets)
    if is_json(media_type):
        try:
            value = msgspec.json.decode(body)
        except (msgspec.DecodeError, RecursionError):
            return {"equals": text}
        public, hidden = without_secrets(value, secrets)
        return {"json": public} if hidden else {"jsonExact": value}
    return {"equals": text}


def _form(text: str, secrets: Secrets) -> Any:
    pairs = _pairs(text)
    if not any(secrets.is_member(name) for name, _ in pairs):
        return {"equals": text}
    fields = {name: value for name, value in pairs if not secrets.is_member(name)}
    return {"form": fields} if fields else None


def without_secrets(value: Any, secrets: Secrets) -> tuple[Any, bool]:
    """A JSON ``value`` without its secret members, and whether there were any."""
    if isinstance(value, dict):
        made = {}
        hidden = False
        for name, item in value.items():
            if secrets.is_member(name):
                hidden = True
                continue
            made[name], inside = without_secrets(item, secrets)
            hidden = hidden or inside
        return made, hidden
    if isinstance(value, list):
        items = [without_secrets(item, secrets) for item in value]
        return [item for item, _ in items], any(inside for _, inside in items)
    return value, False
