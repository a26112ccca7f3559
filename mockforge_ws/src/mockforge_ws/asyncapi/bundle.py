"""One self-contained schema for the validator, from schemas spread over the files of a document.

All that a schema refers to is collected under ``$defs``, in the wording of JSON Schema 2020-12 whatever its
own was. A ``$dynamicRef`` leads where a ``$ref`` would.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Final

from mockforge.errors import DocumentError
from mockforge.mocking.data.dialects import normalise
from mockforge.mocking.data.model import Dialect, Schema
from mockforge.mocking.data.resolver import SchemaResolver
from mockforge_ws.asyncapi.patterns import engine_text

MAX_SCHEMAS: Final = 20_000
"""That hang together."""
_LISTS: Final = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_NAMED: Final = frozenset({"properties", "dependentSchemas"})
_SINGLE: Final = frozenset(
    {
        "additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then",
        "unevaluatedItems", "unevaluatedProperties",
    }
)  # fmt: skip
_DROPPED: Final = frozenset(
    {
        "$id", "$dynamicAnchor", "contentEncoding", "contentMediaType", "default", "discriminator",
        "examples", "readOnly", "title", "writeOnly",
    }
)  # fmt: skip
"""What decides over no value."""


def bundle(schema: Schema, base: str, resolver: SchemaResolver, dialect: Dialect) -> Schema:
    """``schema``, which stands in ``base``, with all it refers to. DocumentError: it is too much."""
    if isinstance(schema, bool):
        return schema
    return _Bundling(resolver, dialect).run(schema, base)


class _Bundling:
    def __init__(self, resolver: SchemaResolver, dialect: Dialect) -> None:
        self._resolver = resolver
        self._dialect = dialect
        self._names: dict[tuple[int, str], str] = {}
        self._held: list[Schema] = []
        self._queue: deque[tuple[str, Schema, str]] = deque()

    def run(self, schema: dict[str, Any], base: str) -> Schema:
        root = self._object(schema, base)
        made: dict[str, Schema] = {}
        while self._queue:
            name, each, inside = self._queue.popleft()
            made[name] = self._schema(each, inside)
        return {**root, "$defs": made} if made else root

    def _schema(self, schema: Schema, base: str) -> Schema:
        return schema if isinstance(schema, bool) else self._object(schema, base)

    def _object(self, schema: dict[str, Any], base: str) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for keyword, value in normalise(schema, self._dialect).items():
            if keyword in ("$ref", "$dynamicRef"):
                made.setdefault("allOf", []).append({"$ref": self._place(value, base)})
            elif keyword in _LISTS:
                parts = [self._schema(part, base) for part in value]
                made.setdefault(keyword, []).extend(parts)
            elif keyword in _NAMED:
                made[keyword] = {name: self._schema(item, base) for name, item in value.items()}
            elif keyword in _SINGLE:
                made[keyword] = self._schema(value, base)
            elif keyword == "pattern":
                text = engine_text(value)
                if text is not None:
                    made[keyword] = text
            elif keyword == "patternProperties":
                made[keyword] = {
                    text: self._schema(item, base)
                    for pattern, item in value.items()
                    if (text := engine_text(pattern)) is not None
                }
            elif keyword == "required" or (keyword == "type" and isinstance(value, list)):
                made[keyword] = list(dict.fromkeys(value))
            elif keyword == "dependentRequired":
                made[keyword] = {name: list(dict.fromkeys(each)) for name, each in value.items()}
            elif keyword not in _DROPPED:
                made[keyword] = value
        return made

    def _place(self, ref: str, base: str) -> str:
        schema, inside = self._resolver.resolve(ref, base)
        key = (id(schema), inside)
        name = self._names.get(key)
        if name is None:
            if len(self._names) >= MAX_SCHEMAS:
                raise DocumentError(f"more than {MAX_SCHEMAS} schemas hang together")
            name = self._names[key] = f"s{len(self._names)}"
            self._held.append(schema)  # so that no other one comes by its id
            self._queue.append((name, schema, inside))
        return f"#/$defs/{name}"
