"""Multipart bodies as parts that predicates look into."""

from __future__ import annotations

from collections.abc import Sequence

from mockforge.mocking.contenttype import parse_content_type
from mockforge.mocking.malformed import MalformedError
from mockforge.mocking.matching.content import Content, Part
from mockforge.mocking.multipart import split_parts


def read_parts(raw: bytes, media_type: str) -> Sequence[Part]:
    """The parts of ``raw``; none if it is no multipart body, malformed, or of too many parts."""
    stated = parse_content_type(media_type)
    if not stated.name.startswith("multipart/"):
        return ()
    try:
        parts = split_parts(raw, stated.params.get("boundary"))
    except MalformedError:
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
