"""The opposite of a schema, written as schemas: what ``not``, a failing ``if`` and the other branches
of a ``oneOf`` leave over.

A value breaks a schema when it breaks one of its keywords, so the opposite is a list of ways, one or
more per keyword. Where a keyword's opposite cannot be written down (``pattern``, ``enum`` ...), the
list has a way that leaves it to chance; every way is checked in the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from mockforge.mocking.data.model import Schema, Source
from mockforge.mocking.data.references import References

_JSON_TYPES: Final = ("object", "array", "string", "number", "boolean", "null")
_ANNOTATIONS: Final = frozenset(
    {
        "$dynamicAnchor", "$id", "contentEncoding", "contentMediaType", "default",
        "discriminator", "examples", "maxContains", "minContains", "readOnly", "then", "else",
        "title", "writeOnly",
    }
)  # fmt: skip

View = dict[str, Any]


def alternatives(references: References, source: Source) -> list[Source] | None:
    """Schemas of which at least one is satisfied by every value that ``source`` does not allow, the
    simplest first.

    An empty list means that ``source`` allows everything; None that nothing could be written down.
    """
    schema = source.schema
    if isinstance(schema, bool):
        return [] if schema else None
    view = references.view(schema)
    opposite = _Opposite(references, source, view)
    ways: list[Source] = []
    chance = False
    for keyword in sorted(view, key=lambda keyword: keyword in _INVOLVED):
        if keyword in _ANNOTATIONS:
            continue
        writer = _WRITERS.get(keyword)
        if writer is None:
            chance = True
        else:
            ways.extend(writer(opposite))
        chance = chance or keyword in _PARTIAL
    if "$ref" in view:
        ways.append(references.negated(references.follow(source, view["$ref"])))
    if not ways and chance:
        return None
    if chance:
        ways.append(source.beside(True))
    return ways


class _Opposite:
    """What a writer needs: the schema, and the opposites of the schemas inside it."""

    def __init__(self, references: References, source: Source, view: View) -> None:
        self.references = references
        self.source = source
        self.view = view

    def __getitem__(self, keyword: str) -> Any:
        return self.view[keyword]

    def of(self, schema: Schema) -> Schema:
        """The opposite of a schema inside this one."""
        return self.references.negated(self.source.beside(schema)).schema

    def is_involved(self, schema: Schema) -> bool:
        """Whether a schema inside this one is more than a matter of type and value."""
        return not isinstance(schema, dict) or {"enum", "const"}.isdisjoint(schema)

    def write(self, schema: Schema) -> Source:
        return self.source.beside(schema)


Writer = Callable[[_Opposite], Iterator[Source]]


def _simple(keyword: str, kind: str, opposite: str, shift: int = 0) -> Writer:
    """A bound: broken by the values of ``kind`` on its other side."""

    def ways(own: _Opposite) -> Iterator[Source]:
        bound = own[keyword] + shift
        if opposite.startswith("max") and kind != "number" and bound < 0:
            return
        yield own.write({"type": kind, opposite: bound})

    return ways


def _of_kind(kind: str) -> Writer:
    """Broken by some values of ``kind``, nobody can say which."""

    def ways(own: _Opposite) -> Iterator[Source]:
        yield own.write({"type": kind})

    return ways


def _type(own: _Opposite) -> Iterator[Source]:
    names = [own["type"]] if isinstance(own["type"], str) else own["type"]
    others = [name for name in _JSON_TYPES if name not in names]
    if others:
        yield own.write({"type": others})


def _required(own: _Opposite) -> Iterator[Source]:
    for name in own["required"]:
        yield own.write({"type": "object", "properties": {name: False}})


def _properties(own: _Opposite) -> Iterator[Source]:
    schemas = own["properties"]
    for name in sorted(schemas, key=lambda name: own.is_involved(schemas[name])):
        schema = schemas[name]
        if schema is not True and schema != {}:
            yield own.write(
                {"type": "object", "required": [name], "properties": {name: own.of(schema)}}
            )


def _additional_properties(own: _Opposite) -> Iterator[Source]:
    if own["additionalProperties"] is True:
        return
    name = "extra"
    while name in own.view.get("properties", {}):
        name += "_"
    opposite = own.of(own["additionalProperties"])
    yield own.write({"type": "object", "required": [name], "properties": {name: opposite}})


def _dependent_required(own: _Opposite) -> Iterator[Source]:
    for name, others in own["dependentRequired"].items():
        for other in others:
            yield own.write({"type": "object", "required": [name], "properties": {other: False}})


def _items(own: _Opposite) -> Iterator[Source]:
    if own["items"] is False:
        size = len(own.view.get("prefixItems", ()))
        yield own.write({"type": "array", "minItems": size + 1})
    elif own["items"] is not True and "prefixItems" not in own.view:
        yield own.write({"type": "array", "contains": own.of(own["items"])})


def _prefix_items(own: _Opposite) -> Iterator[Source]:
    for place, schema in enumerate(own["prefixItems"]):
        prefix: list[Schema] = [True] * place
        yield own.write(
            {
                "type": "array",
                "minItems": place + 1,
                "prefixItems": [*prefix, own.of(schema)],
            }
        )


def _contains(own: _Opposite) -> Iterator[Source]:
    if own.view.get("minContains", 1) >= 1:
        yield own.write({"type": "array", "items": own.of(own["contains"])})


def _unique_items(own: _Opposite) -> Iterator[Source]:
    if own["uniqueItems"]:
        twin = {"const": 0}
        yield own.write({"type": "array", "minItems": 2, "prefixItems": [twin, twin]})


def _all_of(own: _Opposite) -> Iterator[Source]:
    for schema in own["allOf"]:
        yield own.write(own.of(schema))


def _any_of(own: _Opposite) -> Iterator[Source]:
    yield own.write({"allOf": [own.of(schema) for schema in own["anyOf"]]})


def _one_of(own: _Opposite) -> Iterator[Source]:
    yield own.write({"allOf": [own.of(schema) for schema in own["oneOf"]]})


def _not(own: _Opposite) -> Iterator[Source]:
    yield own.write(own["not"])


def _if(own: _Opposite) -> Iterator[Source]:
    condition = own["if"]
    then, otherwise = own.view.get("then", True), own.view.get("else", True)
    yield own.write({"allOf": [condition, own.of(then)]})
    yield own.write({"allOf": [own.of(condition), own.of(otherwise)]})


def _with_parts(kind: str, least: str) -> Writer:
    """Broken by some values of ``kind`` that are not empty."""

    def ways(own: _Opposite) -> Iterator[Source]:
        yield own.write({"type": kind, least: 1})

    return ways


def _nothing(_own: _Opposite) -> Iterator[Source]:
    return iter(())


_WRITERS: Final[dict[str, Writer]] = {
    "$ref": _nothing,
    "type": _type,
    "minimum": _simple("minimum", "number", "exclusiveMaximum"),
    "maximum": _simple("maximum", "number", "exclusiveMinimum"),
    "exclusiveMinimum": _simple("exclusiveMinimum", "number", "maximum"),
    "exclusiveMaximum": _simple("exclusiveMaximum", "number", "minimum"),
    "multipleOf": _of_kind("number"),
    "minLength": _simple("minLength", "string", "maxLength", -1),
    "maxLength": _simple("maxLength", "string", "minLength", 1),
    "pattern": _of_kind("string"),
    "format": _of_kind("string"),
    "minItems": _simple("minItems", "array", "maxItems", -1),
    "maxItems": _simple("maxItems", "array", "minItems", 1),
    "uniqueItems": _unique_items,
    "items": _items,
    "prefixItems": _prefix_items,
    "contains": _contains,
    "minProperties": _simple("minProperties", "object", "maxProperties", -1),
    "maxProperties": _simple("maxProperties", "object", "minProperties", 1),
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional_properties,
    "dependentRequired": _dependent_required,
    "dependentSchemas": _with_parts("object", "minProperties"),
    "patternProperties": _with_parts("object", "minProperties"),
    "propertyNames": _with_parts("object", "minProperties"),
    "unevaluatedProperties": _with_parts("object", "minProperties"),
    "unevaluatedItems": _with_parts("array", "minItems"),
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
    "if": _if,
}

_INVOLVED: Final = frozenset(
    {"additionalProperties", "allOf", "anyOf", "if", "items", "not", "oneOf", "properties"}
)
"""Keywords whose opposites are further schemas to be read."""

_PARTIAL: Final = frozenset(
    {
        "additionalProperties", "contains", "dependentSchemas", "items", "oneOf",
        "patternProperties", "propertyNames", "unevaluatedItems", "unevaluatedProperties",
        "uniqueItems",
    }
)  # fmt: skip
"""Keywords whose ways are not all there are."""
