"""Frames that are written by hand: where there is no session any more, or not yet (RFC 9113 section 4.1)."""

from __future__ import annotations

import struct
from typing import Final

SETTINGS: Final = b"\0\0\0\4\0\0\0\0\0"
"""An empty SETTINGS frame."""

EVERY_STREAM: Final = 2**31 - 1

_NOT_HTTP2: Final = b"This port speaks gRPC, which is HTTP/2 from the first octet.\n"
HTTP1_ANSWER: Final = (
    b"HTTP/1.1 505 HTTP Version Not Supported\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s"
) % (len(_NOT_HTTP2), _NOT_HTTP2)
HTTP1_METHODS: Final = (b"GET ", b"POST ", b"HEAD ", b"PUT ", b"OPTIONS ", b"DELETE ", b"PATCH ")


def goaway(last_stream: int, code: int, reason: bytes = b"") -> bytes:
    """A GOAWAY frame."""
    return struct.pack("!BHBBIII", 0, 8 + len(reason), 7, 0, 0, last_stream, code) + reason
