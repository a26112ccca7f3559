"""One self-contained schema for the validator, from schemas spread over a document.

The validator (jsonschema-rs) is compiled from a single JSON Schema 2020-12 document. This collects all that
a schema refers to, in the wording of 2020-12 whatever the version of OpenAPI, under ``$defs``. Only where
``$dynamicRef`` is used do the resources keep identities of their own (``$id``), because then it matters in
which resource a schema stands (JSON Schema 2020-12 core, section 7.1).
"""

from __future__ import annotations

from typing import Any, Final

from mockforge.errors import MockForgeError
from mockforge.mocking.data.dialects import normalise
from mockforge.mocking.data.model import Dialect, Direction, Schema
from mockforge.mocking.data.resolver import SchemaResolver
from mockforge_http.validation.discriminator import Discriminators
from mockforge_http.validation.formats import settle
from mockforge_http.validation.hidden import NO_NAMES, Hidden, Names
from mockforge_http.validation.patterns import KEYWORD, Prepared, prepare
from mockforge_http.validation.vocabulary import Vocabularies

_DROPPED: Final = frozenset(
    {
        "$id", "$dynamicAnchor", "contentEncoding", "contentMediaType", "default", "discriminator",
        "examples", "readOnly", "title", "writeOnly",
    }
)  # fmt: skip
_NAMED: Final = frozenset({"properties", "dependentSchemas"})
_LISTS: Final = frozenset({"anyOf", "oneOf", "prefixItems"})
_SINGLE: Final = frozenset(
    {
        "additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then",
        "unevaluatedItems", "unevaluatedProperties",
    }
)  # fmt: skip
_CLOSING: Final = ("additionalProperties", "unevaluatedProperties")
_MOST_SCHEMAS: Final = 20_000


class TooManySchemasError(ValueError):
    """A schema hangs together with more others than are taken along."""


class _IdentitiesNeededError(Exception):
    """A ``$dynamicRef`` was met on the way."""


class Bundle:
    """The result: ``schema`` is self-contained, ``patterns`` leads from patterns in it to how the document
    wrote them (where that differs). ``problems`` says what could not be taken along, a sentence each:
    patterns that are no regular expressions, references that lead nowhere. Nothing is asked of a value
    there."""

    __slots__ = ("patterns", "problems", "schema")

    def __init__(self, schema: Schema, patterns: dict[str, str], problems: list[str]) -> None:
        self.schema = schema
        self.patterns = patterns
        self.problems = problems


def bundle(
    schema: Schema,
    base: str,
    *,
    resolver: SchemaResolver,
    dialect: Dialect,
    direction: Direction = "request",
    metaschema: str | None = None,
) -> Bundle:
    """``schema``, which stands in resource ``base``, with everything it refers to.

    ``direction`` decides which properties are not required of the sender: ``readOnly`` ones in requests,
    ``writeOnly`` ones in responses. ``metaschema`` is the document's ``jsonSchemaDialect``.
    :class:`TooManySchemasError` is raised where more hangs together than is reasonable.
    """
    if isinstance(schema, bool):
        return Bundle(schema, {}, [])
    bundler = _Bundler(resolver, dialect, direction, metaschema)
    try:
        return bundler.result(bundler.flat(schema, base))
    except _IdentitiesNeededError:
        bundler = _Bundler(resolver, dialect, direction, metaschema, identities=True)
        return bundler.result(bundler.identified(schema, base))


