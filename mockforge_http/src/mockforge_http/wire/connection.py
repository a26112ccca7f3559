"""HTTP/1.1 on a channel: bytes in, requests to the application, answers out in the same callback.

Input is in one of four states: between requests or inside a head, inside a body (``_body``), blocked
(reading is paused because answers wait to be made or sent; what was read already is in ``_input``), or
stopped (an answer ends the connection; whatever still arrives is dropped).
"""

from __future__ import annotations

import asyncio

from mockforge.mocking.exchange import Exchange, Request
from mockforge_http.wire.answering import Answering
from mockforge_http.wire.application import failed
from mockforge_http.wire.body import ChunkedBody, CountedBody
from mockforge_http.wire.head import (
    CLOSE,
    HEAD_END,
    MAX_REMEMBERED,
    Head,
    check_start,
    guess_request,
)
from mockforge_http.wire.hub import (
    BUSY,
    CONNECTION_BYTES,
    FRESH,
    IDLE,
    IN_BODY,
    IN_HEAD,
    LEAVING,
    Hub,
)
from mockforge_http.wire.refusal import (
    Refusal,
    bad_request,
    over_budget,
    too_many_connections,
    too_slow,
)


class Connection(Answering):
    """Made by the listener for each connection."""

    __slots__ = ("_blocked", "_body", "_continue_due", "_flags", "_input", "_request")

    def __init__(self, hub: Hub) -> None:
        super().__init__(hub)
        self._input: bytearray | None = None
        self._body: CountedBody | ChunkedBody | None = None
        self._request: Request | None = None
        self._flags = 0
        self._blocked = self._continue_due = False

    # ------------------------------------------------------------------ called by the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        hub = self._hub
        hub.connections.add(self)
        if hub.draining:
            self._close()
        elif len(hub.connections) > hub.limits.max_connections:
            self._turn_away(too_many_connections(hub.limits.max_connections))
        elif hub.budget is not None and hub.budget.over:
            self._turn_away(over_budget(hub.budget))
        else:
            hub.stats.accepted += 1

    def _turn_away(self, refusal: Refusal) -> None:
        self._hub.stats.refused += 1
        self._refuse(refusal, Request("", "", [], client=self.client()))

    def data_received(self, data: bytes) -> None:
        hub = self._hub
        size = len(data)
        hub.stats.bytes_in += size
        if self._input is None:
            if size <= MAX_REMEMBERED and self._body is None:
                head = hub.known.get(data)
                if head is not None and head.bare:
                    # One whole request that was seen before, which is what most reads are.
                    request = head.request(self._client or self.client())
                    if not self._answer(request, head.flags, alone=True):
                        self._answered_last(b"")
                    return
            self._consume(data)
        elif not self._stopped:
            self._add(data)

    def eof_received(self) -> bool:
        if self._stopped and self._turns is None:
            return False
        if self._body is not None or (self._input and not self._stopped):
            self._refuse(
                bad_request("incomplete", "The sending side was shut down within a request."),
                self._request or guess_request(self._input or b"", self.client()),
            )
            return self._turns is not None or self._phase == LEAVING
        if self._turns is not None:
            # Perhaps only the sending side was shut: what is under way is still sent, for a while.
            self._turns.close_last()
            self._stop()
            self._enter(LEAVING)
            return True
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        hub = self._hub
        if self._turns is not None:
            self._turns.abandon("the client closed the connection before its answer")
            self._turns = None
        request = self._request
        self._stop()
        if request is not None:
            exchange = Exchange(request)
            exchange.error = "the client closed the connection within the request body"
            hub.stats.count_error("incomplete")
            hub.report(exchange)
        hub.left(self)

    # ------------------------------------------------------------------ input

    def _add(self, data: bytes) -> None:
        """More bytes of an incomplete head, or of what waits while reading is paused."""
        buffer = self._input
        assert buffer is not None  # noqa: S101 - the caller has just looked
        old = len(buffer)
        buffer += data
        if self._read_paused:
            return
        if buffer.find(HEAD_END, max(0, old - 3)) < 0 and buffer[0] != 0x0D:
            try:
                check_start(buffer, old, self._hub.limits)
            except Refusal as refusal:
                self._refuse(refusal, guess_request(buffer, self.client()))
            return
        self._input = None
        self._consume(bytes(buffer))

    def _consume(self, data: bytes) -> None:
        """Take requests off ``data`` and answer them; keep what is not a whole one."""
        start = position = 0
        size = len(data)
        try:
            while position < size:
                start = position
                if self._body is not None:
                    position = self._take_body(self._body, data, position)
                elif data[start] == 0x0D and data.startswith(b"\r\n", start):
                    position += 2  # an empty line before a request (RFC 9112 section 2.2)
                    continue
                else:
                    end = data.find(HEAD_END, start)
                    if end < 0:
                        self._keep_head(data[start:])
                        break
                    position = end + 4
                    head = self._hub.heads.read(data[start:position])
                    self._request = head.request(self._client or self.client())
                    self._flags = head.flags
                    if not head.bare:
                        if head.upgrade and self._hand_over(data[start:], data[position:]):
                            return
                        if head.length or head.chunked:
                            position = self._begin_body(head, data, position)
                request = self._request
                if self._body is not None or request is None:
                    continue
                self._request = None
                if not self._answer(request, self._flags):
                    self._answered_last(data[position:])
                    break
        except Refusal as refusal:
            request = self._request or guess_request(data[start : start + 2000], self.client())
            self._refuse(refusal, request)
        if self._hub.batch:
            self._flush()

    def _keep_head(self, piece: bytes) -> None:
        self._input = bytearray(piece)
        self._enter(IN_HEAD)
        check_start(self._input, 0, self._hub.limits)

    def _begin_body(self, head: Head, data: bytes, position: int) -> int:
        """Start on the body of ``_request``, or take it where it is there as a whole; where it stopped."""
        limits = self._hub.limits
        end = position + head.length
        self._hub.check_bodies()
        if end <= len(data) and not head.chunked and head.length <= limits.max_body:
            assert self._request is not None  # noqa: S101 - the caller has just set it
            self._request.body = data[position:end]
            return end
        self._body = ChunkedBody(limits) if head.chunked else CountedBody(head.length, limits)
        self._enter(IN_BODY)
        if head.continues and position == len(data):
            # The client may wait for it (RFC 9110 section 10.1.1), but earlier answers go first.
            self._continue_due = True
            if self._turns is None:
                self._send_continue()
        return position

    def _send_continue(self) -> None:
        self._continue_due = False
        self._flush()
        self.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _take_body(self, body: CountedBody | ChunkedBody, data: bytes, position: int) -> int:
        hub, request = self._hub, self._request
        assert request is not None  # noqa: S101 - set together with the body
        old = len(body.received)
        try:
            position = body.feed(data, position)
        finally:
            hub.held += len(body.received) - old
        hub.check_bodies()
        if body.complete:
            request.body = bytes(body.received)
            hub.held -= len(request.body)
            self._body = None
            self._continue_due = False
        else:
            self._enter(IN_BODY)
        return position

    def _hand_over(self, rest: bytes, buffered: bytes) -> bool:
        """Offer the connection to the application's upgrade; whether the input is dealt with. ``rest``
        starts with the request, ``buffered`` is what follows it."""
        hub, request = self._hub, self._request
        if hub.upgrade is None or hub.draining or request is None:
            return False
        if self._turns is not None:
            self._request = None
            self._block(rest)  # earlier answers go first
            return True
        self._flush()
        exchange = Exchange(request)
        try:
            taken = hub.upgrade(exchange, self.transport, buffered)
        except Exception as error:
            self._take_turn(exchange, self._flags | CLOSE, failed(exchange, error))
            return True
        if taken:
            self._stop()
            hub.left(self)
            if exchange.response is not None:
                hub.report(exchange)
        return taken

    def _answered_last(self, rest: bytes) -> None:
        """No further request may be taken: for good, or until what waits is sent."""
        if not self._stopped:
            self._block(rest)
        elif self._turns is None:
            self._close(linger=bool(rest))

    # ------------------------------------------------------------------ called by the listener

    def drain(self) -> None:
        """Close now if nothing is under way, else after the answers under way."""
        if self._stopped or self._body is not None or (self._input and not self._blocked):
            return  # a request that is under way gets `Connection: close` because the hub is draining
        if self._turns is not None:
            self._turns.close_last()
            self._stop()
        else:
            self._close()

    def end(self) -> None:
        """Close after the answers under way, or at once where only a part of a request came."""
        if self._body is not None or (self._input and not self._blocked):
            self.abort()
        else:
            self.drain()

    def memory_bytes(self) -> int:
        """Estimate of what this connection holds."""
        return (
            CONNECTION_BYTES
            + len(self._input or b"")
            + (len(self._body.received) if self._body is not None else 0)
            + (self._turns.memory_bytes() if self._turns is not None else 0)
            + self.transport.get_write_buffer_size()
        )

    # ------------------------------------------------------------------ state

    def _expired(self, phase: int) -> None:
        limits, stats = self._hub.limits, self._hub.stats
        stats.timed_out += phase != IDLE
        if phase in (FRESH, IDLE):
            self._close()
        elif phase == IN_HEAD:
            request = guess_request(self._input or b"", self.client())
            self._refuse(too_slow("head", limits.head_timeout), request)
        elif phase == IN_BODY and self._request is not None:
            self._refuse(too_slow("body", limits.body_timeout), self._request)
        else:
            self.reset()

    def _sendable(self) -> None:
        if self._turns is not None:
            self._turns.advance()
        else:
            self._proceed()

    def _row_is_empty(self) -> None:
        if self._continue_due:
            self._send_continue()
        if self._phase == BUSY:
            self._enter(IDLE)

    def _block(self, rest: bytes) -> None:
        """Keep ``rest`` and read no more until :meth:`_proceed`."""
        self._blocked = True
        self._input = bytearray(rest) if rest else None
        self._pause_reading()

    def _proceed(self) -> None:
        """Go on reading where nothing speaks against it any longer."""
        if self._stopped or self.write_paused or not self._read_paused:
            return
        if self._turns is not None and self._turns.full:
            return
        self._blocked = False
        held, self._input = self._input, None
        if held:
            self._consume(bytes(held))
        if self._read_paused and not (self._blocked or self.write_paused or self._stopped):
            self._resume_reading()

    def _stop(self) -> None:
        self._stopped = True
        self._input = bytearray()
        self._request = None
        self._continue_due = False
        if self._body is not None:
            self._hub.held -= len(self._body.received)
            self._body = None
        self._resume_reading()
