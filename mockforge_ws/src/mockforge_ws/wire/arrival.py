"""A client that arrives: its opening request is read and answered.

One that is accepted goes on as a :class:`~mockforge_ws.wire.connection.Connection` of the same transport; one
that is refused is waited for a little, so that it can read why.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from time import perf_counter_ns
from typing import Final, cast

from mockforge.mocking.exchange import Exchange, Request, Response
from mockforge.mocking.problems import problem
from mockforge.sockets import client_of
from mockforge_ws.wire.application import Accept
from mockforge_ws.wire.connection import ABNORMAL, Connection
from mockforge_ws.wire.hub import Hub
from mockforge_ws.wire.opening import HeadReader, Opening, RefusedError, refusal_bytes
from mockforge_ws.wire.waiting import Waiting

log = logging.getLogger("mockforge.ws")

LINGER: Final = 2.0
"""Seconds in which a client may still read, and send into the void, after a refusal."""
ARRIVAL_BYTES: Final = 8192
"""Estimate of what a client takes before it is answered: the transport and h11's state."""


class Arrival(asyncio.Protocol):
    """Made by the listener for each client, or for one whose request HTTP has read. ``_head`` is there until
    the request is, ``_waiting`` while it is decided over."""

    __slots__ = ("_head", "_hub", "_since", "_waiting", "transport")

    transport: asyncio.Transport

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._head: HeadReader | None = None
        self._waiting: Waiting | None = None
        self._since = hub.clock.now

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        hub = self._hub
        if hub.draining:
            self.transport.close()
            return
        self._head = HeadReader(hub.limits.max_head)
        if hub.full:
            # The answer waits for the request: clients take one that comes before it for a broken connection.
            hub.stats.limits["connections"] += 1
            hub.is_leaving(self)
        else:
            hub.arrived(self)
        self._since = hub.clock.now

    def take_over(
        self, exchange: Exchange, opening: Opening, transport: asyncio.Transport, buffered: bytes
    ) -> None:
        """Answer ``exchange.request`` on ``transport``. That the exchange is over is told by whoever hands it
        over, before the session begins; only where ``exchange.response`` is not there yet, it is told from
        here."""
        self.transport = transport
        hub = self._hub
        if hub.full:
            hub.stats.limits["connections"] += 1
            outcome: Connection | Response | None = self._full()
        else:
            outcome = self._decide(exchange, opening, buffered)
        if not isinstance(outcome, Connection):
            transport.set_protocol(self)
            if outcome is None:
                hub.arrived(self)
            else:
                self._refuse(exchange, outcome)
            transport.resume_reading()
            return
        transport.pause_reading()

        def begin() -> None:
            if not transport.is_closing():
                transport.resume_reading()
            if outcome.is_open:
                outcome.begin(buffered)

        hub.loop.call_soon(begin)

    def data_received(self, data: bytes) -> None:
        head, transport = self._head, self.transport
        if head is None:
            if self._waiting is not None:
                self._waiting.add(data, transport)
            return
        secure = transport.get_extra_info("sslcontext") is not None
        client = client_of(transport)
        try:
            request = head.feed(data, client, "wss" if secure else "ws")
        except RefusedError as error:
            if error.response.status == 431:
                self._hub.stats.limits["head"] += 1
            self._report(self._refuse(_unread(client), error.response))
            return
        if request is None:
            return
        exchange = Exchange(request)
        outcome = self._answer(exchange, head)
        if outcome is not None:
            self._conclude(exchange, outcome, head.rest())

    def _conclude(self, exchange: Exchange, outcome: Connection | Response, rest: bytes) -> None:
        if isinstance(outcome, Response):
            self._report(self._refuse(exchange, outcome))
        else:
            self._report(exchange)
            outcome.begin(rest)

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._head = None
        self._hub.is_gone(self)
        if self._waiting is not None:
            self._waiting.task.cancel()

    # -------------------------------------------------------------- the answer

    def _answer(self, exchange: Exchange, head: HeadReader) -> Connection | Response | None:
        if self in self._hub.leaving:
            return self._full()
        try:
            opening = Opening(exchange.request)
        except RefusedError as error:
            return error.response
        return self._decide(exchange, opening, head.rest())

    def _decide(
        self, exchange: Exchange, opening: Opening, rest: bytes
    ) -> Connection | Response | None:
        """The connection, which is open, or how to refuse it; ``None`` if that will be told later. What came
        after the request is ``rest``."""
        try:
            decision = self._hub.application.decide(exchange, tuple(opening.subprotocols))
        except Exception as error:
            return _undecided(exchange, error)
        if isinstance(decision, Accept | Response):
            return self._carry_out(exchange, opening, decision)
        self._head = None
        task = self._hub.loop.create_task(self._wait(exchange, opening, decision))
        self._waiting = Waiting(task, rest)
        return None

    async def _wait(
        self, exchange: Exchange, opening: Opening, deciding: Awaitable[Accept | Response]
    ) -> None:
        """Answer when it is decided how."""
        try:
            decision = await deciding
        except Exception as error:
            decision = _undecided(exchange, error)
        waiting, self._waiting = self._waiting, None
        transport = self.transport
        if waiting is None or transport.is_closing():
            if isinstance(decision, Accept):
                decision.session.closed(ABNORMAL, "")
            return
        outcome = self._carry_out(exchange, opening, decision)
        self._conclude(exchange, outcome, bytes(waiting.early))
        if not transport.is_closing() and not (isinstance(outcome, Connection) and outcome.is_held):
            transport.resume_reading()

    def _carry_out(
        self, exchange: Exchange, opening: Opening, decision: Accept | Response
    ) -> Connection | Response:
        """The connection, which is open, or how to refuse it."""
        if isinstance(decision, Response):
            return decision
        hub = self._hub
        limits = hub.limits
        accepted = opening.accept(
            subprotocol=decision.subprotocol,
            headers=decision.headers,
            window=limits.compression_window if limits.compression else None,
        )
        headers = [("Upgrade", "websocket"), *decision.headers]
        if decision.subprotocol is not None:
            headers.insert(1, ("Sec-WebSocket-Protocol", decision.subprotocol))
        exchange.response = Response(101, tuple(headers))
        self._head = None
        connection = Connection(hub, self.transport, accepted, exchange, decision.session)
        hub.left(self)
        return connection

    def _full(self) -> Response:
        limit = self._hub.limits.max_connections
        budget = self._hub.budget
        if budget is not None and budget.over:
            return problem(503, "memory-budget", budget.refusal())
        return problem(
            503,
            "too-many-connections",
            f"There are {limit} connections already (websocket.max_connections).",
            limit=limit,
        )

    def _refuse(self, exchange: Exchange, response: Response) -> Exchange:
        """Answer, and wait a little for the client to go: a connection that is closed with something unread
        is reset, and the answer lost."""
        hub = self._hub
        exchange.response = response
        exchange.sent_bytes = len(response.body)
        hub.stats.refused[response.status] = hub.stats.refused.get(response.status, 0) + 1
        self._head = None
        self.transport.write(refusal_bytes(response))
        if self.transport.can_write_eof():
            self.transport.write_eof()
            hub.is_leaving(self)
            self._since = hub.clock.now
        else:
            hub.is_gone(self)
            self.transport.close()
        return exchange

    def _report(self, exchange: Exchange) -> None:
        exchange.duration_ns = perf_counter_ns() - exchange.started_ns
        try:
            self._hub.application.answered(exchange)
        except Exception:
            log.exception("noting %s failed", exchange.request.target)

    # -------------------------------------------------------------- the end, and time

    def drain(self) -> None:
        """The server ends."""
        self.transport.close()

    def abort(self) -> None:
        """Cut the connection."""
        self.transport.abort()

    def check(self, now: float) -> None:
        """Keep the deadlines; called by each sweep."""
        waited = now - self._since
        if self in self._hub.leaving:
            if waited > LINGER:
                self._overdue()
        elif self._waiting is None and waited > self._hub.limits.handshake:
            self._hub.stats.limits["handshake"] += 1
            refusal = problem(408, "handshake-timeout", "The opening request did not come in time.")
            self._report(self._refuse(_unread(client_of(self.transport)), refusal))

    def _overdue(self) -> None:
        if self._head is None:
            self.abort()
        else:  # it is one too many, and says nothing
            self._refuse(_unread(client_of(self.transport)), self._full())

    def memory_bytes(self) -> int:
        """Estimate of what is held."""
        early = 0 if self._waiting is None else len(self._waiting.early)
        return ARRIVAL_BYTES + (0 if self._head is None else self._head.size) + early


def _unread(client: str) -> Exchange:
    """Of a request that did not come, or is none."""
    return Exchange(Request("", "", [], protocol="websocket", client=client))


def _undecided(exchange: Exchange, error: Exception) -> Response:
    """What answers where ``error`` was raised in place of a decision."""
    log.error("deciding over %s failed", exchange.request.target, exc_info=error)
    exchange.error = f"{type(error).__name__}: {error}"
    return problem(500, "answer-failed", f"The mock could not decide: {exchange.error}")
