"""XML bodies by the ``xml`` object (OpenAPI 3.1.1 section 4.8.26, 3.2.0 section 4.25, 2.0 "XML Object")."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from mockforge_http.render.json import render_json
from mockforge_http.render.schema import SchemaNode

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Name characters that both editions of XML 1.0 rules allow (parsers differ on the rest): ASCII, Latin-1
# letters, basic Cyrillic, CJK ideographs.
_NOT_NAME = re.compile("[^A-Za-z0-9_.\\-À-ÖØ-öø-ÿ\u0410-\u044f\u4e00-\u9fa5]+")


def render_xml(value: Any, node: SchemaNode) -> bytes:
    """A document whose root is named by the schema's ``xml.name``, else its component, else ``xml``."""
    info = _info(node)
    name = info.get("name") or node.name() or "xml"
    if isinstance(value, list):
        item = node.items()
        inner = "".join(_element(_item_name(item, name), part, item) for part in value)
        root = name if info.get("wrapped") or info.get("name") else f"{name}s"
        body = f"<{_open(root, info)}>{inner}</{_tag(root, info)}>"
    else:
        body = _element(name, value, node)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'.encode("utf-8", "replace")


def _info(node: SchemaNode | None) -> dict[str, Any]:
    return node.gathered("xml") if node is not None else {}


def _item_name(item: SchemaNode | None, fallback: str) -> str:
    return str(_info(item).get("name") or (item.name() if item is not None else None) or fallback)


def _tag(name: str, info: dict[str, Any]) -> str:
    name = _NOT_NAME.sub("_", str(name)) or "_"
    if not (name[0].isalpha() or name[0] == "_"):
        name = "_" + name
    prefix = info.get("prefix")
    return f"{prefix}:{name}" if prefix else name


def _open(name: str, info: dict[str, Any]) -> str:
    """What stands between ``<`` and the attributes: the tag and its namespace declaration."""
    tag = _tag(name, info)
    namespace = info.get("namespace")
    if not namespace:
        return tag
    prefix = info.get("prefix")
    return f"{tag} xmlns{':' + str(prefix) if prefix else ''}={_quoted(str(namespace))}"


def _element(name: str, value: Any, node: SchemaNode | None) -> str:
    info = _info(node)
    tag = _tag(name, info)
    opening = _open(name, info)
    if value is None:
        return f"<{opening} />"
    if isinstance(value, dict):
        attributes, content = _members(value, node)
        return f"<{opening}{attributes}>{content}</{tag}>"
    if isinstance(value, list):
        item = node.items() if node is not None else None
        return "".join(_element(_item_name(item, name), part, item) for part in value)
    return f"<{opening}>{_text(value)}</{tag}>"


def _members(value: dict[str, Any], node: SchemaNode | None) -> tuple[str, str]:
    """The attributes and the content of an object."""
    attributes: list[str] = []
    content: list[str] = []
    for key, member in value.items():
        schema = node.property(key) if node is not None else None
        info = _info(schema)
        kind = info.get("nodeType")
        name = str(info.get("name") or key)
        if info.get("attribute") or kind == "attribute":
            attributes.append(f" {_tag(name, info)}={_quoted(_plain(member))}")
        elif kind in ("text", "cdata"):
            text = _plain(member)
            content.append(
                f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"
                if kind == "cdata"
                else escape(text, quote=False)
            )
        elif isinstance(member, list):
            content.append(_array(name, member, schema, info))
        else:
            content.append(_element(name, member, schema))
    return "".join(attributes), "".join(content)


def _array(name: str, value: list[Any], node: SchemaNode | None, info: dict[str, Any]) -> str:
    item = node.items() if node is not None else None
    # Without `wrapped` the items stand side by side under the items' own name, else the property's.
    inner = "".join(_element(str(_info(item).get("name") or name), part, item) for part in value)
    if info.get("wrapped") or info.get("nodeType") == "element":
        return f"<{_open(name, info)}>{inner}</{_tag(name, info)}>"
    return inner


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return _NOT_XML.sub("\ufffd", value)
    return "" if value is None else render_json(value).decode()


def _quoted(text: str) -> str:
    """An attribute's value; line ends and tabs as references, or a reader would make spaces of them (XML 1.0
    section 3.3.3)."""
    escaped = escape(text, quote=True)
    for char in "\t\n\r":
        escaped = escaped.replace(char, f"&#{ord(char)};")
    return f'"{escaped}"'


def _text(value: Any) -> str:
    return escape(_plain(value), quote=False)
