"""The data model (XPath 1.0 section 5): what the reader's elements become. Comments and processing
instructions are left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from mockforge.mocking.xmltree import Element

Kind = Literal["root", "element", "attribute", "text"]

_NAMESPACES = {"xml": "http://www.w3.org/XML/1998/namespace"}


class Node:
    """A node of a document. ``order`` is its place in document order, ``end`` that of the last
    node inside of it; ``text`` is the value of attributes and
    texts. ``namespace`` is empty where there is none or the prefix is not declared."""

    __slots__ = (
        "attributes",
        "children",
        "end",
        "kind",
        "name",
        "namespace",
        "order",
        "parent",
        "prefix",
        "text",
    )

    def __init__(
        self,
        kind: Kind,
        order: int,
        parent: Node | None,
        name: str = "",
        prefix: str = "",
        namespace: str = "",
        text: str = "",
    ) -> None:
        self.kind = kind
        self.order = order
        self.end = order
        self.parent = parent
        self.name = name
        self.prefix = prefix
        self.namespace = namespace
        self.text = text
        self.children: list[Node] = []
        self.attributes: list[Node] = []

    def value(self) -> str:
        """The string-value: of elements all text inside, in order."""
        if self.kind in ("attribute", "text"):
            return self.text
        return "".join(node.text for node in self.descendants() if node.kind == "text")

    def descendants(self) -> Iterator[Node]:
        """All nodes below, in document order."""
        waiting = self.children[::-1]
        while waiting:
            node = waiting.pop()
            yield node
            if node.children:
                waiting.extend(reversed(node.children))

    def elements(self) -> list[Node]:
        """The child elements."""
        return [child for child in self.children if child.kind == "element"]

    def qualified(self) -> str:
        """The name as it was written."""
        return f"{self.prefix}:{self.name}" if self.prefix else self.name


def build(root: Element) -> Node:
    """The document whose element is ``root``."""
    document = Node("root", 0, None)
    order = 1
    waiting: list[tuple[Element | str, Node, dict[str, str]]] = [(root, document, _NAMESPACES)]
    while waiting:
        item, parent, outer = waiting.pop()
        if isinstance(item, str):
            parent.children.append(Node("text", order, parent, text=item))
            order += 1
            continue
        node = Node("element", order, parent, item.name, item.prefix, item.namespace or "")
        parent.children.append(node)
        order += 1
        scope = _scope(item, outer)
        for name, text in item.attributes.items():
            if name != "xmlns" and not name.startswith("xmlns:"):
                prefix, _, local = name.rpartition(":")
                namespace = scope.get(prefix, "") if prefix else ""
                node.attributes.append(
                    Node("attribute", order, node, local, prefix, namespace, text)
                )
                order += 1
        waiting.extend((child, node, scope) for child in reversed(item.content))
    _close(document)
    return document


def _close(document: Node) -> None:
    """Set ``end`` of all nodes, the last ones first."""
    for node in reversed([document, *document.descendants()]):
        if node.children:
            node.end = node.children[-1].end
        elif node.attributes:
            node.end = node.attributes[-1].order


def _scope(element: Element, outer: dict[str, str]) -> dict[str, str]:
    declared = {
        name[6:]: value for name, value in element.attributes.items() if name.startswith("xmlns:")
    }
    return outer | declared if declared else outer
