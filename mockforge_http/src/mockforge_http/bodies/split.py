"""The parts of a ``multipart/*`` body with their content types, under the limits for bodies."""

from __future__ import annotations

from typing import NamedTuple

from mockforge.mocking.multipart import MultipartError
from mockforge.mocking.multipart import split_parts as split_raw
from mockforge_http.bodies.spec import BodyLimits
from mockforge_http.values.contenttype import ContentType, parse_content_type
from mockforge_http.values.malformed import MalformedError


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
    try:
        parts = split_raw(
            raw,
            boundary,
            max_parts=limits.max_parts if allowed is None else allowed,
            max_header=limits.max_part_header,
        )
    except MultipartError as error:
        raise MalformedError(
            error.reason,
            code=error.code,
            pointer=error.pointer,
            expected=error.expected,
            actual=error.actual,
        ) from None
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
