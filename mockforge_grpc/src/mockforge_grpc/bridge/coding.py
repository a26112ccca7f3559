"""What wraps messages in HTTP bodies: envelopes of five bytes and a message, and gzip.

gRPC, gRPC-Web and Connect frame alike: a byte of flags, four of length (big-endian), the message.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Iterator
from typing import Final

from mockforge_grpc.bridge.errors import RequestError
from mockforge_grpc.status import Code

COMPRESSED: Final = 0x01
CONNECT_END: Final = 0x02
WEB_TRAILERS: Final = 0x80
ENCODINGS: Final = ("gzip", "identity")
WORTH_COMPRESSING: Final = 512
"""Bytes below which an answer is sent as it is."""

PREFIX: Final = struct.Struct(">BI")
"""Flags and length of a frame."""
_GZIP: Final = 31


def envelope(message: bytes, flags: int = 0) -> bytes:
    """One frame."""
    return PREFIX.pack(flags, len(message)) + message


def open_envelopes(body: bytes, *, encoding: str, limit: int) -> Iterator[bytes]:
    """The messages in ``body``, decompressed.

    RequestError: a frame is cut off, has flags that mean nothing here, or a message is larger than
    ``limit`` bytes (RESOURCE_EXHAUSTED).
    """
    at = 0
    while at < len(body):
        if at + 5 > len(body):
            raise RequestError(f"the body ends within the prefix of a message, at byte {len(body)}")
        flags, length = PREFIX.unpack_from(body, at)
        at += 5
        if flags & ~COMPRESSED:
            raise RequestError(f"a message has the flags {flags:#04x}, which mean nothing here")
        check_size(length, limit)
        if at + length > len(body):
            raise RequestError(
                f"a message of {length} bytes is announced, and {len(body) - at} follow"
            )
        message = body[at : at + length]
        at += length
        if flags & COMPRESSED:
            if encoding == "identity":
                raise RequestError(
                    "a message is marked as compressed, without an encoding", Code.INTERNAL
                )
            message = decompress(message, encoding, limit)
        yield message


def check_size(size: int, limit: int) -> None:
    """RequestError (RESOURCE_EXHAUSTED) above the limit for messages."""
    if size > limit:
        raise RequestError(
            f"a message of {size} bytes is larger than {limit}, the limit (grpc.max_message)",
            Code.RESOURCE_EXHAUSTED,
        )


def known_encoding(name: str) -> str:
    """``name`` as one of :data:`ENCODINGS`, ``identity`` where it is not given."""
    wanted = name.strip().lower() or "identity"
    if wanted not in ENCODINGS:
        raise RequestError(
            f"the encoding {name[:40]!r} is not supported; there are {', '.join(ENCODINGS)}",
            Code.UNIMPLEMENTED,
        )
    return wanted


def decompress(data: bytes, encoding: str, limit: int) -> bytes:
    """``data`` without its compression; nothing is done to none."""
    if encoding == "identity" or not data:
        check_size(len(data), limit)
        return data
    stream = zlib.decompressobj(_GZIP)
    try:
        made = stream.decompress(data, limit + 1)
        check_size(len(made), limit)
        made += stream.flush()
    except zlib.error as error:
        raise RequestError(f"a message is not well-formed {encoding}: {error}") from error
    if not stream.eof or stream.unused_data:
        raise RequestError(f"a message is not well-formed {encoding}")
    return made


def accepted(header: str, asked_in: str = "identity") -> str:
    """The encoding to answer in, by the client's list; by what it used itself where it sends none."""
    if not header:
        return asked_in
    for part in header.split(","):
        name, _, parameters = part.partition(";")
        if name.strip().lower() == "gzip":
            return "identity" if parameters.replace(" ", "") in ("q=0", "q=0.0") else "gzip"
    return "identity"


def compress(data: bytes, encoding: str) -> bytes:
    """``data`` in ``encoding``."""
    return gzip.compress(data, 6, mtime=0) if encoding == "gzip" else data
