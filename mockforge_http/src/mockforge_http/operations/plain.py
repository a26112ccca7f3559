"""Values for schemas that say nothing but a type, where nothing else says what the value is about."""

from __future__ import annotations

from typing import Any

from mockforge_http.render.schema import SchemaNode

_VALUES: dict[str, Any] = {"string": "string", "integer": 0, "number": 0, "boolean": True}
_SILENT = frozenset({"type", "title", "description", "$ref", "xml", "externalDocs", "deprecated"})


def plain_value(node: SchemaNode) -> Any:
    """The conventional value of a bare scalar type (``"string"``, ``0``, ``true``); ``None`` for any other
    schema."""
    kind = None
    for view in node.views():
        for keyword, value in view.schema.items():
            if keyword not in _SILENT and not keyword.startswith("x-"):
                return None
            if keyword == "type":
                kind = value
    return _VALUES.get(kind) if isinstance(kind, str) else None
