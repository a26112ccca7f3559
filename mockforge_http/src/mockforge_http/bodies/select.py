"""Which declared media type a request body is of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from mockforge_http.operations.negotiate import MediaRange, is_json, is_xml, parse_media_type

_JSON_STARTS: Final = b'{["-0123456789tfn'
_PATTERN_FIT: Final = 6
"""Of ``application/*+json``: between a range (4 or 5) and a whole name (8 or more)."""
_SUFFIXES: Final = {"+json": "application/json", "+xml": "application/xml"}


class MediaSelector:
    """The declared media types of one body, parsed."""

    def __init__(self, declared: Iterable[str]) -> None:
        self.declared: Sequence[str] = tuple(declared)
        self._ranges: list[tuple[str, MediaRange]] = [
            (text, parse_media_type(text)) for text in self.declared
        ]

    def select(self, sent: str) -> str | None:
        """The declared type that names ``sent`` most precisely ("only the most specific key is
        applicable", OpenAPI 3.2.1 section 4.13); a type with a suffix that is not declared falls back
        on what the suffix stands for (RFC 6839)."""
        offered = parse_media_type(sent)
        best, chosen = -1, None
        for text, declared in self._ranges:
            fit = _fit(declared, offered)
            if fit > best:
                best, chosen = fit, text
        if chosen is None:
            for suffix, base in _SUFFIXES.items():
                if offered.subtype.endswith(suffix):
                    return next(
                        (text for text, d in self._ranges if f"{d.type}/{d.subtype}" == base), None
                    )
        return chosen

    def guess(self, raw: bytes) -> str:
        """The declared type for a body that came without ``Content-Type``: the recipient may "examine
        the data to determine its type" (RFC 9110 section 8.3)."""
        likely = likely_type(raw)
        fits = is_json if is_json(likely) else is_xml if is_xml(likely) else None
        found = next((text for text in self.declared if fits is not None and fits(text)), None)
        return found or self.declared[0]


def likely_type(raw: bytes) -> str:
    """What a body without a type looks like: JSON, XML, or just bytes."""
    start = raw[:64].lstrip(b" \t\r\n\xef\xbb\xbf")[:1]
    if start and start in _JSON_STARTS:
        return "application/json"
    return "application/xml" if start == b"<" else "application/octet-stream"


def _fit(declared: MediaRange, offered: MediaRange) -> int:
    """How precisely ``declared`` names ``offered``, from 0; -1 if it does not."""
    if "*" in (offered.type, offered.subtype):
        return -1
    pattern = declared.subtype
    if pattern.startswith("*+"):  # application/*+json
        covered = declared.type in ("*", offered.type) and offered.subtype.endswith(pattern[1:])
        return _PATTERN_FIT if covered else -1
    fit = declared.fit(offered)
    # Between equals, parameters that only the document names make a type less fitting.
    return fit if fit < 0 else 4 * fit + (declared.params <= offered.params)
