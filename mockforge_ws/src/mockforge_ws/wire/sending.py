"""Messages out: at once, or from a queue while the client does not read.

:class:`Sending` knows what is sent and what waits; :class:`~mockforge_ws.wire.connection.Connection` puts
reading, the close and the deadlines on it.
"""

from __future__ import annotations

import asyncio
import logging
from abc import abstractmethod
from collections import deque
from typing import TYPE_CHECKING, Final

from wsproto.events import BytesMessage, Ping, Pong, TextMessage

from mockforge_ws.wire.application import Data, Session, size_of

if TYPE_CHECKING:
    from wsproto.connection import Connection as Frames

    from mockforge_ws.wire.hub import Hub
    from mockforge_ws.wire.limits import Limits

log = logging.getLogger("mockforge.ws")

OPEN, CLOSING, GONE = range(3)
"""Messages may be sent; closed by us and waiting for the answer; over."""

CLOGGED: Final = 1
"""Why nothing is to be sent: the client does not read."""
EXCLUSIVE: Final = 2
"""Likewise: a frame is under way in pieces."""

FAILED: Final = 1011
LATER: Final = 1013
"""Close codes (RFC 6455 section 7.4.1, and the registry for 1013)."""


class Sending(asyncio.Protocol):
    """An open connection's way out. ``blocked`` is why messages are to wait (:data:`CLOGGED`,
    :data:`EXCLUSIVE`, or both), 0 if they need not."""

    __slots__ = (
        "_accounted",
        "_frames",
        "_hub",
        "_mute",
        "_pong",
        "_queue",
        "_queued",
        "_session",
        "_state",
        "_talked_at",
        "blocked",
        "sent_bytes",
        "sent_messages",
        "transport",
    )

    def __init__(
        self, hub: Hub, transport: asyncio.Transport, frames: Frames, session: Session
    ) -> None:
        self._hub = hub
        self._frames = frames
        self._session = session
        self._state = OPEN
        self._talked_at = hub.clock.now
        self._pong: bytes | None = None
        self._mute = False
        self._queue: deque[Data] | None = None
        self._queued = 0
        self._accounted = 0
        self.blocked = 0
        self.sent_bytes = self.sent_messages = 0
        self.transport = transport

    @abstractmethod
    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close, and wait for the client's answer for ``timeouts.close``."""

    @abstractmethod
    def _limit(self, name: str, code: int, reason: str) -> None:
        """A limit ends the connection."""

    def follow_limits(self) -> None:
        """Take on the limits of the moment."""
        if not self.transport.is_closing():
            self.transport.set_write_buffer_limits(high=self._hub.limits.write_buffer)
        self._talked_at = self._hub.clock.now

    @property
    def limits(self) -> Limits:
        """What may be held."""
        return self._hub.limits

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop."""
        return self._hub.loop

    @property
    def is_open(self) -> bool:
        """Whether messages can be sent."""
        return self._state == OPEN

    @property
    def unread_bytes(self) -> int:
        """Bytes that wait because the client does not read: messages in the queue, and what was written."""
        return self._queued + self.transport.get_write_buffer_size()

    # -------------------------------------------------------------- called by the transport

    def pause_writing(self) -> None:
        self.blocked |= CLOGGED

    def resume_writing(self) -> None:
        self._unblock(CLOGGED)

    # -------------------------------------------------------------- one message

    def send(self, data: Data) -> None:
        """Send a message now. What comes of ``blocked`` is the caller's to mind."""
        if self._state != OPEN:
            return
        event = TextMessage(data) if data.__class__ is str else BytesMessage(data)  # type: ignore[arg-type]
        encoded = self._frames.send(event)
        hub = self._hub
        hub.stats.messages_out += 1
        hub.stats.bytes_out += len(encoded)
        self.sent_messages += 1
        self.sent_bytes += len(encoded)
        self._talked_at = hub.clock.now
        self.transport.write(encoded)

    def encoded(self, data: Data) -> bytes:
        """The frame of a message, to be sent by :meth:`write_raw`."""
        if self._state != OPEN:
            return b""
        self._hub.stats.messages_out += 1
        self.sent_messages += 1
        return self._frames.send(TextMessage(data) if isinstance(data, str) else BytesMessage(data))

    def write_raw(self, data: bytes) -> None:
        """Send octets as they are: for what breaks the protocol on purpose."""
        if self._state != GONE:
            self._talked_at = self._hub.clock.now
            self._write(data)

    def _write(self, data: bytes) -> None:
        self._hub.stats.bytes_out += len(data)
        self.sent_bytes += len(data)
        self.transport.write(data)

    # -------------------------------------------------------------- what waits

    def push(self, data: Data) -> None:
        """Send a message that its session knows nothing of; it waits while the client does not read. The
        session is told when it is sent."""
        if self._state != OPEN:
            return
        if not self.blocked and not self._queue:
            self._send_pushed(data)
            return
        limits, stats = self._hub.limits, self._hub.stats
        if self._queue is None:
            self._queue = deque()
        size = size_of(data)
        if self._queued + size > limits.send_queue and not limits.drop_oldest:
            stats.dropped += 1
            self._limit("send_queue", LATER, "messages are not read")
            return
        while self._queue and self._queued + size > limits.send_queue:
            self._unqueue(self._queue)
            stats.dropped += 1
        if size > limits.send_queue:
            stats.dropped += 1
            return
        self._queue.append(data)
        self._queued += size
        self.account(size)

    def _send_pushed(self, data: Data) -> None:
        self.send(data)
        try:
            self._session.pushed(data)
        except Exception:
            self._failed()

    def _unqueue(self, queue: deque[Data]) -> Data:
        data = queue.popleft()
        size = size_of(data)
        self._queued -= size
        self.account(-size)
        return data

    def _drop_queue(self) -> None:
        if self._queue:
            self._hub.stats.dropped += len(self._queue)
            self.account(-self._queued)
        self._queue = None
        self._queued = 0

    def account(self, size: int) -> bool:
        """Count ``size`` more bytes of messages held (or less); whether that is within the limit for all. If
        not, the connection is closed."""
        hub = self._hub
        self._accounted += size
        hub.held += size
        if size > 0 and hub.held > hub.limits.max_held:
            self._limit("held", LATER, "the mock holds too many messages")
            return False
        return True

    def block(self) -> None:
        """Have everything but :meth:`write_raw` wait until :meth:`unblock`."""
        self.blocked |= EXCLUSIVE

    def unblock(self) -> None:
        """Undo :meth:`block`."""
        self._unblock(EXCLUSIVE)

    def _unblock(self, reason: int) -> None:
        """Send what waits, then let the session go on."""
        self.blocked &= ~reason
        if self.blocked or self._state != OPEN:
            return
        if self._pong is not None:
            pong, self._pong = self._pong, None
            self._write(self._frames.send(Pong(pong)))
        queue = self._queue
        while queue and not self.blocked:
            self._send_pushed(self._unqueue(queue))
        if not queue:
            self._queue = None
        if not self.blocked:
            try:
                self._session.writable()
            except Exception:
                self._failed()

    # -------------------------------------------------------------- pings of the client

    def mute(self) -> None:
        """Answer no more pings."""
        self._mute = True

    def _answer_ping(self, ping: Ping) -> None:
        if self._state != OPEN or self._mute:
            return
        if self.blocked:
            self._pong = bytes(ping.payload)  # only the last one needs an answer
        else:
            self._write(self._frames.send(ping.response()))

    def _failed(self) -> None:
        log.exception("a session failed")
        self.close(FAILED, "the mock failed")
