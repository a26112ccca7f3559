"""The axes (XPath 1.0 section 2.2): from a node, nodes in the order of the axis."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from mockforge.mocking.matching.xpath.nodes import Node

Axis = Callable[[Node], Iterable[Node]]


def _self_and_descendants(node: Node) -> Iterator[Node]:
    yield node
    yield from node.descendants()


def _ancestors(node: Node) -> Iterator[Node]:
    above = node.parent
    while above is not None:
        yield above
        above = above.parent


def _self_and_ancestors(node: Node) -> Iterator[Node]:
    yield node
    yield from _ancestors(node)


def _siblings(node: Node, step: int) -> list[Node]:
    if node.parent is None or node.kind == "attribute":
        return []
    found = node.parent.children
    here = next(i for i, child in enumerate(found) if child is node)
    return found[here + 1 :] if step > 0 else found[:here][::-1]


def _following(node: Node) -> Iterator[Node]:
    if node.kind == "attribute" and node.parent is not None:
        yield from node.parent.descendants()
        node = node.parent
    for start in _self_and_ancestors(node):
        for sibling in _siblings(start, 1):
            yield from _self_and_descendants(sibling)


def _preceding(node: Node) -> Iterator[Node]:
    if node.kind == "attribute" and node.parent is not None:
        node = node.parent
    for start in _self_and_ancestors(node):
        for sibling in _siblings(start, -1):
            yield from reversed(list(_self_and_descendants(sibling)))


AXES: Final[dict[str, Axis]] = {
    "child": lambda node: node.children,
    "descendant": Node.descendants,
    "parent": lambda node: () if node.parent is None else (node.parent,),
    "ancestor": _ancestors,
    "following-sibling": lambda node: _siblings(node, 1),
    "preceding-sibling": lambda node: _siblings(node, -1),
    "following": _following,
    "preceding": _preceding,
    "attribute": lambda node: node.attributes,
    "namespace": lambda _: (),
    "self": lambda node: (node,),
    "descendant-or-self": _self_and_descendants,
    "ancestor-or-self": _self_and_ancestors,
}
