"""XML bodies as trees of plain nodes, under the limits for bodies."""

from __future__ import annotations

from mockforge.mocking.malformed import MalformedError
from mockforge.mocking.xmltree import Element, XmlError
from mockforge.mocking.xmltree import parse_xml as parse_tree
from mockforge_http.bodies.spec import BodyLimits
from mockforge_http.values.charset import decode_text


def parse_xml(raw: bytes, limits: BodyLimits, charset: str | None = None) -> Element:
    """The root element of ``raw``; MalformedError if it is not well-formed or passes a limit.

    ``charset`` (of ``Content-Type``) wins over the XML declaration (RFC 7303 section 3).
    """
    if charset is not None:
        raw = decode_text(raw, charset).encode()
    try:
        return parse_tree(
            raw,
            max_depth=limits.max_xml_depth,
            max_nodes=limits.max_xml_nodes,
            encoding=None if charset is None else "utf-8",
        )
    except XmlError as error:
        raise MalformedError(
            error.reason, code=error.code, expected=error.expected, actual=error.actual
        ) from None
