"""Folding schemas into a shape: references followed, ``allOf`` merged, bounds intersected.

One handler per keyword, in the table at the end; the order of the table is the order in which they
are read.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

from mockforge.mocking.data.discriminator import branch_labels, fold_parent
from mockforge.mocking.data.model import NUMBER_FORMATS, Source
from mockforge.mocking.data.negate import alternatives
from mockforge.mocking.data.patterns import pattern
from mockforge.mocking.data.references import References, ref_name
from mockforge.mocking.data.shape import (
    ArrayPart,
    Bound,
    Branch,
    Choice,
    Contains,
    ObjectPart,
    Shape,
    smaller,
)

View = dict[str, Any]
Handler = Callable[["Folder", Shape, View, Source], None]


class Folder:
    """Folds schemas of one document."""

    def __init__(self, references: References) -> None:
        self.references = references

    def fold_root(self, shape: Shape, source: Source) -> None:
        """Fold ``source`` and remember it as one of the schemas that values must satisfy."""
        shape.roots += (source,)
        self.fold(shape, source)

    def fold(self, shape: Shape, source: Source) -> None:
        """Add what ``source`` demands. A schema that is already in it (recursion through ``allOf``)
        adds nothing."""
        schema = source.schema
        if isinstance(schema, bool):
            if not schema:
                shape.refuse(source.problem or "the schema `false` allows no value")
            return
        if source.key in shape.seen:
            return
        shape.seen[source.key] = source
        if shape.entry is None or (source.ref is not None and not shape.names):
            shape.entry = source.key
        if source.ref is not None:
            shape.names += (ref_name(source.ref),)
        view = self.references.view(schema)
        for keyword, handle in _KEYWORDS.items():
            if keyword in view:
                handle(self, shape, view, source)

    def child(self, source: Source, schema: Any) -> Source:
        """A schema inside ``source``."""
        return self.references.child(source, schema)


def _hint(kind: str, handler: Handler) -> Handler:
    """A keyword that says something about one type, which is then likely meant."""

    def handle(folder: Folder, shape: Shape, view: View, source: Source) -> None:
        shape.hints |= {kind}
        handler(folder, shape, view, source)

    return handle


def _examples(_folder: Folder, shape: Shape, view: View, _source: Source) -> None:
    shape.examples += tuple(view["examples"])


def _default(_folder: Folder, shape: Shape, view: View, _source: Source) -> None:
    shape.default += (view["default"],)


def _title(_folder: Folder, shape: Shape, view: View, _source: Source) -> None:
    if shape.title is None:
        shape.title = view["title"]


def _ref(folder: Folder, shape: Shape, view: View, source: Source) -> None:
    if source.ref is not None and view.keys() == {"$ref"}:
        # A schema that only refers to another is an alias of it: the other's name says more.
        shape.names = shape.names[:-1]
    folder.fold(shape, folder.references.follow(source, view["$ref"]))


def _dynamic_ref(folder: Folder, shape: Shape, view: View, source: Source) -> None:
    folder.fold(shape, folder.references.follow_dynamic(source, view["$dynamicRef"]))


def _all_of(folder: Folder, shape: Shape, view: View, source: Source) -> None:
    for schema in view["allOf"]:
        folder.fold(shape, folder.child(source, schema))


def _type(_folder: Folder, shape: Shape, view: View, _source: Source) -> None:
    names = view["type"]
    shape.restrict_types([names] if isinstance(names, str) else names)


def _enum(_folder: Folder, shape: Shape, view: View, _source: Source) -> None:
    shape.restrict_values(view["enum"])


def _const(_folder: Folder, shape: Shape, view: View, _source: Source) -> None:
    shape.restrict_values([view["const"]])


def _low(keyword: str, *, exclusive: bool) -> Handler:
    def handle(_folder: Folder, shape: Shape, view: View, _source: Source) -> None:
        shape.raise_low(Bound(view[keyword], exclusive))

    return _hint("number", handle)


def _high(keyword: str, *, exclusive: bool) -> Handler:
    def handle(_folder: Folder, shape: Shape, view: View, _source: Source) -> None:
        shape.lower_high(Bound(view[keyword], exclusive))

    return _hint("number", handle)


def _multiple_of(_folder: Folder, shape: Shape, view: View, _source: Source) -> None:
    shape.multiples += (Fraction(repr(view["multipleOf"])),)


def _least(keyword: str, slot: str) -> Handler:
    def handle(_folder: Folder, shape: Shape, view: View, _source: Source) -> None:
        setattr(shape, slot, max(getattr(shape, slot), int(view[keyword])))

    return handle


def _most(keyword: str, slot: str) -> Handler:
    def handle(_folder: Folder, shape: Shape, view: View, _source: Source) -> None:
        setattr(shape, slot, smaller(getattr(shape, slot), int(view[keyword])))

    return handle


def _pattern(_folder: Folder, shape: Shape, view: View, _source: Source) -> None:
    if view["pattern"] not in shape.patterns:
        shape.patterns += (view["pattern"],)


def _format(_folder: Folder, shape: Shape, view: View, _source: Source) -> None:
    shape.hints |= {"number" if view["format"] in NUMBER_FORMATS else "string"}
    if view["format"] not in shape.formats:
        shape.formats += (view["format"],)


def _encoding(_folder: Folder, shape: Shape, view: View, _source: Source) -> None:
    shape.encoding = shape.encoding or view["contentEncoding"]


def _media_type(_folder: Folder, shape: Shape, view: View, _source: Source) -> None:
    shape.media_type = shape.media_type or view["contentMediaType"]


def _items(folder: Folder, shape: Shape, view: View, source: Source) -> None:
    prefix = tuple(folder.child(source, schema) for schema in view.get("prefixItems", ()))
    rest = folder.child(source, view["items"]) if "items" in view else None
    shape.arrays += (ArrayPart(prefix, rest),)


def _prefix_items(folder: Folder, shape: Shape, view: View, source: Source) -> None:
    if "items" not in view:
        _items(folder, shape, view, source)


def _unique_items(_folder: Folder, shape: Shape, view: View, _source: Source) -> None:
    shape.unique = shape.unique or view["uniqueItems"]


def _contains(folder: Folder, shape: Shape, view: View, source: Source) -> None:
    least, most = view.get("minContains", 1), view.get("maxContains")
    wanted = Contains(folder.child(source, view["contains"]), int(least), most and int(most))
    shape.contains += (wanted,)
    shape.residuals += (source,)


def _unevaluated_items(folder: Folder, shape: Shape, view: View, source: Source) -> None:
    if view["unevaluatedItems"] is not True:
        shape.unevaluated_items += (folder.child(source, view["unevaluatedItems"]),)
        shape.residuals += (source,)


def _properties(folder: Folder, shape: Shape, view: View, source: Source) -> None:
    named = {
        name: folder.child(source, schema) for name, schema in view.get("properties", {}).items()
    }
    patterns = tuple(
        (compiled, folder.child(source, schema))
        for text, schema in view.get("patternProperties", {}).items()
        if (compiled := pattern(text)) is not None
    )
    rest = view.get("additionalProperties", True)
    shape.objects += (
        ObjectPart(named, patterns, None if rest is True else folder.child(source, rest)),
    )


def _pattern_properties(folder: Folder, shape: Shape, view: View, source: Source) -> None:
    if "properties" not in view:
        _properties(folder, shape, view, source)


def _additional_properties(folder: Folder, shape: Shape, view: View, source: Source) -> None:
    if "properties" not in view and "patternProperties" not in view:
        _properties(folder, shape, view, source)


def _required(folder: Folder, shape: Shape, view: View, source: Source) -> None:
    properties = view.get("properties", {})
    for name in view["required"]:
        if not folder.references.excused(source.beside(properties.get(name, True))):
            shape.required[name] = None


def _property_names(folder: Folder, shape: Shape, view: View, source: Source) -> None:
    shape.name_rules += (folder.child(source, view["propertyNames"]),)


def _dependent_required(_folder: Folder, shape: Shape, view: View, _source: Source) -> None:
    for name, others in view["dependentRequired"].items():
        shape.dependents += ((name, tuple(others)),)


def _dependent_schemas(folder: Folder, shape: Shape, view: View, source: Source) -> None:
    for name, schema in view["dependentSchemas"].items():
        if schema is True:
            continue
        present = source.beside({"required": [name]})
        absent = source.beside({"not": {"required": [name]}})
        branches = (Branch((present, folder.child(source, schema))), Branch((absent,)))
        shape.choices += (Choice("dependent", branches, presence=name),)


def _unevaluated_properties(folder: Folder, shape: Shape, view: View, source: Source) -> None:
    if view["unevaluatedProperties"] is not True:
        shape.unevaluated_properties += (folder.child(source, view["unevaluatedProperties"]),)
        shape.residuals += (source,)


def _any_of(folder: Folder, shape: Shape, view: View, source: Source) -> None:
    _branches(folder, shape, view, source, "anyOf")


def _one_of(folder: Folder, shape: Shape, view: View, source: Source) -> None:
    _branches(folder, shape, view, source, "oneOf")


def _branches(folder: Folder, shape: Shape, view: View, source: Source, keyword: str) -> None:
    schemas = view[keyword]
    if len(schemas) == 1:
        folder.fold(shape, folder.child(source, schemas[0]))
        return
    labels = branch_labels(view.get("discriminator"), schemas)
    branches = tuple(
        Branch((folder.child(source, schema),), label)
        for schema, label in zip(schemas, labels, strict=True)
    )
    shape.choices += (Choice("any" if keyword == "anyOf" else "one", branches),)


def _discriminator(folder: Folder, shape: Shape, view: View, source: Source) -> None:
    if "oneOf" not in view and "anyOf" not in view:
        fold_parent(folder.references, shape, view["discriminator"], source)


def _not(folder: Folder, shape: Shape, view: View, source: Source) -> None:
    refused = folder.child(source, view["not"])
    ways = alternatives(folder.references, refused)
    if ways is not None and not ways:
        shape.refuse("`not` excludes every value")
    shape.residuals += (folder.references.negated(refused),)
    if ways is None:
        return
    if len(ways) == 1:
        folder.fold(shape, ways[0])
    elif ways:
        shape.choices += (Choice("opposite", tuple(Branch((way,)) for way in ways)),)


def _if(folder: Folder, shape: Shape, view: View, source: Source) -> None:
    condition = folder.child(source, view["if"])
    then = folder.child(source, view.get("then", True))
    otherwise = folder.child(source, view.get("else", True))
    if then.schema is True and otherwise.schema is True:
        return
    holds = Branch((condition, then))
    fails = Branch((folder.references.negated(condition), otherwise))
    shape.choices += (Choice("any", (holds, fails)),)


_KEYWORDS: Final[dict[str, Handler]] = {
    "examples": _examples,
    "default": _default,
    "$ref": _ref,
    "$dynamicRef": _dynamic_ref,
    "title": _title,
    "allOf": _all_of,
    "type": _type,
    "enum": _enum,
    "const": _const,
    "minimum": _low("minimum", exclusive=False),
    "exclusiveMinimum": _low("exclusiveMinimum", exclusive=True),
    "maximum": _high("maximum", exclusive=False),
    "exclusiveMaximum": _high("exclusiveMaximum", exclusive=True),
    "multipleOf": _hint("number", _multiple_of),
    "minLength": _hint("string", _least("minLength", "min_length")),
    "maxLength": _hint("string", _most("maxLength", "max_length")),
    "pattern": _hint("string", _pattern),
    "format": _format,
    "contentEncoding": _hint("string", _encoding),
    "contentMediaType": _hint("string", _media_type),
    "minItems": _hint("array", _least("minItems", "min_items")),
    "maxItems": _hint("array", _most("maxItems", "max_items")),
    "uniqueItems": _hint("array", _unique_items),
    "items": _hint("array", _items),
    "prefixItems": _hint("array", _prefix_items),
    "contains": _hint("array", _contains),
    "unevaluatedItems": _hint("array", _unevaluated_items),
    "properties": _hint("object", _properties),
    "patternProperties": _hint("object", _pattern_properties),
    "additionalProperties": _hint("object", _additional_properties),
    "required": _hint("object", _required),
    "minProperties": _hint("object", _least("minProperties", "min_properties")),
    "maxProperties": _hint("object", _most("maxProperties", "max_properties")),
    "propertyNames": _hint("object", _property_names),
    "dependentRequired": _hint("object", _dependent_required),
    "dependentSchemas": _hint("object", _dependent_schemas),
    "unevaluatedProperties": _hint("object", _unevaluated_properties),
    "discriminator": _discriminator,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
    "if": _if,
}
