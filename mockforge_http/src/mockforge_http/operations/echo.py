"""Path parameters seen again in the answer: ``GET /pets/7`` should give pet 7.

A parameter sets the property of the same name at the top of a generated object; the last parameter, if its
name ends in *id*, else sets the property ``id``. A text that the property cannot hold is left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mockforge.mocking.routing import PathTemplate
from mockforge_http.documents import Located
from mockforge_http.render.schema import SchemaNode

if TYPE_CHECKING:
    from mockforge_http.documents import OperationView
    from mockforge_http.operations.answering import Answering
    from mockforge_http.operations.mend import Accepts

_TYING = ("anyOf", "oneOf", "not", "if", "dependentSchemas", "propertyNames", "patternProperties")
_SCALARS = frozenset({"integer", "number", "string"})
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")


class EchoedParameters:
    """Which path parameters of an operation appear in which properties of its answer.

    ``independent``: a property's own schema decides what it may hold, no keyword ties it to others; then
    :meth:`overrides` are valid as they are.
    """

    def __init__(self, view: OperationView, node: SchemaNode, answering: Answering) -> None:
        self._targets: list[tuple[int, str, str, Accepts]] = []
        self.independent = not any(
            keyword in part.schema for part in node.views() for keyword in _TYING
        )
        names = PathTemplate(view.template).names
        for position, name in enumerate(names):
            wanted = [name]
            if position == len(names) - 1 and name.lower().endswith("id"):
                wanted.append("id")
            for prop in wanted:
                schema = node.property(prop)
                kind = _kind(schema)
                if schema is not None and kind is not None:
                    accepts = answering.accepts(Located(schema.schema, schema.base))
                    self._targets.append((position, prop, kind, accepts))
                    break

    def __bool__(self) -> bool:
        return bool(self._targets)

    def overrides(self, values: tuple[str, ...]) -> dict[str, Any]:
        """Property values for a request whose path parameters are ``values``."""
        found: dict[str, Any] = {}
        for position, name, kind, accepts in self._targets:
            value = _converted(values[position], kind)
            if value is not None and accepts(value):
                found[name] = value
        return found


def _kind(node: SchemaNode | None) -> str | None:
    """The scalar type of a property, or ``None`` if it has none or its values are listed."""
    if node is None or node.find("enum") or node.find("const"):
        return None
    found = node.find("type")
    kinds = found[0] if found else None
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        if kind in _SCALARS:
            return str(kind)
    return None


def _converted(text: str, kind: str) -> Any:
    if kind == "string":
        return text
    if kind == "integer":
        return int(text) if _INTEGER.fullmatch(text) else None
    return float(text) if _NUMBER.fullmatch(text) else None
