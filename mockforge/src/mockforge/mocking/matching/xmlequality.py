"""``xml``: equality of XML documents as WireMock's users know it.

White space around texts, comments, the order of attributes, prefixes and the order of elements with different
names do not count. Placeholders: ``${xmlunit.ignore}``, ``${xmlunit.isNumber}``, ``${xmlunit.isDateTime}``,
``${xmlunit.matchesRegex(...)}``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

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
from mockforge.mocking.matching.dates import moment_of
from mockforge.mocking.matching.numbers import number_of
from mockforge.mocking.matching.xmldocument import parse_text
from mockforge.mocking.matching.xpath import Node
from mockforge.mocking.matching.xpaths import xml_of
from mockforge.mocking.regex import compile_regex
from mockforge.mocking.xmltree import XmlError

MOST_COMPARED: Final = 20_000
"""Elements that may be compared with one another where any order will do."""

_PLACEHOLDER: Final = re.compile(r"\s*\$\{xmlunit\.(\w+)(?:\((.*)\))?\}\s*", re.DOTALL)
_CHECKS: Final[dict[str, Callable[[str], bool]]] = {
    "ignore": lambda _: True,
    "isNumber": lambda text: number_of(text) is not None,
    "isDateTime": lambda text: moment_of(text) is not None,
}

Check = Callable[[str], bool]


class _MissError(Exception):
    """The first difference: where, what is expected and what is there."""

    def __init__(self, path: str, expected: str, actual: str) -> None:
        super().__init__(path)
        self.path = path
        self.expected = expected
        self.actual = actual


class _Comparison:
    def __init__(self, checks: dict[str, Check], aware: bool, any_order: bool) -> None:
        self._checks = checks
        self._aware = aware
        self._any_order = any_order
        self._left = MOST_COMPARED

    def elements(self, expected: Node, actual: Node, path: str) -> None:
        """Raise :class:`_MissError` unless the elements are the same."""
        self._left -= 1
        if self._left < 0:
            raise _MissError(path, "fewer comparisons", "takes too many comparisons")
        if self._key(expected) != self._key(actual):
            raise _MissError(path, f"<{_named(expected)}>", f"<{_named(actual)}>")
        self._attributes(expected, actual, path)
        self._texts(expected, actual, path)
        mine, theirs = expected.elements(), actual.elements()
        if len(mine) != len(theirs):
            raise _MissError(path, _listed(mine), _listed(theirs))
        if self._any_order:
            self._unordered(mine, theirs, path)
            return
        # Elements of different names may stand in any order, those of one name may not.
        for one, other in zip(
            sorted(mine, key=self._key), sorted(theirs, key=self._key), strict=True
        ):
            self.elements(one, other, f"{path}/{one.qualified()}")

    def _unordered(self, mine: list[Node], theirs: list[Node], path: str) -> None:
        left = list(theirs)
        for one in mine:
            below = f"{path}/{one.qualified()}"
            for i, other in enumerate(left):
                try:
                    self.elements(one, other, below)
                except _MissError:
                    if self._left < 0:
                        raise
                else:
                    del left[i]
                    break
            else:
                raise _MissError(below, f"<{_named(one)}>", "no such element")

    def _key(self, node: Node) -> tuple[str, str]:
        return (node.name, node.namespace if self._aware else "")

    def _attributes(self, expected: Node, actual: Node, path: str) -> None:
        theirs = {self._key(attribute): attribute.text for attribute in actual.attributes}
        for attribute in expected.attributes:
            text = theirs.pop(self._key(attribute), None)
            below = f"{path}/@{attribute.qualified()}"
            if text is None:
                if attribute.text.strip() == "${xmlunit.ignore}":
                    continue
                raise _MissError(below, attribute.text, "(absent)")
            if not self._same(attribute.text, text):
                raise _MissError(below, attribute.text, text)
        for (name, _), text in theirs.items():
            raise _MissError(f"{path}/@{name}", "no such attribute", text)

    def _texts(self, expected: Node, actual: Node, path: str) -> None:
        mine, theirs = _texts_of(expected), _texts_of(actual)
        if not theirs and len(mine) == 1 and mine[0] == "${xmlunit.ignore}":
            return
        if len(mine) != len(theirs) or not all(map(self._same, mine, theirs)):
            raise _MissError(path, " ".join(mine), " ".join(theirs) or "(no text)")

    def _same(self, expected: str, actual: str) -> bool:
        check = self._checks.get(expected) if "${xmlunit." in expected else None
        return check(actual) if check is not None else expected.strip() == actual.strip()


class XmlEquals(Predicate):
    """``xml``."""

    __slots__ = ("_any_order", "_aware", "_checks", "_expected", "_words")
    name = "xml"
    cost = BODY + 1

    def __init__(
        self, expected: Node, text: str, checks: dict[str, Check], *, aware: bool, any_order: bool
    ) -> None:
        self._expected = expected
        self._words = " ".join(text.split())
        self._checks = checks
        self._aware = aware
        self._any_order = any_order

    def matches(self, value: Subject) -> bool:
        """Whether the value is XML and the same document."""
        return self._difference(value) is None

    def mismatch(self, value: Subject) -> Mismatch | None:
        """The first difference, with the path to it."""
        miss = self._difference(value)
        if miss is None:
            return None
        if not miss.path:
            return Mismatch(str(self), f"no XML: {shown(value)}", 1.0)
        return Mismatch(
            cut(miss.expected), cut(miss.actual), 0.3 if "/" in miss.path[1:] else 0.6, miss.path
        )

    def _difference(self, value: Subject) -> _MissError | None:
        node = xml_of(value)
        if node is None:
            return _MissError("", "", "")
        mine = self._expected.elements()[0]
        theirs = node.elements()[0] if node.kind == "root" else node
        try:
            _Comparison(self._checks, self._aware, self._any_order).elements(
                mine, theirs, f"/{mine.qualified()}"
            )
        except _MissError as miss:
            return miss
        return None

    def __str__(self) -> str:
        return cut(f"xml {self._words}")


def _texts_of(node: Node) -> list[str]:
    return [
        text for child in node.children if child.kind == "text" and (text := child.text.strip())
    ]


def _named(node: Node) -> str:
    return f"{node.qualified()} xmlns={node.namespace}" if node.namespace else node.qualified()


def _listed(nodes: list[Node]) -> str:
    return cut(", ".join(node.qualified() for node in nodes)) or "no elements"


def compile_xml(value: Any, scope: Scope) -> Predicate:
    """``xml``: the document as text."""
    if not isinstance(value, str):
        raise scope.error(f"expected XML text, got {shown_spec(value)}")
    try:
        document = parse_text(value)
    except XmlError as error:
        raise scope.error(f"the text {error}") from None
    return XmlEquals(
        document,
        value,
        _placeholders(document, scope),
        aware=scope.flag("namespaceAware", True),
        any_order=scope.flag("ignoreOrder", False),
    )


def _placeholders(document: Node, scope: Scope) -> dict[str, Check]:
    """The checks for all texts in ``document`` that are placeholders."""
    checks: dict[str, Check] = {}
    for node in document.descendants():
        texts = [attribute.text for attribute in node.attributes]
        texts += [node.text.strip()] if node.kind == "text" else []
        for text in texts:
            found = _PLACEHOLDER.fullmatch(text)
            if found is not None:
                checks[text] = _check(found[1], found[2], text, scope)
    return checks


def _check(name: str, argument: str | None, text: str, scope: Scope) -> Check:
    if name == "matchesRegex" and argument is not None:
        try:
            is_match = compile_regex(argument)
        except ValueError as error:
            raise scope.error(f"`{cut(argument)}` is no regular expression: {error}") from None
        return lambda actual: is_match(actual.strip())
    if name not in _CHECKS:
        known = ", ".join([*_CHECKS, "matchesRegex(...)"])
        raise scope.error(f"there is no placeholder `{cut(text)}`", f"known are {known}")
    return _CHECKS[name]
