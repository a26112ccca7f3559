"""Declared examples and defaults that their own schema does not allow.

The server mends such examples (``http.examples``); here they are told, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from mockforge.findings import Finding, Severity
from mockforge.mocking.data.model import Direction
from mockforge_http.documents import Document, Located
from mockforge_http.documents.pointer import join
from mockforge_http.lint.grammar import Node, Tokens
from mockforge_http.lint.judge import Judge
from mockforge_http.lint.making import at, followed, shown
from mockforge_http.operations.negotiate import is_json

_SCHEMA_WORDS: Final = frozenset(
    {
        "allOf", "enum", "exclusiveMaximum", "exclusiveMinimum", "format", "items", "maxItems",
        "maxLength", "maximum", "minItems", "minLength", "minimum", "multipleOf", "pattern", "type",
        "uniqueItems", "x-nullable",
    }
)  # fmt: skip
"""What a parameter or header of 2.0 says about its value."""


class ExampleLint:
    """Holds the examples of one document against their schemas."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._judge = Judge(document)
        # OpenAPI 2.0 and 3.0: a default "MUST conform to the defined type"; JSON Schema only advises.
        self._default: Severity = "warning" if document.dialect == "2020-12" else "error"

    def findings(self, node: Node) -> Iterator[Finding]:
        """What is wrong with the examples that stand in ``node`` itself."""
        if node.kind == "schema":
            yield from self._of_schema(node, node.value)
        elif node.kind == "media":
            yield from self._of_value(node, is_json_text=is_json(node.name))
        elif self._document.version == "2.0":
            yield from self._of_version_2(node)
        elif node.kind in ("parameter", "header"):
            yield from self._of_value(node, is_json_text=True)

    def _of_schema(self, node: Node, schema: Any) -> Iterator[Finding]:
        value: Mapping[str, Any] = node.value
        located = Located(schema, self._base(node))
        if "example" in value:
            yield from self._held(node, ("example",), value["example"], located)
        examples = value.get("examples")
        if isinstance(examples, list) and self._document.dialect == "2020-12":
            for index, example in enumerate(examples):
                yield from self._held(node, ("examples", str(index)), example, located)
        if "default" in value:
            yield from self._held(node, ("default",), value["default"], located, is_default=True)

    def _of_version_2(self, node: Node) -> Iterator[Finding]:
        if node.kind == "response":
            examples, schema = node.value.get("examples"), node.value.get("schema")
            if isinstance(examples, dict) and isinstance(schema, dict):
                located = Located(schema, self._base(node))
                for name, example in examples.items():
                    if is_json(name) or not isinstance(example, str):
                        yield from self._held(
                            node, ("examples", name), example, located, direction="response"
                        )
        elif node.kind in ("parameter", "header"):
            schema = {word: node.value[word] for word in node.value if word in _SCHEMA_WORDS}
            if schema.get("type") != "file":
                yield from self._of_schema(node, schema)

    def _of_value(self, node: Node, *, is_json_text: bool) -> Iterator[Finding]:
        schema = node.value.get("schema")
        if not isinstance(schema, dict | bool):
            return
        located = Located(schema, self._base(node))
        for tokens, example in self._declared(node):
            if is_json_text or not isinstance(example, str):
                yield from self._held(node, tokens, example, located)

    def _declared(self, node: Node) -> Iterator[tuple[Tokens, Any]]:
        """The examples of a media type, parameter or header, each with the tokens that lead to it."""
        if "example" in node.value:
            yield ("example",), node.value["example"]
        examples = node.value.get("examples")
        for name, entry in examples.items() if isinstance(examples, dict) else ():
            tokens: Tokens = ("examples", name)
            example = followed(self._document, entry, self._base(node))
            if not isinstance(example, dict):
                continue
            for word in ("dataValue", "value"):
                if word in example:
                    yield (tokens if example is not entry else (*tokens, word)), example[word]
                    break

    def _held(
        self,
        node: Node,
        tokens: Tokens,
        value: Any,
        schema: Located,
        *,
        direction: Direction | None = None,
        is_default: bool = False,
    ) -> Iterator[Finding]:
        what = "The default" if is_default else "The example"
        fault = self._judge.fault(value, schema, direction or node.direction, what)
        if fault is None:
            return
        whole = join((*node.tokens, *tokens))
        hint = "correct it, or its schema"
        if isinstance(value, str) and value.lstrip()[:1] in ("{", "[") and _is_json_text(value):
            hint = "it is JSON written as text: write the value itself, without quotes around it"
        yield at(
            "default-invalid" if is_default else "example-invalid",
            fault.message[:1].lower() + fault.message[1:],
            shown(self._document, node.file),
            whole + (fault.pointer if "$ref" not in _at(node.value, tokens) else ""),
            severity=self._default if is_default and fault.code == "type" else "warning",
            hint=hint,
        )

    def _base(self, node: Node) -> str:
        return self._document.base_at(node.file, node.tokens)


def _at(value: Any, tokens: Tokens) -> Mapping[str, Any]:
    """The object at ``tokens`` of ``value``; an empty one for anything else."""
    for token in tokens:
        value = value[int(token)] if isinstance(value, list) else value[token]
    return value if isinstance(value, dict) else {}


def _is_json_text(text: str) -> bool:
    try:
        msgspec.json.decode(text)
    except msgspec.DecodeError:
        return False
    return True
