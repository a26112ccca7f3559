"""What the validators of the operations of one document share."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cached_property
from typing import Any, Final

from mockforge.errors import MockForgeError
from mockforge.mocking.data.model import Dialect, Direction
from mockforge_http.bodies import BodyLimits
from mockforge_http.documents import Document, Located
from mockforge_http.schemas import DocumentSchemas
from mockforge_http.validation.compile import SchemaValidator, ValidatorPool
from mockforge_http.validation.specs import ShapeResolver

log: Final = logging.getLogger("mockforge.http.validation")

_MOST_TOLD: Final = 1_000
"""Different problems of one document that are logged."""


class DocumentChecks:
    """Compiles the schemas of ``document``; ``limits`` are those of request bodies."""

    def __init__(self, document: Document, limits: BodyLimits | None = None) -> None:
        self.document = document
        self.limits = BodyLimits() if limits is None else limits
        self.schemas = DocumentSchemas(document)
        self.shapes = ShapeResolver(self.schemas)
        self.dialect: Dialect = document.dialect
        named = document.root.get("jsonSchemaDialect")
        self.metaschema = named if isinstance(named, str) else None
        self._pool = ValidatorPool(self.schemas, self.dialect, self.metaschema)
        self._told: set[str] = set()

    @cached_property
    def schemes(self) -> dict[str, dict[str, Any]]:
        """Security Scheme Objects by name."""
        return self.document.security_schemes()

    @cached_property
    def api_keys(self) -> frozenset[str]:
        """Query fields that hold API keys."""
        return frozenset(
            str(scheme.get("name"))
            for scheme in self.schemes.values()
            if scheme.get("type") == "apiKey" and scheme.get("in") == "query"
        )

    def compile(self, schema: Located, direction: Direction, what: str) -> SchemaValidator | None:
        """The validator of ``schema``, which ``what`` names in messages; ``None`` if nothing is to be
        checked."""
        found = self.guarded(what, lambda: self._pool.get(schema.value, schema.base, direction))
        return None if found is None or found.trivial else found

    def guarded(self, what: str, make: Callable[[], SchemaValidator]) -> SchemaValidator | None:
        """What ``make`` makes. A schema that cannot be compiled is logged, once, and not enforced: a
        mistake in one place of a document does not keep the rest of it from being served."""
        try:
            validator = make()
        except (MockForgeError, ValueError, RecursionError) as error:
            self._tell(what, f"cannot be checked: {error}")
            return None
        for problem in validator.problems:
            self._tell(what, problem)
        return validator

    def _tell(self, what: str, problem: str) -> None:
        message = f"{self.document.path}: {what}: {problem}"
        if message not in self._told and len(self._told) < _MOST_TOLD:
            self._told.add(message)
            log.warning("%s", message)
