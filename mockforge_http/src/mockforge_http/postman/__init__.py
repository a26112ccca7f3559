"""Postman collections (versions 1, 2.0 and 2.1 of the format), served as if they were OpenAPI documents.

:func:`openapi_text` turns one into an OpenAPI document when a document is prepared; see
:func:`mockforge_http.documents.kinds.is_collection` for how it is recognised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from .convert import convert
from .reading import Reading

if TYPE_CHECKING:
    from mockforge_http.documents.report import Report

__all__ = ["convert", "openapi_text"]


def openapi_text(value: Any, shown: str, report: Report) -> bytes:
    """The OpenAPI document made of the decoded collection ``value``, as JSON; what is odd goes to
    ``report``. DocumentError, with file and pointer: it is not built as a collection is."""
    wrapped = "collection" in value and "item" not in value and "requests" not in value
    reading = Reading(shown, ("collection",) if wrapped else ())
    document = convert(value["collection"] if wrapped else value, reading)
    for note in reading.notes:
        report.add(
            note.code, note.message, shown, note.tokens, severity=note.severity, hint=note.hint
        )
    return msgspec.json.encode(document)
