"""XML text as a tree of plain nodes, read with expat under guard.

A document type declaration is refused where it starts: without one there are no entities to expand and
nothing external to fetch. Depth and number of nodes are bounded. Request bodies are decoded from these
trees, and stubs compare them.
"""

from __future__ import annotations

from typing import Any, Final
from xml.parsers import expat

_XML: Final = "http://www.w3.org/XML/1998/namespace"
_BOM: Final = b"\xef\xbb\xbf"
_MOST_PREFIXES: Final = 256


class XmlError(ValueError):
    """A text is no XML that is read here. The message completes a sentence that starts with what was read;
    ``code`` is ``malformed``, ``too-deep`` or ``too-many-nodes``."""

    def __init__(
        self, reason: str, *, code: str = "malformed", expected: str, actual: object = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code
        self.expected = expected
        self.actual = actual


class Element:
    """An element: its ``name`` without prefix, its ``namespace`` (``None`` without one, or where the prefix
    is not declared), ``attributes`` as written, and its ``content``: elements and texts in order."""

    __slots__ = ("attributes", "content", "name", "namespace", "prefix")

    def __init__(self, prefix: str, name: str, attributes: dict[str, str]) -> None:
        self.prefix = prefix
        self.name = name
        self.namespace: str | None = None
        self.attributes = attributes
        self.content: list[Element | str] = []

    def elements(self) -> list[Element]:
        """The child elements."""
        return [child for child in self.content if isinstance(child, Element)]

    def text(self) -> str:
        """The text directly inside."""
        return "".join(child for child in self.content if isinstance(child, str))


class _Builder:
    def __init__(self, max_depth: int, max_nodes: int) -> None:
        self._max_depth = max_depth
        self._max_nodes = max_nodes
        self._nodes = 0
        self._open: list[Element] = []
        self._scopes: list[dict[str, str]] = [{"xml": _XML}]
        self.root: Element | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._count(1 + len(attributes))
        levels = self._max_depth
        if len(self._open) >= levels:
            raise XmlError(
                f"nests more than {levels} levels deep",
                code="too-deep",
                expected=f"up to {levels} levels of elements",
            )
        prefix, _, name = tag.rpartition(":")
        element = Element(prefix, name, attributes)
        scope = self._scopes[-1]
        declared = {
            key[6:]: value
            for key, value in attributes.items()
            if key == "xmlns" or key.startswith("xmlns:")
        }
        if declared:
            scope = scope | declared
            if len(scope) > _MOST_PREFIXES:
                raise self._too_many(_MOST_PREFIXES, "namespace prefixes")
        self._scopes.append(scope)
        element.namespace = scope.get(prefix) or None
        if self._open:
            self._open[-1].content.append(element)
        else:
            self.root = element
        self._open.append(element)

    def end(self, _tag: str) -> None:
        self._open.pop()
        self._scopes.pop()

    def text(self, text: str) -> None:
        self._count(1)
        content = self._open[-1].content
        content.append(text)

    def doctype(self, *_: Any) -> None:
        raise XmlError(
            "has a document type declaration, which is not accepted",
            expected="XML without <!DOCTYPE>",
        )

    def _count(self, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > self._max_nodes:
            raise self._too_many(self._max_nodes, "XML nodes")

    def _too_many(self, limit: int, what: str) -> XmlError:
        return XmlError(
            f"has more than {limit} {what}", code="too-many-nodes", expected=f"up to {limit} {what}"
        )


def parse_xml(
    raw: bytes, *, max_depth: int = 100, max_nodes: int = 100_000, encoding: str | None = None
) -> Element:
    """The root element of ``raw``; XmlError if it is not well-formed or passes a limit.

    ``encoding`` (``utf-8`` or another that expat knows) wins over the XML declaration. ``max_nodes`` counts
    elements, attributes and texts. Prefixes need not be declared: documents that follow older versions of
    OpenAPI do not declare them.
    """
    builder = _Builder(max_depth, max_nodes)
    parser = expat.ParserCreate(encoding)
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = builder.doctype
    try:
        parser.Parse(raw.removeprefix(_BOM), True)
    except XmlError:
        raise
    except expat.ExpatError as error:
        raise XmlError(
            f"is not well-formed XML: {expat.ErrorString(error.code)} "
            f"(line {error.lineno}, column {error.offset + 1})",
            expected="a well-formed XML document",
            actual=raw[:200],
        ) from None
    except (LookupError, ValueError) as error:
        # The XML declaration names an encoding that expat asked Python for in vain.
        raise XmlError(f"is not readable XML: {error}", expected="UTF-8 or UTF-16") from None
    if builder.root is None:
        raise XmlError("is not well-formed XML: it has no element", expected="an XML document")
    return builder.root
