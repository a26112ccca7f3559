"""What stands where in an OpenAPI document, and a walk that meets everything with its kind and place.

Operations are served from shapes in which references are resolved and places forgotten; checks that
name a line need the places, so they go by this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from mockforge.mocking.data.model import Direction
from mockforge_http.documents import Document
from mockforge_http.documents.pointer import join

Tokens = tuple[str, ...]


class MapOf(NamedTuple):
    """An object whose keys are names; ``kind`` is that of its members."""

    kind: str


class ListOf(NamedTuple):
    """An array; ``kind`` is that of its items."""

    kind: str


Kind = str | MapOf | ListOf

_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")

_SCHEMA: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(
        ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas"),
        MapOf("schema"),
    ),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), ListOf("schema")),
    **dict.fromkeys(
        (
            "items", "additionalProperties", "not", "if", "then", "else", "contains",
            "propertyNames", "unevaluatedItems", "unevaluatedProperties", "contentSchema",
        ),
        "schema",
    ),
}  # fmt: skip
_ITEM: Final[Mapping[str, Kind]] = {
    "parameters": ListOf("parameter"),
    "additionalOperations": MapOf("operation"),
    **dict.fromkeys(_METHODS, "operation"),
}

GRAMMAR: Final[Mapping[str, Mapping[str, Kind]]] = {
    "document": {
        "paths": MapOf("item"),
        "webhooks": MapOf("item"),
        "components": "components",
    },
    "components": {
        "schemas": MapOf("schema"),
        "responses": MapOf("response"),
        "parameters": MapOf("parameter"),
        "requestBodies": MapOf("body"),
        "headers": MapOf("header"),
        "links": MapOf("link"),
        "callbacks": MapOf("callback"),
        "pathItems": MapOf("item"),
        "mediaTypes": MapOf("media"),
    },
    "item": _ITEM,
    "operation": {
        "parameters": ListOf("parameter"),
        "requestBody": "body",
        "responses": MapOf("response"),
        "callbacks": MapOf("callback"),
    },
    "response": {"headers": MapOf("header"), "content": MapOf("media"), "links": MapOf("link")},
    "link": {},
    "body": {"content": MapOf("media")},
    "parameter": {"schema": "schema", "content": MapOf("media")},
    "header": {"schema": "schema", "content": MapOf("media")},
    "media": {"schema": "schema", "itemSchema": "schema", "encoding": MapOf("encoding")},
    "encoding": {"headers": MapOf("header")},
    "schema": _SCHEMA,
}
"""OpenAPI 3.x: the members of each object that hold something to check. A ``callback`` maps expressions
to path items."""

GRAMMAR_2: Final[Mapping[str, Mapping[str, Kind]]] = {
    "document": {
        "paths": MapOf("item"),
        "definitions": MapOf("schema"),
        "parameters": MapOf("parameter"),
        "responses": MapOf("response"),
    },
    "item": _ITEM,
    "operation": {"parameters": ListOf("parameter"), "responses": MapOf("response")},
    "response": {"schema": "schema", "headers": MapOf("header")},
    "parameter": {"schema": "schema"},
    "header": {},
    "schema": _SCHEMA,
}
"""OpenAPI 2.0, where parameters and headers are schemas of a kind themselves."""

_DIRECTIONS: Final[Mapping[str, Direction]] = {
    "response": "response",
    "body": "request",
    "parameter": "request",
}


class Node(NamedTuple):
    """An object of the document: its kind, its place, and who reads what it describes (``None``: not
    known, as of a schema that both requests and responses may use)."""

    kind: str
    value: Any
    file: str
    tokens: Tokens
    direction: Direction | None
    name: str
    """The key under which it stands."""
    is_root: bool
    """For a schema: whether it describes a whole value, and is no part of another schema."""


class Walk:
    """One walk over a document: what its files hold, and what references lead to elsewhere."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._grammar = GRAMMAR_2 if document.version == "2.0" else GRAMMAR
        self._waiting: list[tuple[str, str, Tokens, Direction | None]] = []
        self._seen: set[tuple[str, Tokens, str]] = set()

    def __iter__(self) -> Iterator[Node]:
        """Every object in the order of the entry file, then what is only reached by references."""
        entry = self._document.base
        for tokens, value in self._document.parts(entry):
            placed = self._kind_at(tokens)
            if placed is not None:
                kind, direction, inside_schema = placed
                yield from self._below(
                    kind, value, entry, tokens, direction, is_root=not inside_schema
                )
        while self._waiting:
            kind_, file, tokens, direction = self._waiting.pop()
            value = self._document.value(join(tokens), file)
            yield from self._below(kind_, value, file, tokens, direction, is_root=True)

    def _kind_at(self, tokens: Tokens) -> tuple[Kind, Direction | None, bool] | None:
        """The kind of the part at ``tokens`` of the entry file, by the grammar alone."""
        kind: Kind = "document"
        direction: Direction | None = None
        inside = False
        for token in tokens:
            if isinstance(kind, MapOf | ListOf):
                kind = kind.kind
            elif kind == "callback":
                kind = "item"
            else:
                step = self._grammar[kind].get(token)
                if step is None:
                    return None
                inside = kind == "schema"
                kind = step
            if isinstance(kind, str):
                direction = _DIRECTIONS.get(kind, direction)
        return kind, direction, inside

    def _below(
        self,
        kind: Kind,
        value: Any,
        file: str,
        tokens: Tokens,
        direction: Direction | None,
        *,
        is_root: bool,
    ) -> Iterator[Node]:
        waiting: list[tuple[Kind, Any, Tokens, Direction | None, bool]] = [
            (kind, value, tokens, direction, is_root)
        ]
        while waiting:
            kind, value, tokens, direction, is_root = waiting.pop()
            if isinstance(kind, MapOf):
                if isinstance(value, dict):
                    waiting.extend(
                        (kind.kind, value[name], (*tokens, name), direction, is_root)
                        for name in reversed(value)
                        if kind.kind == "schema" or not name.startswith("x-")
                    )
                continue
            if isinstance(kind, ListOf):
                if isinstance(value, list):
                    waiting.extend(
                        (kind.kind, value[index], (*tokens, str(index)), direction, is_root)
                        for index in range(len(value) - 1, -1, -1)
                    )
                continue
            if not isinstance(value, dict):
                continue
            direction = _DIRECTIONS.get(kind, direction)
            ref = value.get("$ref")
            if isinstance(ref, str):
                self._follow(kind, ref, file, tokens, direction)
                if kind != "schema" and kind != "item":
                    continue
            if kind == "callback":
                waiting.append((MapOf("item"), value, tokens, None, True))
                continue
            name = tokens[-1] if tokens else ""
            yield Node(kind, value, file, tokens, direction, name, is_root)
            members = self._grammar[kind]
            below_root = kind != "schema"
            waiting.extend(
                (members[key], value[key], (*tokens, key), direction, below_root)
                for key in reversed(value)
                if key in members
            )

    def _follow(
        self, kind: str, ref: str, file: str, tokens: Tokens, direction: Direction | None
    ) -> None:
        """Have what ``ref`` leads to looked at, unless the walk over the entry file comes there."""
        entry = self._document.base
        if file == entry and ref.startswith("#/"):
            first, _, rest = ref[2:].partition("/")
            if rest and first in self._grammar["document"]:
                return
        target = self._document.target(ref, self._document.base_at(file, tokens))
        if target is None:
            return
        there, at = target
        if there == entry and self._kind_at(at) is not None:
            return
        if (there, at, kind) not in self._seen:
            self._seen.add((there, at, kind))
            self._waiting.append((kind, there, at, direction))
