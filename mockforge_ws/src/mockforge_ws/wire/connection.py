"""One open connection: messages in, pings, the close, and the deadlines.

An ``asyncio.Protocol`` around wsproto's frames; who is behind it is a
:class:`~mockforge_ws.wire.application.Session`.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from wsproto.connection import Connection as Frames
from wsproto.connection import ConnectionState
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, Pong, TextMessage
from wsproto.utilities import LocalProtocolError

from mockforge.mocking.exchange import Exchange
from mockforge.rate import Rate
from mockforge.sockets import drop
from mockforge.sweeping import new_id
from mockforge_ws.wire.application import Data, Session
from mockforge_ws.wire.groups import Groups
from mockforge_ws.wire.hub import Hub
from mockforge_ws.wire.opening import Accepted
from mockforge_ws.wire.pieces import Pieces
from mockforge_ws.wire.sending import CLOSING, EXCLUSIVE, GONE, OPEN, Sending

log = logging.getLogger("mockforge.ws")

CONNECTION_BYTES: Final = 5632
"""Estimate of what an open connection holds besides its buffers: the transport and wsproto's state. Growth
of RSS less the journal's, with a script (estimated at 2 KiB of it): 6.2 KB for each of 1,000 connections
and 7.5 KB for each of 4,000, one run of each; this is set for the latter."""
COMPRESSED_BYTES: Final = 50 * 1024
"""What permessage-deflate adds with 12-bit windows."""

NORMAL, AWAY, NO_CODE, ABNORMAL, POLICY, TOO_BIG = 1000, 1001, 1005, 1006, 1008, 1009
"""Close codes (RFC 6455 section 7.4.1)."""


class Connection(Sending):
    """Made when an opening request is accepted, with the answer sent; :meth:`begin` sets it going. ``opened``
    is that exchange, ``id`` a number that no other connection has."""

    __slots__ = (
        "_closed",
        "_closing_since",
        "_heard_at",
        "_held",
        "_pieces",
        "_pinged_at",
        "_rate",
        "_slice",
        "id",
        "opened",
        "path",
        "received_bytes",
        "received_messages",
    )

    def __init__(
        self,
        hub: Hub,
        transport: asyncio.Transport,
        accepted: Accepted,
        opened: Exchange,
        session: Session,
    ) -> None:
        super().__init__(hub, transport, accepted.frames, session)
        self.id = new_id()
        self.opened = opened
        self.path = opened.request.path
        self.received_messages = self.received_bytes = 0
        self._closed: tuple[int, str] | None = None
        self._pinged_at: float | None = None
        self._held = False
        self._slice = 1 if accepted.compressed else 0
        self._pieces: Pieces | None = None
        self._rate: Rate | None = None
        hub.arrived(self)
        self._closing_since = hub.clock.now
        self.follow_limits()
        hub.opened(self)
        hub.stats.opened += 1
        transport.set_protocol(self)
        transport.write(accepted.answer)

    def begin(self, received: bytes) -> None:
        """Start the session; ``received`` is what came after the request."""
        try:
            self._session.start(self)
        except Exception:
            self._failed()
        if received:
            self.data_received(received)

    def follow_limits(self) -> None:
        """Take on the limits of the moment; what is allowed for times begins anew."""
        super().follow_limits()
        hub = self._hub
        limits = hub.limits
        if self._slice:
            # Deflate makes at most 1,032 octets of one: so no step makes much more than a message may have.
            self._slice = max(256, limits.max_message // 1032)
        self._rate = Rate(limits.max_rate, hub.loop.time()) if limits.max_rate else None
        self._heard_at = hub.clock.now

    @property
    def state(self) -> str:
        """``open``, or ``closing`` once a close was said."""
        return "open" if self._state == OPEN else "closing"

    @property
    def groups(self) -> Groups:
        """The paths and rooms of all connections."""
        return self._hub.groups

    # -------------------------------------------------------------- called by the transport

    def data_received(self, data: bytes) -> None:
        hub = self._hub
        self._heard_at = hub.clock.now
        hub.stats.bytes_in += len(data)
        self.received_bytes += len(data)
        step = self._slice
        if not step or len(data) <= step:
            self._receive(data)
            return
        for start in range(0, len(data), step):  # what one step may inflate to is bounded
            self._receive(data[start : start + step])

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._state = GONE
        hub = self._hub
        hub.closed(self)
        self.account(-self._accounted)
        self._queue = None
        self._pieces = None
        session = self._session
        del self._session  # it knows us: a cycle would wait for the garbage collector
        code, reason = self._closed or (ABNORMAL, "")
        try:
            session.closed(code, reason)
        except Exception:
            log.exception("ending a session failed")

    # -------------------------------------------------------------- messages in

    def _receive(self, data: bytes) -> None:
        if self._state == GONE:
            return
        frames = self._frames
        try:
            frames.receive_data(data)
        except LocalProtocolError:  # it has closed: nothing more counts
            return
        self._pump(frames)

    def _pump(self, frames: Frames) -> None:
        """Take what frames there are, until the session wants no more."""
        whole = self._hub.max_whole
        for event in frames.events():
            kind = event.__class__
            if kind is TextMessage or kind is BytesMessage:
                data = event.data  # type: ignore[attr-defined] # both have it
                if (
                    event.message_finished  # type: ignore[attr-defined] # both have it
                    and self._pieces is None
                    and (
                        len(data) if kind is BytesMessage or data.isascii() else len(data.encode())
                    )
                    <= whole
                ):
                    self._deliver(data)
                else:
                    self._collect(event, data)
            else:
                self._control(frames, event)
            if self._held or self._state == GONE:
                return

    def _collect(self, event: Event, data: Data) -> None:
        """A piece of a message."""
        if self._state != OPEN:
            return
        pieces = self._pieces
        if pieces is None:
            pieces = self._pieces = Pieces()
        octets = data.encode() if isinstance(data, str) else data
        exceeded = pieces.exceeds(octets, self._hub.limits)
        if exceeded is not None:
            name, reason = exceeded
            self._limit(name, TOO_BIG, reason)
            return
        if not self.account(len(octets)):
            return
        pieces.add(octets, ends_frame=event.frame_finished)  # type: ignore[attr-defined] # of messages
        if event.message_finished:  # type: ignore[attr-defined] # of messages
            self._pieces = None
            self.account(-len(pieces))
            message = pieces.whole()
            self._deliver(message.decode() if isinstance(data, str) else message)

    def _deliver(self, data: Data) -> None:
        if self._state != OPEN:
            return
        hub = self._hub
        hub.stats.messages_in += 1
        self.received_messages += 1
        if self._rate is not None and not self._rate.admits(hub.loop.time()):
            self._limit("rate", POLICY, f"more than {hub.limits.max_rate} messages in a second")
            return
        self._talked_at = hub.clock.now
        try:
            self._session.message(data if isinstance(data, str) else bytes(data))
        except Exception:
            self._failed()

    def _control(self, frames: Frames, event: Event) -> None:
        if isinstance(event, Ping):
            self._answer_ping(event)
        elif isinstance(event, Pong):
            self._pinged_at = None
        elif isinstance(event, CloseConnection):
            state = frames.state
            if state is ConnectionState.REMOTE_CLOSING:
                self._say_close(event.response(), event)
            elif state is ConnectionState.OPEN:  # what came breaks the protocol
                self._say_close(event, event)
            self._end()

    def hold(self) -> None:
        """Take no more messages until :meth:`release`."""
        if not self._held and self._state == OPEN:
            self._held = True
            self.transport.pause_reading()

    @property
    def is_held(self) -> bool:
        """Whether no more messages are taken."""
        return self._held

    def release(self) -> None:
        """Take messages again."""
        if self._held:
            self._hub.loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        if not self._held or self._state == GONE:
            return
        self._held = False
        self._pump(self._frames)
        if not self._held and self._state != GONE:
            self._heard_at = self._hub.clock.now
            self.transport.resume_reading()

    # -------------------------------------------------------------- the end

    def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Close, and wait for the client's answer for ``timeouts.close``. Within a frame that is under way in
        pieces a close cannot be said: then the connection just ends."""
        if self._state != OPEN:
            return
        self._drop_queue()
        event = CloseConnection(code, reason or None)
        self._say_close(event, event)
        if self.blocked & EXCLUSIVE:
            self._end()
            return
        self._leave(CLOSING)
        self.release()

    def _say_close(self, said: CloseConnection, first: CloseConnection) -> None:
        """Send ``said``; ``first`` is the close that was the first of the two."""
        self._closed = self._closed or (int(first.code or NO_CODE), first.reason or "")
        frame = self._frames.send(said)
        if not self.blocked & EXCLUSIVE:
            self._write(frame)

    def _limit(self, name: str, code: int, reason: str) -> None:
        self._hub.stats.limits[name] += 1
        self.close(code, reason)
        # What the client still sends is not kept: it may be any amount.
        self._pieces = None

    def _leave(self, state: int) -> None:
        self._state = state
        self._closing_since = self._hub.clock.now

    def _end(self) -> None:
        self._leave(GONE)
        self.transport.close()

    def abort(self) -> None:
        """Cut the connection: the client is told nothing."""
        self._leave(GONE)
        self.transport.abort()

    def reset(self) -> None:
        """Cut the connection with a TCP reset, where there is a TCP."""
        self._leave(GONE)
        drop(self.transport)

    def drain(self) -> None:
        """The server ends."""
        self.close(AWAY, "the server ends")

    # -------------------------------------------------------------- time

    def check(self, now: float) -> None:
        """Keep the deadlines; called by each sweep."""
        limits = self._hub.limits
        if self._state == OPEN:
            if limits.idle and now - self._talked_at > limits.idle:
                self._limit("idle", AWAY, "idle")
            elif not self._held:
                self._check_ping(now)
        elif now - self._closing_since > limits.close:
            self._cut("close")

    def _check_ping(self, now: float) -> None:
        limits = self._hub.limits
        if self._pinged_at is not None:
            if now - self._pinged_at > limits.pong:
                self._closed = (ABNORMAL, "no answer to a ping")
                self._cut("pong")
        elif limits.ping and now - self._heard_at > limits.ping and not self.blocked & EXCLUSIVE:
            self._pinged_at = self._hub.clock.now
            self._write(self._frames.send(Ping()))

    def _cut(self, limit: str) -> None:
        self._hub.stats.limits[limit] += 1
        self.abort()

    def memory_bytes(self) -> int:
        """Estimate of what is held."""
        held = CONNECTION_BYTES + self._session.memory_bytes()
        if self._slice:
            held += COMPRESSED_BYTES
        return held + self.transport.get_write_buffer_size()
