"""A schema as renderers see it: references followed, the parts of ``allOf`` seen as one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol


class Resolver(Protocol):
    """What follows ``$ref``; the document is one."""

    def resolve(self, ref: str, base: str) -> tuple[Any, str]:
        """The schema that ``ref`` names when it stands in resource ``base``, and its own base."""
        ...


class SchemaNode:
    """A schema, the resource its relative references belong to, and who resolves them."""

    __slots__ = ("base", "resolver", "schema")

    def __init__(self, schema: Any, base: str, resolver: Resolver) -> None:
        self.schema = schema
        self.base = base
        self.resolver = resolver

    def child(self, schema: Any) -> SchemaNode:
        """A subschema of the same resource."""
        return SchemaNode(schema, self.base, self.resolver)

    def views(self, seen: set[tuple[str, str]] | None = None) -> Iterator[SchemaNode]:
        """Every object schema that applies here or may apply, each reference followed once: this one,
        the parts of ``allOf`` written out in it, what it refers to, the other parts, then the branches
        of ``anyOf`` and ``oneOf``. What stands nearer says more about this place."""
        if not isinstance(self.schema, dict):
            return
        seen = set() if seen is None else seen
        yield self
        parts = [self.child(part) for part in self.schema.get("allOf") or ()]
        for part in parts:
            if not part.is_reference:
                yield from part.views(seen)
        ref = self.schema.get("$ref")
        if isinstance(ref, str) and (ref, self.base) not in seen:
            seen.add((ref, self.base))
            schema, base = self.resolver.resolve(ref, self.base)
            yield from SchemaNode(schema, base, self.resolver).views(seen)
        for part in parts:
            if part.is_reference:
                yield from part.views(seen)
        for keyword in ("anyOf", "oneOf"):
            for branch in self.schema.get(keyword) or ():
                yield from self.child(branch).views(seen)

    @property
    def is_reference(self) -> bool:
        """Whether the schema is written as a reference."""
        return isinstance(self.schema, dict) and "$ref" in self.schema

    def gathered(self, keyword: str) -> dict[str, Any]:
        """The members of all objects under ``keyword``, the nearest value of each."""
        found: dict[str, Any] = {}
        for view in self.views():
            value = view.schema.get(keyword)
            if isinstance(value, dict):
                for name, member in value.items():
                    found.setdefault(name, member)
        return found

    def find(self, keyword: str) -> tuple[Any, SchemaNode] | None:
        """The nearest value of ``keyword`` and the node it stands in."""
        for view in self.views():
            if keyword in view.schema:
                return view.schema[keyword], view
        return None

    def property(self, name: str) -> SchemaNode | None:
        """The schema of property ``name``."""
        for view in self.views():
            properties = view.schema.get("properties")
            if isinstance(properties, dict) and name in properties:
                return view.child(properties[name])
        extra = self.find("additionalProperties")
        return extra[1].child(extra[0]) if extra and isinstance(extra[0], dict) else None

    def items(self) -> SchemaNode | None:
        """The schema of array items."""
        found = self.find("items")
        return found[1].child(found[0]) if found else None

    def name(self) -> str | None:
        """The component's name, when the schema is a reference to one."""
        ref = self.schema.get("$ref") if isinstance(self.schema, dict) else None
        return ref.rpartition("/")[2] if isinstance(ref, str) and "/" in ref else None
