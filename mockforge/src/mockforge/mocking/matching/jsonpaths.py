"""``jsonPath``: conditions on what paths lead to inside a JSON body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET

from mockforge.explanations import cut
from mockforge.mocking.matching.base import (
    BODY,
    Mismatch,
    Predicate,
    Scope,
    Subject,
    shown,
    shown_spec,
)
from mockforge.mocking.matching.content import Content
from mockforge.mocking.matching.jsonpath import JsonPath, JsonPathError, compile_jsonpath
from mockforge.mocking.matching.jsonvalue import json_of
from mockforge.mocking.matching.logic import together


class AtJsonPath(Predicate):
    """One path and what must hold there. Without a condition it is enough that the path leads somewhere.

    Where a path leads to an array, the array as a whole and each of its items count.
    """

    __slots__ = ("_condition", "path")
    name = "jsonPath"
    cost = BODY

    def __init__(self, path: JsonPath, condition: Predicate | None) -> None:
        self.path = path
        self._condition = condition

    def matches(self, value: Subject) -> bool:
        """Whether the value is JSON in which the condition holds at the path."""
        node = json_of(value)
        if node is UNSET:
            return False
        found = self.path.find(node)
        if self._condition is None:
            # `$.items[?(@.x)]` and `$.items.*` are asked for their nodes, `$.flag` for being there.
            return bool(found)
        return self._condition.among(_values(found))

    def mismatch(self, value: Subject) -> Mismatch | None:
        """What is at the path instead."""
        if self.matches(value):
            return None
        node = json_of(value)
        if node is UNSET:
            return Mismatch(str(self), shown(value), 1.0)
        if self._condition is None:
            return Mismatch(str(self), shown(value), 0.6, self.path.text)
        miss = self._condition.mismatch_among(_values(self.path.find(node)))
        if miss is None:
            return Mismatch(str(self), shown(value), 0.6, self.path.text)
        path = f"{self.path.text} {miss.path}".rstrip()
        return Mismatch(miss.expected, miss.actual, 0.7 * miss.distance, path)

    def __str__(self) -> str:
        words = "leads somewhere" if self._condition is None else str(self._condition)
        return cut(f"{self.path.text} {words}")


def _values(nodes: Sequence[Any]) -> list[Subject]:
    values: list[Subject] = [Content.of_json(node) for node in nodes]
    if len(nodes) == 1 and isinstance(nodes[0], list):
        values.extend(Content.of_json(item) for item in nodes[0])
    return values


def compile_json_path(value: Any, scope: Scope) -> Predicate:
    """``jsonPath``: a path, several paths, or paths with predicates."""
    if isinstance(value, str):
        return AtJsonPath(_path(value, scope), None)
    if isinstance(value, list) and value:
        return together([AtJsonPath(_path(text, scope, i), None) for i, text in enumerate(value)])
    if isinstance(value, Mapping) and value:
        return together(
            [
                AtJsonPath(_path(text, scope, text), scope.inside(spec, text))
                for text, spec in value.items()
            ]
        )
    raise scope.error(
        f"expected a path, a list of paths, or paths with predicates, got {shown_spec(value)}",
        "write {jsonPath: {'$.name': {equals: rex}}}",
    )


def _path(text: Any, scope: Scope, *steps: str | int) -> JsonPath:
    if not isinstance(text, str):
        raise scope.error(f"expected a JSONPath, got {shown_spec(text)}")
    try:
        return compile_jsonpath(text)
    except JsonPathError as error:
        raise scope.error(f"`{cut(text)}` is no JSONPath: {error}", None, *steps) from None
