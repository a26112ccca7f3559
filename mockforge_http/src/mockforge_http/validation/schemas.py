"""The schemas of bodies by media type: each is compiled when a body of its type first comes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mockforge_http.documents import Located, MediaType

if TYPE_CHECKING:
    from mockforge.mocking.data.model import Direction
    from mockforge_http.bodies import BodyResult
    from mockforge_http.validation.compile import SchemaValidator
    from mockforge_http.validation.document import DocumentChecks


class BodySchemas:
    """``label`` says in messages whose ``content`` it is, after the media type. ``size`` is about how many
    bytes hang on the validators that there are by now."""

    def __init__(
        self,
        content: Mapping[str, MediaType],
        checks: DocumentChecks,
        direction: Direction,
        label: str,
    ) -> None:
        self.size = 0
        self._content = content
        self._checks = checks
        self._direction = direction
        self._label = label
        self._validators: dict[str | None, SchemaValidator | None] = {None: None}

    def refusing(self, body: BodyResult) -> SchemaValidator | None:
        """The validator that does not let ``body`` pass; ``None`` if there is nothing to object to."""
        try:
            validator = self._validators[body.media_type]
        except KeyError:
            validator = self._compile(body)
        return None if validator is None or validator.is_valid(body.value) else validator

    def _compile(self, body: BodyResult) -> SchemaValidator | None:
        media = self._content[body.media_type or ""]
        schema = media_schema(media, sequence=body.sequence)
        validator = None
        if schema is not None:
            what = f"the {media.name} {self._label}"
            validator = self._checks.compile(schema, self._direction, what)
        self._validators[body.media_type] = validator
        if validator is not None:
            self.size += validator.size
        return validator


def media_schema(media: MediaType, *, sequence: bool) -> Located | None:
    """The schema of a whole body; for a ``sequence`` that of a list of its items (OpenAPI 3.2.0 section
    4.14.1)."""
    if not sequence:
        return media.schema
    if media.item_schema is None:
        return None
    items = media.item_schema
    return Located({"type": "array", "items": items.value}, items.base)
