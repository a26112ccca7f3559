"""Answers of the HTTP server that say what went wrong, beyond those of all protocols."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mockforge.mocking.exchange import Response
from mockforge.mocking.problems import MEDIA_TYPE, RENAMED, problem, title

__all__ = ["MEDIA_TYPE", "RENAMED", "method_not_allowed", "problem", "title"]


def method_not_allowed(
    method: str, path: str, allowed: Sequence[str], *, detail: str = "", **extensions: Any
) -> Response:
    """What answers a method that nothing declares for ``path`` (RFC 9110 section 15.5.6); ``detail`` is
    added to what it says."""
    allow = ", ".join(allowed)
    return problem(
        405,
        "method-not-allowed",
        f"{path} is declared, but not for {method}. Declared: {allow}.{detail}",
        headers=[("Allow", allow)],
        allowed=allowed,
        **extensions,
    )
