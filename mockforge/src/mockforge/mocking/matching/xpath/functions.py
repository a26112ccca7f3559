"""The core function library (XPath 1.0 section 4). A function gets the context and its arguments."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from mockforge.mocking.matching.xpath.nodes import Node
from mockforge.mocking.matching.xpath.values import Value, to_bool, to_number, to_text

if TYPE_CHECKING:
    from mockforge.mocking.matching.xpath.expression import Context

Call = Callable[["Context", list[Value]], Value]


class Function(NamedTuple):
    """``least`` to ``most`` arguments; ``nodes`` if the first must be a set of nodes; ``reads`` if texts of
    nodes are read."""

    call: Call
    least: int
    most: int
    nodes: bool = False
    reads: bool = True


def _node(context: Context, arguments: list[Value]) -> Node | None:
    if not arguments:
        return context.node
    nodes = arguments[0]
    assert isinstance(nodes, list)  # noqa: S101 - the compiler has checked it
    return min(nodes, key=lambda node: node.order) if nodes else None


def _text(context: Context, arguments: list[Value]) -> str:
    return to_text(arguments[0]) if arguments else context.node.value()


def _round(number: float) -> float:
    return float(math.floor(number + 0.5)) if math.isfinite(number) else number


def _whole(function: Callable[[float], int], number: float) -> float:
    return float(function(number)) if math.isfinite(number) else number


def _substring(_: Context, arguments: list[Value]) -> Value:
    text = to_text(arguments[0])
    first = _round(to_number(arguments[1]))
    end = first + _round(to_number(arguments[2])) if len(arguments) > 2 else math.inf
    if math.isnan(first) or math.isnan(end) or end <= first:
        return ""
    start = max(1.0, first)
    if start > len(text):
        return ""
    stop = len(text) + 1 if math.isinf(end) else min(end, len(text) + 1)
    return text[int(start) - 1 : max(0, int(stop) - 1)]


def _translate(_: Context, arguments: list[Value]) -> Value:
    text, old, new = map(to_text, arguments)
    table: dict[int, str | None] = {}
    for i, char in enumerate(old):
        table.setdefault(ord(char), new[i] if i < len(new) else None)
    return text.translate(table)


def _lang(context: Context, arguments: list[Value]) -> Value:
    wanted = to_text(arguments[0]).lower()
    node: Node | None = context.node
    while node is not None:
        for attribute in node.attributes:
            if attribute.name == "lang" and attribute.prefix == "xml":
                stated = attribute.text.lower()
                return stated == wanted or stated.startswith(f"{wanted}-")
        node = node.parent
    return False


def _sum(_: Context, arguments: list[Value]) -> Value:
    nodes = arguments[0]
    assert isinstance(nodes, list)  # noqa: S101 - the compiler has checked it
    return float(sum(to_number(node.value()) for node in nodes))


def _count(_: Context, arguments: list[Value]) -> Value:
    nodes = arguments[0]
    assert isinstance(nodes, list)  # noqa: S101 - the compiler has checked it
    return float(len(nodes))


def _name_of(context: Context, arguments: list[Value], part: str) -> str:
    node = _node(context, arguments)
    if node is None:
        return ""
    if part == "local":
        return node.name
    return node.qualified() if part == "qualified" else node.namespace


FUNCTIONS: Final[dict[str, Function]] = {
    "last": Function(lambda context, _: float(context.size), 0, 0, reads=False),
    "position": Function(lambda context, _: float(context.position), 0, 0, reads=False),
    "count": Function(_count, 1, 1, nodes=True, reads=False),
    "local-name": Function(lambda c, a: _name_of(c, a, "local"), 0, 1, nodes=True, reads=False),
    "namespace-uri": Function(lambda c, a: _name_of(c, a, "namespace"), 0, 1, nodes=True, reads=False),
    "name": Function(lambda c, a: _name_of(c, a, "qualified"), 0, 1, nodes=True, reads=False),
    "string": Function(_text, 0, 1),
    "concat": Function(lambda _, a: "".join(map(to_text, a)), 2, 32),
    "starts-with": Function(lambda _, a: to_text(a[0]).startswith(to_text(a[1])), 2, 2),
    "contains": Function(lambda _, a: to_text(a[1]) in to_text(a[0]), 2, 2),
    "substring-before": Function(
        lambda _, a: to_text(a[0]).partition(s)[0] if (s := to_text(a[1])) and s in to_text(a[0]) else "",
        2, 2,
    ),
    "substring-after": Function(
        lambda _, a: to_text(a[0]).partition(s)[2] if (s := to_text(a[1])) else to_text(a[0]), 2, 2
    ),
    "substring": Function(_substring, 2, 3),
    "string-length": Function(lambda c, a: float(len(_text(c, a))), 0, 1),
    "normalize-space": Function(lambda c, a: " ".join(_text(c, a).split()), 0, 1),
    "translate": Function(_translate, 3, 3),
    "boolean": Function(lambda _, a: to_bool(a[0]), 1, 1),
    "not": Function(lambda _, a: not to_bool(a[0]), 1, 1),
    "true": Function(lambda _c, _a: True, 0, 0),
    "false": Function(lambda _c, _a: False, 0, 0),
    "lang": Function(_lang, 1, 1),
    "number": Function(lambda c, a: to_number(a[0] if a else c.node.value()), 0, 1),
    "sum": Function(_sum, 1, 1, nodes=True),
    "floor": Function(lambda _, a: _whole(math.floor, to_number(a[0])), 1, 1),
    "ceiling": Function(lambda _, a: _whole(math.ceil, to_number(a[0])), 1, 1),
    "round": Function(lambda _, a: _round(to_number(a[0])), 1, 1),
}  # fmt: skip
