"""Answers that say what went wrong: ``application/problem+json`` (RFC 9457)."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import msgspec

from mockforge.mocking.exchange import Response

MEDIA_TYPE = "application/problem+json"


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


def title(status: int) -> str:
    """The reason phrase registered for a status, or a general one."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"
