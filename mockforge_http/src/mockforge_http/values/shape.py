"""What a schema says about the form of a value: which types it may have, what its members and items are.

Parsers of formats without types of their own (parameters, forms, XML) ask it what a text means. OpenAPI
3.2.1 section 4.21 ("Non-JSON Data") asks to look through ``$ref`` and ``allOf``; ``anyOf`` and ``oneOf``
are looked through too, as alternatives. What is not said stays open, and text stays text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from mockforge_http.render.schema import SchemaNode
from mockforge_http.values.scalars import SCALARS, Converter, converter

Conjunction = tuple[SchemaNode, ...]
"""Object schemas that all apply."""

_MOST_ALTERNATIVES: Final = 64
"""Beyond that many, further ``anyOf`` and ``oneOf`` are not looked into."""
_DEEPEST: Final = 50
_NUMBERS: Final = frozenset({"integer", "number"})
_ALL: Final = SCALARS | {"array", "object"}
_OPEN: Final[tuple[Conjunction, ...]] = ((),)
_CONDITIONS: Final = ("if", "then", "else")


class Shape:
    """The form of a value, worked out lazily; immutable to its users.

    ``kinds`` are the JSON types that the schema allows (``number`` always with ``integer``). ``open`` is
    true if an alternative leaves the type unsaid. ``scalar``, ``array`` and ``object`` say which forms
    make sense: the types, or, where the type is unsaid, what the other keywords are about. ``convert``
    turns a text into a scalar.
    """

    __slots__ = (
        "_alternatives",
        "_extra",
        "_items",
        "_of_arrays",
        "_of_objects",
        "_prefix",
        "_properties",
        "array",
        "convert",
        "kinds",
        "object",
        "open",
        "scalar",
    )

    def __init__(
        self, alternatives: Iterable[Conjunction], hints: frozenset[str] = frozenset()
    ) -> None:
        # A schema that nothing satisfies says nothing about the form either.
        self._alternatives = tuple(alternatives) or _OPEN
        kinds: set[str] = set()
        self.open = self.array = self.object = self.scalar = False
        self._of_arrays: list[Conjunction] = []
        self._of_objects: list[Conjunction] = []
        for conjunction in self._alternatives:
            allowed = _kinds(conjunction)
            if allowed is None or "array" in allowed:
                self._of_arrays.append(conjunction)
            if allowed is None or "object" in allowed:
                self._of_objects.append(conjunction)
            if allowed is None:
                self.open = True
                about_arrays = _has(conjunction, "items", "prefixItems")
                about_objects = _has(conjunction, "properties", "additionalProperties")
                self.array |= about_arrays
                self.object |= about_objects
                self.scalar |= not (about_arrays or about_objects)
            else:
                kinds |= allowed
        self.array |= "array" in kinds
        self.object |= "object" in kinds
        # Null alone does not make a scalar: a nullable array is still sent as an array.
        self.scalar |= bool(kinds & SCALARS - {"null"}) or not (self.array or self.object)
        self.kinds = frozenset(_ALL) if self.open else frozenset(kinds)
        text_kinds = hints | {"string"} if self.open else frozenset(kinds)
        self.convert: Converter = converter(text_kinds & SCALARS)
        self._properties: dict[str, Shape] | None = None
        self._extra: Shape | None = None
        self._items: dict[int, Shape] = {}
        self._prefix = -1

    @property
    def textual(self) -> bool:
        """Whether a string is allowed."""
        return self.open or "string" in self.kinds

    @property
    def free(self) -> bool:
        """Whether nothing at all is said about the form."""
        return self.open and self.scalar and not (self.array or self.object)

    def is_item(self, value: Any) -> bool:
        """Whether a scalar that stands alone is the only item of an array: no scalar is allowed, or
        only listed ones (``enum``, ``const``) that it is not among."""
        if not self.scalar:
            return self.array
        return self.array and all(_excludes(meaning, value) for meaning in self._alternatives)

    def nodes(self) -> Iterator[SchemaNode]:
        """Every schema that applies or may apply, nearest first."""
        seen: set[int] = set()
        for conjunction in self._alternatives:
            for node in conjunction:
                if id(node.schema) not in seen:
                    seen.add(id(node.schema))
                    yield node

    def find(self, keyword: str) -> Any:
        """The nearest value of ``keyword``, or ``None``."""
        return next((n.schema[keyword] for n in self.nodes() if keyword in n.schema), None)

    # ------------------------------------------------------------------ objects

    def properties(self) -> dict[str, Shape]:
        """The declared properties."""
        if self._properties is None:
            names: dict[str, None] = {}
            for node in self.nodes():
                declared = node.schema.get("properties")
                if isinstance(declared, dict):
                    names.update(dict.fromkeys(declared))
            self._properties = {name: self._member(name) for name in names}
        return self._properties

    def member(self, name: str) -> Shape:
        """The shape of member ``name``, declared or not."""
        declared = self.properties().get(name)
        return declared if declared is not None else self.extra()

    def extra(self) -> Shape:
        """The shape of members that are not declared."""
        if self._extra is None:
            found: list[Conjunction] = []
            for conjunction in self._of_objects:
                parts = [part for node in conjunction for part in _extras(node)]
                found += _union(parts) if parts else _OPEN
            self._extra = Shape(_bounded(found))
        return self._extra

    @property
    def takes_any_name(self) -> bool:
        """Whether members beyond the declared ones are *meant*: additional ones are described, or none
        is declared and none is forbidden."""
        if any(_extras(node) for node in self.nodes()):
            return True
        said = any(node.schema.get("additionalProperties") is True for node in self.nodes())
        return said or not (self.properties() or self._closed())

    def _closed(self) -> bool:
        return any(node.schema.get("additionalProperties") is False for node in self.nodes())

    def _member(self, name: str) -> Shape:
        found: list[Conjunction] = []
        hints: set[str] = set()
        silent = False
        for conjunction in self._of_objects:
            parts = [part for node in conjunction for part in _declared(node, name)]
            found += _intersection(parts)
            silent |= not parts
            for node in conjunction:
                hints |= _hinted(node, name)
        if silent:
            # An alternative that does not speak of the member allows what the others mean by it.
            for meaning in found:
                hints |= (_kinds(meaning) or frozenset()) - {"null"}
        return Shape(_bounded(found), frozenset(hints))

    # ------------------------------------------------------------------ arrays

    def item(self, position: int = 0) -> Shape:
        """The shape of the item at ``position``."""
        if position:
            position = min(position, self._fixed())
        known = self._items.get(position)
        if known is None:
            found: list[Conjunction] = []
            for conjunction in self._of_arrays:
                parts = [part for node in conjunction for part in _item(node, position)]
                found += _intersection(parts)
            known = self._items[position] = Shape(_bounded(found))
        return known

    @property
    def uniform(self) -> bool:
        """Whether all items have the same shape."""
        return self._fixed() == 0

    def _fixed(self) -> int:
        """How many items have a shape by their position."""
        if self._prefix < 0:
            self._prefix = max((len(_prefix_items(node)) for node in self.nodes()), default=0)
        return self._prefix


def shape_of(node: SchemaNode | None) -> Shape:
    """The shape that ``node`` describes; ``None`` describes nothing."""
    return Shape(_expand(node, frozenset(), 0)) if node is not None else Shape(_OPEN)


def list_of(item: Shape) -> Shape:
    """The shape of an array with such items."""
    shape = Shape(_OPEN)
    shape.kinds, shape.open = frozenset({"array"}), False
    shape.array, shape.scalar = True, False
    shape._items = {0: item}
    return shape


# ---------------------------------------------------------------------- schemas to alternatives


def _expand(node: SchemaNode, seen: frozenset[tuple[str, str]], depth: int) -> list[Conjunction]:
    """The schema as alternatives, each a list of schemas that all apply (disjunctive normal form)."""
    if node.schema is False:
        return []
    if not isinstance(node.schema, dict) or depth > _DEEPEST:
        return list(_OPEN)
    result: list[Conjunction] = [(node,)]
    ref = node.schema.get("$ref")
    if isinstance(ref, str) and (ref, node.base) not in seen:
        target = _target(node, ref)
        if target is not None:
            result = _both(result, _expand(target, seen | {(ref, node.base)}, depth + 1))
    for part in _list(node.schema, "allOf"):
        result = _both(result, _expand(node.child(part), seen, depth + 1))
    for keyword in ("anyOf", "oneOf"):
        branches = _list(node.schema, keyword)
        if branches:
            either = [
                conjunction
                for branch in branches
                for conjunction in _expand(node.child(branch), seen, depth + 1)
            ]
            result = _both(result, either)
    return result


def _target(node: SchemaNode, ref: str) -> SchemaNode | None:
    try:
        schema, base = node.resolver.resolve(ref, node.base)
    except LookupError:
        # Reported when the document was loaded; what is not there says nothing.
        return None
    return SchemaNode(schema, base, node.resolver)


def _both(left: list[Conjunction], right: list[Conjunction]) -> list[Conjunction]:
    if len(left) * len(right) > _MOST_ALTERNATIVES:
        return left
    return [a + b for a in left for b in right]


def _intersection(parts: list[SchemaNode]) -> list[Conjunction]:
    result = list(_OPEN)
    for part in parts:
        result = _both(result, _expand(part, frozenset(), 0))
    return result


def _union(parts: list[SchemaNode]) -> list[Conjunction]:
    return [conjunction for part in parts for conjunction in _expand(part, frozenset(), 0)]


def _bounded(alternatives: list[Conjunction]) -> list[Conjunction]:
    return alternatives if len(alternatives) <= _MOST_ALTERNATIVES else list(_OPEN)


def _list(schema: dict[str, Any], keyword: str) -> list[Any]:
    value = schema.get(keyword)
    return value if isinstance(value, list) else []


def _has(conjunction: Conjunction, *keywords: str) -> bool:
    return any(keyword in node.schema for node in conjunction for keyword in keywords)


# ---------------------------------------------------------------------- types


def _kinds(conjunction: Conjunction) -> frozenset[str] | None:
    """The types that all of the schemas allow; ``None`` if none of them says any."""
    found: frozenset[str] | None = None
    for node in conjunction:
        own = _own_kinds(node.schema)
        if own is not None:
            found = own if found is None else found & own
    return found


def _own_kinds(schema: dict[str, Any]) -> frozenset[str] | None:
    found: frozenset[str] | None = None
    declared = schema.get("type")
    if declared is not None:
        names = declared if isinstance(declared, list) else [declared]
        kinds = {name for name in names if isinstance(name, str) and name in _ALL}
        if "number" in kinds:
            kinds.add("integer")
        if "file" in names:  # Swagger 2.0
            kinds.add("string")
        if schema.get("nullable") is True:
            kinds.add("null")
        found = frozenset(kinds) if kinds else None
    values = _listed(schema)
    if isinstance(values, list) and values:
        listed = frozenset(kind for value in values for kind in _kinds_of(value))
        found = listed if found is None else found & listed or found
    return found


def _kinds_of(value: Any) -> tuple[str, ...]:
    if value is None:
        return ("null",)
    if isinstance(value, bool):
        return ("boolean",)
    if isinstance(value, int):
        return ("integer",)
    if isinstance(value, str):
        return ("string",)
    return ("array",) if isinstance(value, list) else ("object",) if isinstance(value, dict) else (
        "integer", "number",
    )  # fmt: skip


def _excludes(conjunction: Conjunction, value: Any) -> bool:
    """Whether a scalar cannot be meant: another type is asked for, or others are listed."""
    kinds = _kinds(conjunction)
    if kinds is None:
        if _has(conjunction, "items", "prefixItems", "properties", "additionalProperties"):
            return True
    elif not kinds & SCALARS:
        return True
    return any(
        value not in listed
        for node in conjunction
        if isinstance(listed := _listed(node.schema), list) and listed
    )


def _listed(schema: dict[str, Any]) -> Any:
    return [schema["const"]] if "const" in schema else schema.get("enum")


# ---------------------------------------------------------------------- members and items


def _declared(node: SchemaNode, name: str) -> list[SchemaNode]:
    properties = node.schema.get("properties")
    if isinstance(properties, dict) and name in properties:
        return [node.child(properties[name])]
    additional = node.schema.get("additionalProperties")
    return [node.child(additional)] if isinstance(additional, dict) else []


def _extras(node: SchemaNode) -> list[SchemaNode]:
    """What describes members that are not declared. Patterns are not matched against names: a name may
    be any of them."""
    found: list[SchemaNode] = []
    patterns = node.schema.get("patternProperties")
    if isinstance(patterns, dict):
        found += [node.child(schema) for schema in patterns.values()]
    for keyword in ("additionalProperties", "unevaluatedProperties"):
        if isinstance(node.schema.get(keyword), dict):
            found.append(node.child(node.schema[keyword]))
    return found


def _hinted(node: SchemaNode, name: str) -> frozenset[str]:
    """Types that a condition of ``node`` asks of member ``name``: not required, but looked for."""
    hints: frozenset[str] = frozenset()
    for keyword in _CONDITIONS:
        if keyword in node.schema:
            prop = node.child(node.schema[keyword]).property(name)
            kinds = _own_kinds(prop.schema) if prop and isinstance(prop.schema, dict) else None
            hints |= kinds or frozenset()
    return hints


def _prefix_items(node: SchemaNode) -> list[Any]:
    prefix = _list(node.schema, "prefixItems")
    return prefix or _list(node.schema, "items")


def _item(node: SchemaNode, position: int) -> list[SchemaNode]:
    prefix = _prefix_items(node)
    if position < len(prefix):
        return [node.child(prefix[position])]
    for keyword in ("items", "additionalItems"):
        schema = node.schema.get(keyword)
        if isinstance(schema, dict):
            return [node.child(schema)]
    return []
