"""XML bodies to JSON-like values and back, as the XML Object of a schema says.

Sources: XML Object of OpenAPI 3.0.4 (``name``, ``namespace``, ``attribute``, ``wrapped``) and 3.2.0
(``nodeType``). The root element of a component without an ``xml.name`` is called like the component.
"""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

from .model import Dialect
from .node import DanglingError, Node, Store
from .serialize import text as written
from .shapes import Shape, shapes

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_DEEPEST = 24


class XmlError(Exception):
    """A body is not XML, or its root element is not the one that the schema names."""


class XmlReader:
    """Reads and writes the XML of one document's schemas."""

    def __init__(self, store: Store, dialect: Dialect) -> None:
        self.store = store
        self.dialect = dialect

    def decode(self, body: bytes, node: Node) -> list[Any]:
        """The values that ``body`` may stand for: one for each alternative of the schema."""
        try:
            root = ET.fromstring(body)
        except ET.ParseError as error:
            raise XmlError(f"the body is not XML: {error}") from None
        name = self._xml([node]).get("name") or self._component(node)
        if name and _local(root.tag) != name:
            raise XmlError(
                f"the root element is <{_local(root.tag)}>, the schema names it <{name}>"
            )
        namespace = self._xml([node]).get("namespace")
        if namespace and _namespace(root.tag) != namespace:
            raise XmlError(f"the root element is not in the namespace {namespace}")
        found = [self._value(root, shape, 0) for shape in shapes(self.store, self.dialect, node)]
        return found or [root.text or ""]

    def encode(self, value: Any, node: Node) -> bytes:
        """A document for ``value``."""
        name = self._xml([node]).get("name") or self._component(node) or "root"
        root = ET.Element(self._qualified(str(name), [node]))
        shape = next(shapes(self.store, self.dialect, node), None)
        if isinstance(value, list):
            parts = shape.items if shape else []
            for item in value:
                inner = self._xml(parts).get("name") or self._component(*parts) or "item"
                self._fill(ET.SubElement(root, self._qualified(inner, parts)), item, parts, 0)
        else:
            self._fill(root, value, [node], 0)
        return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))

    def _xml(self, nodes: list[Node]) -> dict[str, Any]:
        """The XML objects of a schema, of what it refers to and of what it is composed of (``allOf``),
        the outer one first."""
        merged: dict[str, Any] = {}
        shape = next(shapes(self.store, self.dialect, *nodes), None) if nodes else None
        for part in [*nodes, *(shape.nodes if shape else ())]:
            if isinstance(part.value, dict) and isinstance(part.value.get("xml"), dict):
                merged = {**part.value["xml"], **merged}
        return merged

    def unwritable(self, *nodes: Node) -> str | None:
        """The property below a schema that is an object or array and declared an attribute: an
        attribute's value is text."""
        waiting, seen = [list(nodes)], set[str]()
        while waiting:
            parts = waiting.pop()
            key = " ".join(part.uri for part in parts)
            if key in seen or not parts:
                continue
            seen.add(key)
            for shape in shapes(self.store, self.dialect, *parts):
                waiting.append(shape.items)
                for name, inner in shape.properties.items():
                    waiting.append(inner)
                    types = next(shapes(self.store, self.dialect, *inner), Shape([])).types
                    if _is_attribute(self._xml(inner)) and (types or set()) & {"object", "array"}:
                        return name
        return None

    def _component(self, *nodes: Node) -> str | None:
        for node in nodes:
            pointer = self.store.follow(node).pointer
            for section in ("/components/schemas/", "/definitions/"):
                if pointer.startswith(section) and "/" not in pointer[len(section) :]:
                    return pointer[len(section) :]
        return None

    def _qualified(self, name: str, nodes: list[Node]) -> str:
        namespace = self._xml(nodes).get("namespace")
        return f"{{{namespace}}}{name}" if namespace else name

    # Reading

    def _value(self, element: ET.Element, shape: Shape, depth: int) -> Any:
        if element.get(_NIL) == "true":
            return None
        types = shape.types or set()
        if "array" in types or (not types and shape.items):
            return [self._any(child, shape.items, depth) for child in element]
        if "object" in types or shape.properties or (not types and len(element)):
            return self._object(element, shape, depth)
        return _scalar(element.text or "", types)

    def _any(self, element: ET.Element, nodes: list[Node], depth: int) -> Any:
        if not nodes or depth > _DEEPEST:
            return _scalar(element.text or "", set())
        try:
            shape = next(shapes(self.store, self.dialect, *nodes), None)
        except DanglingError:
            shape = None
        return self._value(element, shape or Shape([]), depth + 1)

    def _object(self, element: ET.Element, shape: Shape, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        used: set[ET.Element] = set()
        attributes = {_local(name): value for name, value in element.attrib.items()}
        for name, nodes in shape.properties.items():
            xml = self._xml(nodes)
            inner = next(shapes(self.store, self.dialect, *nodes), Shape([]))
            outer = str(xml.get("name") or name)
            if _is_attribute(xml):
                if outer in attributes:
                    made[name] = _scalar(attributes.pop(outer), inner.types or set())
            elif xml.get("nodeType") in {"text", "cdata"}:
                made[name] = _scalar(element.text or "", inner.types or set())
            elif "array" in (inner.types or set()):
                found = self._array(element, name, xml, inner, depth, used)
                if found is not None:
                    made[name] = found
            else:
                for child in element:
                    if _local(child.tag) == outer:
                        used.add(child)
                        made[name] = self._value(child, inner, depth + 1)
        for child in element:
            if child not in used:
                made.setdefault(_local(child.tag), self._any(child, shape.additional, depth))
        return made

    def _array(
        self,
        element: ET.Element,
        name: str,
        xml: dict[str, Any],
        shape: Shape,
        depth: int,
        used: set[ET.Element],
    ) -> list[Any] | None:
        outer = str(xml.get("name") or name)
        if _is_wrapped(xml):
            wrapper = next((child for child in element if _local(child.tag) == outer), None)
            if wrapper is None:
                return None
            used.add(wrapper)
            return [self._any(child, shape.items, depth + 1) for child in wrapper]
        inner = str(self._xml(shape.items).get("name") or outer)
        children = [child for child in element if _local(child.tag) == inner]
        used.update(children)
        return [self._any(child, shape.items, depth + 1) for child in children] or None

    # Writing

    def _fill(self, element: ET.Element, value: Any, nodes: list[Node], depth: int) -> None:
        if not isinstance(value, dict) or depth > _DEEPEST:
            element.text = "" if value is None else written(value)
            return
        shape = next(shapes(self.store, self.dialect, *nodes), Shape([])) if nodes else Shape([])
        for name, part in value.items():
            parts = shape.properties.get(name, [])
            xml = self._xml(parts)
            outer = str(xml.get("name") or name)
            if _is_attribute(xml):
                element.set(self._qualified(outer, parts), written(part))
            elif xml.get("nodeType") in {"text", "cdata"}:
                element.text = written(part)
            elif isinstance(part, list):
                self._fill_array(element, outer, part, parts, depth)
            else:
                self._fill(
                    ET.SubElement(element, self._qualified(outer, parts)), part, parts, depth + 1
                )

    def _fill_array(
        self, element: ET.Element, outer: str, value: list[Any], nodes: list[Node], depth: int
    ) -> None:
        shape = next(shapes(self.store, self.dialect, *nodes), Shape([])) if nodes else Shape([])
        holder = element
        inner = str(self._xml(shape.items).get("name") or outer)
        if _is_wrapped(self._xml(nodes)):
            holder = ET.SubElement(element, self._qualified(outer, nodes))
        for item in value:
            child = ET.SubElement(holder, self._qualified(inner, shape.items))
            self._fill(child, item, shape.items, depth + 1)


def _is_attribute(xml: dict[str, Any]) -> bool:
    return xml.get("attribute") is True or xml.get("nodeType") == "attribute"


def _is_wrapped(xml: dict[str, Any]) -> bool:
    return xml.get("wrapped") is True or xml.get("nodeType") == "element"


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _namespace(tag: str) -> str:
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def _scalar(text: str, types: set[str]) -> Any:
    """Text as the type that the schema asks for; text that is none of it stays text."""
    stripped = text.strip()
    if "boolean" in types and stripped in {"true", "false"}:
        return stripped == "true"
    for kind, convert in (("integer", int), ("number", float)):
        if kind in types and "string" not in types:
            try:
                return convert(stripped)
            except ValueError:
                continue
    if "null" in types and not stripped and "string" not in types:
        return None
    return text


def scalar(text: str, types: set[str] | None) -> Any:
    """Text of a header, form field or element as a value of one of ``types``."""
    return _scalar(text, types or set())
