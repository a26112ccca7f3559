"""What a recorded stub asks of a request."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from mockforge.mocking.fields import essence
from mockforge.mocking.recording.conditions import pairs_of, path_condition, query_conditions
from mockforge.mocking.recording.secrets import Secrets, without_secrets
from mockforge_http.operations.negotiate import is_json
from mockforge_http.recording.exchanged import Exchanged

_LONGEST_BODY: Final = 64 * 1024
"""Bodies above this many bytes are not part of what a stub asks for."""
_FORM: Final = "application/x-www-form-urlencoded"


def request_definition(exchanged: Exchanged, secrets: Secrets) -> dict[str, Any]:
    """The ``request`` of the stub for this request: method, path, query, chosen headers and body."""
    made: dict[str, Any] = {"method": exchanged.method, "path": path_condition(exchanged.path)}
    query, more = query_conditions(exchanged.query, secrets)
    if query:
        made["query"] = query
    if exchanged.matched:
        made["headers"] = dict(exchanged.matched)
    if exchanged.body:
        body = _body(exchanged, secrets)
        if body is not None:
            made["body"] = body
    if more:
        made["allOf"] = [{"query": each} for each in more]
    return made


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
    pairs = pairs_of(text)
    if not any(secrets.is_member(name) for name, _ in pairs):
        return {"equals": text}
    fields = {name: value for name, value in pairs if not secrets.is_member(name)}
    return {"form": fields} if fields else None
