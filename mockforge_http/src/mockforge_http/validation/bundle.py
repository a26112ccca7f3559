"""One self-contained schema for the validator, from schemas spread over a document.

The validator (jsonschema-rs) is compiled from a single JSON Schema 2020-12 document. This collects all that
a schema refers to, in the wording of 2020-12 whatever the version of OpenAPI, under ``$defs``. Only where
``$dynamicRef`` is used do the resources keep identities of their own (``$id``), because then it matters in
which resource a schema stands (JSON Schema 2020-12 core, section 7.1).
"""

from __future__ import annotations

from typing import Any, Final

from mockforge.mocking.data.dialects import normalise
from mockforge.mocking.data.model import Dialect, Direction, Schema
from mockforge.mocking.data.resolver import SchemaResolver
from mockforge_http.validation.discriminator import decided_by_property

_DROPPED: Final = frozenset(
    {
        "$id", "$dynamicAnchor", "contentEncoding", "contentMediaType", "default", "discriminator",
        "examples", "readOnly", "title", "writeOnly",
    }
)  # fmt: skip
_NAMED: Final = frozenset({"properties", "patternProperties", "dependentSchemas"})
_LISTS: Final = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_SINGLE: Final = frozenset(
    {
        "additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then",
        "unevaluatedItems", "unevaluatedProperties",
    }
)  # fmt: skip
_INTEGERS: Final = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
_MOST_SCHEMAS: Final = 20_000


class TooManySchemas(ValueError):
    """A schema hangs together with more others than are taken along."""


class _NeedsIdentities(Exception):
    """A ``$dynamicRef`` was met on the way."""


def bundle(
    schema: Schema,
    base: str,
    *,
    resolver: SchemaResolver,
    dialect: Dialect,
    direction: Direction = "request",
) -> Schema:
    """``schema``, which stands in resource ``base``, with everything it refers to.

    ``direction`` decides which properties are not required of the sender: ``readOnly`` ones in requests,
    ``writeOnly`` ones in responses. Raises what the resolver raises for a reference that leads nowhere.
    """
    if isinstance(schema, bool):
        return schema
    try:
        return _Bundle(resolver, dialect, direction).flat(schema, base)
    except _NeedsIdentities:
        return _Bundle(resolver, dialect, direction, identities=True).identified(schema, base)


