"""The part of the evaluator that knows objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from mockforge.mocking.data.check_base import Assertion, Seen
from mockforge.mocking.data.model import Schema, Source
from mockforge.mocking.data.patterns import pattern

if TYPE_CHECKING:
    from mockforge.mocking.data.check import Checker


def object_checks(checker: Checker, source: Source, view: dict[str, Any]) -> Iterator[Assertion]:
    """The assertions on objects in a schema."""
    if "required" in view:
        yield _required(checker, source, view)
    if "minProperties" in view:
        least = view["minProperties"]
        yield lambda value, _seen: not isinstance(value, dict) or len(value) >= least
    if "maxProperties" in view:
        most = view["maxProperties"]
        yield lambda value, _seen: not isinstance(value, dict) or len(value) <= most
    if not view.keys().isdisjoint(("properties", "patternProperties", "additionalProperties")):
        yield _properties(checker, source, view)
    if "propertyNames" in view:
        yield _names(checker, source, view["propertyNames"])
    for name, others in view.get("dependentRequired", {}).items():
        yield _dependent_required(name, frozenset(others))
    for name, schema in view.get("dependentSchemas", {}).items():
        yield _dependent_schema(name, checker.inner(source, schema))


def _required(checker: Checker, source: Source, view: dict[str, Any]) -> Assertion:
    """``required``, except for what is not for the reader (OpenAPI 2.0 and 3.0)."""
    properties = view.get("properties", {})
    names = frozenset(
        name
        for name in view["required"]
        if not checker.references.excused(source.beside(properties.get(name, True)))
    )
    return lambda value, _seen: not isinstance(value, dict) or names <= value.keys()


def _properties(checker: Checker, source: Source, view: dict[str, Any]) -> Assertion:
    named = {
        name: checker.inner(source, schema) for name, schema in view.get("properties", {}).items()
    }
    patterns = [
        (compiled.matches, checker.inner(source, schema))
        for text, schema in view.get("patternProperties", {}).items()
        if (compiled := pattern(text)) is not None
    ]
    others = (
        checker.inner(source, view["additionalProperties"])
        if "additionalProperties" in view
        else None
    )

    def check(value: Any, seen: Seen | None) -> bool:
        if not isinstance(value, dict):
            return True
        for name, item in value.items():
            known = False
            assertion = named.get(name)
            if assertion is not None:
                known = True
                if not assertion(item, None):
                    return False
            for matches, by_pattern in patterns:
                if matches(name):
                    known = True
                    if not by_pattern(item, None):
                        return False
            if not known and others is not None:
                known = True
                if not others(item, None):
                    return False
            if known and seen is not None:
                seen.properties.add(name)
        return True

    return check


def _names(checker: Checker, source: Source, schema: Schema) -> Assertion:
    assertion = checker.inner(source, schema)
    return lambda value, _seen: (
        not isinstance(value, dict) or all(assertion(name, None) for name in value)
    )


def _dependent_required(name: str, others: frozenset[str]) -> Assertion:
    return lambda value, _seen: (
        not isinstance(value, dict) or name not in value or others <= value.keys()
    )


def _dependent_schema(name: str, assertion: Assertion) -> Assertion:
    return lambda value, seen: (
        not isinstance(value, dict) or name not in value or assertion(value, seen)
    )


def unevaluated_properties(checker: Checker, source: Source, schema: Schema) -> Assertion:
    """``unevaluatedProperties``: asked after everything else in its schema."""
    rest = checker.inner(source, schema)

    def check(value: Any, seen: Seen | None) -> bool:
        if not isinstance(value, dict) or seen is None:
            return True
        for name, item in value.items():
            if name not in seen.properties and not rest(item, None):
                return False
        seen.properties.update(value)
        return True

    return check
