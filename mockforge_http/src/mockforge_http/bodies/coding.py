"""Content codings of request bodies (RFC 9110 section 8.4): gzip and deflate, bounded by what comes out."""

from __future__ import annotations

import zlib
from typing import Final

from mockforge.mocking.malformed import MalformedError

SUPPORTED: Final = ("gzip", "deflate", "identity")
_MAX_CODINGS: Final = 3
_MAX_MEMBERS: Final = 16
_GZIP: Final = 31
_ZLIB: Final = 15
_RAW: Final = -15


def decode_content(raw: bytes, header: str, limit: int) -> bytes:
    """``raw`` without the codings that ``header`` lists, the last one undone first.

    MalformedError: ``unsupported-coding``, ``too-large`` (more than ``limit`` bytes come out) or
    ``malformed``.
    """
    codings = [name for part in header.split(",") if (name := part.strip().lower())]
    if len(codings) > _MAX_CODINGS:
        raise _unsupported(header)
    for coding in reversed(codings):
        if coding in ("gzip", "x-gzip"):
            raw = _inflate(raw, _GZIP, limit, coding)
        elif coding == "deflate":
            # The coding is the zlib format; some clients leave its two-byte header out.
            raw = _inflate(raw, _ZLIB if _has_zlib_header(raw) else _RAW, limit, coding)
        elif coding != "identity":
            raise _unsupported(header)
    return raw


def _has_zlib_header(raw: bytes) -> bool:
    return len(raw) >= 2 and raw[0] & 0x0F == 8 and (raw[0] << 8 | raw[1]) % 31 == 0


def _inflate(raw: bytes, window: int, limit: int, coding: str) -> bytes:
    output = b""
    for _ in range(_MAX_MEMBERS):
        stream = zlib.decompressobj(window)
        try:
            output += stream.decompress(raw, limit - len(output) + 1)
        except zlib.error as error:
            raise MalformedError(
                f"is not well-formed {coding}: {error}", expected=f"{coding} data", actual=raw[:40]
            ) from None
        if len(output) > limit:
            raise MalformedError(
                f"is larger than {limit} bytes once it is decompressed",
                code="too-large",
                expected=f"up to {limit} bytes",
            )
        if not stream.eof:
            raise MalformedError(f"is not well-formed {coding}: it ends too early")
        raw = stream.unused_data
        if not raw:
            return output
    raise MalformedError(f"is not well-formed {coding}: data follows its end")


def _unsupported(header: str) -> MalformedError:
    return MalformedError(
        f"has the content coding `{header[:60]}`, which is not supported",
        code="unsupported-coding",
        expected=", ".join(SUPPORTED),
        actual=header,
    )
