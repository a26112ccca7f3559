"""Helpers about XML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape, quoteattr

from .values import HelperError, Listed, Mapped, text

if TYPE_CHECKING:
    from mockforge.mocking.matching.xpath import Node

_SOAP_PREFIX: Final = "/Envelope/Body"
_INDENT: Final = "  "


class XmlNode(Mapped):
    """An element as templates see it: ``text``, ``name``, ``attributes``; prints its XML."""

    __slots__ = ("xml",)
    xml: str

    def __str__(self) -> str:
        return self.xml


class XmlNodes(Listed):
    """What XPath found; prints the first."""

    __slots__ = ()

    def __str__(self) -> str:
        return text(self[0]) if self else ""


def x_path(value: Any, path: Any = None, default: Any = None) -> Any:
    """What ``path`` leads to in an XML text: a text, a number, or nodes."""
    from mockforge.mocking.matching.xpath import XPathError, compile_xpath

    document = _document(value)
    try:
        compiled = compile_xpath(text(path))
    except XPathError as error:
        raise HelperError(f"{text(path)} is not a valid XPath expression") from error
    found = compiled.evaluate(document)
    if found is None:
        return default
    if isinstance(found, bool | str):
        return found
    if isinstance(found, float):
        return int(found) if found.is_integer() else found
    if not found:
        return default
    nodes = XmlNodes([_view(node) for node in found])
    if len(nodes) == 1 and isinstance(nodes[0], str):
        return nodes[0]
    return nodes


def soap_x_path(value: Any, path: Any = None) -> Any:
    """The same, from the body of a SOAP envelope on."""
    return x_path(value, _SOAP_PREFIX + text(path))


def format_xml(value: Any, format: Any = "pretty") -> str:  # noqa: A002 - WireMock's name
    """XML, indented or ``compact``."""
    root = _document(value).elements()[0]
    return (
        _written(root, compact=True)
        if format == "compact"
        else _written(root, compact=False) + "\n"
    )


def _document(value: Any) -> Node:
    from mockforge.mocking.matching.xmldocument import parse_text
    from mockforge.mocking.xmltree import XmlError

    source = text(value)
    try:
        return parse_text(source)
    except XmlError as error:
        raise HelperError(f"{source[:200]} is not valid XML") from error


def _view(node: Node) -> Any:
    if node.kind in ("text", "attribute"):
        return node.text
    if node.kind == "root":
        node = node.elements()[0]
    made = XmlNode(
        {
            "name": node.qualified(),
            "text": node.value(),
            "attributes": {each.qualified(): each.text for each in node.attributes},
        }
    )
    made.xml = _written(node, compact=False) + "\n"
    return made


def _written(node: Node, *, compact: bool, depth: int = 0) -> str:
    indent = "" if compact else _INDENT * depth
    attributes = "".join(f" {each.qualified()}={quoteattr(each.text)}" for each in node.attributes)
    name = node.qualified()
    kept = [each for each in node.children if each.kind == "element" or each.text.strip()]
    if not kept:
        return f"{indent}<{name}{attributes}/>"
    if all(each.kind == "text" for each in kept):
        content = "".join(escape(each.text) for each in kept)
        return f"{indent}<{name}{attributes}>{content}</{name}>"
    inner = [
        _written(each, compact=compact, depth=depth + 1)
        if each.kind == "element"
        else f"{'' if compact else _INDENT * (depth + 1)}{escape(each.text.strip())}"
        for each in kept
    ]
    if compact:
        return f"<{name}{attributes}>{''.join(inner)}</{name}>"
    lines = "\n".join(inner)
    return f"{indent}<{name}{attributes}>\n{lines}\n{indent}</{name}>"


XML: Final[Mapping[str, Callable[..., Any]]] = {
    "formatXml": format_xml,
    "soapXPath": soap_x_path,
    "xPath": x_path,
}