class _Bundle:
    def __init__(
        self,
        resolver: SchemaResolver,
        dialect: Dialect,
        direction: Direction,
        *,
        identities: bool = False,
    ) -> None:
        self._resolver = resolver
        self._dialect = dialect
        self._hidden = "readOnly" if direction == "request" else "writeOnly"
        self._identities = identities
        self._places: dict[tuple[str, str], str] = {}
        self._queue: list[tuple[str, Schema, str]] = []
        self._resources: dict[str, dict[str, Schema]] = {}
        self._anchors: dict[str, None] = {}

    def flat(self, schema: dict[str, Any], base: str) -> Schema:
        """Everything under one ``$defs``."""
        root = self._object(schema, base)
        self._collect()
        definitions = {
            name: item for resource in self._resources.values() for name, item in resource.items()
        }
        return {**root, "$defs": definitions} if definitions else root

    def identified(self, schema: dict[str, Any], base: str) -> Schema:
        """A ``$defs`` of resources, each with its schemas and the dynamic anchors that it defines."""
        root = {**self._object(schema, base), "$id": self._uri(base)}
        anchor = schema.get("$dynamicAnchor")
        if isinstance(anchor, str):
            root["$dynamicAnchor"] = anchor
        self._collect()
        for name in self._anchors:
            for inside in list(self._resources):
                self._define_anchor(name, inside, root if inside == base else None)
        self._collect()
        own = self._resources.pop(base, {})
        others = {
            f"resource-{number}": {"$id": self._uri(inside), "$defs": definitions}
            for number, (inside, definitions) in enumerate(self._resources.items())
        }
        return {**root, "$defs": {**own, **others}}

    def _define_anchor(self, name: str, inside: str, root: dict[str, Any] | None) -> None:
        if root is not None and root.get("$dynamicAnchor") == name:
            return
        found = self._resolver.dynamic_anchor(name, inside)
        if found is not None and isinstance(found[0], dict):
            definition = self._object(found[0], found[1])
            self._resources[inside][f"anchor-{name}"] = {**definition, "$dynamicAnchor": name}

    def _collect(self) -> None:
        while self._queue:
            name, schema, inside = self._queue.pop()
            self._resource(inside)[name] = self._schema(schema, inside)

    def _resource(self, base: str) -> dict[str, Schema]:
        return self._resources.setdefault(base, {})

    def _uri(self, base: str) -> str:
        self._resource(base)
        return f"mockforge:resource/{list(self._resources).index(base)}"

    # ------------------------------------------------------------ references

    def _target(self, ref: str, base: str) -> str:
        """The reference to write for ``ref`` in ``base``."""
        place = self._places.get((ref, base))
        if place is None:
            if len(self._places) >= _MOST_SCHEMAS:
                raise TooManySchemas(f"more than {_MOST_SCHEMAS} schemas hang together")
            schema, inside = self._resolver.resolve(ref, base)
            name = f"s{len(self._places)}"
            prefix = self._uri(inside) if self._identities else ""
            place = self._places[ref, base] = f"{prefix}#/$defs/{name}"
            self._queue.append((name, schema, inside))
        return place

    def _dynamic(self, ref: str, base: str) -> dict[str, str]:
        """What to write for a ``$dynamicRef``; it is one only if its target has the anchor."""
        if not self._identities:
            raise _NeedsIdentities
        schema, inside = self._resolver.resolve(ref, base)
        anchor = ref.rpartition("#")[2]
        if isinstance(schema, dict) and schema.get("$dynamicAnchor") == anchor:
            self._anchors[anchor] = None
            return {"$dynamicRef": f"{self._uri(inside)}#{anchor}"}
        return {"$ref": self._target(ref, base)}

    # ------------------------------------------------------------ schemas

    def _schema(self, schema: Schema, base: str) -> Schema:
        return schema if isinstance(schema, bool) else self._object(schema, base)

    def _object(self, schema: dict[str, Any], base: str) -> dict[str, Any]:
        plain = normalise(schema, self._dialect)
        identifier = plain.get("$id")
        if isinstance(identifier, str) and self._dialect == "2020-12":
            base = self._resolver.rebase(identifier, base)
        made: dict[str, Any] = {}
        for keyword, value in plain.items():
            if keyword == "$ref":
                made["$ref"] = self._target(value, base)
            elif keyword == "$dynamicRef":
                made.update(self._dynamic(value, base))
            elif keyword in _NAMED:
                made[keyword] = {name: self._schema(item, base) for name, item in value.items()}
            elif keyword in _LISTS:
                made[keyword] = [self._schema(item, base) for item in value]
            elif keyword in _SINGLE:
                made[keyword] = self._schema(value, base)
            elif keyword not in _DROPPED:
                made[keyword] = value
        self._excuse(plain, made, base)
        _bound_integers(plain, made)
        decided_by_property(plain, made)
        return made

    def _excuse(self, plain: dict[str, Any], made: dict[str, Any], base: str) -> None:
        """Take properties that the sender has no business with out of ``required``."""
        required, properties = plain.get("required"), plain.get("properties")
        if not (required and properties):
            return
        kept = [name for name in required if not self._is_hidden(properties.get(name), base)]
        if kept:
            made["required"] = kept
        else:
            del made["required"]

    def _is_hidden(self, schema: Any, base: str) -> bool:
        if not isinstance(schema, dict):
            return False
        if schema.get(self._hidden) is True:
            return True
        ref = schema.get("$ref")
        if not isinstance(ref, str):
            return False
        target, _ = self._resolver.resolve(ref, base)
        return isinstance(target, dict) and target.get(self._hidden) is True


def _bound_integers(plain: dict[str, Any], made: dict[str, Any]) -> None:
    """``int32`` and ``int64`` are ranges (OpenAPI format registry); the validator knows no such formats."""
    limits = _INTEGERS.get(plain.get("format", ""))
    if limits is not None:
        del made["format"]
        made["minimum"] = max(made.get("minimum", limits[0]), limits[0])
        made["maximum"] = min(made.get("maximum", limits[1]), limits[1])
