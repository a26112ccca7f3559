"""Message encodings: ``gzip``, ``deflate`` (zlib) and ``identity``; what comes out is bounded."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Final

_BITS: Final = {b"gzip": 31, b"deflate": 15}
"""Window bits that have zlib read and write the format."""

IDENTITY: Final = b"identity"
SUPPORTED: Final = frozenset({IDENTITY, *_BITS})
ACCEPTED: Final = b"identity,deflate,gzip"
"""The value of ``grpc-accept-encoding``."""


class TooLargeError(Exception):
    """A message is larger than it may be after decompression."""


class MalformedError(Exception):
    """A message is not in the encoding that it is said to be in."""


def decompress(data: bytes, encoding: bytes, limit: int) -> bytes:
    """The message. :class:`TooLargeError` as soon as more than ``limit`` bytes come out;
    :class:`MalformedError` if it is broken, cut short, or followed by more. gzip may have several members
    (RFC 1952 section 2.2)."""
    bits = _BITS[encoding]
    message = b""
    rest = data
    while True:
        reader = zlib.decompressobj(bits)
        try:
            message += reader.decompress(rest, limit + 1 - len(message))
        except zlib.error as error:
            raise MalformedError(str(error)) from error
        if len(message) > limit:
            raise TooLargeError
        if not reader.eof:
            raise MalformedError("unexpected end of the data")
        rest = reader.unused_data
        if not rest:
            return message
        if encoding != b"gzip":
            raise MalformedError("data after the end")


def compressor(encoding: bytes, level: int) -> Callable[[bytes], bytes] | None:
    """What compresses a message, None for ``identity``."""
    bits = _BITS.get(encoding)
    if bits is None:
        return None

    def compress(data: bytes) -> bytes:
        writer = zlib.compressobj(level, zlib.DEFLATED, bits)
        return writer.compress(data) + writer.flush()

    return compress


def accepts(header: bytes | None, encoding: bytes) -> bool:
    """Whether a client with this ``grpc-accept-encoding`` takes ``encoding``. Without the header it takes
    what it sends itself, which the caller knows."""
    return header is not None and encoding in (part.strip() for part in header.split(b","))
