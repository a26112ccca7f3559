"""Request heads: the request line, and the fields through :mod:`~mockforge_http.wire.fields`.

The connection hands over complete heads only, so nothing here has to care how bytes were split.
:func:`check_start` looks at heads that are not complete yet, to refuse at once what cannot become one.
"""

from __future__ import annotations

import re
from typing import Final

from mockforge.mocking.exchange import Request
from mockforge.mocking.remembered import Remembered
from mockforge_http.wire.fields import BlockReader, FieldBlock
from mockforge_http.wire.limits import Limits
from mockforge_http.wire.refusal import Refusal, bad_request
from mockforge_http.wire.target import resolve

CLOSE: Final = 1
"""The connection ends after the answer."""
HEAD: Final = 2
"""The answer's content is not sent (RFC 9110 section 9.3.2)."""
OLD: Final = 4
"""The client speaks HTTP/1.0."""

HEAD_END: Final = b"\r\n\r\n"

MAX_HEADS: Final = 1024
MAX_BYTES: Final = 256 * 1024
MAX_REMEMBERED: Final = 1024
"""Longer heads are read anew each time, with the help of their field block if that is known."""

_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"  # noqa: S105 - RFC 9110 section 5.6.2, not a secret
_LINE: Final = re.compile(rf"({_TOKEN}) ([\x21\x22\x24-\x7e]+) HTTP/1\.([0-9])")
_METHOD: Final = re.compile(_TOKEN)
_VERSION: Final = re.compile(r"HTTP/[0-9]\.[0-9]")
_BARE: Final = re.compile(rb"(?<!\r)\n|\r(?!\n|\Z)")
_TLS_HANDSHAKE: Final = 0x16


class Head:
    """What a request head says. Immutable: one object serves all requests with the same bytes.

    ``flags`` are :data:`CLOSE`, :data:`HEAD` and :data:`OLD`. ``length`` is the declared body size (0 when
    none is declared). ``bare`` is true for what most requests are: neither body nor upgrade.
    """

    __slots__ = (
        "bare",
        "chunked",
        "continues",
        "fields",
        "flags",
        "length",
        "method",
        "raw",
        "scheme",
        "size",
        "target",
        "upgrade",
        "version",
    )

    def __init__(self, method: str, target: str, block: FieldBlock, flags: int, size: int) -> None:
        self.method = method
        self.target = target
        self.flags = flags
        self.size = size
        self.scheme = "http"
        self.version = "1.0" if flags & OLD else "1.1"
        self.raw = block.raw
        self.fields = block.fields
        self.length = block.length
        self.chunked = block.chunked
        self.continues = block.continues and not flags & OLD
        self.upgrade = block.upgrade and not (
            block.chunked or block.length or flags & (OLD | CLOSE)
        )
        self.bare = not (self.length or self.chunked or self.upgrade)

    def request(self, client: str) -> Request:
        """A request with this head and no body yet."""
        return Request(
            self.method,
            self.target,
            self.raw.copy(),  # lists can be changed by mistake, and this one is shared
            client=client,
            scheme=self.scheme,
            version=self.version,
            head_size=self.size,
            fields=self.fields,
        )


class HeadReader:
    """Reads complete heads, and remembers those which come again; one per listener."""

    __slots__ = ("_limits", "blocks", "memory")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.blocks = BlockReader()
        self.memory: Remembered[bytes, Head] = Remembered(
            most=MAX_HEADS, most_bytes=MAX_BYTES, longest=MAX_REMEMBERED
        )

    def read(self, head: bytes) -> Head:
        """``head`` is a whole one, its empty line included. :class:`Refusal` if it is not clear what it
        says."""
        known = self.memory.known.get(head)
        if known is None:
            known = self._parse(head)
            self.memory.offer(head, known, len(head))
        return known

    def memory_bytes(self) -> int:
        """Estimate of what is remembered."""
        memory = self.memory
        return memory.key_bytes + 512 * len(memory.known) + self.blocks.memory_bytes()

    def _parse(self, head: bytes) -> Head:
        limits = self._limits
        line_end = head.find(b"\r\n")
        if line_end > limits.max_request_line:
            raise line_too_long(limits)
        if len(head) > limits.max_head:
            raise head_too_large(limits)
        line = head[:line_end].decode("latin-1")
        match = _LINE.fullmatch(line)
        if match is None:
            raise _bad_line(line)
        method, target, minor = match.groups()
        block = self.blocks.read(head[line_end:])
        flags = HEAD if method == "HEAD" else 0
        if minor == "0":
            flags |= OLD if block.keep_alive and not block.close else OLD | CLOSE
            if block.chunked:
                raise bad_request(
                    "ambiguous-framing",
                    "HTTP/1.0 has no Transfer-Encoding: send Content-Length (RFC 9112 section 6.1).",
                )
        else:
            flags |= CLOSE if block.close else 0
            _check_current(block)
        if target[0] == "/" and method != "CONNECT":
            return Head(method, target, block, flags, len(head))
        return _other_form(method, target, block, flags, len(head))


