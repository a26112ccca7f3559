"""The parts of a ``multipart/*`` body (RFC 2046 section 5.1, RFC 7578), taken apart by python-multipart.

For the decoding of request bodies, and for stubs that look into them.
"""

from __future__ import annotations

import logging
import re
from typing import Final, NamedTuple
from urllib.parse import unquote

from python_multipart.exceptions import ParseError
from python_multipart.multipart import MultipartParser

from mockforge.mocking.fields import TOKEN
from mockforge.mocking.malformed import MalformedError

MAX_PARTS: Final = 1_000
MAX_PART_HEADER: Final = 8 * 1024
"""Bytes of all header fields of one part."""

_BOUNDARY: Final = re.compile(r"[ -~]{0,69}[!-~]")
_PARAM: Final = re.compile(rf';[ \t]*({TOKEN})[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^;]*))')

_quiet: Final = logging.Logger("mockforge.multipart", logging.CRITICAL)
"""The parser writes a warning for every malformed body; the finding says it already."""


class RawPart(NamedTuple):
    """One part: ``name`` and ``filename`` of its Content-Disposition, ``headers`` by lower-case name."""

    name: str | None
    filename: str | None
    headers: dict[str, str]
    content: bytes


class _Collector:
    """Takes the parser's events; stops it when there is too much of something."""

    def __init__(self, max_parts: int, max_header: int) -> None:
        self._allowed = max_parts
        self._max_header = max_header
        self.parts: list[RawPart] = []
        self.ended = False
        self._reset()

    def _reset(self) -> None:
        self._headers: dict[str, str] = {}
        self._name = b""
        self._field = b""
        self._size = 0
        self._pieces: list[bytes] = []

    def begin(self) -> None:
        if len(self.parts) >= self._allowed:
            raise MalformedError(
                f"has more than {self._allowed} parts",
                code="too-many-parts",
                expected=f"up to {self._allowed} parts",
            )
        self._reset()

    def name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]
        self._grow(end - start)

    def value(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]
        self._grow(end - start)

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > self._max_header:
            raise MalformedError(
                f"has a part whose header is larger than {self._max_header} bytes",
                code="part-header-too-large",
                pointer=f"/{len(self.parts)}",
                expected=f"up to {self._max_header} bytes",
            )

    def header(self) -> None:
        name = self._name.decode("latin-1").lower()
        self._headers[name] = _header_text(self._field).strip()
        self._name = self._field = b""

    def data(self, data: bytes, start: int, end: int) -> None:
        self._pieces.append(data[start:end])

    def end_part(self) -> None:
        disposition = self._headers.get("content-disposition", "")
        params = _disposition_params(disposition)
        self.parts.append(
            RawPart(
                params.get("name"),
                params.get("filename"),
                self._headers,
                self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces),
            )
        )

    def end(self) -> None:
        self.ended = True


def split_parts(
    raw: bytes,
    boundary: str | None,
    *,
    max_parts: int = MAX_PARTS,
    max_header: int = MAX_PART_HEADER,
) -> list[RawPart]:
    """The parts of ``raw`` in order; MalformedError if it is not well-formed or passes a limit."""
    if boundary is None or not _BOUNDARY.fullmatch(boundary):
        raise MalformedError(
            "has no usable `boundary` in its Content-Type",
            expected='multipart/...; boundary="..." (1 to 70 characters)',
            actual=boundary,
        )
    collector = _Collector(max_parts, max_header)
    parser = MultipartParser(
        boundary.encode("ascii"),
        {
            "on_part_begin": collector.begin,
            "on_header_field": collector.name,
            "on_header_value": collector.value,
            "on_header_end": collector.header,
            "on_part_data": collector.data,
            "on_part_end": collector.end_part,
            "on_end": collector.end,
        },
        # The collector counts the bytes of a part's whole header, which bounds both.
        max_header_count=len(raw) + 1,
        max_header_size=len(raw) + 1,
    )
    parser.logger = _quiet
    try:
        parser.write(_without_preamble(raw, boundary.encode("ascii")))
    except ParseError as error:
        raise MalformedError(
            f"is not well-formed multipart: {_reason(error)}",
            expected=f"parts between lines `--{boundary}`",
            actual=raw[max(0, error.offset - 20) : error.offset + 20]
            if error.offset >= 0
            else None,
        ) from None
    if not collector.ended:
        raise MalformedError(
            f"is not well-formed multipart: the closing line `--{boundary}--` is missing",
            expected=f"--{boundary}--",
            actual=raw[-40:],
        )
    return collector.parts


def _without_preamble(raw: bytes, boundary: bytes) -> bytes:
    """``raw`` from its first boundary line: what stands before is to be ignored (RFC 2046)."""
    start = b"--" + boundary
    if raw.startswith(start):
        return raw
    found = raw.find(b"\r\n" + start)
    return raw[found + 2 :] if found >= 0 else raw


def _reason(error: ParseError) -> str:
    text = str(error)
    return f"{text[:1].lower()}{text[1:120]}"


def _header_text(value: bytes) -> str:
    """UTF-8, as browsers send names of fields and files (RFC 7578 section 5.1), else ISO 8859-1."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _disposition_params(disposition: str) -> dict[str, str]:
    """``name`` and ``filename`` of a Content-Disposition. ``%22``, ``%0D`` and ``%0A`` stand for what HTML
    forms cannot put into quotes; ``filename*`` (RFC 8187), which forms do not use, wins if it is there."""
    found: dict[str, str] = {}
    for key, quoted, token in _PARAM.findall(disposition):
        value = token.strip() or _unquoted(quoted)
        found.setdefault(key.lower(), value)
    extended = found.get("filename*")
    if extended is not None and extended.count("'") >= 2:
        charset, _, rest = extended.partition("'")
        encoded = rest.partition("'")[2]
        if charset.lower() in ("utf-8", "iso-8859-1"):
            found["filename"] = unquote(encoded, encoding=charset, errors="replace")
    return found


def _unquoted(text: str) -> str:
    # Only a quote is escaped with a backslash in practice; others belong to Windows paths.
    text = text.replace('\\"', '"')
    return (
        text.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n") if "%" in text else text
    )
