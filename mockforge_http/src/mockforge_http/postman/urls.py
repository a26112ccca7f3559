"""The URL of a request: its server, path template and query parameters.

A URL is text, or an object with the parts (``protocol``, ``host``, ``path``, ``query``, ``variable``).
``:id`` is a path parameter, and so is a variable that has no value, a dynamic one, or one whose value is
the id of some thing: ``/pets/{{petId}}`` is meant for every pet.
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from mockforge_http.documents.pointer import Tokens

from .reading import Names, Pair, Reading, pairs_of, text_of
from .variables import VARIABLE, Scope

_PROTOCOL: Final = re.compile(r"(\{\{[^{}]*\}\}|[A-Za-z][A-Za-z0-9+.\-]*)://")
_SERVER: Final = re.compile(r"(?:[a-z][a-z0-9+.\-]*://[^\s/?#{}]+)?(?:/[^\s?#{}]*)?", re.IGNORECASE)
_EXPRESSION: Final = re.compile(r"\{\{[^{}]{1,200}\}\}|\{[^{}]{1,200}\}")
_ID: Final = re.compile(
    r"\d+|[0-9a-fA-F]{16,}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
)
_ESCAPES: Final = {ord(char): f"%{ord(char):02X}" for char in "{}?# \t\r\n"}


class PathParameter(NamedTuple):
    """One parameter of a path, in the order of the path; ``value`` is an example."""

    name: str
    value: str | None
    description: str


class Address(NamedTuple):
    """``server`` is an absolute URL or a base path, ``None`` if it is not known; ``query`` holds the
    pairs with names and values decoded."""

    server: str | None
    template: str
    path: tuple[PathParameter, ...]
    query: list[Pair]


class _Parts(NamedTuple):
    """The parts of a URL, before variables are put in."""

    protocol: str
    host: str
    path: str
    query: str


def read_url(value: Any, scope: Scope, reading: Reading, at: Tokens) -> Address:
    """The URL ``value`` found at ``at``. DocumentError if it is neither text nor an object."""
    if value is None:
        value = ""
    if isinstance(value, str):
        value = {"raw": value}
    if not isinstance(value, dict):
        raise reading.error("the URL is neither text nor an object", at)
    raw = value.get("raw")
    parts = _split(raw if isinstance(raw, str) else "")
    known = _known(value.get("variable"), scope, reading, at)
    path = parts.path if value.get("path") is None else _joined(value["path"], "/")
    template, parameters = _template(path, scope, known)
    if value.get("host") is None:
        server = _server(parts.protocol, parts.host, "", scope)
    else:
        server = _server(
            text_of(value.get("protocol")),
            _joined(value["host"], "."),
            text_of(value.get("port")),
            scope,
        )
    query = value.get("query", parts.query if value.get("path") is None else None)
    pairs = _query_pairs(query, reading, (*at, "query"))
    return Address(server, template, parameters, [_resolved(pair, scope) for pair in pairs])


def _split(text: str) -> _Parts:
    rest, _, query = text.strip().partition("#")[0].partition("?")
    found = _PROTOCOL.match(rest)
    if found:
        rest = rest[found.end() :]
    host, _, path = rest.partition("/")
    return _Parts(found[1] if found else "", host, path, query)


def _query_pairs(query: Any, reading: Reading, at: Tokens) -> list[Pair]:
    """Names and values, still encoded."""
    if not isinstance(query, str):
        return pairs_of(query, reading, at)
    found: list[Pair] = []
    for part in query.partition("#")[0].removeprefix("?").split("&"):
        key, equals, value = part.partition("=")
        if key:
            found.append(Pair(key, value if equals else None, True, "", {}))
    return found


def _resolved(pair: Pair, scope: Scope) -> Pair:
    value = None if pair.value is None else unquote(scope.text(pair.value))
    return pair._replace(key=unquote(scope.text(pair.key)), value=value)


def _joined(value: Any, separator: str) -> str:
    """A host or path given as text, or as a list of texts or ``{type, value}`` objects."""
    if not isinstance(value, list):
        return text_of(value) if isinstance(value, str | int) else ""
    return separator.join(
        text_of(part.get("value")) if isinstance(part, dict) else text_of(part) for part in value
    )


def _known(
    value: Any, scope: Scope, reading: Reading, at: Tokens
) -> dict[str, tuple[str | None, str]]:
    """Values and descriptions of path variables by name."""
    return {
        pair.key: (None if pair.value is None else scope.text(pair.value), pair.description)
        for pair in pairs_of(value, reading, (*at, "variable"))
    }


# -------------------------------------------------------------------- the server


def _server(protocol: str, host: str, port: str, scope: Scope) -> str | None:
    """The server's URL without a slash at its end; ``None`` if part of it is not known."""
    url = re.split(r"[?#]", scope.text(host).strip(), maxsplit=1)[0]
    if not url:
        return None
    if "://" not in url and not url.startswith("/"):
        url = f"{scope.text(protocol).removesuffix('://') or 'http'}://{url}"
        if port:
            url += f":{scope.text(port)}"
    url = url.rstrip("/")
    return url if url and _SERVER.fullmatch(url) else None


# -------------------------------------------------------------------- the path


def _template(
    path: str, scope: Scope, known: dict[str, tuple[str | None, str]]
) -> tuple[str, tuple[PathParameter, ...]]:
    """The path template and its parameters; names that come twice are numbered."""
    parameters: list[PathParameter] = []
    names = Names()

    def parameter(name: str, value: str | None = None) -> str:
        own_value, description = known.get(name, (None, ""))
        name = names.take(_name(name), "_")
        parameters.append(PathParameter(name, own_value or value, description))
        return f"{{{name}}}"

    kept: dict[str, str] = {}  # ids that stand in the path through a variable
    text = VARIABLE.sub(lambda match: _put(match, scope, kept), path.removeprefix("/"))
    segments: list[str] = []
    for segment in text.split("/"):
        if len(segment) > 1 and segment[0] == ":" and not set("{}?#") & set(segment):
            segments.append(parameter(segment[1:]))
            continue
        built = ""
        end = 0
        for match in _EXPRESSION.finditer(segment):
            name = match[0].strip("{}").strip()
            built += segment[end : match.start()].translate(_ESCAPES)
            built += parameter(name, kept.get(name))
            end = match.end()
        segments.append(built + segment[end:].translate(_ESCAPES))
    return "/" + "/".join(segments), tuple(parameters)


def _put(match: re.Match[str], scope: Scope, kept: dict[str, str]) -> str:
    """The value of a variable in a path; the variable itself if it stands for an id."""
    name = match[1].strip()
    value = scope.text(match[0], dynamic=False)
    if _ID.fullmatch(value):
        kept[name] = value
        return match[0]
    return value


def _name(name: str) -> str:
    """A parameter name that can stand in a template."""
    return re.sub(r"[^\w.\-~$@]+", "_", name.removeprefix("$")).strip("_") or "value"
