"""``$schema`` and ``jsonSchemaDialect``: which keywords a schema resource is written in.

A metaschema that is part of the document and leaves out the validation vocabulary takes the meaning from its
keywords (JSON Schema 2020-12 core, section 8.1.2). A dialect that is not known is read as that of OpenAPI.
"""

from __future__ import annotations

from typing import Any, Final

from mockforge.errors import MockForgeError
from mockforge.mocking.data.model import Schema
from mockforge_http.validation.hidden import Resolve

_VALIDATION: Final = "https://json-schema.org/draft/2020-12/vocab/validation"
_ASSERTIONS: Final = frozenset(
    {
        "const", "dependentRequired", "enum", "exclusiveMaximum", "exclusiveMinimum", "maxContains",
        "maxItems", "maxLength", "maxProperties", "maximum", "minContains", "minItems", "minLength",
        "minProperties", "minimum", "multipleOf", "pattern", "required", "type", "uniqueItems",
    }
)  # fmt: skip


class Vocabularies:
    """Knows the metaschemas of the resources of one document; ``default`` is the document's."""

    def __init__(self, resolve: Resolve, default: str | None) -> None:
        self._resolve = resolve
        self._default = default
        self._without: dict[str, bool] = {}
        self._bases: dict[str, bool] = {}

    def understood(
        self, schema: dict[str, Any], plain: dict[str, Any], base: str
    ) -> dict[str, Any]:
        """The keywords of ``plain``, the normalised ``schema``, that have a meaning in ``base``."""
        named = schema.get("$schema")
        if isinstance(named, str):
            self._bases[base] = self._is_without(named, base)
        elif self._default is not None and base not in self._bases:
            self._bases[base] = self._is_without(self._default, base)
        if not self._bases.get(base, False):
            return plain
        return {word: value for word, value in plain.items() if word not in _ASSERTIONS}

    def _is_without(self, metaschema: str, base: str) -> bool:
        known = self._without.get(metaschema)
        if known is None:
            known = self._without[metaschema] = self._lacks_validation(metaschema, base)
        return known

    def _lacks_validation(self, metaschema: str, base: str) -> bool:
        try:
            found: tuple[Schema, str] = self._resolve(metaschema, base)
        except MockForgeError:
            # Not a part of the document, so not its own dialect.
            return False
        vocabulary = found[0].get("$vocabulary") if isinstance(found[0], dict) else None
        return isinstance(vocabulary, dict) and _VALIDATION not in vocabulary
