"""One connection: opening handshake, messages in and out, pings, deadlines, and the end.

An ``asyncio.Protocol`` around wsproto's frames; who is behind it is a
:class:`~mockforge_ws.wire.application.Session`.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from time import perf_counter_ns
from typing import Final, cast

from wsproto.connection import Connection as Frames
from wsproto.connection import ConnectionState
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, Pong, TextMessage
from wsproto.utilities import LocalProtocolError

from mockforge.mocking.exchange import Exchange, Request, Response
from mockforge.mocking.problems import problem
from mockforge_ws.wire.application import Accept, Data, Session
from mockforge_ws.wire.hub import COMPRESSED_BYTES, CONNECTION_BYTES, Hub
from mockforge_ws.wire.limits import Limits
from mockforge_ws.wire.opening import HeadReader, Opening, RefusedError, refusal_bytes

log = logging.getLogger("mockforge.ws")

LINGER: Final = 2.0
"""Seconds in which a client may still read, and send into the void, after a refusal."""

OPENING, OPEN, CLOSING, LEAVING, GONE = range(5)
"""Reading the request; open; closed by us and waiting for the answer; refused; over."""

NORMAL, AWAY, PROTOCOL, ABNORMAL, POLICY, TOO_BIG, FAILED, LATER = (
    1000,
    1001,
    1002,
    1006,
    1008,
    1009,
    1011,
    1013,
)
"""Close codes (RFC 6455 section 7.4.1, and the registry for 1013)."""


class Connection(asyncio.Protocol):
    """Made by the listener for each client, or by the server for one that HTTP hands over."""

    __slots__ = (
        "_accounted",
        "_allowance",
        "_clogged",
        "_closed",
        "_excess",
        "_exclusive",
        "_frame_size",
        "_frames",
        "_head",
        "_heard",
        "_held",
        "_hub",
        "_message_size",
        "_mute",
        "_parts",
        "_pinged",
        "_pong",
        "_queue",
        "_queued",
        "_rate_at",
        "_reports",
        "_session",
        "_since",
        "_slice",
        "_state",
        "blocked",
        "compressed",
        "path",
        "rooms",
        "transport",
    )

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._state = OPENING
        self._head: HeadReader | None = None
        self._frames: Frames | None = None
        self._session: Session | None = None
        self._closed: tuple[int, str] | None = None
        self._since = self._heard = hub.loop.time()
        self._pinged = 0.0
        self._pong: bytes | None = None
        self._mute = False
        self._held = self._clogged = self._exclusive = False
        self._reports = True
        self._excess = False
        self._slice = 0
        self._parts: list[Data] | None = None
        self._frame_size = self._message_size = 0
        self._allowance = float(hub.limits.max_rate)
        self._rate_at = self._since
        self._queue: deque[Data] | None = None
        self._queued = 0
        self._accounted = 0
        self.blocked = False
        self.compressed = False
        self.path = ""
        self.rooms: set[str] | None = None

    # -------------------------------------------------------------- asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        hub = self._hub
        if hub.draining:
            self.transport.close()
        elif len(hub.connections) >= hub.limits.max_connections:
            # The answer waits for the request: clients take one that comes before it for a broken connection.
            self._over_limit("connections")
            self._excess = True
            self._head = HeadReader(hub.limits.max_head)
            hub.is_leaving(self)
        else:
            hub.arrived(self)
            self._head = HeadReader(hub.limits.max_head)

    def take_over(
        self, exchange: Exchange, opening: Opening, transport: asyncio.Transport, buffered: bytes
    ) -> None:
        """Become the protocol of ``transport``, whose request is ``exchange.request``. That the exchange is
        over is told by whoever hands it over."""
        transport.set_protocol(self)
        self._reports = False
        self.transport = transport
        hub = self._hub
        if len(hub.connections) >= hub.limits.max_connections:
            self._over_limit("connections")
            exchange.response = self._full()
            self._refuse(exchange.response)
            return
        hub.arrived(self)
        transport.resume_reading()
        self._open(exchange, opening)
        if buffered:
            self.data_received(buffered)

    def data_received(self, data: bytes) -> None:
        state = self._state
        if state in (OPEN, CLOSING):
            frames = self._frames
            assert frames is not None  # noqa: S101 - open
            self._heard = self._hub.loop.time()
            self._hub.stats.bytes_in += len(data)
            step = self._slice
            if not step or len(data) <= step:
                self._receive(frames, data)
                return
            for start in range(0, len(data), step):  # what one step may inflate to is bounded
                self._receive(frames, data[start : start + step])
                if self._state == GONE:
                    return
        elif state == OPENING:
            self._read_head(data)

    def _receive(self, frames: Frames, data: bytes) -> None:
        try:
            frames.receive_data(data)
        except LocalProtocolError:  # it has closed: nothing more counts
            return
        self._pump(frames)

    def eof_received(self) -> bool:
        return False

    def pause_writing(self) -> None:
        self.blocked = self._clogged = True

    def resume_writing(self) -> None:
        self._clogged = False
        self._unblock()

    def connection_lost(self, exc: Exception | None) -> None:
        self._state = GONE
        hub = self._hub
        hub.left(self)
        self.account(-self._accounted)
        if self.path:
            hub.leave("path", self.path, self)
        for room in self.rooms or ():
            hub.leave("room", room, self)
        self._head = None
        self._queue = None
        self._parts = None
        session, self._session = self._session, None
        if session is not None:
            code, reason = self._closed or (ABNORMAL, "")
            try:
                session.closed(code, reason)
            except Exception:
                log.exception("ending a session failed")
        self._frames = None

    # -------------------------------------------------------------- opening

    def _read_head(self, data: bytes) -> None:
        head = self._head
        assert head is not None  # noqa: S101 - opening
        try:
            request = head.feed(data, _peer(self.transport), _scheme(self.transport))
        except RefusedError as error:
            if error.response.status == 431:
                self._over_limit("head")
            self._answer_malformed(error.response)
            return
        if request is None:
            return
        rest = head.rest()
        self._head = None
        exchange = Exchange(request)
        if self._excess:
            self._refuse_exchange(exchange, self._full())
            return
        try:
            opening = Opening(request)
        except RefusedError as error:
            self._refuse_exchange(exchange, error.response)
            return
        self._open(exchange, opening)
        if rest:
            self.data_received(rest)

    def _open(self, exchange: Exchange, opening: Opening) -> None:
        hub = self._hub
        try:
            decision = hub.application.decide(exchange, tuple(opening.subprotocols))
        except Exception as error:
            log.exception("deciding over %s failed", exchange.request.target)
            exchange.error = f"{type(error).__name__}: {error}"
            decision = problem(500, "answer-failed", f"The mock could not decide: {exchange.error}")
        if not isinstance(decision, Accept):
            self._refuse_exchange(exchange, decision)
            return
        limits = hub.limits
        accepted = opening.accept(
            subprotocol=decision.subprotocol,
            headers=decision.headers,
            window=limits.compression_window if limits.compression else None,
        )
        self._frames = accepted.frames
        self.compressed = accepted.compressed
        if accepted.compressed:
            # Deflate makes at most 1,032 octets of one: so no step makes much more than a message may have.
            self._slice = max(256, limits.max_message // 1032)
        self._state = OPEN
        self._since = hub.loop.time()
        hub.stats.opened += 1
        self.transport.set_write_buffer_limits(high=limits.write_buffer)
        self._write(accepted.answer)
        extra = [
            (name, value)
            for name, value in (
                ("Upgrade", "websocket"),
                ("Sec-WebSocket-Protocol", decision.subprotocol),
            )
            if value is not None
        ]
        exchange.response = Response(101, (*extra, *decision.headers))
        self._report(exchange)
        self.path = exchange.request.path
        hub.join("path", self.path, self)
        self._session = decision.session
        self._attempt(lambda: decision.session.start(self))

    def _full(self) -> Response:
        limit = self._hub.limits.max_connections
        return problem(
            503,
            "too-many-connections",
            f"There are {limit} connections already (websocket.max_connections).",
            limit=limit,
        )

    def _answer_malformed(self, response: Response) -> None:
        request = Request("", "", [], protocol="websocket", client=_peer(self.transport))
        self._refuse_exchange(Exchange(request), response)

    def _refuse_exchange(self, exchange: Exchange, response: Response) -> None:
        exchange.response = response
        exchange.sent_bytes = len(response.body)
        self._refuse(response)
        self._report(exchange)

    def _report(self, exchange: Exchange) -> None:
        if not self._reports:
            return
        exchange.duration_ns = perf_counter_ns() - exchange.started_ns
        try:
            self._hub.application.answered(exchange)
        except Exception:
            log.exception("noting %s failed", exchange.request.target)

    def _refuse(self, response: Response) -> None:
        """Answer, and wait a little for the client to go: a connection that is closed with something unread
        is reset, and the answer lost."""
        refused = self._hub.stats.refused
        refused[response.status] = refused.get(response.status, 0) + 1
        self._state = LEAVING
        self._head = None
        self._since = self._hub.loop.time()
        self.transport.write(refusal_bytes(response))
        if not self.transport.can_write_eof():
            self._hub.left(self)
            self.transport.close()
            return
        self.transport.write_eof()
        self._hub.is_leaving(self)

    # -------------------------------------------------------------- messages in

    def _pump(self, frames: Frames) -> None:
        """Take what frames there are, until the session wants no more."""
        hub = self._hub
        whole = hub.max_whole
        for event in frames.events():
            kind = event.__class__
            if kind is TextMessage or kind is BytesMessage:
                data = event.data  # type: ignore[attr-defined] # both have it
                size = len(data)
                if kind is TextMessage and not data.isascii():
                    size = len(data.encode("utf-8", "surrogatepass"))
                if (
                    event.message_finished  # type: ignore[attr-defined] # both have it
                    and self._parts is None
                    and self._frame_size == 0
                    and size <= whole
                ):
                    self._deliver(data)
                else:
                    self._collect(event, data, size)
            else:
                self._control(frames, event)
            if self._held or self._state == GONE:
                return

    def _collect(self, event: Event, data: Data, size: int) -> None:
        """A piece of a message."""
        limits = self._hub.limits
        if self._state != OPEN:
            return
        self._frame_size += size
        self._message_size += size
        if self._frame_size > limits.max_frame:
            self._limit("frame", TOO_BIG, f"a frame is larger than {limits.max_frame} bytes")
            return
        if self._message_size > limits.max_message:
            self._limit("message", TOO_BIG, f"a message is larger than {limits.max_message} bytes")
            return
        if not self.account(size):
            return
        if event.frame_finished:  # type: ignore[attr-defined] # of messages
            self._frame_size = 0
        if self._parts is None:
            self._parts = []
        if data:
            self._parts.append(data)
        if event.message_finished:  # type: ignore[attr-defined] # of messages
            parts, self._parts = self._parts, None
            self.account(-self._message_size)
            self._frame_size = self._message_size = 0
            if isinstance(event, TextMessage):
                self._deliver("".join(cast("list[str]", parts)))
            else:
                self._deliver(b"".join(cast("list[bytes]", parts)))

    def _deliver(self, data: Data) -> None:
        if self._state != OPEN:
            return
        hub = self._hub
        hub.stats.messages_in += 1
        if hub.limits.max_rate and not self._within_rate():
            self._limit("rate", POLICY, f"more than {hub.limits.max_rate} messages in a second")
            return
        self._since = self._heard
        session = self._session
        if session is not None:
            try:
                session.message(data if isinstance(data, str) else bytes(data))
            except Exception:
                self._failed()

    def _within_rate(self) -> bool:
        rate = self._hub.limits.max_rate
        now = self._hub.loop.time()
        self._allowance = min(rate, self._allowance + (now - self._rate_at) * rate)
        self._rate_at = now
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True

    def _control(self, frames: Frames, event: Event) -> None:
        if isinstance(event, Ping):
            if self._state == OPEN and not self._mute:
                if self.blocked:
                    self._pong = bytes(event.payload)  # only the last one needs an answer
                else:
                    self._write(frames.send(event.response()))
        elif isinstance(event, Pong):
            self._pinged = 0.0
        elif isinstance(event, CloseConnection):
            state = frames.state
            if state is ConnectionState.REMOTE_CLOSING:
                self._note_close(event.code, event.reason)
                self._write(frames.send(event.response()))
            elif state is ConnectionState.OPEN:  # what came breaks the protocol
                self._note_close(event.code, event.reason)
                self._write(frames.send(event))
            self._end()

    def hold(self) -> None:
        """Take no more messages until :meth:`release`."""
        if not self._held and self._state == OPEN:
            self._held = True
            self.transport.pause_reading()

    def release(self) -> None:
        """Take messages again."""
        if self._held:
            self._hub.loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        if not self._held or self._frames is None:
            return
        self._held = False
        self._pump(self._frames)
        if not self._held and self._state in (OPEN, CLOSING):
            self._heard = self._hub.loop.time()
            self.transport.resume_reading()

    # -------------------------------------------------------------- messages out

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

    def send(self, data: Data) -> None:
        """Send a message now. What comes of ``blocked`` is the caller's to mind."""
        frames = self._frames
        if self._state != OPEN or frames is None:
            return
        event = TextMessage(data) if data.__class__ is str else BytesMessage(data)  # type: ignore[arg-type]
        encoded = frames.send(event)
        hub = self._hub
        hub.stats.messages_out += 1
        hub.stats.bytes_out += len(encoded)
        self._since = self._heard
        self.transport.write(encoded)

    def encoded(self, data: Data) -> bytes:
        """The frame of a message, to be sent by :meth:`write_raw`."""
        frames = self._frames
        if self._state != OPEN or frames is None:
            return b""
        self._hub.stats.messages_out += 1
        return frames.send(TextMessage(data) if isinstance(data, str) else BytesMessage(data))

    def push(self, data: Data) -> bool:
        """Send a message that its script knows nothing of; it waits while the client does not read. Whether
        it was taken."""
        if self._state != OPEN:
            return False
        if not self.blocked and not self._queue:
            self.send(data)
            return True
        limits = self._hub.limits
        if self._queue is None:
            self._queue = deque()
        size = len(data)
        if self._queued + size > limits.send_queue:
            if not limits.drop_oldest:
                self._hub.stats.dropped += 1
                self._limit("send_queue", LATER, "messages are not read")
                return False
            while self._queue and self._queued + size > limits.send_queue:
                self._unqueue(self._queue)
                self._hub.stats.dropped += 1
            if size > limits.send_queue:
                self._hub.stats.dropped += 1
                return False
        self._queue.append(data)
        self._queued += size
        return self.account(size)

    def _unqueue(self, queue: deque[Data]) -> Data:
        data = queue.popleft()
        self._queued -= len(data)
        self.account(-len(data))
        return data

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

    def write_raw(self, data: bytes) -> None:
        """Send octets as they are: for what breaks the protocol on purpose."""
        if self._state in (OPEN, CLOSING):
            self._write(data)

    def block(self) -> None:
        """Have everything but :meth:`write_raw` wait until :meth:`unblock`."""
        self.blocked = self._exclusive = True

    def unblock(self) -> None:
        """Undo :meth:`block`."""
        self._exclusive = False
        self._unblock()

    def _unblock(self) -> None:
        """Send what waits, then let the session go on."""
        self.blocked = self._clogged or self._exclusive
        if self.blocked or self._state != OPEN:
            return
        if self._pong is not None and self._frames is not None:
            pong, self._pong = self._pong, None
            self._write(self._frames.send(Pong(pong)))
        queue = self._queue
        while queue and not self.blocked:
            self.send(self._unqueue(queue))
        if not queue:
            self._queue = None
        if not self.blocked and self._session is not None:
            self._attempt(self._session.writable)

    def mute(self) -> None:
        """Answer no more pings."""
        self._mute = True

    def _write(self, data: bytes) -> None:
        self._hub.stats.bytes_out += len(data)
        self.transport.write(data)

    # -------------------------------------------------------------- rooms

    def join(self, room: str) -> bool:
        """Become a member of ``room``; whether it may."""
        rooms = self.rooms
        if rooms is None:
            rooms = self.rooms = set()
        if room not in rooms:
            if len(rooms) >= self._hub.limits.max_rooms:
                return False
            rooms.add(room)
            self._hub.join("room", room, self)
        return True

    def leave(self, room: str) -> None:
        """Be a member no more."""
        if self.rooms and room in self.rooms:
            self.rooms.discard(room)
            self._hub.leave("room", room, self)

    def others(self, kind: str, name: str) -> Iterable[Connection]:
        """All connections of a ``path`` or ``room``, this one included if it is one of them."""
        return self._hub.members(kind, name)

    # -------------------------------------------------------------- the end

    def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Close, and wait for the client's answer for ``timeouts.close``."""
        frames = self._frames
        if self._state != OPEN or frames is None:
            return
        self._note_close(code, reason)
        self._state = CLOSING
        self._since = self._hub.loop.time()
        if self._queue:
            self._hub.stats.dropped += len(self._queue)
            self.account(-self._queued)
        self._queue = None
        self._queued = 0
        self._write(frames.send(CloseConnection(code, reason or None)))
        self.release()

    def abort(self) -> None:
        """Cut the connection: the client is told nothing."""
        self._state = GONE if self._session is None else self._state
        self.transport.abort()

    def reset(self) -> None:
        """Cut the connection with a TCP reset, where there is a TCP."""
        plain = self.transport.get_extra_info("socket")
        if plain is not None:
            with suppress(OSError):
                plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.abort()

    def drain(self) -> None:
        """The server ends: close with 1001, or go where nothing is open yet."""
        if self._state == OPEN:
            self.close(AWAY, "the server ends")
        elif self._state == OPENING:
            self._end()

    def _end(self) -> None:
        self._state = GONE
        self._since = self._hub.loop.time()
        self.transport.close()

    def _note_close(self, code: int | None, reason: str | None) -> None:
        if self._closed is None:
            self._closed = (int(code or 1005), reason or "")

    def _limit(self, name: str, code: int, reason: str) -> None:
        self._over_limit(name)
        self.close(code, reason)
        # What the client still sends is not kept: it may be any amount.
        self._parts = None

    def _over_limit(self, name: str) -> None:
        self._hub.stats.limits[name] += 1

    def _attempt(self, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception:
            self._failed()

    def _failed(self) -> None:
        log.exception("a session failed")
        self.close(FAILED, "the mock failed")

    # -------------------------------------------------------------- time

    def check(self, now: float) -> None:
        """Keep the deadlines; called by each sweep."""
        limits = self._hub.limits
        state = self._state
        if state == OPEN:
            if limits.idle and now - self._since > limits.idle:
                self._limit("idle", AWAY, "idle")
            elif not self._held:
                self._check_ping(now)
        elif state == OPENING:
            if self._excess:
                if now - self._since > LINGER:
                    self._refuse(self._full())
            elif now - self._since > limits.handshake:
                self._over_limit("handshake")
                self._answer_malformed(
                    problem(408, "handshake-timeout", "The opening request did not come in time.")
                )
        elif state == LEAVING:
            if now - self._since > LINGER:
                self.abort()
        elif now - self._since > limits.close:
            self._over_limit("close")
            self.transport.abort()

    def _check_ping(self, now: float) -> None:
        limits = self._hub.limits
        if self._pinged:
            if now - self._pinged > limits.pong:
                self._over_limit("pong")
                self._note_close(ABNORMAL, "no answer to a ping")
                self.transport.abort()
        elif limits.ping and now - self._heard > limits.ping and not self._exclusive:
            assert self._frames is not None  # noqa: S101 - open
            self._pinged = now
            self._write(self._frames.send(Ping()))

    def memory_bytes(self) -> int:
        """Estimate of what is held."""
        held = CONNECTION_BYTES
        if self._head is not None:
            held += self._head.size
        if self.compressed:
            held += COMPRESSED_BYTES
        if self._session is not None:
            held += self._session.memory_bytes()
        return held + (self.transport.get_write_buffer_size() if self._state != GONE else 0)


def _peer(transport: asyncio.Transport) -> str:
    name = transport.get_extra_info("peername")
    if isinstance(name, tuple):
        host, port = name[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return "unix"


def _scheme(transport: asyncio.Transport) -> str:
    return "ws" if transport.get_extra_info("sslcontext") is None else "wss"
