"""``xpath``: conditions on what expressions find in an XML body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
from mockforge.mocking.matching.logic import together
from mockforge.mocking.matching.xpath import Node, XPath, XPathError, compile_xpath
from mockforge.mocking.matching.xpath.values import to_bool, to_text


class AtXPath(Predicate):
    """One expression and what must hold of its result: of any node that it finds, or of its text. Without a
    condition, the result must be true in the sense of ``boolean()``: a node, a text, a number but 0."""

    __slots__ = ("_condition", "expression")
    name = "xpath"
    cost = BODY + 1

    def __init__(self, expression: XPath, condition: Predicate | None) -> None:
        self.expression = expression
        self._condition = condition

    def matches(self, value: Subject) -> bool:
        """Whether the value is XML in which the condition holds."""
        node = xml_of(value)
        if node is None:
            return False
        found = self.expression.evaluate(node)
        if found is None:
            return False
        if self._condition is None:
            return to_bool(found)
        return self._condition.among(_values(found))

    def mismatch(self, value: Subject) -> Mismatch | None:
        """What was found instead."""
        if self.matches(value):
            return None
        node = xml_of(value)
        if node is None:
            return Mismatch(str(self), f"no XML: {shown(value)}", 1.0)
        found = self.expression.evaluate(node)
        if found is None:
            return Mismatch(str(self), "takes too many steps", 0.9, self.expression.text)
        if self._condition is None:
            return Mismatch(str(self), shown(value), 0.6, self.expression.text)
        miss = self._condition.mismatch_among(_values(found))
        if miss is None:
            return Mismatch(str(self), shown(value), 0.6, self.expression.text)
        return Mismatch(miss.expected, miss.actual, 0.7 * miss.distance, self.expression.text)

    def __str__(self) -> str:
        words = "finds something" if self._condition is None else str(self._condition)
        return cut(f"{self.expression.text} {words}")


def _values(found: list[Node] | str | float | bool) -> list[Subject]:
    if isinstance(found, list):
        return [
            Content.of_xml(node) if node.kind in ("element", "root") else node.value()
            for node in found
        ]
    return [to_text(found)]


def xml_of(value: Subject) -> Node | None:
    """``value`` as XML; None if it is absent or none."""
    if isinstance(value, Content):
        return value.xml
    return None if value is None or "<" not in value else Content.of_text(value).xml


def compile_xpath_predicate(value: Any, scope: Scope) -> Predicate:
    """``xpath``: an expression, several, or expressions with predicates."""
    namespaces = _namespaces(scope)
    if isinstance(value, str):
        return AtXPath(_expression(value, namespaces, scope), None)
    if isinstance(value, list) and value:
        return together(
            [AtXPath(_expression(text, namespaces, scope, i), None) for i, text in enumerate(value)]
        )
    if isinstance(value, Mapping) and value:
        return together(
            [
                AtXPath(_expression(text, namespaces, scope, text), scope.inside(spec, text))
                for text, spec in value.items()
            ]
        )
    raise scope.error(
        "expected an XPath, a list of them, or expressions with predicates, "
        f"got {shown_spec(value)}",
        "write {xpath: {'//name/text()': {equals: rex}}}",
    )


def _namespaces(scope: Scope) -> dict[str, str] | None:
    found = scope.options.get("namespaces")
    if found is None:
        return None
    if not isinstance(found, Mapping) or not all(
        isinstance(prefix, str) and isinstance(uri, str) for prefix, uri in found.items()
    ):
        raise scope.option_error(
            "namespaces", f"expected prefixes with their URIs, got {shown_spec(found)}"
        )
    return dict(found)


def _expression(
    text: Any, namespaces: dict[str, str] | None, scope: Scope, *steps: str | int
) -> XPath:
    if not isinstance(text, str):
        raise scope.error(f"expected an XPath expression, got {shown_spec(text)}")
    try:
        return compile_xpath(text, namespaces)
    except XPathError as error:
        raise scope.error(f"`{cut(text)}` is no XPath: {error}", None, *steps) from None
