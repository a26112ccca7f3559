"""Multipart bodies as parts that predicates look into."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from mockforge.mocking.matching.content import Content, Part
from mockforge.mocking.multipart import MultipartError, split_parts

_BOUNDARY: Final = re.compile(
    r';\s*boundary\s*=\s*(?:"([^"]{1,70})"|([^\s;"]{1,70}))', re.IGNORECASE
)


def read_parts(raw: bytes, media_type: str) -> Sequence[Part]:
    """The parts of ``raw``; none if it is no multipart body, malformed, or of too many parts."""
    if not media_type.lstrip().lower().startswith("multipart/"):
        return ()
    stated = _BOUNDARY.search(media_type)
    try:
        parts = split_parts(raw, (stated[1] or stated[2]) if stated else None)
    except MultipartError:
        return ()
    return [
        Part(
            part.name,
            part.filename,
            part.headers,
            Content(part.content, part.headers.get("content-type", "")),
        )
        for part in parts
    ]
