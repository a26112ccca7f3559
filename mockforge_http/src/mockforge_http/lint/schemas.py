"""Schemas that nothing can satisfy, and patterns that are no regular expressions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from mockforge.errors import MockForgeError
from mockforge.findings import Finding
from mockforge.mocking.data import UnsatisfiableError, compile_generator
from mockforge.mocking.data.model import EndlessError
from mockforge.mocking.regex.ecma import rewrite
from mockforge_http.documents import Document
from mockforge_http.documents.pointer import join
from mockforge_http.lint.grammar import Node
from mockforge_http.lint.making import at, shown
from mockforge_http.schemas import DocumentSchemas
from mockforge_http.validation.patterns import prepare

_CAN_CONTRADICT: Final = frozenset(
    {
        "allOf", "anyOf", "const", "contains", "enum", "exclusiveMaximum", "exclusiveMinimum", "maxItems",
        "maxLength", "maxProperties", "maximum", "minItems", "minLength", "minProperties", "minimum",
        "multipleOf", "not", "oneOf", "pattern", "required",
    }
)  # fmt: skip
"""A schema with fewer than two of these, or of these and ``type``, does not contradict itself."""
_ALONE: Final = frozenset({"allOf", "anyOf", "enum", "oneOf", "required"})
"""Keywords of which one is enough."""


class SchemaLint:
    """Looks at each schema of one document by itself."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._resolver = DocumentSchemas(document)

    def findings(self, node: Node) -> Iterator[Finding]:
        """What is wrong with the schema ``node``, apart from the schemas inside it."""
        schema: dict[str, Any] = node.value
        file = shown(self._document, node.file)
        pattern = schema.get("pattern")
        if isinstance(pattern, str):
            yield from self._pattern(pattern, file, join((*node.tokens, "pattern")))
        patterns = schema.get("patternProperties")
        for name in patterns if isinstance(patterns, dict) else ():
            yield from self._pattern(name, file, join((*node.tokens, "patternProperties", name)))
        reason = self._contradiction(schema, self._document.base_at(node.file, node.tokens))
        if reason is not None:
            yield at(
                "schema-unsatisfiable",
                f"no value can satisfy this schema: {reason}",
                file,
                join(node.tokens),
                hint="correct the keywords that contradict each other",
            )

    def _pattern(self, pattern: str, file: str, pointer: str) -> Iterator[Finding]:
        reason = _no_pattern(pattern)
        if reason is not None:
            yield at(
                "pattern-invalid",
                f"the pattern {_short(pattern)} is not enforced: {reason}",
                file,
                pointer,
                hint="write a regular expression of ECMA-262, as JavaScript has them",
            )

    def _contradiction(self, schema: dict[str, Any], base: str) -> str | None:
        if not _may_contradict(schema):
            return None
        try:
            compile_generator(schema, base, resolver=self._resolver, dialect=self._document.dialect)
        except EndlessError:
            return None
        except UnsatisfiableError as error:
            # One further down is told where it stands; one that is only beyond what is generated is none.
            return error.reason if error.path == "" and "generated" not in error.reason else None
        except (MockForgeError, ValueError, TypeError, AttributeError, RecursionError):
            return None  # of the wrong shape, which openapi-core's check tells
        return None


def _may_contradict(schema: dict[str, Any]) -> bool:
    words = _CAN_CONTRADICT & schema.keys()
    if not words or schema.get("not") == {} or schema.get("not") is True:
        return False  # `not: {}` is a way to say: never
    if words == {"required"}:
        return "additionalProperties" in schema or "maxProperties" in schema
    return len(words) > 1 or not words.isdisjoint(_ALONE)


def _no_pattern(pattern: str) -> str | None:
    """Why ``pattern`` cannot be matched."""
    if prepare(pattern).how != "none":
        return None
    try:
        rewrite(pattern)
    except ValueError as error:
        return str(error) or "it is no regular expression"
    return "it is too large, or no engine here can match it"


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
