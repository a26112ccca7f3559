"""HTTP/3: hypercorn's QUIC protocol (aioquic) on a datagram socket of ours, within our limits.

Imported by :mod:`mockforge_http.tls` when HTTP/3 is asked for.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import Any, Final, cast

from hypercorn.asyncio.task_group import TaskGroup
from hypercorn.events import RawData
from hypercorn.protocol.quic import QuicProtocol
from hypercorn.typing import ConnectionState

from mockforge_http.asgi import Scope
from mockforge_http.asgi_faults import ABORT, OFFERED
from mockforge_http.wire.limits import Limits

log = logging.getLogger("mockforge.http.tls")

_QUEUED: Final = 256
"""Datagrams that may wait; further ones are dropped, as a network does."""

_H3_NO_ERROR: Final = 0x100
_H3_INTERNAL_ERROR: Final = 0x102
_LONG_HEADER: Final = 0x80


class _Stopped(Exception):  # noqa: N818 - no error
    pass


class QuicListener(asyncio.DatagramProtocol):
    """One UDP socket."""

    def __init__(self, wrapped: Any, config: Any, context: Any, limits: Limits) -> None:
        self._wrapped = wrapped
        self._config = config
        self._context = context
        self._limits = limits
        self._queue: asyncio.Queue[tuple[bytes, Any]] = asyncio.Queue(_QUEUED)
        self._quic: Any = None
        self._task: asyncio.Task[None] | None = None
        self._transport: asyncio.DatagramTransport | None = None
        self._stopping = False

    async def open(self, bound: socket.socket) -> None:
        """Start to serve on ``bound``."""
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, sock=bound)
        self._task = loop.create_task(self._run(bound.getsockname()[:2]))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not subclasses of asyncio's
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if self._queue.full():
            return
        if self._begins(data) and self.connections >= self._limits.max_connections:
            return
        self._queue.put_nowait((data, addr))

    def _begins(self, data: bytes) -> bool:
        """Whether a datagram wants a new connection: a long header (RFC 9000 section 17.2) and the id of
        no connection that is known."""
        if len(data) < 7 or not data[0] & _LONG_HEADER:
            return False
        known = self._quic.connections if self._quic is not None else {}
        return data[6 : 6 + data[5]] not in known

    @property
    def connections(self) -> int:
        """Open QUIC connections."""
        return len(self._each())

    async def close(self) -> None:
        """Tell all clients that the connection ends, and stop."""
        if self._quic is not None:
            for connection in self._each():
                connection.quic.close(error_code=_H3_NO_ERROR, reason_phrase="the server stops")
                await self._quic.send_all(connection)
        self.abort()
        await self.ended()

    def abort(self) -> None:
        """Stop at once."""
        self._stopping = True
        if self._task is not None:
            # hypercorn swallows a cancellation that comes while it sets a timer; the flag is seen then.
            self._task.cancel()
        if self._transport is not None:
            self._transport.close()

    async def ended(self) -> None:
        """Wait until what :meth:`abort` cancelled has ended."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _run(self, server: tuple[str, int]) -> None:
        while not self._stopping:
            try:
                await self._serve(server)
            except Exception:
                if self._stopping:
                    return
                # What one client sent must not end HTTP/3 for all of them for good.
                log.warning("QUIC failed and starts anew; its connections are lost", exc_info=True)

    async def _serve(self, server: tuple[str, int]) -> None:
        async with TaskGroup(asyncio.get_running_loop()) as group:
            self._quic = QuicProtocol(
                self._wrapped,
                self._config,
                self._context,
                group,
                ConnectionState({ABORT: self._drop, OFFERED: False}),
                server,
                self._send,
            )
            self._quic.quic_config.idle_timeout = self._limits.idle_timeout
            while not self._stopping:
                data, address = await self._queue.get()
                await self._quic.handle(RawData(data=data, address=address))
            raise _Stopped  # for the group to cancel the timers

    def _each(self) -> list[Any]:
        """The connections, which hypercorn lists by each of their ids."""
        known = self._quic.connections.values() if self._quic is not None else ()
        return list({id(connection): connection for connection in known}.values())

    async def _drop(self, scope: Scope) -> None:
        """End the connection of ``scope`` with an error."""
        for connection in self._each():
            if connection.h3 is not None and connection.h3.client == scope["client"]:
                connection.quic.close(error_code=_H3_INTERNAL_ERROR)
                await self._quic.send_all(connection)

    async def _send(self, event: Any) -> None:
        if isinstance(event, RawData) and self._transport is not None:
            self._transport.sendto(event.data, event.address)
