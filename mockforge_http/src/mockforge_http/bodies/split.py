"""The parts of a ``multipart/*`` body with their content types, under the limits for bodies."""

from __future__ import annotations

from typing import NamedTuple

from mockforge.mocking.contenttype import ContentType, parse_content_type
from mockforge.mocking.multipart import split_parts as split_raw
from mockforge_http.bodies.spec import BodyLimits


class Part(NamedTuple):
    """One part. ``headers`` are by lower-case name; ``content_type`` is ``None`` if none is stated."""

    name: str | None
    filename: str | None
    content_type: ContentType | None
    headers: dict[str, str]
    content: bytes


def split_parts(
    raw: bytes, boundary: str | None, limits: BodyLimits, allowed: int | None = None
) -> list[Part]:
    """The parts of ``raw`` in order; MalformedError if it is not well-formed or passes a limit.

    ``allowed`` is how many parts there may be, by default ``limits.max_parts``.
    """
    parts = split_raw(
        raw,
        boundary,
        max_parts=limits.max_parts if allowed is None else allowed,
        max_header=limits.max_part_header,
    )
    return [
        Part(
            part.name,
            part.filename,
            None
            if (stated := part.headers.get("content-type")) is None
            else parse_content_type(stated),
            part.headers,
            part.content,
        )
        for part in parts
    ]
