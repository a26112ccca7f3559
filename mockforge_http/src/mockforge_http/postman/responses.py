"""Saved responses ("examples" in Postman's own words): what is answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from mockforge.mocking.fields import is_token
from mockforge_http.documents.pointer import Tokens

from .contents import Content
from .media import normal_media_type
from .reading import Reading, pairs_of, text_of
from .samples import NotJsonError, read_json
from .variables import Scope

_LANGUAGES: Final = {
    "json": "application/json",
    "xml": "application/xml",
    "html": "text/html",
    "javascript": "application/javascript",
    "text": "text/plain",
}
_OF_THE_WIRE: Final = frozenset(
    {
        "alt-svc", "connection", "content-encoding", "content-length", "content-type", "date",
        "keep-alive", "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip
"""Response headers that belong to one transfer, not to the API."""
_NOT_NAME: Final = re.compile(r"[\x00-\x20\x7f]+")
_LONGEST_NAME: Final = 100


class Saved(NamedTuple):
    """One saved response. ``headers`` maps lower-case names to name and value; ``text`` is the body."""

    name: str
    status: str
    description: str
    headers: Mapping[str, tuple[str, str]]
    media_type: str
    text: str


def read_response(value: Any, scope: Scope, reading: Reading, at: Tokens) -> Saved | None:
    """The saved response ``value``; ``None``, with a note, if it cannot be answered."""
    if not isinstance(value, dict):
        if value is not None:
            reading.note("postman-shape", "is not an object; it is left out", at)
        return None
    status = _status(value.get("code"))
    if status is None:
        reading.note(
            "postman-status",
            f"{text_of(value.get('code'))[:20]!r} is not a status code from 200 to 599; "
            "the response is left out",
            (*at, "code"),
        )
        return None
    headers: dict[str, tuple[str, str]] = {}
    stated = ""
    for pair in pairs_of(value.get("header"), reading, (*at, "header")):
        lower = pair.key.lower()
        text = scope.text(pair.value or "")
        if lower == "content-type":
            stated = stated or normal_media_type(text)
        elif not pair.enabled or lower in _OF_THE_WIRE or not is_token(pair.key):
            continue
        elif not lower.startswith("access-control-"):
            headers.setdefault(lower, (pair.key, text))
    if "set-cookie" not in headers:
        cookie = _cookie(value.get("cookie"), scope)
        if cookie:
            headers["set-cookie"] = ("Set-Cookie", cookie)
    body = scope.text(text_of(value.get("body")))
    language = value.get("_postman_previewlanguage")
    return Saved(
        name=_NOT_NAME.sub(" ", text_of(value.get("name"))).strip()[:_LONGEST_NAME] or "default",
        status=status,
        description=text_of(value.get("description")),
        headers=headers,
        media_type=(stated or _media_type_of(body, language)) if body else "",
        text=body,
    )


def _status(code: Any) -> str | None:
    """The status as a key of Responses Objects; a response without one is a 200."""
    if code is None:
        return "200"
    text = text_of(code)
    return text if re.fullmatch(r"[2-5]\d\d", text, re.ASCII) else None


def _media_type_of(body: str, language: Any) -> str:
    """What a body without a ``Content-Type`` is taken for."""
    if language in _LANGUAGES:
        return _LANGUAGES[language]
    start = body.lstrip()[:9].lower()
    if start[:1] in ("{", "["):
        try:
            read_json(body)
        except NotJsonError:
            return "text/plain"
        return "application/json"
    if start.startswith(("<!doctype", "<html")):
        return "text/html"
    return "application/xml" if start.startswith("<") else "text/plain"


def _cookie(value: Any, scope: Scope) -> str:
    """The first of the saved cookies as a ``Set-Cookie`` value (RFC 6265 section 4.1)."""
    first = value[0] if isinstance(value, list) and value else None
    if not isinstance(first, dict):
        return ""
    name = text_of(first.get("name", first.get("key")))
    if not is_token(name):
        return ""
    parts = [f"{name}={scope.text(text_of(first.get('value')))}"]
    if isinstance(first.get("path"), str) and first["path"]:
        parts.append(f"Path={first['path']}")
    if first.get("secure") is True:
        parts.append("Secure")
    if first.get("httpOnly") is True:
        parts.append("HttpOnly")
    return "; ".join(parts)


class Answers:
    """The saved responses of one status, gathered from every request of an operation."""

    def __init__(self, status: str) -> None:
        self.status = status
        self._description = ""
        self._headers: dict[str, tuple[str, str]] = {}
        self._contents: dict[str, Content] = {}

    def add(self, saved: Saved) -> None:
        """Take on a response."""
        self._description = self._description or saved.description
        for lower, header in saved.headers.items():
            self._headers.setdefault(lower, header)
        if saved.media_type:
            content = self._contents.get(saved.media_type)
            if content is None:
                content = Content(saved.media_type, answers=True)
                self._contents[saved.media_type] = content
            content.add_text(saved.text, saved.name)

    @property
    def needs_newer(self) -> bool:
        """Whether the object made needs OpenAPI 3.2."""
        return any(content.needs_newer for content in self._contents.values())

    def response(self) -> dict[str, Any]:
        """The Response Object."""
        made: dict[str, Any] = {"description": self._description or _phrase(self.status)}
        if self._headers:
            made["headers"] = {
                name: {"schema": {"type": "string"}, "example": value}
                for name, value in self._headers.values()
            }
        if self._contents:
            made["content"] = {name: content.media() for name, content in self._contents.items()}
        return made


def _phrase(status: str) -> str:
    try:
        return HTTPStatus(int(status)).phrase
    except ValueError:
        return f"Status {status}"
