"""What can be wrong with an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from .model import Header, Media

Kind = Literal["transport", "status", "media", "body", "header", "unfollowed"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    ``media`` or ``header`` is the declaration that was not kept; ``value`` and ``raw`` are the body
    as read and as sent.
    """

    kind: Kind
    message: str
    media: Media | None = None
    header: Header | None = None
    value: Any = None
    raw: bytes = b""
