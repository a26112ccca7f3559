"""Declared examples: ``example``, ``examples``, and the spellings of OpenAPI 3.2."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from mockforge_http.operations.negotiate import is_json
from mockforge_http.render import render
from mockforge_http.render.schema import SchemaNode

if TYPE_CHECKING:
    from mockforge_http.documents import MediaType

_LARGEST_FILE = 16 * 1024**2


class Example:
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


NO_EXAMPLE = Example()
"""Stands for: there is none."""


def declared_examples(media: MediaType, declared: str, root: Path) -> dict[str, Example]:
    """The examples of a media type by name, in the document's order; ``""`` names a lone ``example``.

    ``root`` is the folder that ``externalValue`` is relative to and must stay in; what cannot be read
    there (a URL, for one) counts as not declared.
    """
    found: dict[str, Example] = {}
    if media.example is not msgspec.UNSET:
        found[""] = Example(_decoded(media.example, declared, media))
    for name, item in media.examples.items():
        example = _declared(item, declared, media, root)
        if example is not None:
            found[name] = example
    return found


def _declared(item: Any, declared: str, media: MediaType, root: Path) -> Example | None:
    if not isinstance(item, dict):
        return Example(item)
    for key in ("dataValue", "value"):
        if key in item:
            return Example(_decoded(item[key], declared, media))
    if isinstance(item.get("serializedValue"), str):
        return Example(serialized=item["serializedValue"].encode())
    external = item.get("externalValue")
    if isinstance(external, str):
        return _external(external, root)
    return None


def _external(reference: str, root: Path) -> Example | None:
    path = (root / reference).resolve()
    if "://" in reference or not path.is_relative_to(root.resolve()) or not path.is_file():
        return None
    if path.stat().st_size > _LARGEST_FILE:
        return None
    return Example(serialized=path.read_bytes())


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
