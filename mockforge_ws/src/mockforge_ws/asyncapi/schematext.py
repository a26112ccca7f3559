"""Whether the schemas of a document are well-formed: their keywords, their patterns, where references
lead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from mockforge.errors import DocumentError
from mockforge.mocking.data.dialects import WELL_FORMED
from mockforge.mocking.data.model import Dialect
from mockforge.mocking.stubs.compiler import kind_of
from mockforge_ws.asyncapi.files import REF, Files, Node
from mockforge_ws.asyncapi.formats import dialect_of
from mockforge_ws.asyncapi.patterns import engine_text
from mockforge_ws.asyncapi.report import Report
from mockforge_ws.asyncapi.resolving import find

MAX_SCHEMAS: Final = 100_000
_ONE: Final = frozenset(
    {
        "additionalItems", "additionalProperties", "contains", "else", "if", "items", "not",
        "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties",
    }
)  # fmt: skip
_LIST: Final = frozenset({"allOf", "anyOf", "oneOf", "prefixItems", "items"})
_NAMED: Final = frozenset(
    {"$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties"}
)
_OTHERWISE: Final = frozenset({"discriminator", "items", "$id", "example"})
"""Keywords that AsyncAPI or older drafts write in another way than 2020-12."""
_EXCLUSIVE: Final = frozenset({"exclusiveMinimum", "exclusiveMaximum"})


class SchemaText:
    """Checks schemas, each one once."""

    def __init__(self, files: Files, report: Report) -> None:
        self._files = files
        self._report = report
        self._done: set[tuple[str, tuple[object, ...]]] = set()

    def check(self, node: Node, dialect: Dialect, whole: Node | None) -> None:
        """Check the schema at ``node`` and all in it and all it refers to. ``whole`` is the schema that it
        stands in, where that is a document of its own."""
        todo: list[tuple[Node, Dialect, Node | None]] = [(node, dialect, whole)]
        while todo:
            each, dialect, whole = todo.pop()
            key = (each.file, each.path)
            if key in self._done or len(self._done) >= MAX_SCHEMAS:
                continue
            self._done.add(key)
            if isinstance(each.value, bool):
                continue
            if not isinstance(each.value, dict):
                self._wrong(each, "a schema")
                continue
            self._keywords(each, dialect)
            for keyword in (REF, "$dynamicRef"):
                if isinstance(each.value.get(keyword), str):
                    found = self._reference(each, keyword, dialect, whole)
                    if found is not None:
                        todo.append(found)
            if dialect == "2020-12" or each.ref is None:
                todo += [(below, dialect, whole) for below in _below(each)]

    def _reference(
        self, node: Node, keyword: str, dialect: Dialect, whole: Node | None
    ) -> tuple[Node, Dialect, Node | None] | None:
        try:
            target, inside = find(self._files, node.value[keyword], node.file, whole)
        except DocumentError as error:
            said = error.message if error.place is None else str(error)
            self._report.add("reference", said, node.child(keyword), hint=error.hint)
            return None
        value = target.value
        if isinstance(value, dict) and "schemaFormat" in value and "schema" in value:
            inner = target.child("schema")
            read = dialect_of(value["schemaFormat"])
            return None if read is None else (inner, read, inner)
        return target, dialect, inside

    def _keywords(self, node: Node, dialect: Dialect) -> None:
        for keyword, value in node.value.items():
            test = WELL_FORMED.get(keyword)
            if test is None or keyword in _OTHERWISE:
                continue
            if not test(value):
                # Draft-04 and OpenAPI 3.0 have `true` here, which can be understood.
                known = keyword in _EXCLUSIVE and isinstance(value, bool)
                if known and dialect == "oas3.0":
                    continue
                self._report.add(
                    "schema",
                    f"{kind_of(value)} makes no sense as `{keyword}`",
                    node.child(keyword),
                    severity="warning" if known else "error",
                    hint=_HINTS.get(keyword),
                )
            elif keyword == "pattern":
                self._pattern(node.child(keyword), value)
            elif keyword == "patternProperties":
                for pattern in value:
                    self._pattern(node.child(keyword).child(pattern), pattern)

    def _pattern(self, node: Node, pattern: str) -> None:
        if engine_text(pattern) is None:
            self._report.warn(
                "pattern",
                f"{pattern!r} is no regular expression"[:200],
                node,
                hint="it is left out",
            )

    def _wrong(self, node: Node, wanted: str) -> None:
        self._report.add("schema", f"must be {wanted}, not {kind_of(node.value)}", node)


_HINTS: Final = {
    "type": "array, boolean, integer, null, number, object or string",
    "required": "a list of names, beside `properties`",
    "exclusiveMinimum": "since draft-06 it is a number",
    "exclusiveMaximum": "since draft-06 it is a number",
}


def _below(node: Node) -> Iterator[Node]:
    """The schemas directly inside a schema."""
    value: dict[str, Any] = node.value
    for keyword, below in value.items():
        if keyword in _LIST and isinstance(below, list):
            yield from (node.child(keyword).child(number) for number in range(len(below)))
        elif keyword in _NAMED and isinstance(below, dict):
            named = node.child(keyword)
            for name, item in below.items():
                if keyword != "dependencies" or not isinstance(item, list):
                    yield named.child(name)
        elif keyword in _ONE and isinstance(below, dict | bool):
            yield node.child(keyword)
