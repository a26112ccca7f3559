"""What a ``schemaFormat`` says about the schema beside it (AsyncAPI 3.0, Multi Format Schema Object)."""

from __future__ import annotations

import re
from typing import Final

from mockforge.mocking.data.model import Dialect

_VERSION: Final = re.compile(r";\s*version=\"?([\w.-]+)\"?")
_DRAFTS: Final[dict[str, Dialect]] = {
    "draft-03": "draft-07",
    "draft-04": "draft-07",
    "draft-06": "draft-07",
    "draft-07": "draft-07",
    "2019-09": "2020-12",
    "draft-2019-09": "2020-12",
    "2020-12": "2020-12",
    "draft-2020-12": "2020-12",
}


def dialect_of(schema_format: str | None) -> Dialect | None:
    """How a schema of this format is read; ``None`` for what is no JSON Schema (Avro, Protocol Buffers,
    RAML). Without a format it is AsyncAPI's own: draft-07 and a little more."""
    if schema_format is None:
        return "draft-07"
    name = schema_format.partition(";")[0].strip().lower()
    found = _VERSION.search(schema_format)
    version = "" if found is None else found[1].lower()
    if name.startswith("application/vnd.aai.asyncapi"):
        return "draft-07"
    if name in ("application/schema+json", "application/schema+yaml"):
        return _DRAFTS.get(version, "draft-07" if not version else None)
    if name.startswith("application/vnd.oai.openapi"):
        return "oas3.0" if version.startswith("3.0") else "2020-12"
    return None


JSON, TEXT, BINARY = "json", "text", "binary"
"""How payloads go over the wire."""


def kind_of(content_type: str | None) -> str:
    """How a payload of this type goes over the wire; JSON where nothing is said."""
    if not content_type:
        return JSON
    name = content_type.partition(";")[0].strip().lower()
    if name == "application/json" or name.endswith(("+json", "/json")):
        return JSON
    if name.startswith("text/") or name.endswith(("/xml", "+xml", "/yaml", "+yaml")):
        return TEXT
    return BINARY
