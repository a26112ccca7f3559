"""A document as a resolver of schemas: what data generation and validation follow references with."""

from __future__ import annotations

from mockforge.mocking.data.model import Schema
from mockforge_http.documents import Document


class DocumentSchemas:
    """The :class:`~mockforge.mocking.data.SchemaResolver` over a :class:`Document`."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def resolve(self, ref: str, base: str) -> tuple[Schema, str]:
        """The schema that ``ref`` names in resource ``base``, and its own base."""
        return self._document.resolve(ref, base)

    def rebase(self, identifier: str, base: str) -> str:
        """The base inside a schema whose ``$id`` is ``identifier``."""
        return self._document.rebase({"$id": identifier}, base)

    def dynamic_anchor(self, anchor: str, base: str) -> tuple[Schema, str] | None:
        """The schema of resource ``base`` that has this ``$dynamicAnchor``, if any."""
        return self._document.dynamic_anchor(anchor, base)
