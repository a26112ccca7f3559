"""Errors as ``application/problem+json`` (RFC 9457)."""

from __future__ import annotations

from typing import Any

from mockforge.errors import MockForgeError, SeveralErrors
from mockforge.mocking.problems import MEDIA_TYPE, title
from mockforge_admin.api.endpoints import ApiError, Reply
from mockforge_admin.gate import Refusal


def of_error(error: MockForgeError) -> Reply:
    """What ``error`` is answered with; 422 unless it says otherwise."""
    members: dict[str, Any] = {}
    if error.hint:
        members["hint"] = error.hint
    place = place_of(error)
    if place is not None:
        members["place"] = place
    if isinstance(error, SeveralErrors):
        members["problems"] = [
            {"message": each.message, "hint": each.hint, "place": place_of(each)}
            for each in error.errors
        ]
    if isinstance(error, ApiError):
        members |= error.extensions
        return problem(error.status, error.code, error.message, headers=error.headers, **members)
    return problem(422, "not-usable", error.message, **members)


def place_of(error: MockForgeError) -> dict[str, Any] | None:
    """Where ``error`` was found: ``file``, ``line``, ``column`` and key ``path``, as far as is known."""
    if error.place is None:
        return None
    names = ("file", "line", "column", "path")
    known = {name: value for name in names if (value := getattr(error.place, name)) is not None}
    return known or None


def of_refusal(refusal: Refusal) -> Reply:
    """What a request that does not come in is answered with."""
    headers = {"WWW-Authenticate": "Bearer"} if refusal.status == 401 else {}
    return problem(refusal.status, refusal.code, refusal.detail, headers=headers)


def problem(
    status: int, code: str, detail: str, *, headers: dict[str, str] | None = None, **members: Any
) -> Reply:
    """A problem document; ``code`` is the end of its ``type``."""
    document = {
        "type": f"urn:mockforge:problem:{code}",
        "title": title(status),
        "status": status,
        "detail": detail,
        **members,
    }
    return Reply(document, status, headers or {}, MEDIA_TYPE)
