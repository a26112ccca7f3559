"""The way out of a connection: what its session frames is written as far as the transport takes it.

What is sent inside the read callback is written once, at its end; what is sent at other times, at the end of
the turn of the event loop. :class:`~mockforge_grpc.transport.http2.connection.Connection` puts the way in on
it.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from typing import TYPE_CHECKING

from mockforge.sockets import client_of, drop
from mockforge_grpc.transport.call import NO_ERROR

if TYPE_CHECKING:
    from mockforge.rate import Rate
    from mockforge_grpc.transport.http2.hub import Hub
    from mockforge_grpc.transport.http2.session import Session
    from mockforge_grpc.transport.http2.stream import Stream


class Writing(asyncio.Protocol):
    """A connection as its streams see it."""

    __slots__ = (
        "_answered",
        "_blocked",
        "_flushing",
        "_over",
        "_paused",
        "_pings",
        "_queued",
        "_reading",
        "hub",
        "session",
        "transport",
    )

    session: Session
    transport: asyncio.Transport

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self._answered: dict[int, None] = {}
        """Streams that are answered before the client has ended them."""
        self._blocked: set[Stream] = set()
        self._reading = self._flushing = self._paused = self._over = False
        self._queued = 0
        self._pings: Rate | None = None

    @abstractmethod
    def _flushed(self) -> None:
        """All is written that may be written now."""

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self.flush()

    # -------------------------------------------------------------- called by streams

    def wrote(self) -> None:
        """There is something to send."""
        # As grpc-go: clients measure the bandwidth with pings while there are answers.
        self._pings = None
        if not self._reading and not self._flushing:
            self._flushing = True
            self.hub.loop.call_soon(self._flush_soon)

    def answered(self, stream_id: int) -> None:
        """A stream is answered and its client may go on sending: once all is sent, it is told not to."""
        self._answered[stream_id] = None

    def block(self, stream: Stream) -> None:
        """Tell ``stream`` when what it has to send is sent."""
        self._blocked.add(stream)

    def hold(self, size: int) -> bool:
        """Count ``size`` more bytes held (or less); whether that is within the limit for all."""
        hub = self.hub
        hub.held += size
        return size <= 0 or hub.held <= hub.limits.max_held

    def recount(self) -> bool:
        """Count what waits to be sent; whether all that is held is within the limit."""
        hub, queued = self.hub, self.session.all_queued
        if queued != self._queued:
            hub.held += queued - self._queued
            self._queued = queued
        return hub.held <= hub.limits.max_held

    def write_octets(self, data: bytes) -> None:
        """Write ``data`` after all that is framed."""
        if self._over or self.transport.is_closing():
            return
        self._write(self.session.take_all())
        self._write(data)

    def drop(self) -> None:
        """Cut the connection with a TCP reset."""
        self._over = True
        drop(self.transport)

    @property
    def peer(self) -> str:
        """``host:port`` of the client, or ``unix``."""
        return client_of(self.transport)

    @property
    def secure(self) -> bool:
        """Whether this is TLS."""
        return self.transport.get_extra_info("sslcontext") is not None

    # -------------------------------------------------------------- out

    def _flush_soon(self) -> None:
        self._flushing = False
        self.flush()

    def flush(self) -> None:
        """Write what may be written, as long as the transport takes it."""
        if self._over or self._paused:
            return
        session = self.session
        most = self.hub.limits.write_buffer
        while True:
            octets = session.take(most)
            if octets:
                self._write(octets)
            if self._paused or self._over:
                break
            if len(octets) < most and not (self._answered and self._end_answered()):
                break
        self.recount()
        if self._blocked:
            self._unblock()
        self._flushed()

    def _write(self, octets: bytes) -> None:
        if octets:
            self.hub.stats.bytes_out += len(octets)
            self.transport.write(octets)

    def _end_answered(self) -> bool:
        """RST_STREAM with NO_ERROR for answers that are out (RFC 9113 section 8.1); whether there were."""
        session = self.session
        sent = [stream_id for stream_id in self._answered if not session.queued(stream_id)]
        for stream_id in sent:
            self._answered.pop(stream_id, None)
            session.reset(stream_id, NO_ERROR)
        return bool(sent)

    def _unblock(self) -> None:
        session, low = self.session, self.hub.limits.write_buffer // 2
        for stream in tuple(self._blocked):
            if session.queued(stream.id) <= low:
                self._blocked.discard(stream)
                stream.unblock()
