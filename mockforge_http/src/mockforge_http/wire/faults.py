"""Faults done to answers on an HTTP/1.1 connection.

Whatever ends the connection is said in the same bytes with and without TLS: :func:`spoilt` makes them, the
wire and the ASGI front send them.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from hashlib import shake_128
from typing import TYPE_CHECKING, Final

from mockforge.mocking.exchange import BrokenOffError, Exchange, Request, Response
from mockforge.mocking.faults import (
    Bandwidth,
    Dribble,
    Empty,
    Fault,
    Garbage,
    MalformedChunk,
    Reset,
    Truncate,
)
from mockforge_http.wire.answer import Prepared, assemble
from mockforge_http.wire.clock import UNDATED
from mockforge_http.wire.head import CLOSE, HEAD, OLD
from mockforge_http.wire.pace import Pace, slow_body, slow_stream
from mockforge_http.wire.streaming import close_stream, send_stream

if TYPE_CHECKING:
    from mockforge_http.wire.channel import Channel
    from mockforge_http.wire.hub import Hub

log = logging.getLogger("mockforge.http")

_GARBAGE: Final = 256
_BODILESS: Final = frozenset({204, 304})


async def send_with_fault(
    connection: Channel, hub: Hub, exchange: Exchange, flags: int
) -> int | None:
    """Send ``exchange.response`` with its fault.

    Returns the flags of the answer, with :data:`CLOSE` where the connection is to be closed, or ``None``
    where it is to be cut: by a reset if that is the fault, and where a stream broke off.
    """
    response = exchange.response
    assert response is not None  # noqa: S101 - the caller has just set it
    fault = response.fault
    assert fault is not None  # noqa: S101 - or this would not be called
    _, prepared = hub.prepared(exchange, response)
    hub.stats.count_fault(fault.name)
    if isinstance(fault, Dribble | Bandwidth):
        if flags & HEAD:
            head, flags = assemble(prepared, flags, hub.clock.tails)
            connection.write(head)
            hub.discard(response)
            return flags
        content = slowed(response, prepared, fault, hub.pace)
        return await send_stream(connection, hub, exchange, flags, content)
    tails = UNDATED if prepared.dated else hub.clock.tails
    data = await spoilt(exchange, prepared, flags, tails[flags])
    if isinstance(fault, Reset):
        await connection.delivered()  # earlier answers are not part of the fault
        return None
    connection.write(data)
    return flags | CLOSE


def slowed(
    response: Response, prepared: Prepared, fault: Dribble | Bandwidth, pace: Pace
) -> AsyncIterator[bytes]:
    """The content of ``response`` by ``pace``."""
    if prepared.streamed and response.stream is not None:
        return slow_stream(response.stream, fault, pace)
    return slow_body(prepared.body, fault, pace)


async def spoilt(exchange: Exchange, prepared: Prepared, flags: int, tail: bytes) -> bytes:
    """What is sent before the connection ends, for a fault that ends it; notes in ``exchange`` what
    became of it. ``tail`` is the end of a head."""
    response = exchange.response
    assert response is not None  # noqa: S101 - the callers have just set it
    fault = response.fault
    assert fault is not None  # noqa: S101 - or this would not be called
    exchange.error = told(fault)
    if isinstance(fault, Reset | Empty | Garbage):
        exchange.response = None
        if response.stream is not None:
            await close_stream(response.stream)
        return garbage(exchange.request) if isinstance(fault, Garbage) else b""
    body = await first_content(response, prepared, exchange)
    if flags & HEAD or response.status < 200 or response.status in _BODILESS:
        # There is no content to spoil. The head breaks off, in its first line: past it, some clients
        # make do with what there is.
        return prepared.lines[: len("HTTP/1.1 2")]
    if isinstance(fault, MalformedChunk) and not flags & OLD:
        whole = body[: (len(body) + 1) // 2]
        exchange.sent_bytes = len(whole)
        chunk = b"%x\r\n%b\r\n" % (len(whole), whole) if whole else b""
        head = prepared.lines + b"Transfer-Encoding: chunked\r\n" + tail
        return head + chunk + b"not a chunk\r\n" + garbage(exchange.request)
    sent = kept(fault, body)
    exchange.sent_bytes = len(sent)
    declared = prepared.length if prepared.streamed else None
    length = max(1, len(body), declared or 0)
    return prepared.lines + b"Content-Length: %d\r\n" % length + tail + sent


def kept(fault: Fault, body: bytes) -> bytes:
    """What is sent of ``body`` before it breaks off; never all of it."""
    share = fault.keep if isinstance(fault, Truncate) else 0.5
    return body[: max(0, min(int(len(body) * share), len(body) - 1))]


async def first_content(response: Response, prepared: Prepared, exchange: Exchange) -> bytes:
    """The body, or the first piece of a stream, which is closed: it will not be sent whole."""
    stream = response.stream
    if stream is None:
        return prepared.body
    try:
        async for piece in stream:
            if piece:
                return bytes(piece)
    except BrokenOffError as error:
        exchange.error = str(error)
    except Exception as error:
        exchange.error = f"{type(error).__name__}: {error}"
        request = exchange.request
        log.exception("streaming %s %s failed", request.method, request.target)
    finally:
        await close_stream(stream)
    return b""


def garbage(request: Request) -> bytes:
    """Bytes that are no HTTP, the same for the same method and target."""
    made = shake_128(f"{request.method} {request.target}".encode("utf-8", "replace"))
    return b"\xff" + made.digest(_GARBAGE - 1)


def told(fault: Fault) -> str:
    """What the journal says of an exchange that ended by ``fault``."""
    return f"fault: {fault.name}"