class _Bundler:
    def __init__(
        self,
        resolver: SchemaResolver,
        dialect: Dialect,
        direction: Direction,
        metaschema: str | None,
        *,
        identities: bool = False,
    ) -> None:
        self._resolver = resolver
        self._dialect = dialect
        self._identities = identities
        self._hidden = Hidden(self._resolve, direction)
        self._discriminators = Discriminators(self._resolve, dialect)
        self._vocabularies = Vocabularies(resolver.resolve, metaschema)
        self._resolved: dict[tuple[str, str], tuple[Schema, str]] = {}
        self._places: dict[tuple[str, str, Names], str] = {}
        self._queue: list[tuple[str, Schema, str, Names]] = []
        self._resources: dict[str, dict[str, Schema]] = {}
        self._numbers: dict[str, int] = {}
        self._placed = 0
        self._anchors: dict[str, None] = {}
        self._patterns: dict[str, str] = {}
        self._problems: dict[str, None] = {}

    def result(self, schema: Schema) -> Bundle:
        return Bundle(schema, self._patterns, list(self._problems))

    def flat(self, schema: dict[str, Any], base: str) -> Schema:
        """Everything under one ``$defs``."""
        root = self._object(schema, self._inside(schema, base))
        self._collect()
        definitions = {
            name: item for resource in self._resources.values() for name, item in resource.items()
        }
        return {**root, "$defs": definitions} if definitions else root

    def identified(self, schema: dict[str, Any], base: str) -> Schema:
        """A ``$defs`` of resources, each with its schemas and the dynamic anchors that it defines."""
        base = self._inside(schema, base)
        root = {"$id": self._uri(base), "$ref": self._place(schema, base)}
        self._collect()
        defined: set[tuple[str, str]] = set()
        while wanted := [
            (name, inside)
            for name in self._anchors
            for inside in self._resources
            if (name, inside) not in defined
        ]:
            for name, inside in wanted:
                defined.add((name, inside))
                self._define_anchor(name, inside)
            self._collect()
        own = self._resources.pop(base, {})
        others = {
            f"r{self._numbers[inside]}": {"$id": self._uri(inside), "$defs": definitions}
            for inside, definitions in list(self._resources.items())
        }
        return {**root, "$defs": {**own, **others}}

    def _define_anchor(self, name: str, inside: str) -> None:
        found = self._resolver.dynamic_anchor(name, inside)
        if found is not None and isinstance(found[0], dict):
            definition = self._object(found[0], found[1])
            self._resources[inside][f"anchor-{name}"] = {**definition, "$dynamicAnchor": name}

    def _collect(self) -> None:
        while self._queue:
            name, schema, inside, excused = self._queue.pop()
            made = schema if isinstance(schema, bool) else self._object(schema, inside, excused)
            self._resource(inside)[name] = made

    def _resource(self, base: str) -> dict[str, Schema]:
        return self._resources.setdefault(base, {})

    def _uri(self, base: str) -> str:
        self._resource(base)
        return f"mockforge:resource/{self._numbers.setdefault(base, len(self._numbers))}"

    # ------------------------------------------------------------------ references

    def _resolve(self, ref: str, base: str) -> tuple[Schema, str]:
        known = self._resolved.get((ref, base))
        if known is None:
            try:
                known = self._resolver.resolve(ref, base)
            except MockForgeError as error:
                self._problems[f"the reference {ref} is not followed: {error}"] = None
                known = (True, base)
            self._resolved[ref, base] = known
        return known

    def _inside(self, schema: Schema, base: str) -> str:
        """The base within ``schema``: its ``$id``, if it has one."""
        if self._dialect == "2020-12" and isinstance(schema, dict):
            identifier = schema.get("$id")
            if isinstance(identifier, str):
                return self._resolver.rebase(identifier, base)
        return base

    def _target(self, ref: str, base: str, excused: Names = NO_NAMES) -> str:
        """The reference to write for ``ref`` in ``base``."""
        place = self._places.get((ref, base, excused))
        if place is None:
            schema, inside = self._resolve(ref, base)
            place = self._places[ref, base, excused] = self._place(schema, inside, excused)
        return place

    def _place(self, schema: Schema, inside: str, excused: Names = NO_NAMES) -> str:
        """A reference to ``schema``, which is put among the ``$defs``."""
        if self._placed >= _MOST_SCHEMAS:
            raise TooManySchemasError(f"more than {_MOST_SCHEMAS} schemas hang together")
        name = f"s{self._placed}"
        self._placed += 1
        self._queue.append((name, schema, inside, excused))
        prefix = self._uri(inside) if self._identities else ""
        return f"{prefix}#/$defs/{name}"

    def _dynamic(self, ref: str, base: str) -> dict[str, str]:
        """What to write for a ``$dynamicRef``; it is one only if its target has the anchor."""
        if not self._identities:
            raise _IdentitiesNeededError
        schema, inside = self._resolve(ref, base)
        anchor = ref.rpartition("#")[2]
        if isinstance(schema, dict) and anchor and schema.get("$dynamicAnchor") == anchor:
            self._anchors[anchor] = None
            return {"$dynamicRef": f"{self._uri(inside)}#{anchor}"}
        return {"$ref": self._target(ref, base)}

    # ------------------------------------------------------------------ schemas

    def _schema(self, schema: Schema, base: str, excused: Names = NO_NAMES) -> Schema:
        if isinstance(schema, bool):
            return schema
        inside = self._inside(schema, base)
        if inside != base and self._identities:
            return {"$ref": self._place(schema, inside)}
        return self._object(schema, inside, excused)

    def _object(
        self, schema: dict[str, Any], base: str, excused: Names = NO_NAMES
    ) -> dict[str, Any]:
        plain = self._vocabularies.understood(schema, normalise(schema, self._dialect), base)
        if schema.get("x-nullable") is True and self._dialect != "2020-12":
            _allow_null(plain)
        if "allOf" in plain or "required" in plain:
            excused |= self._hidden.excused(plain, base)
        made: dict[str, Any] = {}
        for keyword, value in plain.items():
            if keyword == "$ref":
                made["$ref"] = self._reference(value, base, excused)
            elif keyword == "allOf":
                made.setdefault("allOf", []).extend(
                    self._schema(part, base, excused) for part in value
                )
            elif keyword in _NAMED:
                made[keyword] = {name: self._schema(item, base) for name, item in value.items()}
            elif keyword in _LISTS:
                made[keyword] = [self._schema(item, base) for item in value]
            elif keyword in _SINGLE:
                made[keyword] = self._schema(value, base)
            elif keyword == "required":
                self._require(value, excused, made)
            elif keyword == "pattern":
                self._pattern(value, made)
            elif keyword == "$dynamicRef":
                _all_of(made, self._dynamic(value, base))
            elif keyword not in _DROPPED and keyword != "patternProperties":
                made[keyword] = value
        self._settle(plain, made, base)
        return made

    def _settle(self, plain: dict[str, Any], made: dict[str, Any], base: str) -> None:
        """What depends on more than one keyword."""
        if isinstance(made.get("type"), list):
            made["type"] = list(dict.fromkeys(made["type"]))
        if "format" in made:
            settle(made)
        if "dependentRequired" in made:
            made["dependentRequired"] = {
                name: list(dict.fromkeys(names))
                for name, names in made["dependentRequired"].items()
            }
        if "patternProperties" in plain:
            self._pattern_properties(plain["patternProperties"], base, made)
        if "discriminator" in plain:
            self._discriminators.decide(plain, made, base)

    def _reference(self, ref: str, base: str, excused: Names) -> str:
        if excused:
            excused &= self._hidden.required_at(ref, base)
        return self._target(ref, base, excused)

    def _require(self, names: list[str], excused: Names, made: dict[str, Any]) -> None:
        kept = [name for name in dict.fromkeys(names) if name not in excused]
        if kept:
            made["required"] = kept

    # ------------------------------------------------------------------ patterns

    def _pattern(self, pattern: str, made: dict[str, Any]) -> None:
        prepared = self._prepared(pattern)
        if prepared.how == "engine":
            made["pattern"] = prepared.text
            limits: dict[str, int] = {}
            if prepared.least:
                limits["minLength"] = prepared.least
            if prepared.most is not None:
                limits["maxLength"] = prepared.most
            if limits:
                # Apart from the schema's own, so that neither pair replaces the other.
                _all_of(made, limits)
        elif prepared.how == "python":
            made[KEYWORD] = prepared.text

    def _prepared(self, pattern: str) -> Prepared:
        prepared = prepare(pattern)
        if prepared.how == "none":
            self._note_pattern(pattern)
        elif prepared.text != pattern:
            self._patterns[prepared.text] = pattern
        return prepared

    def _note_pattern(self, pattern: str) -> None:
        self._problems[f"the pattern {pattern} cannot be matched and is not enforced"] = None

    def _pattern_properties(
        self, patterns: dict[str, Schema], base: str, made: dict[str, Any]
    ) -> None:
        """Names that cannot be matched are allowed: what is said about "all others" no longer holds."""
        kept: dict[str, Schema] = {}
        for pattern, item in patterns.items():
            prepared = self._prepared(pattern)
            if prepared.how == "engine" and not prepared.least and prepared.most is None:
                kept[prepared.text] = self._schema(item, base)
            else:
                self._note_pattern(pattern)
                for keyword in _CLOSING:
                    made.pop(keyword, None)
        if kept:
            made["patternProperties"] = kept


def _all_of(made: dict[str, Any], part: dict[str, Any]) -> None:
    made["allOf"] = [*made.get("allOf", ()), part]


def _allow_null(plain: dict[str, Any]) -> None:
    """``x-nullable``, by which authors of 2.0 say what 3.0 calls ``nullable``."""
    kind = plain.get("type")
    if isinstance(kind, str):
        plain["type"] = [kind, "null"]
