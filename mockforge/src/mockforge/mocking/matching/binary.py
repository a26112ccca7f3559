"""``base64``: bodies that are no text, and values that are Base64 themselves."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from mockforge.explanations import cut
from mockforge.mocking.matching.base import (
    BODY,
    TEXT,
    Mismatch,
    Predicate,
    Scope,
    Subject,
    shown,
    shown_spec,
    text_of,
)
from mockforge.mocking.matching.content import Content


class SameOctets(Predicate):
    """``base64`` with a text: the value's octets are those that the text encodes."""

    __slots__ = ("_octets",)
    name = "base64"
    cost = TEXT

    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    def matches(self, value: Subject) -> bool:
        """Octet by octet."""
        if value is None:
            return False
        if isinstance(value, Content):
            return value.raw == self._octets
        return value.encode("utf-8", "surrogatepass") == self._octets

    def distance(self, value: Subject) -> float:
        """Bodies of other lengths are further away."""
        if not isinstance(value, Content):
            return 1.0
        return 0.4 if len(value.raw) == len(self._octets) else 0.8

    def __str__(self) -> str:
        return f"is {len(self._octets)} bytes, base64 {cut(base64.b64encode(self._octets[:60]).decode())}"


class Decoded(Predicate):
    """``base64`` with a predicate: the value is Base64 text of something that satisfies it."""

    __slots__ = ("_inside", "cost")
    name = "base64"

    def __init__(self, inside: Predicate) -> None:
        self._inside = inside
        self.cost = max(inside.cost, BODY)

    def matches(self, value: Subject) -> bool:
        """Whether the value decodes, and to what is wanted."""
        octets = _decoded(text_of(value))
        return octets is not None and self._inside.matches(Content(octets))

    def mismatch(self, value: Subject) -> Mismatch | None:
        """What is wrong with the decoded value."""
        if self.matches(value):
            return None
        octets = _decoded(text_of(value))
        miss = self._inside.mismatch(Content(octets)) if octets is not None else None
        return miss or Mismatch(str(self), shown(value), 1.0)

    def __str__(self) -> str:
        return cut(f"is Base64 of something that {self._inside}")


def _decoded(text: str | None) -> bytes | None:
    if text is None:
        return None
    compact = "".join(text.split()).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def compile_base64(value: Any, scope: Scope) -> Predicate:
    """``base64``: the octets as Base64, or a predicate on what the value decodes to."""
    if isinstance(value, Mapping):
        return Decoded(scope.inside(value))
    octets = _decoded(value) if isinstance(value, str) else None
    if octets is None:
        raise scope.error(f"expected Base64 text or a predicate, got {shown_spec(value)}")
    return SameOctets(octets)
