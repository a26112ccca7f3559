"""``json`` and ``jsonExact``: comparison of JSON values, with placeholders inside.

Placeholders are those that WireMock users know: ``${json-unit.any-string}``, ``any-number``,
``any-boolean``, ``ignore``, ``ignore-element`` and ``${json-unit.regex}...``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeVar

import msgspec
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
from mockforge.mocking.matching.content import Content, json_text
from mockforge.mocking.matching.jsoncompare import (
    Comparison,
    DifferenceError,
    GivenUpError,
    Placeholder,
)
from mockforge.mocking.regex import compile_regex
from mockforge.structured.marks import Part as Step
from mockforge.structured.marks import format_path

MOST_NESTED: Final = 200
"""Levels of a JSON value that a stub may expect."""
_MOST_SHOWN: Final = 200
"""Values inside of one that is shown."""
T = TypeVar("T")
_PLACEHOLDER: Final = re.compile(r"[$#]\{json-unit\.([a-z-]+)\}(.*)", re.DOTALL)
_ANY: Final[dict[str, tuple[str, Callable[[Any], bool]]]] = {
    "any-string": ("any text", lambda value: isinstance(value, str)),
    "any-number": (
        "any number",
        lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    ),
    "any-boolean": ("true or false", lambda value: isinstance(value, bool)),
    "ignore": ("anything", lambda _: True),
    "ignore-element": ("anything or nothing", lambda _: True),
}


class JsonEquals(Predicate):
    """``json``, ``jsonExact``, and ``equals`` with an array or an object."""

    __slots__ = ("_any_order", "_expected", "_extra", "name")
    cost = BODY

    def __init__(self, name: str, expected: Any, *, any_order: bool, extra: bool) -> None:
        self.name = name  # type: ignore[misc]
        self._expected = expected
        self._any_order = any_order
        self._extra = extra

    def matches(self, value: Subject) -> bool:
        """Whether the value is JSON and the expected one."""
        node = json_of(value)
        if node is UNSET:
            return False
        try:
            return Comparison(self._any_order, self._extra).same(self._expected, node)
        except GivenUpError:
            return False

    def mismatch(self, value: Subject) -> Mismatch | None:
        """The first difference, with its path."""
        if self.matches(value):
            return None
        node = json_of(value)
        if node is UNSET:
            return Mismatch(str(self), shown(value), 1.0)
        try:
            Comparison(self._any_order, self._extra).find(self._expected, node, [])
        except DifferenceError as found:
            return Mismatch(
                _shown_json(found.expected, "nothing there"),
                _shown_json(found.actual, "(absent)"),
                0.3 if found.steps else 0.8,
                format_path(found.steps),
            )
        except GivenUpError:
            return Mismatch(str(self), "takes too many comparisons", 0.5)
        return Mismatch(str(self), shown(value), 0.5)

    def __str__(self) -> str:
        return f"{self.name} {_shown_json(self._expected, '')}"


def json_of(value: Subject) -> Any:
    """``value`` as JSON: decoded, or ``UNSET`` if it is absent or none."""
    if isinstance(value, Content):
        return value.json
    return UNSET if value is None else Content.of_text(value).json


def compile_json(value: Any, scope: Scope) -> Predicate:
    """``json``: what is given must be there; more members, more items and another order are fine."""
    return _compile("json", value, scope, True)


def compile_json_exact(value: Any, scope: Scope) -> Predicate:
    """``jsonExact``: nothing may be missing, left over or in another order."""
    return _compile("jsonExact", value, scope, False)


def _compile(name: str, value: Any, scope: Scope, lax: bool) -> Predicate:
    if isinstance(value, str) and (text := value.strip())[:1] in ("{", "["):
        try:
            value = msgspec.json.decode(text)
        except (ValueError, RecursionError) as error:
            raise scope.error(
                f"the text is no JSON: {cut(str(error))}", "write the value as YAML or JSON"
            ) from None
    return JsonEquals(
        name,
        expected_json(value, scope, ()),
        any_order=scope.flag("ignoreArrayOrder", lax),
        extra=scope.flag("ignoreExtraElements", lax),
    )


def expected_json(value: Any, scope: Scope, steps: tuple[Step, ...]) -> Any:
    """A copy of ``value`` in which placeholders are compiled; PredicateError if it is no JSON."""
    if len(steps) > MOST_NESTED:
        raise scope.error(f"nests more than {MOST_NESTED} levels deep")
    if isinstance(value, Mapping):
        for name in value:
            if not isinstance(name, str):
                raise scope.error(f"{name!r} is no member name of JSON", "put it in quotes", *steps)
        return {name: expected_json(item, scope, (*steps, name)) for name, item in value.items()}
    if isinstance(value, list):
        return [expected_json(item, scope, (*steps, i)) for i, item in enumerate(value)]
    if isinstance(value, str):
        return _placeholder(value, scope, steps) if is_placeholder(value) else value
    if value is None or isinstance(value, bool | int | float):
        return value
    raise scope.error(
        f"expected a JSON value, got {shown_spec(value)}", "put dates in quotes", *steps
    )


def is_placeholder(value: Any) -> bool:
    """Whether an expected value may stand for others than itself."""
    return isinstance(value, str) and "{json-unit." in value


def _placeholder(text: str, scope: Scope, steps: tuple[Step, ...]) -> Any:
    found = _PLACEHOLDER.fullmatch(text)
    if found is None:
        return text
    kind, rest = found[1], found[2]
    if kind == "regex":
        try:
            is_match = compile_regex(rest)
        except ValueError as error:
            raise scope.error(
                f"`{cut(rest)}` is no regular expression: {error}", None, *steps
            ) from None
        return Placeholder(f"matches {cut(rest)}", lambda value: _matches(is_match, value))
    if kind not in _ANY or rest:
        known = ", ".join([*_ANY, "regex"])
        raise scope.error(f"there is no placeholder `{cut(text)}`", f"known are {known}", *steps)
    words, holds = _ANY[kind]
    return Placeholder(words, holds, optional=kind == "ignore-element")


def _matches(is_match: Callable[[str], bool], value: Any) -> bool:
    try:
        return isinstance(value, str) and is_match(value)
    except UnicodeEncodeError:
        return False


def _shown_json(value: Any, missing: str) -> str:
    if value is UNSET:
        return missing
    return cut(json_text(_Brief().of(value)))


class _Brief:
    """The beginning of a value, as much as can be shown, with its placeholders in words."""

    def __init__(self) -> None:
        self._left = _MOST_SHOWN

    def of(self, value: Any) -> Any:
        """``value``, or what there is room for."""
        self._left -= 1
        if isinstance(value, Placeholder):
            return f"<{value.words}>"
        if isinstance(value, dict):
            return {name: self.of(item) for name, item in self._first(value.items())}
        if isinstance(value, list):
            return [self.of(item) for item in self._first(value)]
        return value

    def _first(self, items: Iterable[T]) -> Iterator[T]:
        for item in items:
            if self._left <= 0:
                return
            yield item
