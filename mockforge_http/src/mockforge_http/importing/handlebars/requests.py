"""What a template of WireMock calls ``request``, in terms of the native ``request``."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from .scope import member, quoted

Kind = Literal["text", "value", "object"]


class Code(NamedTuple):
    """Code for a value. ``text``: it prints as it is. ``object``: WireMock has an object there that
    prints as a text and equals none."""

    text: str
    kind: Kind = "value"


_PLAIN: Final = {
    "body": Code("request.body", "text"),
    "bodyAsString": Code("request.body", "text"),
    "url": Code("request.url", "text"),
    "method": Code("request.method", "object"),
    "path": Code("request.path", "object"),
    "pathSegments": Code("request.path", "object"),
    "headers": Code("request.headers"),
    "query": Code("request.query"),
    "cookies": Code("request.cookies"),
}
_CALLED: Final = {
    "host": "host",
    "port": "port",
    "scheme": "scheme",
    "baseUrl": "baseUrl",
    "clientIp": "clientIp",
    "bodyAsBase64": "bodyAsBase64",
    "isMultipart": "isMultipart",
    "multipart": "isMultipart",
    "parts": "parts",
    "id": "requestId",
}
"""What a helper finds out, by its name."""


def request_path(parts: tuple[str, ...]) -> Code | None:
    """Code for ``request.<parts>``, or ``None`` if there is no such thing."""
    if parts[:1] == ("requestLine",):
        parts = parts[1:]
    if not parts:
        return Code("request")
    name, *rest = parts
    if name in ("path", "pathSegments") and rest:
        return _of_path(name, rest)
    if name in ("query", "headers", "cookies") and rest:
        return _of_many(name, rest)
    if name in _CALLED:
        first = "rand.hex(32)" if name == "id" else "request"
        return _walked(Code(f"hbs.value('{_CALLED[name]}', {first})"), rest)
    if name in _PLAIN:
        return _walked(_PLAIN[name], rest)
    return None


def _of_path(name: str, rest: list[str]) -> Code:
    key = rest[0]
    if key.isdigit():
        return Code(f"request.path[{int(key)}]", "text")
    if key in ("first", "last", "size"):
        return Code(f"hbs.value('segment', request.path, {quoted(key)})")
    if name == "pathSegments" or len(rest) > 1:
        return Code("''", "text")
    return Code(member("request.path", key), "text")


def _of_many(name: str, rest: list[str]) -> Code:
    key, *further = rest
    if name == "headers":
        key = key.lower()
    if further:
        arguments = ", ".join(map(quoted, (key, *further)))
        return Code(f"hbs.value('allValues', request.{name}, {arguments})")
    return Code(member(f"request.{name}", key), "object")


def every_value(parts: tuple[str, ...]) -> str | None:
    """Code for all values of the header, query parameter or cookie that ``parts`` lead to."""
    if parts[:1] == ("requestLine",):
        parts = parts[1:]
    if len(parts) != 2 or parts[0] not in ("query", "headers", "cookies"):
        return (
            "hbs.value('segments', request.path)"
            if parts in (("pathSegments",), ("path",))
            else None
        )
    return f"hbs.value('allValues', request.{parts[0]}, {quoted(parts[1])})"


def _walked(code: Code, rest: list[str]) -> Code:
    if not rest:
        return code
    return Code(f"hbs.value('walk', {code.text}, {', '.join(map(quoted, rest))})")
