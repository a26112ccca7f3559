"""XML bodies as values, by the ``xml`` object (OpenAPI 3.2.1 section 4.26, 3.1.1 section 4.8.26).

The reverse of :mod:`mockforge_http.render.xml`. What the schema does not name is read by convention: elements
are members (repeated ones arrays), attributes are members, an element without either is its text.
"""

from __future__ import annotations

from typing import Any, Final

from mockforge.mocking.malformed import MalformedError
from mockforge.mocking.xmltree import Element
from mockforge_http.bodies.spec import BodyLimits
from mockforge_http.bodies.xmltree import parse_xml
from mockforge_http.findings import shortened
from mockforge_http.values.shape import Shape

_TEXT_NODES: Final = ("text", "cdata")
_MOST_FLAT: Final = 8
"""Schemas without a node of their own inside each other; a schema may refer to itself that way."""


class XmlReader:
    """Reads the elements that one schema describes; made once, with a reader for each member as it is
    needed."""

    __slots__ = ("_extra", "_items", "_members", "info", "namespace", "shape", "wrapped")

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        found = shape.find("xml")
        self.info: dict[str, Any] = found if isinstance(found, dict) else {}
        self.namespace = self.info.get("namespace")
        self.wrapped = self.info.get("wrapped") is True or self.info.get("nodeType") == "element"
        self._members: _Members | None = None
        self._extra: XmlReader | None = None
        self._items: dict[int, XmlReader] = {}

    def read(self, raw: bytes, limits: BodyLimits, charset: str | None = None) -> Any:
        """The value of the XML document ``raw``; MalformedError if it has none."""
        root = parse_xml(raw, limits, charset)
        stated = self.info.get("name")
        if stated is not None and root.name not in {str(stated), *self.component_names()}:
            raise MalformedError(
                f"has the root element `{shortened(root.name)}`, but it should be `{stated}`",
                expected=f"<{stated}>",
                actual=f"<{root.name}>",
            )
        return self.value(root)

    def component_names(self) -> set[str]:
        """The names of components that the schema refers to: an element may be named so ("for schemas
        directly under the Components Object's ``schemas`` field, the component name is the inferred
        name")."""
        return {name for node in self.shape.nodes() if (name := node.name())}

    def item(self, position: int) -> XmlReader:
        """The reader of an array's item."""
        position = 0 if self.shape.uniform else position
        shape = self.shape.item(position)
        reader = self._items.get(id(shape))
        if reader is None:
            reader = self._items[id(shape)] = XmlReader(shape)
        return reader

    @property
    def extra(self) -> XmlReader:
        """The reader of members that are not declared."""
        if self._extra is None:
            self._extra = XmlReader(self.shape.extra())
        return self._extra

    @property
    def members(self) -> _Members:
        """The declared members, by where they stand."""
        if self._members is None:
            self._members = _Members(self.shape)
        return self._members

    # ------------------------------------------------------------------ values

    def value(self, element: Element) -> Any:
        """The value of ``element``."""
        if _is_nil(element):
            return None
        shape = self.shape
        children = element.elements()
        structured = bool(children) or any(not _is_technical(name) for name in element.attributes)
        if shape.object and (structured or not shape.scalar):
            if structured or self.members.texts or not element.text().strip():
                return self.object_value(element, children)
            return element.text()
        if shape.array and (children or not shape.scalar):
            return element.text() if self._is_bare(element) else self.array_value(element, children)
        if children or (structured and shape.free):
            return self.object_value(element, children)
        return self._scalar(element.text())

    def _scalar(self, text: str) -> Any:
        return self.shape.convert(text if self.shape.textual else text.strip())

    def _is_bare(self, element: Element) -> bool:
        """Whether ``element`` holds text where elements are the items."""
        return self.shape.uniform and not element.elements() and bool(element.text().strip())

    def array_value(self, element: Element, children: list[Element]) -> list[Any]:
        """The children as items. Texts are items only where the schema puts them among the elements
        (``prefixItems`` with ``nodeType: text``)."""
        if self.shape.uniform:
            item = self.item(0)
            return [item.value(child) for child in children]
        items: list[Any] = []
        for child in element.content:
            reader = self.item(len(items))
            if isinstance(child, Element):
                items.append(reader.value(child))
            elif reader.info.get("nodeType") in _TEXT_NODES and child.strip():
                items.append(reader._scalar(child))
        return items

    def object_value(
        self, element: Element, children: list[Element], flat: int = 0
    ) -> dict[str, Any]:
        """The attributes, texts and children as members. ``flat`` counts the schemas around this one
        that share its element."""
        members = self.members
        value: dict[str, Any] = {}
        self._attributes(element, value)
        for name, reader in members.texts:
            value[name] = reader._scalar(_text_node(element, reader))
        found: dict[str, list[Element]] = {}
        others: dict[str, list[Element]] = {}
        for child in children:
            member = members.name_of(child)
            if member is not None:
                found.setdefault(member, []).append(child)
            elif child.name not in members.flat_names:
                others.setdefault(child.name, []).append(child)
        for name, elements in found.items():
            value[name] = members.readers[name].member_value(elements)
        for name, elements in others.items():
            values = [self.extra.value(child) for child in elements]
            value.setdefault(name, values[0] if len(values) == 1 else values)
        for name in members.flattened if flat < _MOST_FLAT else ():
            reader = members.readers[name]
            value.setdefault(name, reader.object_value(element, members.left(children), flat + 1))
        for name in members.empty_arrays:
            value.setdefault(name, [])
        return value

    def _attributes(self, element: Element, value: dict[str, Any]) -> None:
        sent = {
            name.rpartition(":")[2]: text
            for name, text in element.attributes.items()
            if not name.startswith("xmlns")
        }
        for name, wanted, reader in self.members.attributes:
            text = sent.pop(wanted, None)
            if text is not None:
                value[name] = reader._scalar(text)
            elif "null" in reader.shape.kinds and not reader.shape.open:
                # "When parsing an element that omits an attribute, implementations SHOULD set the
                # corresponding property to null if the schema allows for that value."
                value[name] = None
        for name, text in element.attributes.items():
            if name in sent and not _is_technical(name):
                value[name] = self.shape.member(name).convert(text)

    def member_value(self, elements: list[Element]) -> Any:
        """The value of this member, for which ``elements`` were sent."""
        shape = self.shape
        if shape.array and self.wrapped:
            if len(elements) == 1 and _is_nil(elements[0]):
                return None
            if len(elements) == 1 and self._is_bare(elements[0]):
                return elements[0].text()
            return [item for e in elements for item in self.array_value(e, e.elements())]
        if not shape.array or (shape.scalar and len(elements) == 1):
            values = [self.value(element) for element in elements]
            return values[0] if len(values) == 1 else values
        return [self.item(i).value(element) for i, element in enumerate(elements)]


