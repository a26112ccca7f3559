"""XML bodies as documents, if they are safe to read."""

from __future__ import annotations

import re
from typing import Final

from mockforge.mocking.matching.content import Content
from mockforge.mocking.matching.xpath.nodes import Node, build
from mockforge.mocking.xmltree import XmlError, parse_xml

MOST_DEEP: Final = 100
MOST_NODES: Final = 50_000
"""Elements, attributes and texts of a document that is compared or searched."""

_DECLARATION: Final = re.compile(r"\s*<\?xml[^>]{0,200}\?>")


def read_xml(content: Content) -> Node | None:
    """The document in ``content``; None if it is no XML, has a document type or passes a limit."""
    try:
        if content.is_text or "charset" in content.media_type:
            return parse_text(content.text)
        raw = content.raw
        return _parse(raw if raw[:1] == b"<" else raw.lstrip(), None)
    except XmlError:
        return None


def parse_text(text: str) -> Node:
    """The document in ``text``, whatever encoding it declares; XmlError if it cannot be read."""
    declared = _DECLARATION.match(text)
    rest = text[declared.end() :] if declared else text
    return _parse(rest.strip().encode("utf-8", "surrogatepass"), "utf-8")


def _parse(raw: bytes, encoding: str | None) -> Node:
    return build(parse_xml(raw, max_depth=MOST_DEEP, max_nodes=MOST_NODES, encoding=encoding))
