"""Answers that say what went wrong: ``application/problem+json`` (RFC 9457)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import msgspec

from mockforge.mocking.exchange import Response

MEDIA_TYPE = "application/problem+json"
RENAMED = {413: "Content Too Large", 414: "URI Too Long", 422: "Unprocessable Content"}
"""Phrases that RFC 9110 changed and older Pythons do not have."""


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    headers: Iterable[tuple[str, str]] = (),
    **extensions: Any,
) -> Response:
    """A problem document.

    ``code`` is the stable part of the ``type`` URN that programs can test, ``detail`` one or two
    sentences for a person; further members are given by name.
    """
    document = {
        "type": f"urn:mockforge:problem:{code}",
        "title": title(status),
        "status": status,
        "detail": detail,
        **extensions,
    }
    return Response(status, [("Content-Type", MEDIA_TYPE), *headers], msgspec.json.encode(document))


@lru_cache(maxsize=128)
def title(status: int) -> str:
    """The reason phrase registered for a status (RFC 9110 section 15), or a general one."""
    if status in RENAMED:
        return RENAMED[status]
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"
