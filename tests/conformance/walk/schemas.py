"""Validators for the schemas of a document, made from the pure-Python ``jsonschema`` library.

The classes start from ``openapi-schema-validator``'s and take the keywords of :mod:`keywords`. A
schema is not copied: the validator follows references in the files of the document, which open
when they are reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Literal

from attrs import fields
from jsonschema import ValidationError
from jsonschema.validators import create
from openapi_schema_validator import OAS30Validator, OAS31Validator
from referencing import Registry, Resource, Specification
from referencing.exceptions import NoSuchResource, Unresolvable
from referencing.jsonschema import DRAFT202012

from . import keywords
from .formats import CHECKER
from .model import Dialect
from .node import DanglingError, Node, Store

Side = Literal["request", "answer"]


def _embedded(contents: Any) -> Iterator[Any]:
    """The nearest schemas below ``contents`` that have an identity of their own."""
    waiting = list(contents.values()) if isinstance(contents, dict) else []
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict):
            if not value.keys().isdisjoint(("$id", "$anchor", "$dynamicAnchor")):
                yield value
            else:
                waiting.extend(value.values())


def _document_id(contents: Any) -> str | None:
    identity = contents.get("$id") if isinstance(contents, dict) else None
    return identity if isinstance(identity, str) else None


def _all_keywords(schema: Any) -> Any:
    """What is no schema (a text where one should be) says nothing."""
    return schema.items() if isinstance(schema, dict) else ()


def _without_siblings(schema: Any) -> Any:
    """In 2.0 and 3.0, what stands beside ``$ref`` is ignored."""
    if isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        return [("$ref", schema["$ref"])]
    return _all_keywords(schema)


def _made(kind: Any, **parts: Any) -> Any:
    """An object of a class made by attrs, whose constructor the type checker does not see."""
    return kind(**parts)


_LIBRARY: Any = DRAFT202012
_WHOLE_DOCUMENT: Specification[Any] = _made(
    Specification,
    name="a document whose schemas stand anywhere in it",
    id_of=_document_id,
    subresources_of=_embedded,
    anchors_in=_LIBRARY._anchors_in,
    maybe_in_subresource=lambda segments, resolver, subresource: resolver,
)


@lru_cache
def _class(dialect: Dialect, side: Side, strict: bool) -> Any:
    """The validator class of a dialect for one side of an exchange."""
    unsent = "writeOnly" if side == "answer" else "readOnly"
    discriminators = keywords.Discriminators(strict=strict)
    shared = {
        "$ref": keywords.reference,
        "pattern": keywords.pattern,
        "additionalProperties": keywords.additional_properties,
        "required": keywords.required_except(unsent),
        "allOf": keywords.all_of(unsent),
        "oneOf": discriminators.one_of,
        "anyOf": discriminators.any_of,
        "discriminator": discriminators.base,
        "properties": keywords.properties_without(unsent),
    }
    if dialect in {"2.0", "3.0"}:
        made: Any = create(
            meta_schema={},
            validators={**OAS30Validator.VALIDATORS, **shared, "type": keywords.type_or_null},
            type_checker=OAS30Validator.TYPE_CHECKER,
            format_checker=CHECKER,
            id_of=lambda schema: "",
            applicable_validators=_without_siblings,
        )
    else:
        shared["patternProperties"] = keywords.pattern_properties
        for keyword in ("exclusiveMinimum", "exclusiveMaximum"):
            shared[keyword] = keywords.exclusive(keyword)
        made = create(
            meta_schema={"$id": "https://json-schema.org/draft/2020-12/schema"},
            validators={**OAS31Validator.VALIDATORS, **shared, "type": keywords.any_type},
            type_checker=OAS31Validator.TYPE_CHECKER,
            format_checker=CHECKER,
            id_of=lambda schema: _document_id(schema) or "",
            applicable_validators=_all_keywords,
        )
    kept = [(one.alias, one.name) for one in fields(made) if one.init]

    def evolve(validator: Any, **changes: Any) -> Any:
        """A validator of the same class for another schema. The library's own takes another class
        where a schema says ``$schema``, one without the keywords of OpenAPI."""
        for alias, name in kept:
            if alias not in changes:
                changes[alias] = getattr(validator, name)
        return made(**changes)

    made.evolve = evolve
    return made


class Schemas:
    """The validators of one document."""

    def __init__(self, store: Store, dialect: Dialect) -> None:
        self.store = store
        self.dialect = dialect
        self._registry: Registry[Any] = _made(Registry, retrieve=self._retrieve)
        self._validators: dict[tuple[str, Side, bool], Any] = {}
        self._resources: dict[str, Resource[Any]] = {}

    def _retrieve(self, uri: str) -> Resource[Any]:
        resource = self._resources.get(uri)
        if resource is None:
            try:
                root = self.store.root(uri)
            except DanglingError as error:
                raise _made(NoSuchResource, ref=uri) from error
            specification = (
                Specification.OPAQUE if self.dialect in {"2.0", "3.0"} else _WHOLE_DOCUMENT
            )
            resource = self._resources[uri] = _made(
                Resource, contents=root.value, specification=specification
            )
        return resource

    def validator(self, node: Node, side: Side, *, strict: bool = False) -> Any:
        """The validator of the schema at ``node``; ``strict`` as in :class:`keywords.Discriminators`."""
        key = (node.uri, side, strict)
        found = self._validators.get(key)
        if found is None:
            in_file = node.file.uri.startswith("file:")
            schema = {"$ref": node.reference} if in_file else node.value
            found = _class(self.dialect, side, strict)(
                schema, registry=self._registry, format_checker=CHECKER
            )
            self._validators[key] = found
        return found

    def errors(self, node: Node, instance: Any, side: Side) -> list[ValidationError]:
        """Why ``instance`` is not valid, or an empty list."""
        return list(self.validator(node, side).iter_errors(instance))

    def accepts(self, node: Node, instance: Any, side: Side, *, strict: bool = False) -> bool:
        """Whether ``instance`` is valid; a schema that cannot be followed accepts nothing."""
        try:
            return bool(self.validator(node, side, strict=strict).is_valid(instance))
        except Unresolvable:
            return False


def leaves(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """The errors at the bottom of each tree of alternatives."""
    for error in errors:
        if error.context:
            yield from leaves(error.context)
        else:
            yield error
