"""A call of an operation, made from the document alone: everything required is there, everything
sent is valid."""

from __future__ import annotations

import base64
import contextlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from . import serialize
from .forms import form_body, multipart_body
from .mediatypes import family
from .model import Credential, Media, Operation, Parameter
from .schemas import Schemas
from .values import UnmakeableError, Values
from .xmlbody import XmlReader

_VARIABLE = re.compile(r"\{([^{}]*)\}")
_PREFERENCE = ("json", "form", "multipart", "xml", "text", "sequence", "events", "binary")
_JWT = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ3YWxrIn0.c2lnbmF0dXJl"


_OF_THE_CLIENT = {"connection", "content-length", "cookie", "host", "transfer-encoding"}
"""Headers that a client writes itself, whatever the document says of their values."""


@dataclass(slots=True)
class Call:
    """A request: ``target`` as it stands in the request line."""

    method: str
    target: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """A body: one of the declared media types, the name that it is sent under, and the value; bytes are
    sent as they are."""

    media: Media
    name: str
    value: Any


@dataclass(slots=True)
class Chosen:
    """The values of a call, before they are written."""

    parameters: list[tuple[Parameter, Any]] = field(default_factory=list)
    content: Content | None = None


class RequestMaker:
    """Makes the calls of one document's operations."""

    def __init__(self, schemas: Schemas, *, full: bool = False) -> None:
        self.schemas = schemas
        self.full = full
        self.values = Values(schemas, full=full)
        self.xml = XmlReader(schemas.store, schemas.dialect)

    def make(self, operation: Operation) -> Call:
        """A valid call. Raises DanglingError where the document is broken, and UnmakeableError where
        no value for something required was found."""
        return self.write(operation, self.choose(operation))

    def choose(self, operation: Operation) -> Chosen:
        """The values of a valid call; raises as :meth:`make`."""
        chosen = Chosen()
        for parameter in operation.parameters():
            if not (parameter.required or self.full) or written_by_client(parameter):
                continue
            try:
                chosen.parameters.append((parameter, self.value(parameter)))
            except UnmakeableError:
                if parameter.required:
                    raise
        body = operation.body()
        if body is not None:
            media = min(body.media, key=lambda one: _PREFERENCE.index(family(one.name)))
            try:
                chosen.content = self._content(media)
            except UnmakeableError:
                if body.required:
                    raise
        return chosen

    def write(self, operation: Operation, chosen: Chosen) -> Call:
        """The call with these values, valid or not."""
        call = Call(operation.method, "")
        query: list[str] = []
        cookies: list[str] = []
        path_values: dict[str, str] = {}
        for parameter, value in chosen.parameters:
            self._place(parameter, value, path_values, query, cookies, call.headers)
        # Schemes that ask for the same thing, as two OAuth flows do, are met by one header.
        for credential in dict.fromkeys(operation.credentials()):
            _present(credential, query, cookies, call.headers)
        if chosen.content is not None:
            content_type, call.body = self._written(chosen.content)
            call.headers.append(("Content-Type", content_type))
        if cookies:
            call.headers.append(("Cookie", "; ".join(cookies)))
        call.target = _target(operation, path_values, query)
        return call

    def value(self, parameter: Parameter) -> Any:
        """A valid value; raises UnmakeableError where none was found."""
        schema = parameter.media.schema if parameter.media is not None else parameter.schema
        fits = fitness(parameter)
        declared = parameter.examples + (parameter.media.examples if parameter.media else ())
        for example in declared:
            if fits(example) and (
                schema is None or self.schemas.accepts(schema, example, "request")
            ):
                return example
        if schema is None:
            return "sample"
        if parameter.media is None:
            with contextlib.suppress(UnmakeableError):
                return self.values.make(schema, fits, _filled)
        return self.values.make(schema, fits)

    def _place(
        self,
        parameter: Parameter,
        value: Any,
        path_values: dict[str, str],
        query: list[str],
        cookies: list[str],
        headers: list[tuple[str, str]],
    ) -> None:
        name, style, explode = parameter.name, parameter.style, parameter.explode
        if parameter.media is not None:
            if parameter.location == "querystring":
                query.append(self._querystring(parameter.media, value))
                return
            value = json.dumps(value) if family(parameter.media.name) == "json" else value
            explode = False
        if parameter.location == "path":
            path_values[name] = serialize.path_value(name, value, style, explode=explode)
        elif parameter.location == "query":
            query += serialize.query_pairs(
                name, value, style, explode=explode, reserved=parameter.allow_reserved
            )
        elif parameter.location == "header":
            headers.append((name, serialize.header_value(value, explode=explode)))
        elif parameter.location == "cookie":
            cookies += serialize.query_pairs(name, value, "form", explode=explode)

    def _querystring(self, media: Media, value: Any) -> str:
        if family(media.name) == "form":
            return form_body(self.schemas, media, value).decode()
        return quote(json.dumps(value), safe="")

    def _content(self, media: Media) -> Content:
        name = _concrete(media)
        kind = family(name)
        if kind == "binary" or (media.schema is None and media.items is None and kind != "json"):
            example = next((one for one in media.examples if isinstance(one, str)), None)
            return Content(media, name, example.encode() if example is not None else b"sample")
        return Content(media, name, self._body_value(media))

    def _written(self, content: Content) -> tuple[str, bytes]:
        """The content type and the bytes."""
        media, name, value = content.media, content.name, content.value
        kind = family(name)
        if isinstance(value, bytes):
            return name, value
        if kind == "form":
            return name, form_body(self.schemas, media, value)
        if kind == "multipart":
            return multipart_body(self.schemas, media, value, name)
        if kind == "xml" and media.schema is not None:
            if isinstance(value, str) and value.lstrip().startswith("<"):
                return name, value.encode()
            return name, self.xml.encode(value, media.schema)
        if kind == "sequence":
            return name, b"".join(json.dumps(one).encode() + b"\n" for one in _sequence(value))
        if kind == "text" and isinstance(value, str):
            return name, value.encode()
        return name, json.dumps(value).encode()

    def _body_value(self, media: Media) -> Any:
        schema = media.schema or media.items
        for example in media.examples:
            if schema is None or self.schemas.accepts(schema, example, "request"):
                return example
        if schema is None:
            return {}
        if family(media.name) in {"form", "multipart"}:
            # A form without a field is hardly a form: give one that has any, if it can have.
            for inside in (_filled, lambda value: True):
                with contextlib.suppress(UnmakeableError):
                    return self.values.make(schema, _filled, inside)
        return self.values.make(schema)