def _check_current(block: FieldBlock) -> None:
    """What HTTP/1.1 demands beyond HTTP/1.0."""
    if block.host is None:
        raise bad_request("bad-host", "HTTP/1.1 requests need a Host field (RFC 9112 section 3.2).")
    if block.expects and not block.continues:
        raise Refusal(
            417,
            "expectation",
            "The only expectation known here is 100-continue (RFC 9110 section 10.1.1).",
        )


def _other_form(method: str, target: str, block: FieldBlock, flags: int, size: int) -> Head:
    """A head whose target is not a path."""
    if method == "CONNECT":
        flags |= CLOSE  # no tunnel is ever opened, and what follows must not be parsed
    resolved = resolve(method, target)
    head = Head(method, resolved.path, block, flags, size)
    head.scheme = resolved.scheme
    if resolved.host is not None:
        # The target's host counts, whatever the Host field says (RFC 9112 section 3.2.2).
        others = [(name, value) for name, value in block.raw if name.lower() != b"host"]
        head.raw = [(b"Host", resolved.host), *others]
        head.fields = {**block.fields, b"host": resolved.host}
    return head


def check_start(buffer: bytearray, old: int, limits: Limits) -> None:
    """Refuse an incomplete head that cannot become a good one; ``buffer[old:]`` is new.

    Costs about as much as the new bytes are long, so that a head sent byte by byte stays cheap.
    """
    if old == 0 and not _METHOD.match(chr(buffer[0])) and buffer[0] != 0x0D:
        if buffer[0] == _TLS_HANDSHAKE:
            raise bad_request(
                "tls-on-plain-port",
                "This port speaks plain HTTP and got a TLS handshake: use http://, or the TLS port "
                "(settings http.tls.cert and http.tls.port).",
            )
        raise _bad_line(bytes(buffer[:100]).decode("latin-1"))
    if _BARE.search(buffer, max(0, old - 1)):
        raise bad_request(
            "malformed-field",
            "Lines of a head end with CRLF; CR or LF alone is not accepted (RFC 9112 section 2.2).",
        )
    line_end = buffer.find(b"\r\n", 0, limits.max_request_line + 2)
    if line_end < 0:
        if len(buffer) > limits.max_request_line + 1:
            raise line_too_long(limits)
    elif line_end >= old - 1:
        line = bytes(buffer[:line_end]).decode("latin-1")
        if not _LINE.fullmatch(line):
            raise _bad_line(line)
    if len(buffer) > limits.max_head:
        raise head_too_large(limits)


def guess_request(head: bytes | bytearray, client: str) -> Request:
    """A stand-in for a request whose head was refused: method and target as far as they can be told,
    cut at 1,000 characters, for the journal. Never answered as a request."""
    line = head.lstrip(b"\r\n")[:1000].split(b"\r", 1)[0].split(b"\n", 1)[0]
    words = line.decode("latin-1").split(" ")
    method = words[0] if words[0].isascii() and words[0].isalpha() else ""
    target = words[1] if method and len(words) > 1 else ""
    return Request(method[:32], target, [], client=client, head_size=len(head))


def _bad_line(line: str) -> Refusal:
    words = line.split(" ")
    if len(words) == 3 and _VERSION.fullmatch(words[2]) and not words[2].startswith("HTTP/1."):
        return Refusal(
            505,
            "version",
            f"{words[2]} is not spoken here: send HTTP/1.1, or HTTP/2 to the TLS port "
            "(settings http.tls.cert and http.tls.port).",
        )
    if len(words) == 3 and _METHOD.fullmatch(words[0]) and _VERSION.fullmatch(words[2]):
        return bad_request(
            "bad-target",
            "The request target may hold visible ASCII characters without `#` only: percent-encode "
            "the rest (RFC 9112 section 3.2).",
        )
    return bad_request(
        "malformed-request-line",
        "A request starts with `METHOD target HTTP/1.1`, separated by single spaces "
        "(RFC 9112 section 3).",
    )


def line_too_long(limits: Limits) -> Refusal:
    """The 414 for what exceeds ``max_request_line``."""
    return Refusal(
        414,
        "request-line-too-long",
        f"The request line is longer than {limits.max_request_line} bytes: shorten the target or "
        "raise http.max_request_line.",
    )


def head_too_large(limits: Limits) -> Refusal:
    """The 431 for what exceeds ``max_head``."""
    return Refusal(
        431,
        "head-too-large",
        f"The request head is larger than {limits.max_head} bytes: send fewer or shorter fields or "
        "raise http.max_head.",
    )
