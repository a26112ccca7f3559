"""A transport as the wire uses it: writing with back-pressure, deadlines, and closing so that the client
gets the last answer.

:class:`Channel` knows bytes and time; :class:`~mockforge_http.wire.connection.Connection` puts HTTP on it.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from time import time_ns
from typing import Final, cast

from mockforge.sockets import client_of, drop
from mockforge.sweeping import new_id
from mockforge_http.wire.answer import LARGE
from mockforge_http.wire.hub import (
    BUSY,
    CLOSING,
    FRESH,
    IDLE,
    IN_BODY,
    IN_HEAD,
    LEAVING,
    Hub,
)
from mockforge_http.wire.unsent import unacknowledged

_LINGERING: Final = 64
"""Refused connections that may be open beyond ``max_connections``, to be told why."""

_STATES: Final = {
    FRESH: "open",
    IDLE: "idle",
    IN_HEAD: "reading",
    IN_BODY: "reading",
    BUSY: "answering",
    LEAVING: "closing",
    CLOSING: "closing",
}

_GLANCE: Final = 0.002
"""Seconds between two looks at what the client has taken."""


class Channel(asyncio.Protocol):
    """One connection's transport. ``_stopped``: no input is taken any more; what still arrives is read
    and dropped, so that the client's end is seen."""

    __slots__ = (
        "_client",
        "_hub",
        "_moved",
        "_phase",
        "_read_paused",
        "_stamp",
        "_stopped",
        "_unsent",
        "_writable",
        "id",
        "opened_ns",
        "transport",
        "write_paused",
    )

    transport: asyncio.Transport

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._client = ""
        self.id = new_id()
        self.opened_ns = time_ns()
        self._phase = FRESH
        self._stamp = self._moved = hub.clock.now
        self._unsent = 0
        self._read_paused = self._stopped = False
        self._writable: asyncio.Future[None] | None = None
        self.write_paused = False

    @abstractmethod
    def _stop(self) -> None:
        """Take no further input."""

    @abstractmethod
    def _expired(self, phase: int) -> None:
        """The time for ``phase`` is over."""

    @abstractmethod
    def _sendable(self) -> None:
        """The client has read what was waiting."""

    # ------------------------------------------------------------------ called by the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        hub = self._hub
        # uvloop's transports are not subclasses of asyncio's
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(high=hub.limits.write_buffer)
        hub.clock.start()
        self._enter(FRESH)

    def pause_writing(self) -> None:
        self.write_paused = True
        self._pause_reading()

    def resume_writing(self) -> None:
        self.write_paused = False
        self._moved = self._hub.clock.now
        if self._writable is not None:
            self._writable.set_result(None)
            self._writable = None
        self._sendable()

    # ------------------------------------------------------------------ writing

    def write(self, head: bytes, body: bytes = b"") -> None:
        """Hand bytes to the transport; dropped when the client is gone."""
        transport = self.transport
        if transport.is_closing():
            return
        if len(body) < LARGE:
            transport.write(head + body)
        else:
            transport.write(head)
            transport.write(body)
        self._hub.stats.bytes_out += len(head) + len(body)

    async def writable(self) -> None:
        """Wait until the client has read enough for more to be written."""
        if self.write_paused:
            if self._writable is None:
                self._writable = self._hub.loop.create_future()
            await self._writable

    async def delivered(self) -> None:
        """Wait until the client has taken everything, as far as the system tells; nothing may be written
        after this."""
        hub, transport = self._hub, self.transport
        if not transport.is_closing():
            transport.set_write_buffer_limits(high=0)  # pauses writing unless nothing waits
        await self.writable()
        patience = hub.loop.time() + hub.limits.write_timeout
        # The system has no event for this.
        while not transport.is_closing() and unacknowledged(transport):
            if hub.loop.time() > patience:
                return
            await asyncio.sleep(_GLANCE)

    # ------------------------------------------------------------------ time

    def _enter(self, phase: int) -> None:
        self._phase = phase
        self._stamp = self._hub.clock.now

    def check(self, now: float) -> None:
        """End what has taken too long. Called at each sweep."""
        hub, phase = self._hub, self._phase
        unsent = self.transport.get_write_buffer_size()
        if unsent:
            if unsent != self._unsent:
                self._unsent, self._moved = unsent, now
            elif now - max(self._moved, self._stamp) > hub.limits.write_timeout:
                hub.stats.timed_out += 1
                self.reset()
                return
            if phase in (FRESH, IDLE, LEAVING):
                # These count from when everything is sent. The stamp is left to mean activity of the
                # client's, so that a reader that stands still is found above.
                return
        elif self._unsent:
            self._unsent = 0
            self._stamp = now
        if now - self._stamp > hub.patience[phase]:
            self._expired(phase)

    # ------------------------------------------------------------------ reading and closing

    def _pause_reading(self) -> None:
        if not self._read_paused and not self._stopped and not self.transport.is_closing():
            self._read_paused = True
            self.transport.pause_reading()

    def _resume_reading(self) -> None:
        if self._read_paused:
            self._read_paused = False
            if not self.transport.is_closing():
                self.transport.resume_reading()

    def _close(self, *, linger: bool = False) -> None:
        """Close once everything is sent. With ``linger`` the sending side only is shut for now, because
        closing with unread input would make the client lose the answer (RFC 9112 section 9.6)."""
        hub, transport = self._hub, self.transport
        self._stop()
        if transport.is_closing():
            return
        room = len(hub.connections) <= hub.limits.max_connections + _LINGERING
        if linger and room and not hub.draining and transport.can_write_eof():
            self._enter(LEAVING)
            transport.write_eof()
        else:
            self._enter(CLOSING)
            transport.close()

    def cut(self, *, reset: bool) -> None:
        """End the connection within an answer; with ``reset`` also what is not sent yet is dropped."""
        self._stop()
        if reset:
            self.reset()
        else:
            self._close()

    def reset(self) -> None:
        """Drop everything at once, and let the client see that it was dropped (a TCP reset)."""
        drop(self.transport)

    def abort(self) -> None:
        """Drop everything at once."""
        self.transport.abort()

    @property
    def unread_bytes(self) -> int:
        """Bytes that wait because the client does not read."""
        return self.transport.get_write_buffer_size()

    @property
    def state(self) -> str:
        """What it is doing, in a word."""
        return _STATES[self._phase]

    def client(self) -> str:
        """``host:port`` of the other side, or ``unix``."""
        if not self._client:
            self._client = client_of(self.transport)
        return self._client
