"""Objects of OpenAPI 3.x read into :mod:`.shapes`: parameters, bodies, responses, callbacks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from msgspec import UNSET, structs

from .index import OperationRef, Version
from .operations import operations_of
from .pointer import split
from .shapes import (
    Encoding,
    Example,
    Located,
    MediaType,
    Parameter,
    RequestBody,
    ResponseView,
)
from .store import Store

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
_MOST_NESTED: Final = 8
"""Encodings inside encodings that are read."""
_URL_ENCODED: Final = "application/x-www-form-urlencoded"
_NOT_PARAMETERS: Final = frozenset({"accept", "content-type", "authorization"})
"""Header parameters of these names are ignored (OpenAPI 3, Parameter Object, ``name``)."""


class WrongShapeError(Exception):
    """A value is not of the kind that OpenAPI asks for: ``what`` names it."""

    def __init__(self, what: str, expected: str) -> None:
        super().__init__(f"{what} is not {expected}")


class Reader:
    """Reads objects of OpenAPI 3.x out of ``store``. Without ``styled_parts``, encodings have a style in
    URL-encoded forms only: in 3.0, ``style``, ``explode`` and ``allowReserved`` "SHALL be ignored" for
    any other media type (Encoding Object)."""

    def __init__(self, store: Store, *, styled_parts: bool = True) -> None:
        self.store = store
        self._styled_parts = styled_parts

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
            prefix, item = self._positional(media, inside)
            encodings = self._encodings(media.get("encoding"), inside)
            if not self._styled_parts and not name.lower().startswith(_URL_ENCODED):
                encodings = {key: _unstyled(encoding) for key, encoding in encodings.items()}
            found[name] = MediaType(
                name=name,
                schema=self.schema(media, inside),
                item_schema=self.schema(media, inside, "itemSchema"),
                example=media.get("example", UNSET),
                examples=self.examples(media.get("examples"), inside),
                encoding=encodings,
                prefix_encoding=prefix,
                item_encoding=item,
                extensions=extensions(media),
            )
        return found

    def _encodings(self, value: Any, base: str, depth: int = 0) -> dict[str, Encoding]:
        found: dict[str, Encoding] = {}
        for name, entry in self.map(value, "`encoding`").items():
            encoding = self._encoding(entry, base, depth)
            if encoding is not None:
                found[name] = encoding
        return found

    def _positional(
        self, value: dict[str, Any], base: str, depth: int = 0
    ) -> tuple[tuple[Encoding, ...], Encoding | None]:
        """``prefixEncoding`` and ``itemEncoding`` (3.2)."""
        listed = value.get("prefixEncoding")
        prefix = [
            self._encoding(entry, base, depth) or Encoding()
            for entry in (listed if isinstance(listed, list) else ())
        ]
        item = value.get("itemEncoding")
        return tuple(prefix), None if item is None else self._encoding(item, base, depth)

    def _encoding(self, entry: Any, base: str, depth: int) -> Encoding | None:
        encoding, inside = self.optional(entry, base)
        if encoding is None:
            return None
        style = encoding.get("style")
        explode = encoding.get("explode")
        reserved = encoding.get("allowReserved")
        nested = {} if depth > _MOST_NESTED else encoding
        prefix, item = self._positional(nested, inside, depth + 1)
        return Encoding(
            content_type=text_of(encoding, "contentType") or None,
            headers=self.headers(encoding.get("headers"), inside),
            style=style if style in _STYLES else None,
            explode=explode if isinstance(explode, bool) else None,
            allow_reserved=reserved if isinstance(reserved, bool) else None,
            encoding=self._encodings(nested.get("encoding"), inside, depth + 1),
            prefix_encoding=prefix,
            item_encoding=item,
        )

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


def _unstyled(encoding: Encoding) -> Encoding:
    return structs.replace(encoding, style=None, explode=None, allow_reserved=None)


def extensions(value: dict[str, Any]) -> dict[str, Any]:
    """The members of ``value`` that are specification extensions."""
    return {key: member for key, member in value.items() if key.startswith("x-")}


def text_of(value: dict[str, Any], key: str) -> str:
    text = value.get(key)
    return text if isinstance(text, str) else ""


def status_key(status: str) -> str:
    """``status`` as a key of ``OperationView.responses``."""
    return status if status == "default" else status.upper()
