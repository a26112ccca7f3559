"""Field lines of a request head: tokenized by llhttp, then judged for framing (RFC 9112 section 6, 9).

A block is everything between the request line and the body. Clients send the same block again and
again, with other targets, so what it means is remembered by its bytes: reading a known block costs one
look-up, and its joined fields are shared by all its requests.
"""

from __future__ import annotations

import re
from typing import Final

import httptools

from mockforge.mocking.exchange import RawHeaders, join_fields
from mockforge.mocking.remembered import Remembered
from mockforge_http.wire.refusal import Refusal, bad_request

MAX_BLOCKS: Final = 512
MAX_BYTES: Final = 128 * 1024
MAX_REMEMBERED: Final = 2048
"""Longer blocks are read anew each time."""

HOST: Final = re.compile(
    rb"(?:[A-Za-z0-9\-._~!$&'()*+,;=]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9\-._~!$&'()*+,;=]*)*"
    rb"|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?"
)
"""``uri-host [":" port]`` (RFC 9110 section 7.2, RFC 3986 section 3.2.2); may be empty."""


class FieldBlock:
    """What a block of field lines says. Immutable: one object serves many requests.

    ``length`` is the declared body size (0 when none is declared), ``chunked`` that the body is
    chunked. ``host`` is ``None`` when the field is absent.
    """

    __slots__ = (
        "chunked",
        "close",
        "continues",
        "expects",
        "fields",
        "host",
        "keep_alive",
        "length",
        "raw",
        "upgrade",
    )

    def __init__(self, raw: RawHeaders) -> None:
        self.raw = raw
        self.fields = fields = join_fields(raw)
        self.host = fields.get(b"host")
        if self.host is not None and not HOST.fullmatch(self.host):
            raise bad_request(
                "bad-host",
                "Send exactly one Host field holding a host name or address, with or without a port "
                "(RFC 9112 section 3.2).",
            )
        self.chunked = _is_chunked(fields)
        self.length = 0 if self.chunked else _length(fields)
        self.close = self.keep_alive = self.upgrade = False
        connection = fields.get(b"connection")
        if connection is not None:
            tokens = [token.strip() for token in connection.lower().split(b",")]
            self.close = b"close" in tokens
            self.keep_alive = b"keep-alive" in tokens
            self.upgrade = b"upgrade" in tokens and b"upgrade" in fields
        self.expects = fields.get(b"expect", b"").lower()
        self.continues = self.expects == b"100-continue"


def _is_chunked(fields: dict[bytes, bytes]) -> bool:
    """Whether the body is chunked; refuses every other transfer coding (RFC 9112 section 6.1)."""
    coding = fields.get(b"transfer-encoding")
    if coding is None:
        return False
    if b"content-length" in fields:
        raise bad_request(
            "ambiguous-framing",
            "Send either Content-Length or Transfer-Encoding, not both (RFC 9112 section 6.3).",
        )
    codings = [item.strip().lower() for item in coding.split(b",")]
    if b"" in codings or b"chunked" in codings[:-1]:
        raise bad_request(
            "ambiguous-framing",
            "The last transfer coding, and only the last, must be chunked (RFC 9112 section 6.3).",
        )
    if codings != [b"chunked"]:
        raise Refusal(
            501,
            "transfer-coding",
            f"The transfer coding {coding.decode('latin-1')!r} is not implemented: send the body with "
            "chunked alone, or with Content-Length.",
        )
    return True


def _length(fields: dict[bytes, bytes]) -> int:
    text = fields.get(b"content-length")
    if text is None:
        return 0
    if not text.isdigit() or len(text) > 18:
        raise bad_request(
            "ambiguous-framing",
            "Content-Length must be one decimal number, sent once (RFC 9110 section 8.6).",
        )
    return int(text)


class _Sink:
    """What llhttp calls back."""

    __slots__ = ("raw",)

    def __init__(self) -> None:
        self.raw: RawHeaders = []

    def on_header(self, name: bytes, value: bytes) -> None:
        # llhttp leaves the optional whitespace after a value in place (RFC 9112 section 5).
        self.raw.append((name, value.rstrip(b" \t")))


def parse_block(block: bytes) -> FieldBlock:
    """Read ``block``: CRLF, field lines, an empty line. :class:`Refusal` if it is not well-formed
    or its framing is not clear."""
    sink = _Sink()
    try:
        httptools.HttpRequestParser(sink).feed_data(b"GET / HTTP/1.1" + block)
    except httptools.HttpParserUpgrade:
        pass  # a complete head that asks for an upgrade
    except httptools.HttpParserError as error:
        # llhttp knows one transfer coding and calls the rest malformed: tell the two apart.
        _is_chunked(join_fields(sink.raw))
        raise bad_request(
            "malformed-field",
            f"The head has a malformed field line: {error} (RFC 9112 section 5).",
        ) from error
    return FieldBlock(sink.raw)


class BlockReader:
    """:func:`parse_block` that remembers blocks which come again."""

    __slots__ = ("memory",)

    def __init__(self) -> None:
        self.memory: Remembered[bytes, FieldBlock] = Remembered(
            most=MAX_BLOCKS, most_bytes=MAX_BYTES, longest=MAX_REMEMBERED
        )

    def read(self, block: bytes) -> FieldBlock:
        """What ``block`` says; :class:`Refusal` as for :func:`parse_block`."""
        known = self.memory.known.get(block)
        if known is None:
            known = parse_block(block)
            self.memory.offer(block, known, len(block))
        return known

    def memory_bytes(self) -> int:
        """Estimate: a block's bytes are held about five times (key, names and values, fields)."""
        return 5 * self.memory.key_bytes + 1024 * len(self.memory.known)
