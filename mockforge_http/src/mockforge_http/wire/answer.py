"""Answers as bytes: rendered once for each :class:`Response` and kept in its ``prepared``.

Whatever differs between two requests for the same answer (``Date``, ``Connection``, whether content is
sent) is not part of the rendered head but of the tail that :mod:`~mockforge_http.wire.clock` keeps.
"""

from __future__ import annotations

import re
from functools import lru_cache
from http import HTTPStatus
from typing import Final

from mockforge.mocking.exchange import Response
from mockforge_http.problems import RENAMED
from mockforge_http.wire.clock import UNDATED
from mockforge_http.wire.head import CLOSE, HEAD, OLD

LARGE: Final = 16 * 1024
"""Bodies from this size on are handed to the transport as they are, not copied into a batch."""

_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


class Prepared:
    """A rendered answer.

    ``simple`` ones are sent as ``head``, a tail, ``body``. The others (streams, large bodies, answers
    with a ``Date`` of their own ...) go through :func:`assemble`; their ``head`` lacks the framing field,
    which is ``framing``, or ``framing_for_head`` where the request was HEAD. ``lines`` are the head
    without any framing, and ``length`` is the size that the headers declare. ``close`` is set where the
    response asks for it or cannot be followed by another.
    """

    __slots__ = (
        "body",
        "close",
        "dated",
        "framing",
        "framing_for_head",
        "head",
        "length",
        "lines",
        "simple",
        "streamed",
    )

    def __init__(self, lines: bytes, body: bytes) -> None:
        self.head = self.lines = lines
        self.body = body
        self.simple = True
        self.streamed = self.dated = self.close = False
        self.framing = self.framing_for_head = b""
        self.length: int | None = None


def prepare(response: Response) -> Prepared:
    """Render ``response`` and keep the result in ``response.prepared``.

    ValueError or TypeError where it cannot be sent: a status outside 100 to 999, a name that is no
    token, CR, LF or NUL in a value (RFC 9110 section 5.5), a body that is not bytes.
    """
    if response.model is not None and response.stream is None:
        return _like(response.model, response)
    status, body = response.status, response.body
    if not isinstance(status, int) or not 100 <= status <= 999:
        raise ValueError(f"{status!r} is not a status code")
    if not isinstance(body, bytes):
        raise TypeError(f"the body of an answer must be bytes, not {type(body).__name__}")
    lines = [f"HTTP/1.1 {int(status)} {reason(status)}\r\n"]
    dated, close = False, status < 200
    declared: int | None = None
    for name, value in response.headers:
        key = _key(name)
        if key in _FRAMING:
            if key == "content-length" and value.isdecimal():
                declared = int(value)
            elif key == "connection":
                close = close or "close" in value.lower().replace(" ", "").split(",")
            continue
        if key == "date":
            dated = True
        lines.append(f"{name}: {value}\r\n")
    text = "".join(lines)
    if text.count("\n") != len(lines) or text.count("\r") != len(lines) or "\0" in text:
        raise ValueError("a header value holds CR, LF or NUL")
    try:
        head = text.encode("latin-1")
    except UnicodeEncodeError:
        head = text.encode()
    prepared = Prepared(head, body)
    prepared.dated = dated
    prepared.close = close
    prepared.length = declared
    _frame(prepared, response)
    response.prepared = prepared
    return prepared


def _like(model: Response, response: Response) -> Prepared:
    """Render ``response``, which differs from ``model`` in its body alone."""
    known: Prepared = model.prepared or prepare(model)
    body = response.body
    if not isinstance(body, bytes):
        raise TypeError(f"the body of an answer must be bytes, not {type(body).__name__}")
    prepared = Prepared(known.lines, body)
    if known.simple and len(body) < LARGE and response.status not in _BODILESS:
        prepared.head += _length(len(body))
    else:
        prepared.dated = known.dated
        prepared.close = known.close
        prepared.length = known.length
        _frame(prepared, response)
    response.prepared = prepared
    return prepared


def _frame(prepared: Prepared, response: Response) -> None:
    status, declared = response.status, prepared.length
    framing = framing_for_head = b""
    if status < 200 or status in (204, 304):
        # None has content. A 304 may say how long the 200 would be; a 1xx or 204 must not say a length
        # (RFC 9110 section 8.6).
        prepared.body = b""
        if status == 304 and declared is not None:
            framing = framing_for_head = _length(declared)
    elif response.stream is not None and status != 205:
        prepared.body = b""
        prepared.streamed = True
        framing = framing_for_head = _CHUNKED if declared is None else _length(declared)
    else:
        if status == 205:  # must not generate content (RFC 9110 section 15.3.6)
            prepared.body = b""
        framing = framing_for_head = _length(len(prepared.body))
        if declared is not None and not prepared.body:
            framing_for_head = _length(declared)
    prepared.simple = (
        framing is framing_for_head
        and len(prepared.body) < LARGE
        and response.stream is None
        and response.fault is None
        and not (prepared.dated or prepared.close)
    )
    if prepared.simple:
        prepared.head += framing
    else:
        prepared.framing = framing
        prepared.framing_for_head = framing_for_head


def assemble(prepared: Prepared, flags: int, tails: tuple[bytes, ...]) -> tuple[bytes, int]:
    """The whole head of any answer for a request with ``flags``, and the flags with :data:`CLOSE` added
    where the answer ends the connection."""
    if prepared.close:
        flags |= CLOSE
    framing = prepared.framing_for_head if flags & HEAD else prepared.framing
    if flags & OLD and framing is _CHUNKED:
        # HTTP/1.0 knows no chunks: the end of the connection ends the content (RFC 9112 section 6.3).
        framing = b""
        flags |= CLOSE
    tail = (UNDATED if prepared.dated else tails)[flags]
    return prepared.head + framing + tail, flags


def _length(size: int) -> bytes:
    return b"Content-Length: %d\r\n" % size


_CHUNKED: Final = b"Transfer-Encoding: chunked\r\n"
_BODILESS: Final = frozenset({204, 205, 304})
_FRAMING: Final = frozenset({"connection", "content-length", "transfer-encoding"})


@lru_cache(maxsize=1024)
def _key(name: str) -> str:
    if not _TOKEN.fullmatch(name):
        raise ValueError(f"{name!r} is not a header name")
    return name.lower()


def reason(status: int) -> str:
    """The reason phrase of RFC 9110, empty for a status without one."""
    if status in RENAMED:
        return RENAMED[status]
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
