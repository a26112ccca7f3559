"""What decoding a body gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from msgspec import UNSET

from mockforge.mocking.malformed import MalformedError
from mockforge_http.findings import RequestFinding


class PartInfo(NamedTuple):
    """A part of a multipart body: what its header says, with ``size`` in bytes. ``headers`` are by
    lower-case name."""

    name: str | None
    filename: str | None
    content_type: str | None
    headers: Mapping[str, str]
    size: int


class BodyResult(NamedTuple):
    """A decoded body.

    ``media_type`` is the declared media type that was chosen (the key in the document), ``None`` if none
    was or none is declared. ``value`` is ``UNSET`` if there is no value: no body was sent, or it could
    not be read. ``checkable`` is false if the media type says nothing about a mapping to JSON values
    although the schema wants an object or another type: the value is then the bytes as text, and must
    not be checked against the schema. ``sequence`` is true if the value is a list of what
    ``itemSchema`` (rather than ``schema``) describes.
    """

    media_type: str | None
    value: Any = UNSET
    findings: tuple[RequestFinding, ...] = ()
    parts: tuple[PartInfo, ...] = ()
    checkable: bool = True
    sequence: bool = False


NO_BODY: Final = BodyResult(None)
"""Nothing was sent, or nothing is declared."""


class Reading:
    """What comes up while one body is read, apart from its value."""

    __slots__ = ("checkable", "parts", "problems")

    def __init__(self) -> None:
        self.problems: list[MalformedError] = []
        self.parts: list[PartInfo] = []
        self.checkable = True
