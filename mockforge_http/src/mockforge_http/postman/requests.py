"""The body and the headers of a request: what a client has to send."""

from __future__ import annotations

from typing import Any, Final, NamedTuple
from urllib.parse import unquote_plus

from mockforge_http.documents.pointer import Tokens
from mockforge_http.operations.negotiate import is_json

from .contents import Field
from .media import normal_media_type
from .reading import Pair, Reading, pairs_of, text_of
from .samples import NotJsonError, read_json
from .variables import Scope

_FORM: Final = "application/x-www-form-urlencoded"
_LANGUAGES: Final = {
    "json": "application/json",
    "xml": "application/xml",
    "html": "text/html",
    "javascript": "application/javascript",
    "text": "text/plain",
}
_PRUNED: Final = frozenset({"GET", "HEAD", "COPY", "PURGE", "UNLOCK"})
"""Methods whose body Postman does not send unless told to."""
_GRAPHQL: Final = {
    "type": "object",
    "properties": {
        "query": {"type": "string"},
        "operationName": {"type": ["string", "null"]},
        "variables": {"type": ["object", "null"]},
    },
    "required": ["query"],
}
"""Every query has its own variables, so one that was saved says nothing of the next."""
_CLIENTS_OWN: Final = frozenset(
    {
        "accept", "accept-charset", "accept-encoding", "accept-language", "authorization",
        "cache-control", "connection", "content-length", "content-type", "cookie", "date", "dnt",
        "expect", "host", "keep-alive", "origin", "postman-token", "pragma", "prefer", "referer", "te",
        "trailer", "transfer-encoding", "upgrade", "upgrade-insecure-requests", "user-agent", "via",
    }
)  # fmt: skip
"""Request headers that a client writes on its own, or that say nothing of the API."""


class Body(NamedTuple):
    """A request body: its media type, and one of a text, a JSON value, a form, or nothing (a file)."""

    media_type: str
    text: str | None = None
    value: Any = None
    form: list[Field] | None = None
    schema: dict[str, Any] | None = None
    """The schema, where it is known without samples."""


def own_headers(headers: list[Pair], scope: Scope) -> list[Pair]:
    """The headers that belong to the API."""
    found: list[Pair] = []
    for header in headers:
        key = scope.text(header.key).strip()
        if key.lower() in _CLIENTS_OWN or key.lower().startswith(("sec-", "access-control-")):
            continue
        if "{{" not in key:
            value = None if header.value is None else scope.text(header.value)
            found.append(header._replace(key=key, value=value))
    return found


def read_body(
    body: Any,
    method: str,
    headers: list[Pair],
    scope: Scope,
    reading: Reading,
    at: Tokens,
    *,
    prunes: bool,
) -> Body | None:
    """The body that Postman would send; ``None`` for none. ``prunes`` says that methods which have no
    body by custom send none."""
    if body is None or (prunes and method in _PRUNED):
        return None
    if not isinstance(body, dict):
        reading.note("postman-shape", "`body` is not an object; it is left out", at)
        return None
    if body.get("disabled") is True:
        return None
    stated = next(
        (h.value for h in headers if h.key.lower() == "content-type" and h.enabled and h.value), ""
    )
    media_type = normal_media_type(scope.text(stated))
    mode = body.get("mode")
    match mode:
        case "raw":
            return _raw(body, media_type, scope)
        case "urlencoded" | "formdata":
            fields = _fields(body.get(mode), scope, reading, (*at, mode))
            kind = _FORM if mode == "urlencoded" else "multipart/form-data"
            if not media_type.startswith((_FORM, "multipart/")):
                media_type = kind
            return Body(media_type, form=fields) if fields else None
        case "file":
            return Body(media_type or "application/octet-stream")
        case "graphql":
            value = _graphql(body.get("graphql"), scope)
            return Body("application/json", value=value, schema=_GRAPHQL)
        case None | "none":
            return None
        case _:
            reading.note(
                "postman-body",
                f"the body mode {mode!r} is not known; it is left out",
                (*at, "mode"),
            )
            return None


def _raw(body: dict[str, Any], media_type: str, scope: Scope) -> Body | None:
    text = scope.text(text_of(body.get("raw")))
    if not text.strip():
        return None
    if not media_type:
        options = body.get("options")
        raw = options.get("raw") if isinstance(options, dict) else None
        language = raw.get("language") if isinstance(raw, dict) else None
        media_type = _LANGUAGES.get(str(language)) or _media_type_of(text)
    if media_type.startswith((_FORM, "multipart/")):
        return Body(media_type, form=_fields_of_text(text) if media_type == _FORM else None)
    return Body(media_type, text=text)


def _media_type_of(text: str) -> str:
    """What a text without a media type is taken for."""
    if text.lstrip()[:1] in ("{", "["):
        try:
            read_json(text)
        except NotJsonError:
            return "text/plain"
        return "application/json"
    return "application/xml" if text.lstrip().startswith("<?xml") else "text/plain"


def _fields(value: Any, scope: Scope, reading: Reading, at: Tokens) -> list[Field]:
    if isinstance(value, str):
        return _fields_of_text(scope.text(value))
    found: list[Field] = []
    for pair in pairs_of(value, reading, at):
        is_file = pair.entry.get("type") == "file"
        kind = pair.entry.get("contentType")
        found.append(
            Field(
                scope.text(pair.key),
                None if pair.value is None or is_file else scope.text(pair.value),
                pair.enabled,
                pair.description,
                is_file,
                normal_media_type(kind) or None if isinstance(kind, str) else None,
            )
        )
        if is_file and isinstance(pair.entry.get("src"), list) and len(pair.entry["src"]) > 1:
            found.append(found[-1])
    return found


def _fields_of_text(text: str) -> list[Field]:
    found: list[Field] = []
    for part in text.strip().split("&"):
        key, _, value = part.partition("=")
        if key:
            found.append(Field(unquote_plus(key), unquote_plus(value), True))
    return found


def _graphql(value: Any, scope: Scope) -> dict[str, Any]:
    """The body that Postman sends for a GraphQL request."""
    if not isinstance(value, dict):
        return {"query": ""}
    made: dict[str, Any] = {"query": scope.text(text_of(value.get("query")))}
    variables = value.get("variables")
    if isinstance(variables, str) and variables.strip():
        try:
            variables = read_json(scope.text(variables))
        except NotJsonError:
            variables = None
    return {**made, "variables": variables} if isinstance(variables, dict) else made


def is_form(body: Body | None) -> bool:
    """Whether ``body`` is one that OAuth 1 may put its parameters in."""
    return body is not None and not is_json(body.media_type) and body.media_type.startswith(_FORM)
