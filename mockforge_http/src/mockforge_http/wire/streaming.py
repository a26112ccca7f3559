"""Sending an answer whose content comes piece by piece.

Chunked for HTTP/1.1 (RFC 9112 section 7.1), by length where the response declared one, and ended by the
end of the connection for HTTP/1.0.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Final

from mockforge.mocking.exchange import BrokenOffError, Exchange
from mockforge_http.wire.answer import assemble
from mockforge_http.wire.head import OLD

if TYPE_CHECKING:
    from mockforge_http.wire.channel import Channel
    from mockforge_http.wire.hub import Hub

log = logging.getLogger("mockforge.http")

_BREATH: Final = 64 * 1024
"""After this many bytes (a piece counts for at least 1 KiB) the other connections get a turn, also
when the source never waits and the client reads as fast as we write."""


async def send_stream(
    connection: Channel,
    hub: Hub,
    exchange: Exchange,
    flags: int,
    content: AsyncIterator[bytes] | None = None,
) -> int | None:
    """Send the stream of ``exchange.response``, or ``content`` in its place, waiting while the client does
    not read.

    Returns the flags of the answer, or ``None`` where it broke off: the source failed, or gave more or
    fewer bytes than declared. The connection must then be cut, for the client to notice;
    ``exchange.error`` says why.
    """
    response = exchange.response
    assert response is not None  # noqa: S101 - the caller has just set it
    stream = response.stream if content is None else content
    assert stream is not None  # noqa: S101 - or it would not be streamed
    _, prepared = hub.prepared(exchange, response)
    head, flags = assemble(prepared, flags, hub.clock.tails)
    length = prepared.length if prepared.streamed else len(prepared.body)
    chunked = length is None and not flags & OLD
    connection.write(head)
    try:
        await _pump(connection, stream, exchange, length, chunked=chunked)
    except BrokenOffError as error:
        exchange.error = str(error)
        return None
    except Exception as error:
        exchange.error = f"{type(error).__name__}: {error}"
        request = exchange.request
        log.exception("streaming %s %s failed", request.method, request.target)
        return None
    if chunked:
        connection.write(b"0\r\n\r\n")
    return flags


async def _pump(
    connection: Channel,
    stream: AsyncIterator[bytes],
    exchange: Exchange,
    length: int | None,
    *,
    chunked: bool,
) -> None:
    unbroken = 0
    try:
        async for piece in stream:
            size = len(piece)
            if size == 0:
                continue
            exchange.sent_bytes += size
            if length is not None and exchange.sent_bytes > length:
                raise ValueError(f"the stream is longer than its Content-Length, {length}")
            connection.write(b"%x\r\n%b\r\n" % (size, piece) if chunked else piece)
            unbroken += max(size, 1024)
            if connection.write_paused:
                await connection.writable()
                unbroken = 0
            elif unbroken >= _BREATH:
                await asyncio.sleep(0)
                unbroken = 0
        if length is not None and exchange.sent_bytes < length:
            raise ValueError(f"the stream ended before its Content-Length, {length}")
    finally:
        await close_stream(stream)


async def close_stream(stream: AsyncIterator[bytes]) -> None:
    """Let the source free what it holds; a failure of that is logged and changes nothing."""
    close = getattr(stream, "aclose", None)
    if close is not None:
        try:
            await close()
        except Exception:
            log.exception("closing a stream failed")
