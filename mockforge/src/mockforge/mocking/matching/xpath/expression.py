"""Evaluation: what the parser's closures are handed, and :class:`XPath`, which users hold."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from mockforge.mocking.matching.xpath.axes import Axis
from mockforge.mocking.matching.xpath.nodes import Node
from mockforge.mocking.matching.xpath.values import Value, to_bool, to_number, to_text

MOST_STEPS: Final = 200_000
"""Nodes that may be looked at in one evaluation; one that looks at more has no result."""


class SpentError(Exception):
    """The budget of an evaluation is spent."""


class Budget:
    """How many nodes may still be looked at."""

    __slots__ = ("left",)

    def __init__(self, steps: int = MOST_STEPS) -> None:
        self.left = steps

    def spend(self, nodes: int) -> None:
        """Count ``nodes``."""
        self.left -= nodes
        if self.left < 0:
            raise SpentError

    def read(self, value: Value) -> Value:
        """Count what reading the text of ``value`` takes."""
        if value.__class__ is list:
            self.spend(sum(1 + (node.end - node.order) // 4 for node in value))
        return value


class Context(NamedTuple):
    """Where an expression is evaluated (section 1): ``position`` counts from 1 to ``size``."""

    node: Node
    position: int
    size: int
    budget: Budget


Evaluate = Callable[[Context], Value]
Test = Callable[[Node], bool]


class Expression(NamedTuple):
    """A compiled expression, and whether its value is a set of nodes."""

    evaluate: Evaluate
    nodes: bool


class Step(NamedTuple):
    """A location step: along an ``axis`` all nodes that pass the ``test`` and the ``predicates``."""

    axis: Axis
    test: Test
    predicates: tuple[Evaluate, ...]

    def walk(self, nodes: Iterable[Node], budget: Budget) -> list[Node]:
        """The step from each of ``nodes``, in document order."""
        found: dict[int, Node] = {}
        for start in nodes:
            passed = []
            seen = 1
            for node in self.axis(start):
                seen += 1
                if seen > 1000:
                    budget.spend(seen)
                    seen = 0
                if self.test(node):
                    passed.append(node)
            budget.spend(seen)
            for predicate in self.predicates:
                passed = filtered(passed, predicate, budget)
            found.update((node.order, node) for node in passed)
        return [found[order] for order in sorted(found)]


def filtered(nodes: list[Node], predicate: Evaluate, budget: Budget) -> list[Node]:
    """The nodes that pass: a number stands for a position (section 2.4)."""
    passed = []
    size = len(nodes)
    for position, node in enumerate(nodes, 1):
        budget.spend(1)
        value = predicate(Context(node, position, size, budget))
        if value == position if value.__class__ is float else to_bool(value):
            passed.append(node)
    return passed


def path_from(start: Evaluate, steps: tuple[Step, ...]) -> Evaluate:
    """A path whose first nodes ``start`` gives."""

    def evaluate(context: Context) -> Value:
        nodes: Any = start(context)
        for step in steps:
            nodes = step.walk(nodes, context.budget)
        return nodes  # type: ignore[no-any-return] # a list of nodes, as the parser has checked

    return evaluate


_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge,
}  # fmt: skip


def compare(sign: str, left: Value, right: Value, budget: Budget) -> bool:
    """Comparisons (section 3.4): true of sets of nodes if it is true of any node in them."""
    apply = _COMPARE[sign]
    ordered = sign not in ("=", "!=")
    if isinstance(left, bool) or isinstance(right, bool):
        if not ordered:
            return apply(to_bool(left), to_bool(right))
        # Only sets of nodes are turned into a boolean first.
        one, other = (
            to_number(to_bool(side) if isinstance(side, list) else side) for side in (left, right)
        )
        return apply(one, other)
    budget.read(left)
    budget.read(right)
    lefts = [node.value() for node in left] if isinstance(left, list) else [left]
    rights = [node.value() for node in right] if isinstance(right, list) else [right]
    numbers = ordered or isinstance(left, float) or isinstance(right, float)
    convert: Callable[[Value], Any] = to_number if numbers else to_text
    others = [convert(item) for item in rights]
    for item in lefts:
        budget.spend(len(others) // 8)
        value = convert(item)
        if any(apply(value, other) for other in others):
            return True
    return False


class XPath:
    """A compiled expression."""

    __slots__ = ("_expression", "text")

    def __init__(self, text: str, expression: Expression) -> None:
        self.text = text
        self._expression = expression

    def evaluate(self, node: Node) -> Value | None:
        """The value with ``node`` as the context: a list of nodes in document order, a text, a float or a
        bool. None if it takes more than 200,000 steps. Never raises."""
        try:
            return self._expression.evaluate(Context(node, 1, 1, Budget()))
        except (SpentError, RecursionError, OverflowError):
            return None

    def __str__(self) -> str:
        return self.text


def compile_xpath(text: str, namespaces: Mapping[str, str] | None = None) -> XPath:
    """The expression ``text``; XPathError (a ValueError) says what is wrong and where.

    With ``namespaces`` (by prefix) names are matched as XPath has it: a name without a prefix is in no
    namespace. Without, a name without a prefix matches in any namespace, and a prefix matches the prefix
    that the document writes.
    """
    return _compiled(text, None if namespaces is None else tuple(sorted(namespaces.items())))


@lru_cache(maxsize=512)
def _compiled(text: str, namespaces: tuple[tuple[str, str], ...] | None) -> XPath:
    from mockforge.mocking.matching.xpath.parse import parse

    return XPath(text, parse(text, None if namespaces is None else dict(namespaces)))
