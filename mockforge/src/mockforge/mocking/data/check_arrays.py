"""The part of the evaluator that knows arrays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from mockforge.mocking.data.check_base import Assertion, Seen
from mockforge.mocking.data.model import Schema, Source
from mockforge.mocking.data.values import identity

if TYPE_CHECKING:
    from mockforge.mocking.data.check import Checker


def array_checks(checker: Checker, source: Source, view: dict[str, Any]) -> Iterator[Assertion]:
    """The assertions on arrays in a schema."""
    if "minItems" in view:
        least = view["minItems"]
        yield lambda value, _seen: not isinstance(value, list) or len(value) >= least
    if "maxItems" in view:
        most = view["maxItems"]
        yield lambda value, _seen: not isinstance(value, list) or len(value) <= most
    if view.get("uniqueItems"):
        yield _unique
    if "prefixItems" in view or "items" in view:
        yield _items(checker, source, view)
    if "contains" in view:
        yield _contains(checker, source, view)


def _unique(value: Any, _seen: Seen | None) -> bool:
    return not isinstance(value, list) or len(set(map(identity, value))) == len(value)


def _items(checker: Checker, source: Source, view: dict[str, Any]) -> Assertion:
    prefix = [checker.inner(source, schema) for schema in view.get("prefixItems", ())]
    rest = checker.inner(source, view["items"]) if "items" in view else None

    def check(value: Any, seen: Seen | None) -> bool:
        if not isinstance(value, list):
            return True
        for assertion, item in zip(prefix, value, strict=False):
            if not assertion(item, None):
                return False
        if rest is not None:
            for item in value[len(prefix) :]:
                if not rest(item, None):
                    return False
        if seen is not None:
            seen.items = max(seen.items, len(prefix) if rest is None else len(value))
        return True

    return check


def _contains(checker: Checker, source: Source, view: dict[str, Any]) -> Assertion:
    wanted = checker.inner(source, view["contains"])
    least, most = view.get("minContains", 1), view.get("maxContains")

    def check(value: Any, seen: Seen | None) -> bool:
        if not isinstance(value, list):
            return True
        found = [place for place, item in enumerate(value) if wanted(item, None)]
        if seen is not None:
            seen.places.update(found)
        return len(found) >= least and (most is None or len(found) <= most)

    return check


def unevaluated_items(checker: Checker, source: Source, schema: Schema) -> Assertion:
    """``unevaluatedItems``: asked after everything else in its schema."""
    rest = checker.inner(source, schema)

    def check(value: Any, seen: Seen | None) -> bool:
        if not isinstance(value, list) or seen is None:
            return True
        for place in range(seen.items, len(value)):
            if place not in seen.places and not rest(value[place], None):
                return False
        seen.items = len(value)
        return True

    return check
