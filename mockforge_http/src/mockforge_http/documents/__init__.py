"""OpenAPI documents: read, prepared once, and served part by part.

:func:`open_document` gives a :class:`Document`; its :class:`OperationRef`\\ s and
:class:`OperationView`\\ s are what routing, validation and answers are made from.
"""

from __future__ import annotations

from .cache import Cache
from .document import Document, open_document
from .index import OperationRef
from .limits import DEFAULT_LIMITS, Limits
from .shapes import (
    Encoding,
    Example,
    Located,
    MediaType,
    OperationView,
    Parameter,
    RequestBody,
    ResponseView,
)

__all__ = [
    "DEFAULT_LIMITS",
    "Cache",
    "Document",
    "Encoding",
    "Example",
    "Limits",
    "Located",
    "MediaType",
    "OperationRef",
    "OperationView",
    "Parameter",
    "RequestBody",
    "ResponseView",
    "open_document",
]
