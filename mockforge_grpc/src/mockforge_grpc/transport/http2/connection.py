"""One connection: octets from a transport to a session, streams by their number, deadlines, the end.

It is the :class:`~mockforge_grpc.transport.http2.session.Sink` of its session.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final, cast

from mockforge.rate import Rate
from mockforge_grpc.status import Code, Status
from mockforge_grpc.transport.call import ENHANCE_YOUR_CALM, NO_ERROR, REFUSED_STREAM
from mockforge_grpc.transport.http2.frames import (
    EVERY_STREAM,
    HTTP1_ANSWER,
    HTTP1_METHODS,
    SETTINGS,
    goaway,
)
from mockforge_grpc.transport.http2.request import RefusedError, read_request
from mockforge_grpc.transport.http2.session import SessionError
from mockforge_grpc.transport.http2.stream import Stream
from mockforge_grpc.transport.http2.writing import Writing

if TYPE_CHECKING:
    from mockforge_grpc.transport.http2.hub import Hub
    from mockforge_grpc.transport.metadata import Fields

log = logging.getLogger("mockforge.grpc")

CONNECTION_BYTES: Final = 12_000
"""Estimate of what an open connection holds besides its buffers: the transport and the session."""
STREAM_BYTES: Final = 2_000
"""Likewise for a call."""

LOST: Final = Status(Code.CANCELLED, "the connection was lost")
GOING: Final = Status(Code.UNAVAILABLE, "the server ends")
CANCELLED: Final = Status(Code.CANCELLED, "the client cancelled the call")


class Connection(Writing):
    """Made for each accepted connection."""

    __slots__ = (
        "_closing_since",
        "_draining",
        "_ending",
        "_heard_at",
        "_idle_since",
        "_last_stream",
        "_pinged_at",
        "_resets",
        "_settled",
        "_timed",
        "_unwelcome",
        "streams",
    )

    def __init__(self, hub: Hub) -> None:
        super().__init__(hub)
        self.streams: dict[int, Stream] = {}
        self._timed: list[Stream] = []
        """Streams of this read that have a deadline."""
        self._settled = self._draining = self._ending = self._unwelcome = False
        self._last_stream = 0
        self._closing_since: float | None = None
        self._pinged_at: float | None = None
        self._heard_at = self._idle_since = hub.clock.now
        self._resets: Rate | None = None

    # -------------------------------------------------------------- called by the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        hub = self.hub
        self.transport = cast("asyncio.Transport", transport)
        if hub.draining or hub.full:
            self._refuse()
            return
        self._unwelcome = hub.over_budget
        hub.clock.start()
        self._heard_at = self._idle_since = hub.clock.now
        hub.connections.add(self)
        hub.stats.opened += 1
        self.transport.set_write_buffer_limits(high=hub.limits.write_buffer)
        self.session = hub.make_session(self, hub.limits)
        self.session.start()
        tls = transport.get_extra_info("ssl_object")
        if tls is not None and tls.selected_alpn_protocol() != "h2":  # RFC 9113 section 3.3
            hub.stats.count("protocol")
            self._close()

    def _refuse(self) -> None:
        self._over = True
        if not self.hub.draining:
            self.hub.stats.count("connections")
        code = NO_ERROR if self.hub.draining else ENHANCE_YOUR_CALM
        self.transport.write(SETTINGS + goaway(0, code, b"too many connections"))
        self.transport.close()

    def data_received(self, data: bytes) -> None:
        if self._over:
            return
        hub = self.hub
        hub.stats.bytes_in += len(data)
        self._heard_at = hub.clock.now
        self._pinged_at = None
        self._reading = True
        try:
            self.session.receive(data)
        except SessionError as error:
            self._failed(data, error)
            return
        finally:
            self._reading = False
        self.flush()
        if self._timed:
            for stream in self._timed:
                stream.start_timer()
            self._timed.clear()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._over = True
        hub = self.hub
        hub.left(self)
        for stream in tuple(self.streams.values()):
            self._forget(stream)
            stream.end(GOING if self._draining else LOST, by="connection")
        self._blocked.clear()
        self._answered.clear()
        hub.held -= self._queued
        self._queued = 0
        if hasattr(self, "session"):
            del self.session  # it knows us: a cycle would wait for the garbage collector

    # -------------------------------------------------------------- called by the session

    def request(self, stream_id: int, headers: Fields, end: bool) -> None:
        if self._draining and stream_id > self._last_stream:
            self.session.reset(stream_id, REFUSED_STREAM)
            return
        self._last_stream = stream_id
        hub = self.hub
        try:
            if self._unwelcome:
                hub.check_budget()
            request = read_request(headers, hub.limits.max_metadata)
        except RefusedError as refused:
            self._answer(stream_id, refused, end=end)
            return
        hub.stats.calls += 1
        hub.streams += 1
        stream = self.streams[stream_id] = Stream(self, stream_id, headers, request)
        if request.timeout is not None:
            self._timed.append(stream)
        stream.begin(end)

    def _answer(self, stream_id: int, refused: RefusedError, *, end: bool) -> None:
        self.hub.stats.count(refused.why)
        self.session.respond(stream_id, refused.fields, True)
        if not end:
            self.answered(stream_id)

    def data(self, stream_id: int, data: bytes, end: bool) -> None:
        if not data and not end:
            self.pinged()  # as useless
        stream = self.streams.get(stream_id)
        if stream is not None:
            stream.received(data, end)
        elif data:
            self.session.consumed(stream_id, len(data))

    def trailers(self, stream_id: int) -> None:
        stream = self.streams.get(stream_id)
        if stream is not None:
            stream.received(b"", True)

    def was_reset(self, stream_id: int, code: int) -> None:
        limit = self.hub.limits.max_resets
        if self._resets is None:
            self._resets = Rate(limit, self.hub.loop.time())
        if not self._resets.admits(self.hub.loop.time()):
            self._give_up("resets", b"too many resets")
            return
        stream = self.streams.get(stream_id)
        if stream is not None:
            self._forget(stream)
            stream.end(CANCELLED, by="client")

    def closed(self, stream_id: int) -> None:
        if self._answered:
            self._answered.pop(stream_id, None)
        stream = self.streams.get(stream_id)
        if stream is not None:
            self._forget(stream)
            stream.end(CANCELLED, by="connection")

    def settled(self) -> None:
        self._settled = True
        self.pinged()

    def pinged(self) -> None:
        if self._pings is None:
            self._pings = Rate(self.hub.limits.max_pings, self.hub.loop.time())
        if not self._pings.admits(self.hub.loop.time()):
            self._give_up("pings", b"too_many_pings")

    def ponged(self) -> None:
        if self._draining:
            self._say_last()

    def opened(self) -> None:
        """More may be sent: done after each read anyway."""

    def over(self) -> None:
        self._ending = True

    # -------------------------------------------------------------- the end

    def _flushed(self) -> None:
        if self._ending or (self._draining and not self.streams):
            self._close()

    def _forget(self, stream: Stream) -> None:
        if self.streams.pop(stream.id, None) is None:
            return
        hub = self.hub
        hub.streams -= 1
        self._blocked.discard(stream)
        if not self.streams:
            self._idle_since = hub.clock.now

    def _failed(self, data: bytes, error: SessionError) -> None:
        """What came is no HTTP/2, or too much of it."""
        hub = self.hub
        if not self._settled and data.startswith(HTTP1_METHODS):
            hub.stats.count("protocol")
            self._write(HTTP1_ANSWER)
        else:
            hub.stats.count("metadata" if error.code == ENHANCE_YOUR_CALM else "protocol")
            self._write(self.session.take_all())
            if not error.told:
                self._write(goaway(self._last_stream, error.code, str(error).encode()[:200]))
        self._close()

    def _give_up(self, limit: str, reason: bytes) -> None:
        """A limit ends the connection."""
        if self._over:
            return
        self.hub.stats.count(limit)
        self._write(self.session.take_all())
        self._write(goaway(self._last_stream, ENHANCE_YOUR_CALM, reason))
        self._close()

    def _close(self) -> None:
        """Close once all is written; deadlines see to it that this does not take for ever."""
        if self._over:
            return
        self._write(self.session.take_all())
        self._over = True
        self._closing_since = self.hub.clock.now
        self.transport.close()

    def drain(self) -> None:
        """Take no more calls: GOAWAY for all streams there might be, then, when the client has seen it, for
        those there are (RFC 9113 section 6.8); close when the last is over."""
        if self._draining or self._over:
            return
        self._draining = True
        self._last_stream, last = EVERY_STREAM, self._last_stream
        if not self._settled or not self.streams:
            self._last_stream = last
            self.write_octets(goaway(last, NO_ERROR))
        else:
            self.write_octets(goaway(EVERY_STREAM, NO_ERROR))
            self.session.ping()
        self.flush()

    def _say_last(self) -> None:
        if self._last_stream == EVERY_STREAM:
            self._last_stream = max(self.streams, default=0)
            self.write_octets(goaway(self._last_stream, NO_ERROR))

    def abort(self) -> None:
        self._over = True
        self.transport.abort()

    # -------------------------------------------------------------- time

    def check(self, now: float) -> None:
        limits = self.hub.limits
        if self._closing_since is not None:
            if now - self._closing_since > max(limits.pong, limits.tick):
                self.abort()
        elif not self._settled:
            if limits.handshake and now - self._heard_at > limits.handshake:
                self._cut("handshake")
        elif not self.streams and limits.idle and now - self._idle_since > limits.idle:
            self.hub.stats.count("idle")
            self.drain()
        elif self._pinged_at is not None:
            if now - self._pinged_at > limits.pong:
                self._cut("keepalive")
        elif limits.ping and now - self._heard_at > limits.ping:
            self._pinged_at = self.hub.clock.now
            self.session.ping()
            self.flush()

    def _cut(self, limit: str) -> None:
        self.hub.stats.count(limit)
        self.abort()

    def memory_bytes(self) -> int:
        """Estimate of what is held, without messages."""
        return CONNECTION_BYTES + STREAM_BYTES * len(self.streams)
