"""Whether a declared value satisfies its schema, and if not, why."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final, NamedTuple

import msgspec

from mockforge.errors import MockForgeError
from mockforge.mocking.data.model import Direction
from mockforge_http.documents import Document, Located
from mockforge_http.schemas import DocumentSchemas
from mockforge_http.validation.compile import SchemaValidator, ValidatorPool
from mockforge_http.validation.report import findings_of, problems_of

_KEPT: Final = 512
"""Validators that are kept: documents describe the same small things again and again."""
_SIDE_WORDS: Final = frozenset(
    {"default", "deprecated", "description", "example", "examples", "externalDocs", "title", "xml"}
)
_EITHER: Final[tuple[Direction, ...]] = ("response", "request")


class Fault(NamedTuple):
    """Why a value is not valid: the keyword, a sentence, and the pointer within the value."""

    code: str
    message: str
    pointer: str


class Judge:
    """Judges the values of one document, with the validators that check its requests and answers."""

    def __init__(self, document: Document) -> None:
        named = document.root.get("jsonSchemaDialect")
        metaschema = named if isinstance(named, str) else None
        self._pool = ValidatorPool(DocumentSchemas(document), document.dialect, metaschema)
        self._kept: OrderedDict[tuple[bytes, str, Direction], SchemaValidator | None] = (
            OrderedDict()
        )

    def fault(
        self, value: Any, schema: Located, direction: Direction | None, what: str
    ) -> Fault | None:
        """What is wrong with ``value``, which ``what`` names in a sentence; ``None`` if it is valid. Where
        the direction is not known, it is enough to be valid in one. A schema that cannot be compiled
        judges nothing."""
        validator: SchemaValidator | None = None
        for each in _EITHER if direction is None else (direction,):
            validator = self._validator(schema, each)
            if validator is None or validator.is_valid(value):
                return None
        if validator is None:
            return None
        problems = problems_of(validator, value, 1, _size(value))
        finding = findings_of(problems, "body", "", what)[0]
        return Fault(finding.code, finding.message.rstrip("."), finding.pointer)

    def _validator(self, schema: Located, direction: Direction) -> SchemaValidator | None:
        value = schema.value
        if isinstance(value, dict):
            value = {word: part for word, part in value.items() if word not in _SIDE_WORDS}
        try:
            key = (msgspec.json.encode(value), schema.base, direction)
        except (OverflowError, RecursionError):
            return self._compiled(value, schema.base, direction)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        validator = self._kept[key] = self._compiled(value, schema.base, direction)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return validator

    def _compiled(self, value: Any, base: str, direction: Direction) -> SchemaValidator | None:
        try:
            return self._pool.get(value, base, direction)
        except (MockForgeError, ValueError, TypeError, AttributeError, RecursionError):
            # A schema of the wrong shape is told by openapi-core's check; it judges nothing here.
            return None


def _size(value: Any) -> int:
    try:
        return len(msgspec.json.encode(value))
    except (OverflowError, RecursionError):
        return 1 << 20
