"""Request bodies as they arrive: counted by Content-Length, or chunked (RFC 9112 section 7.1).

Sans-IO: :meth:`feed` is given bytes split anywhere and says where it stopped. llhttp cannot be used for
chunks because it does not tell where a message ends within a read, and what follows is the next request.
"""

from __future__ import annotations

import re
from typing import Final

from mockforge_http.wire.fields import parse_block
from mockforge_http.wire.limits import Limits
from mockforge_http.wire.refusal import Refusal, bad_request

MAX_CHUNK_LINE: Final = 1024
"""Longest chunk line, extensions included."""

_TOKEN: Final = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_QUOTED: Final = rb"\"(?:[\t\x20\x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*\""
_CHUNK_LINE: Final = re.compile(
    rb"([0-9A-Fa-f]{1,16})(?:;%b(?:=(?:%b|%b))?)*" % (_TOKEN, _TOKEN, _QUOTED)
)
"""Size and extensions (RFC 9112 section 7.1.1), without the whitespace that may be parsed but not sent."""

_DATA, _DATA_END, _LINE, _TRAILER = range(4)


def body_too_large(limits: Limits) -> Refusal:
    """The 413 for what exceeds ``max_body``."""
    return Refusal(
        413,
        "body-too-large",
        f"The request body is larger than {limits.max_body} bytes: send less or raise http.max_body.",
    )


class CountedBody:
    """``length`` bytes, at most ``limits.max_body`` of them."""

    __slots__ = ("_missing", "received")

    def __init__(self, length: int, limits: Limits) -> None:
        if length > limits.max_body:
            raise body_too_large(limits)
        self._missing = length
        self.received = bytearray()

    @property
    def complete(self) -> bool:
        """Whether the whole body is there."""
        return self._missing == 0

    def feed(self, data: bytes, position: int) -> int:
        """Take what belongs to the body from ``data[position:]``; where it stopped."""
        end = min(len(data), position + self._missing)
        self._missing -= end - position
        self.received += data[position:end]
        return end


class ChunkedBody:
    """Chunks up to the last one and its trailer section. Trailers are checked, bounded by
    ``limits.max_head`` and dropped, as RFC 9110 section 6.5.1 allows."""

    __slots__ = ("_limits", "_line", "_missing", "_state", "complete", "received")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._line = bytearray()
        self._missing = 0
        self._state = _LINE
        self.complete = False
        self.received = bytearray()

    def feed(self, data: bytes, position: int) -> int:
        """Take what belongs to the body from ``data[position:]``; where it stopped.

        Raises :class:`Refusal`: 400 for malformed chunks, 413 and 431 past the limits.
        """
        size = len(data)
        while position < size and not self.complete:
            if self._state == _DATA:
                end = min(size, position + self._missing)
                self._missing -= end - position
                self.received += data[position:end]
                position = end
                if self._missing == 0:
                    self._state = _DATA_END
            elif self._state == _LINE:
                position = self._take_line(data, position)
            elif self._state == _DATA_END:
                position = self._take_data_end(data, position)
            else:
                position = self._take_trailer(data, position)
        return position

    def _take_line(self, data: bytes, position: int) -> int:
        line = self._line
        old = len(line)
        end = data.find(b"\n", position, position + MAX_CHUNK_LINE + 2)
        stop = end + 1 if end >= 0 else min(len(data), position + MAX_CHUNK_LINE + 2)
        line += data[position:stop]
        if len(line) > MAX_CHUNK_LINE + 2:
            raise bad_request(
                "bad-chunk",
                f"A chunk line is longer than {MAX_CHUNK_LINE} bytes (chunk extensions).",
            )
        if end < 0:
            return position + len(line) - old
        match = _CHUNK_LINE.fullmatch(line, 0, len(line) - 2)
        if match is None or not line.endswith(b"\r\n"):
            raise bad_request(
                "bad-chunk",
                "A chunk starts with its size in hexadecimal digits and CRLF (RFC 9112 section 7.1).",
            )
        self._missing = int(match[1], 16)
        line.clear()
        if len(self.received) + self._missing > self._limits.max_body:
            raise body_too_large(self._limits)
        self._state = _DATA if self._missing else _TRAILER
        return stop

    def _take_data_end(self, data: bytes, position: int) -> int:
        wanted = b"\r\n"[len(self._line) :]
        found = data[position : position + len(wanted)]
        if not wanted.startswith(found):
            raise bad_request(
                "bad-chunk", "The data of a chunk must end with CRLF (RFC 9112 section 7.1)."
            )
        self._line += found
        if len(self._line) == 2:
            self._line.clear()
            self._state = _LINE
        return position + len(found)

    def _take_trailer(self, data: bytes, position: int) -> int:
        # ``_line`` holds the section with a CRLF before it, as a field block has.
        section = self._line
        if not section:
            section += b"\r\n"
        old = len(section)
        room = self._limits.max_head - old
        section += data[position : position + max(0, room) + 1]
        end = section.find(b"\r\n\r\n", max(0, old - 3))
        if end < 0:
            if len(section) > self._limits.max_head:
                raise Refusal(
                    431,
                    "trailers-too-large",
                    f"The trailer section is larger than {self._limits.max_head} bytes: send less or "
                    "raise http.max_head.",
                )
            return position + len(section) - old
        end += 4
        if end > 4:
            parse_block(bytes(section[:end]))
        self.complete = True
        self._line = bytearray()
        return position + end - old
