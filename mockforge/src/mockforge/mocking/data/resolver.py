"""Where references lead: the protocol that callers implement, and a resolver over schemas in memory.

A layer that knows a kind of document (OpenAPI, AsyncAPI) brings its own resolver; for plain JSON
Schemas there is :class:`SchemaStore`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol
from urllib.parse import unquote, urldefrag, urljoin

from mockforge.errors import DocumentError, Place
from mockforge.mocking.data.model import Schema


class SchemaResolver(Protocol):
    """Finds what a reference names. ``base`` identifies the resource (file, or schema with an
    ``$id``) that a reference stands in; its form is the resolver's own, except that equal resources
    have equal bases."""

    def resolve(self, ref: str, base: str) -> tuple[Schema, str]:
        """The schema that ``ref`` (pointer, ``$anchor``, ``$dynamicAnchor``, ``$id``, other file)
        names, and the base inside it. Raises a :class:`~mockforge.errors.MockForgeError` when there
        is none."""

    def rebase(self, identifier: str, base: str) -> str:
        """The base inside a schema whose ``$id`` is ``identifier`` and which stands in ``base``."""

    def dynamic_anchor(self, anchor: str, base: str) -> tuple[Schema, str] | None:
        """The schema in the resource ``base`` that has ``"$dynamicAnchor": anchor``, if any (JSON
        Schema 2020-12 core, section 8.2.3.2)."""


_ONE: Final = frozenset(
    {
        "additionalItems", "additionalProperties", "contains", "contentSchema", "else", "if",
        "items", "not", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties",
    }
)  # fmt: skip
_LIST: Final = frozenset({"allOf", "anyOf", "oneOf", "prefixItems", "items"})
_NAMED: Final = frozenset(
    {
        "$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties",
        "properties",
    }
)  # fmt: skip


def subschemas(schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The schemas directly inside ``schema``, in all the places the drafts know."""
    for keyword, value in schema.items():
        if isinstance(value, dict):
            if keyword in _ONE:
                yield value
            elif keyword in _NAMED:
                yield from (item for item in value.values() if isinstance(item, dict))
        elif isinstance(value, list) and keyword in _LIST:
            yield from (item for item in value if isinstance(item, dict))


class SchemaStore:
    """A resolver over schemas held in memory, each under the URI it was added with.

    Knows pointers, ``$id``, ``$anchor`` and ``$dynamicAnchor``. Nothing is ever fetched.
    """

    def __init__(self, documents: Mapping[str, Schema] | None = None) -> None:
        self._resources: dict[str, Schema] = {}
        self._anchors: dict[tuple[str, str], dict[str, Any]] = {}
        self._dynamic: dict[tuple[str, str], dict[str, Any]] = {}
        for uri, schema in (documents or {}).items():
            self.add(uri, schema)

    def add(self, uri: str, schema: Schema) -> str:
        """Take in ``schema``; the base to read it with is returned (its ``$id`` if it has one)."""
        base = urldefrag(uri).url
        self._resources[base] = schema
        return self._index(schema, base) if isinstance(schema, dict) else base

    def _index(self, root: dict[str, Any], base: str) -> str:
        """Note the resources and anchors in ``root``; the base inside it is returned."""
        first = self._enter(root, base)
        todo = [(root, first)]
        while todo:
            schema, inside = todo.pop()
            todo.extend((inner, self._enter(inner, inside)) for inner in subschemas(schema))
        return first

    def _enter(self, schema: dict[str, Any], base: str) -> str:
        identifier = schema.get("$id")
        if isinstance(identifier, str):
            base = self.rebase(identifier, base)
            self._resources[base] = schema
        anchor, dynamic = schema.get("$anchor"), schema.get("$dynamicAnchor")
        if isinstance(anchor, str):
            self._anchors[base, anchor] = schema
        if isinstance(dynamic, str):
            self._anchors[base, dynamic] = self._dynamic[base, dynamic] = schema
        return base

    def resolve(self, ref: str, base: str) -> tuple[Schema, str]:
        """See :meth:`SchemaResolver.resolve`; :class:`~mockforge.errors.DocumentError` if unknown."""
        url, fragment = urldefrag(_joined(base, ref))
        if url not in self._resources:
            raise DocumentError(f"nothing is known under {ref!r}", place=Place(base or None))
        fragment = unquote(fragment)
        schema = self._resources[url]
        if not fragment:
            return schema, url
        if not fragment.startswith("/"):
            if (url, fragment) not in self._anchors:
                raise DocumentError(f"no anchor {fragment!r}, named by {ref!r}", place=Place(url))
            return self._anchors[url, fragment], url
        return self._walk(schema, fragment, url)

    def _walk(self, start: Schema, pointer: str, base: str) -> tuple[Schema, str]:
        node: Any = start
        for raw in pointer.split("/")[1:]:
            token = raw.replace("~1", "/").replace("~0", "~")
            if isinstance(node, dict) and token in node:
                node = node[token]
            elif isinstance(node, list) and token.isdecimal() and int(token) < len(node):
                node = node[int(token)]
            else:
                raise DocumentError(f"nothing at {pointer!r}", place=Place(base or None))
            if isinstance(node, dict) and isinstance(node.get("$id"), str):
                base = self.rebase(node["$id"], base)
        if not isinstance(node, dict | bool):
            raise DocumentError(f"no schema at {pointer!r}", place=Place(base or None))
        return node, base

    def rebase(self, identifier: str, base: str) -> str:
        """See :meth:`SchemaResolver.rebase`."""
        return urldefrag(_joined(base, identifier)).url

    def dynamic_anchor(self, anchor: str, base: str) -> tuple[Schema, str] | None:
        """See :meth:`SchemaResolver.dynamic_anchor`."""
        found = self._dynamic.get((base, anchor))
        return None if found is None else (found, base)


def _joined(base: str, ref: str) -> str:
    """``ref`` relative to ``base``; unlike ``urljoin``, also where ``base`` is a URN."""
    return base + ref if ref.startswith("#") else urljoin(base, ref)