class _Members:
    """The declared members of an object: attributes, texts, and elements by their names."""

    def __init__(self, shape: Shape) -> None:
        self.readers = {name: XmlReader(member) for name, member in shape.properties().items()}
        self.attributes: list[tuple[str, str, XmlReader]] = []
        self.texts: list[tuple[str, XmlReader]] = []
        self.flattened: list[str] = []
        elements: dict[str, XmlReader] = {}
        for name, reader in self.readers.items():
            kind = reader.info.get("nodeType")
            if kind == "attribute" or reader.info.get("attribute") is True:
                self.attributes.append((name, str(reader.info.get("name") or name), reader))
            elif kind in _TEXT_NODES:
                self.texts.append((name, reader))
            elif kind == "none" and reader.shape.object:
                self.flattened.append(name)
            else:
                elements[name] = reader
        self._by_name = _element_names(elements)
        self._flat_names: set[str] | None = None
        required = _required(shape)
        # Items without a wrapper leave nothing behind when there are none.
        self.empty_arrays = [
            name
            for name, reader in elements.items()
            if name in required
            and reader.shape.array
            and not (reader.shape.scalar or reader.wrapped)
        ]

    @property
    def flat_names(self) -> set[str]:
        """Names of elements that belong to members without a node of their own."""
        if self._flat_names is None:
            self._flat_names = self._names_below(_MOST_FLAT)
        return self._flat_names

    def _names_below(self, levels: int) -> set[str]:
        found: set[str] = set()
        for name in self.flattened if levels else ():
            inner = self.readers[name].members
            found |= inner._by_name.keys() | inner._names_below(levels - 1)
        return found

    def left(self, children: list[Element]) -> list[Element]:
        """What is there for members without a node of their own."""
        return [child for child in children if child.name in self.flat_names]

    def name_of(self, element: Element) -> str | None:
        """The member that ``element`` belongs to; namespaces must agree where both are known."""
        name = self._by_name.get(element.name)
        if name is None:
            return None
        wanted = self.readers[name].namespace
        return name if not wanted or element.namespace in (None, wanted) else None


def _element_names(elements: dict[str, XmlReader]) -> dict[str, str]:
    """Element names and the members they belong to. The stated or inferred name counts first, then the
    property's own, then the component's: versions of OpenAPI differ about references."""
    by_name: dict[str, str] = {}
    for name, reader in elements.items():
        if reader.shape.array and not reader.wrapped:
            item = reader.item(0).info.get("name")
            by_name.setdefault(str(item or reader.info.get("name") or name), name)
        else:
            by_name.setdefault(str(reader.info.get("name") or name), name)
    for name, reader in elements.items():
        by_name.setdefault(str(reader.info.get("name") or name), name)
    for name in elements:
        by_name.setdefault(name, name)
    for name, reader in elements.items():
        item_names = reader.item(0).component_names() if reader.shape.array else set()
        for component in reader.component_names() | item_names:
            by_name.setdefault(component, name)
    return by_name


def _required(shape: Shape) -> set[str]:
    return {
        name
        for node in shape.nodes()
        if isinstance(node.schema.get("required"), list)
        for name in node.schema["required"]
        if isinstance(name, str)
    }


def _is_nil(element: Element) -> bool:
    return any(
        name.endswith(":nil") and value.strip() in ("true", "1")
        for name, value in element.attributes.items()
    )


def _is_technical(attribute: str) -> bool:
    """Namespace declarations, and whatever has a prefix: ``xml:lang``, ``xsi:type`` ..."""
    return attribute == "xmlns" or ":" in attribute


def _text_node(element: Element, reader: XmlReader) -> str:
    """Text beside elements or around a CDATA section is indentation as far as it is white space."""
    text = element.text()
    beside = reader.info.get("nodeType") == "cdata" or any(
        isinstance(child, Element) for child in element.content
    )
    return text.strip() if beside else text
