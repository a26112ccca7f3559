"""Declared examples: ``example``, ``examples``, and the spellings of OpenAPI 3.2."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from mockforge_http.operations.negotiate import is_json
from mockforge_http.render import render
from mockforge_http.render.schema import SchemaNode

if TYPE_CHECKING:
    from mockforge_http.documents import Example, MediaType

_LARGEST_FILE = 16 * 1024**2


class DeclaredExample:
    """One example: a ``value`` to render, or ``serialized`` bytes to send as they are."""

    __slots__ = ("serialized", "value")

    def __init__(self, value: Any = None, serialized: bytes | None = None) -> None:
        self.value = value
        self.serialized = serialized

    def bytes_for(self, media_type: str, node: SchemaNode) -> bytes:
        """The body to send as ``media_type``."""
        if self.serialized is not None:
            return self.serialized
        return render(media_type, self.value, node)


NO_EXAMPLE = DeclaredExample()
"""Stands for: there is none."""


def declared_examples(media: MediaType, declared: str, folder: Path) -> dict[str, DeclaredExample]:
    """The examples of a media type by name, in the document's order; ``""`` names a lone ``example``.

    ``folder`` is what ``externalValue`` is relative to and must stay in; what cannot be read there (a
    URL, for one) counts as not declared.
    """
    found: dict[str, DeclaredExample] = {}
    if media.example is not msgspec.UNSET:
        found[""] = DeclaredExample(_decoded(media.example, declared, media))
    for name, item in media.examples.items():
        example = _declared(item, declared, media, folder)
        if example is not None:
            found[name] = example
    return found


def _declared(
    item: Example, declared: str, media: MediaType, folder: Path
) -> DeclaredExample | None:
    if item.value is not msgspec.UNSET:
        return DeclaredExample(_decoded(item.value, declared, media))
    if item.serialized is not None:
        return DeclaredExample(serialized=item.serialized.encode())
    return None if item.external is None else _external(item.external, folder)


def _external(reference: str, folder: Path) -> DeclaredExample | None:
    path = (folder / reference).resolve()
    if "://" in reference or not path.is_relative_to(folder.resolve()) or not path.is_file():
        return None
    if path.stat().st_size > _LARGEST_FILE:
        return None
    return DeclaredExample(serialized=path.read_bytes())


def _decoded(value: Any, declared: str, media: MediaType) -> Any:
    """Many documents give JSON examples as text; where the schema wants no text, it is decoded."""
    if not (isinstance(value, str) and is_json(declared)) or media.schema is None:
        return value
    schema = media.schema.value
    if isinstance(schema, dict) and schema.get("type") in ("string", None) and "$ref" not in schema:
        return value
    if value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        return msgspec.json.decode(value)
    except msgspec.DecodeError:
        return value