def _filled(value: Any) -> bool:
    """What is empty inside a value that is written as text is not there: most styles have no way."""
    return value not in ({}, [])


def _sequence(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _concrete(media: Media) -> str:
    """A media type to send for a declared one, which may be a range."""
    if "*" not in media.name:
        return media.name
    main = media.name.partition("/")[0]
    return {"image": "image/png", "text": "text/plain", "audio": "audio/mpeg"}.get(
        main, "application/json"
    )


def written_by_client(parameter: Parameter) -> bool:
    """Whether a parameter is a header that is the client's own."""
    return parameter.location == "header" and parameter.name.lower() in _OF_THE_CLIENT


def fitness(parameter: Parameter) -> Callable[[Any], bool]:
    """What can be written at a parameter's place at all."""
    if parameter.location == "path":
        return lambda value: bool(serialize.text(value)) and value not in (".", "..", None, [], {})
    if parameter.location == "header":
        return lambda value: (
            value is not None and serialize.header_value(value, explode=False).isascii()
        )
    return lambda value: value not in (None, [], {})


def _present(
    credential: Credential, query: list[str], cookies: list[str], headers: list[tuple[str, str]]
) -> None:
    kind = credential.kind
    if kind == "apiKey":
        if credential.location == "query":
            query.append(f"{quote(credential.name, safe='')}=sample-key")
        elif credential.location == "cookie":
            cookies.append(f"{credential.name}=sample-key")
        else:
            headers.append((credential.name, "sample-key"))
    elif kind == "basic":
        headers.append(("Authorization", "Basic " + base64.b64encode(b"rex:secret").decode()))
    elif kind == "bearer":
        headers.append(("Authorization", f"Bearer {_JWT}"))
    elif kind == "digest":
        headers.append(
            (
                "Authorization",
                'Digest username="rex", realm="walk", nonce="1", uri="/", response="0" ',
            )
        )
    elif kind != "none":
        headers.append(("Authorization", f"{kind} sample"))


def _target(operation: Operation, path_values: dict[str, str], query: list[str]) -> str:
    path, _, _ = operation.path.partition("#")
    path, _, written = path.partition("?")
    filled = _VARIABLE.sub(lambda match: path_values.get(match[1], "sample"), operation.base + path)
    pairs = ([written] if written else []) + query
    return quote(filled, safe="/%:@!$&'()*+,;=~-._") + ("?" + "&".join(pairs) if pairs else "")
