"""From an :class:`OperationRef` to the decoded operation of OpenAPI 3.x; 2.0 is turned into the same
shapes by :mod:`.swagger2`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from msgspec import UNSET

from mockforge.errors import DocumentError, Place

from .index import OperationRef, Version
from .locate import locate
from .operations import ItemStep, item_steps, operations_of
from .pointer import join, split
from .servers import base_paths
from .shapes import (
    Encoding,
    Example,
    Located,
    MediaType,
    OperationView,
    Parameter,
    RequestBody,
    ResponseView,
)
from .store import Missing, Store

_DEFAULT_STYLE: Final[dict[str, Any]] = {
    "path": "simple",
    "header": "simple",
    "query": "form",
    "cookie": "form",
    "querystring": "form",
}
_STYLES: Final = frozenset(
    {
        "simple", "label", "matrix", "form", "spaceDelimited", "pipeDelimited", "deepObject",
        "cookie",
    }
)  # fmt: skip
_NOT_PARAMETERS: Final = frozenset({"accept", "content-type", "authorization"})
"""Header parameters of these names are ignored (OpenAPI 3, Parameter Object, ``name``)."""


class WrongShapeError(Exception):
    """A value is not of the kind that OpenAPI asks for: ``what`` names it."""

    def __init__(self, what: str, expected: str) -> None:
        super().__init__(f"{what} is not {expected}")


class Reader:
    """Reads objects of OpenAPI 3.x out of ``store``."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def object(self, value: Any, base: str, what: str) -> tuple[dict[str, Any], str]:
        """``value`` with references followed, which must be an object, and its base."""
        value, base = self.store.follow(value, base)
        if not isinstance(value, dict):
            raise WrongShapeError(what, "an object")
        return value, base

    def optional(self, value: Any, base: str) -> tuple[dict[str, Any] | None, str]:
        """As :meth:`object`, but ``None`` for what has the wrong shape: published documents have such
        places (a ``description`` among media types), and the rest can still be served. A value that
        is left empty (YAML: ``application/json:``) is an empty object."""
        value, base = self.store.follow(value, base)
        if value is None:
            return {}, base
        return (value if isinstance(value, dict) else None), base

    def map(self, value: Any, what: str) -> dict[str, Any]:
        """``value``, a map of names that may be absent."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise WrongShapeError(what, "an object")
        return value

    def schema(self, value: dict[str, Any], base: str, key: str = "schema") -> Located | None:
        """The schema that ``value`` has under ``key``."""
        schema = value.get(key)
        return Located(schema, base) if isinstance(schema, dict | bool) else None

    def examples(self, value: Any, base: str) -> dict[str, Example]:
        """The Example Objects in the map ``value``."""
        found: dict[str, Example] = {}
        for name, entry in self.map(value, "`examples`").items():
            example, _ = self.optional(entry, base)
            if example is None:  # as in 2.0: the value itself
                found[name] = Example(value=entry)
                continue
            found[name] = Example(
                value=example.get("dataValue", example.get("value", UNSET)),
                serialized=text_of(example, "serializedValue") or None,
                external=text_of(example, "externalValue") or None,
                summary=text_of(example, "summary"),
                description=text_of(example, "description"),
            )
        return found

    def content(self, value: Any, base: str) -> dict[str, MediaType]:
        """The Media Type Objects in the map ``value``."""
        found: dict[str, MediaType] = {}
        for name, entry in self.map(value, "`content`").items():
            media, inside = self.optional(entry, base)
            if media is None or (name.startswith("x-") and "/" not in name):
                continue
            found[name] = MediaType(
                name=name,
                schema=self.schema(media, inside),
                item_schema=self.schema(media, inside, "itemSchema"),
                example=media.get("example", UNSET),
                examples=self.examples(media.get("examples"), inside),
                encoding=self._encodings(media.get("encoding"), inside),
                extensions=extensions(media),
            )
        return found

    def _encodings(self, value: Any, base: str) -> dict[str, Encoding]:
        found: dict[str, Encoding] = {}
        for name, entry in self.map(value, "`encoding`").items():
            encoding, inside = self.optional(entry, base)
            if encoding is None:
                continue
            style = encoding.get("style")
            explode = encoding.get("explode")
            found[name] = Encoding(
                content_type=text_of(encoding, "contentType") or None,
                headers=self.headers(encoding.get("headers"), inside),
                style=style if style in _STYLES else None,
                explode=explode if isinstance(explode, bool) else None,
                allow_reserved=encoding.get("allowReserved") is True,
            )
        return found

    def headers(self, value: Any, base: str) -> dict[str, Parameter]:
        """The Header Objects in the map ``value``; ``Content-Type`` is not one of them."""
        found: dict[str, Parameter] = {}
        for name, entry in self.map(value, "`headers`").items():
            header, inside = self.optional(entry, base)
            if header is not None and name.lower() != "content-type":
                found[name] = self._parameter(header, inside, name, "header")
        return found

    def parameter(self, entry: Any, base: str) -> Parameter | None:
        """The Parameter Object ``entry``; ``None`` for a header that is not a parameter."""
        parameter, inside = self.object(entry, base, "a parameter")
        name, where = parameter.get("name"), parameter.get("in")
        if not isinstance(name, str):
            raise WrongShapeError("the `name` of a parameter", "text")
        if where not in _DEFAULT_STYLE:
            raise WrongShapeError(f"the `in` of parameter {name!r}", "a place of OpenAPI 3")
        if where == "header" and name.lower() in _NOT_PARAMETERS:
            return None
        return self._parameter(parameter, inside, name, where)

    def _parameter(self, parameter: dict[str, Any], base: str, name: str, where: Any) -> Parameter:
        style = parameter.get("style")
        if style not in _STYLES:
            style = _DEFAULT_STYLE[where]
        explode = parameter.get("explode")
        return Parameter(
            name=name,
            where=where,
            required=where == "path" or parameter.get("required") is True,
            style=style,
            explode=explode if isinstance(explode, bool) else style in ("form", "cookie"),
            allow_reserved=parameter.get("allowReserved") is True,
            allow_empty=parameter.get("allowEmptyValue") is True,
            deprecated=parameter.get("deprecated") is True,
            schema=self.schema(parameter, base),
            content=self.content(parameter.get("content"), base),
            example=parameter.get("example", UNSET),
            examples=self.examples(parameter.get("examples"), base),
            description=text_of(parameter, "description"),
            extensions=extensions(parameter),
        )

    def request_body(self, entry: Any, base: str) -> RequestBody | None:
        """The Request Body Object ``entry``."""
        if entry is None:
            return None
        body, inside = self.object(entry, base, "`requestBody`")
        return RequestBody(
            content=self.content(body.get("content"), inside),
            required=body.get("required") is True,
            description=text_of(body, "description"),
        )

    def response(self, entry: Any, base: str, status: str) -> ResponseView:
        """The Response Object ``entry``."""
        response, inside = self.optional(entry, base)
        if response is None:
            raise WrongShapeError(f"the response {status}", "an object")
        links: dict[str, Any] = {}
        for name, entry in self.map(response.get("links"), "`links`").items():
            link, _ = self.optional(entry, inside)
            if link is not None:
                links[name] = link
        return ResponseView(
            description=text_of(response, "description"),
            headers=self.headers(response.get("headers"), inside),
            content=self.content(response.get("content"), inside),
            links=links,
            extensions=extensions(response),
        )

    def callbacks(
        self, entry: Any, base: str, at: str, version: Version
    ) -> Iterator[tuple[str, tuple[OperationRef, ...]]]:
        """The Callback Objects in the map ``entry``, found at pointer ``at``."""
        for name, callback in self.map(entry, "`callbacks`").items():
            file, tokens = base, (*split(at), "callbacks", name)
            value = callback
            for _ in range(32):
                if not isinstance(value, dict) or not isinstance(value.get("$ref"), str):
                    break
                file, tokens = self.store.target(value["$ref"], file)
                value = self.store.get(file, tokens)
            refs: list[OperationRef] = []
            for expression in self.map(value, f"the callback {name!r}"):
                if not expression.startswith("x-"):
                    there = (*tokens, expression)
                    refs.extend(operations_of(self.store, file, there, expression, version))
            yield name, tuple(refs)


def extensions(value: dict[str, Any]) -> dict[str, Any]:
    """The members of ``value`` that are specification extensions."""
    return {key: member for key, member in value.items() if key.startswith("x-")}


def text_of(value: dict[str, Any], key: str) -> str:
    text = value.get(key)
    return text if isinstance(text, str) else ""


def operation_view(
    store: Store,
    ref: OperationRef,
    entry: str,
    version: Version,
    path_of: Callable[[str], Path],
) -> OperationView:
    """The operation ``ref``; DocumentError if something in it has the wrong shape."""
    try:
        return _operation_view(store, ref, entry, version)
    except WrongShapeError as error:
        raise _error(str(error), ref, path_of) from None
    except Missing as missing:
        raise _error(f"a reference in it leads nowhere ({missing})", ref, path_of) from None
    except DocumentError as error:
        raise _error(error.message, ref, path_of) from None


def _error(message: str, ref: OperationRef, path_of: Callable[[str], Path]) -> DocumentError:
    path = path_of(ref.base)
    line, column = locate(path, [ref.pointer]).get(ref.pointer, (None, None))
    return DocumentError(
        f"{ref.method} {ref.template}: {message}",
        place=Place(str(path), line, column, ref.pointer),
    )


def _operation_view(store: Store, ref: OperationRef, entry: str, version: Version) -> OperationView:
    from . import swagger2

    steps = item_steps(store, ref.item_base, split(ref.item))
    operation, base = store.follow(store.get(ref.base, split(ref.pointer)), ref.base)
    if not isinstance(operation, dict):
        raise WrongShapeError("the operation", "an object")
    reader = Reader(store)
    declared = list(_declared_parameters(steps, operation, base))
    if version == "2.0":
        parts = swagger2.Swagger2Reader(store, entry).parts(operation, base, declared)
    else:
        parts = _parts(reader, operation, base, declared)
    servers = _servers(steps, operation) if version != "2.0" else None
    at = ref.pointer
    if isinstance(store.get(ref.base, split(ref.pointer)).get("$ref"), str):
        base, at = _where(store, ref)
    return OperationView(
        ref=ref,
        servers=servers,
        base_paths=base_paths(servers) or None,
        callbacks=dict(reader.callbacks(operation.get("callbacks"), base, at, version)),
        security=_security(store, operation, entry),
        operation_id=ref.operation_id,
        tags=ref.tags,
        summary=text_of(operation, "summary"),
        description=text_of(operation, "description"),
        deprecated=operation.get("deprecated") is True,
        extensions=extensions(operation),
        **parts,
    )


def _where(store: Store, ref: OperationRef) -> tuple[str, str]:
    """File and pointer of an operation that is itself a reference."""
    file, tokens = ref.base, split(ref.pointer)
    for _ in range(32):
        value = store.get(file, tokens)
        if not isinstance(value, dict) or not isinstance(value.get("$ref"), str):
            break
        file, tokens = store.target(value["$ref"], file)
    return file, join(tokens)


def _declared_parameters(
    steps: list[ItemStep], operation: dict[str, Any], base: str
) -> Iterator[tuple[Any, str]]:
    """Parameters with their bases: the path item's first, then the operation's, which win."""
    for step in reversed(steps):
        shared = step.item.get("parameters")
        for entry in shared if isinstance(shared, list) else ():
            yield entry, step.file
    own = operation.get("parameters")
    for entry in own if isinstance(own, list) else ():
        yield entry, base


def _parts(
    reader: Reader, operation: dict[str, Any], base: str, declared: list[tuple[Any, str]]
) -> dict[str, Any]:
    parameters: dict[tuple[str, str], Parameter] = {}
    for entry, inside in declared:
        parameter = reader.parameter(entry, inside)
        if parameter is not None:
            parameters[parameter.where, parameter.name] = parameter
    responses, inside = reader.object(operation.get("responses", {}), base, "`responses`")
    return {
        "parameters": tuple(parameters.values()),
        "request_body": reader.request_body(operation.get("requestBody"), base),
        "responses": {
            status_key(status): reader.response(entry, inside, status)
            for status, entry in responses.items()
            if not status.startswith("x-")
        },
    }


def status_key(status: str) -> str:
    """``status`` as a key of ``OperationView.responses``."""
    return status if status == "default" else status.upper()


def _servers(steps: list[ItemStep], operation: dict[str, Any]) -> list[dict[str, Any]] | None:
    for holder in (operation, *(step.item for step in steps)):
        servers = holder.get("servers")
        if isinstance(servers, list) and servers:
            return [server for server in servers if isinstance(server, dict)]
    return None


def _security(
    store: Store, operation: dict[str, Any], entry: str
) -> list[dict[str, list[str]]] | None:
    security = operation.get("security")
    if security is None:
        try:
            security = store.get(entry, ("security",))
        except Missing:
            return None
    if not isinstance(security, list):
        return None
    return [
        {name: scopes if isinstance(scopes, list) else [] for name, scopes in needed.items()}
        for needed in security
        if isinstance(needed, dict)
    ]


def security_schemes(store: Store, entry: str, version: Version) -> dict[str, dict[str, Any]]:
    """Every security scheme by name, references resolved, in the shape of OpenAPI 3."""
    from . import swagger2

    tokens = ("securityDefinitions",) if version == "2.0" else ("components", "securitySchemes")
    try:
        schemes = store.get(entry, tokens)
    except Missing:
        return {}
    found: dict[str, dict[str, Any]] = {}
    if isinstance(schemes, dict):
        for name, scheme in schemes.items():
            value, _ = store.follow(scheme, entry)
            if isinstance(value, dict):
                found[name] = swagger2.security_scheme(value) if version == "2.0" else value
    return found
