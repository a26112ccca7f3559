"""Answers that must be waited for, in the order of their requests (RFC 9112 section 9.3.2).

A connection makes a :class:`Turns` when the application returns an awaitable or a stream, and drops it
when all its turns are over: an idle connection, and one whose answers come at once, never has one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Final

from mockforge.mocking.exchange import Exchange, Response
from mockforge.mocking.faults import Reset
from mockforge_http.wire.answer import assemble
from mockforge_http.wire.application import Answer, ask, await_answer, failed
from mockforge_http.wire.faults import send_with_fault
from mockforge_http.wire.head import CLOSE, HEAD, OLD
from mockforge_http.wire.streaming import send_stream

if TYPE_CHECKING:
    from mockforge_http.wire.answering import Answering
    from mockforge_http.wire.hub import Hub

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class Turn:
    """One exchange in the row. ``response`` is ``None`` while it is being made; ``task`` is what makes
    it or, afterwards, streams it."""

    __slots__ = ("exchange", "flags", "held", "response", "started", "task")

    def __init__(self, exchange: Exchange, flags: int) -> None:
        self.exchange = exchange
        self.flags = flags
        self.held = len(exchange.request.body)
        self.response: Response | None = None
        self.started = False
        self.task: asyncio.Task[None] | None = None


class Turns:
    """The row of one connection, bounded by ``max_pipelined`` requests and ``max_body`` bytes of their
    bodies: past either, :attr:`full` tells the connection to stop reading."""

    __slots__ = ("_all_safe", "_connection", "_held", "_hub", "_over", "_parallel", "_row")

    def __init__(self, connection: Answering, hub: Hub) -> None:
        self._connection = connection
        self._hub = hub
        self._row: deque[Turn] = deque()
        self._held = 0
        self._all_safe = True
        self._parallel = True
        self._over = False

    @property
    def full(self) -> bool:
        """Whether no further request should be read."""
        limits = self._hub.limits
        return len(self._row) >= limits.max_pipelined or self._held >= limits.max_body

    def begin(self, exchange: Exchange, flags: int, answer: Answer) -> None:
        """The first turn, whose application was asked already."""
        turn = self._append(exchange, flags)
        self._settle(turn, answer)
        if turn.response is not None:
            self.advance()

    def add(self, exchange: Exchange, flags: int) -> None:
        """A further turn. Requests with safe methods are worked on at the same time; any other method
        waits until those before it are answered, and holds back those after it."""
        turn = self._append(exchange, flags)
        if self._parallel:
            self._settle(turn, ask(self._hub.application, exchange))

    def refuse(self, exchange: Exchange, flags: int) -> None:
        """The last turn: what the wire refused, with its answer in ``exchange.response``."""
        turn = self._append(exchange, flags)
        turn.started = True
        turn.response = exchange.response
        if self._row[0] is turn:
            self.advance()

    def close_last(self) -> None:
        """Have the connection closed after the turns there are."""
        self._row[-1].flags |= CLOSE

    def advance(self) -> None:
        """Send what is ready and due."""
        connection, row = self._connection, self._row
        while row and not connection.write_paused and not self._over:
            turn = row[0]
            if not turn.started:
                self._settle(turn, ask(self._hub.application, turn.exchange))
            if turn.response is None or turn.task is not None:
                break
            response, prepared = self._hub.prepared(turn.exchange, turn.response)
            turn.exchange.response = response
            if response.fault is not None or (prepared.streamed and not turn.flags & HEAD):
                turn.task = self._hub.loop.create_task(self._stream(turn))
                break
            head, turn.flags = assemble(prepared, turn.flags, self._hub.clock.tails)
            body = b"" if turn.flags & HEAD else prepared.body
            connection.write(head, body)
            turn.exchange.sent_bytes = len(body)
            self._hub.discard(response)
            self._sent(turn)
        if not self._over:
            connection.turns_moved(empty=not row)

    def abandon(self, reason: str) -> None:
        """The client is gone: stop what is under way, and report all turns."""
        self._over = True
        for turn in self._row:
            if turn.task is not None:
                turn.task.cancel()
            else:
                self._hub.discard(turn.response)
            self._release(turn)
            if turn.exchange.error is None:
                turn.exchange.error = reason
            self._hub.report(turn.exchange)
        self._row.clear()

    def memory_bytes(self) -> int:
        """Body bytes held, and an estimate for the rest."""
        return self._held + 2048 * len(self._row)

    def _append(self, exchange: Exchange, flags: int) -> Turn:
        # One that is not safe runs alone; what comes behind it waits until the row is empty again.
        safe = exchange.request.method in _SAFE
        self._parallel = (not self._row) or (self._parallel and safe and self._all_safe)
        self._all_safe = safe and (not self._row or self._all_safe)
        turn = Turn(exchange, flags)
        self._row.append(turn)
        self._held += turn.held
        self._hub.held += turn.held
        return turn

    def _settle(self, turn: Turn, answer: Answer) -> None:
        turn.started = True
        if isinstance(answer, Response):
            turn.response = answer
        else:
            turn.task = self._hub.loop.create_task(self._wait(turn, answer))

    async def _wait(self, turn: Turn, answer: Awaitable[Response]) -> None:
        try:
            turn.response = await await_answer(turn.exchange, answer)
        except asyncio.CancelledError as error:
            if self._over:
                raise
            turn.response = failed(turn.exchange, error)
        turn.task = None
        self.advance()

    async def _stream(self, turn: Turn) -> None:
        """Send what takes more than one write, or has a fault."""
        fault = turn.response.fault if turn.response is not None else None
        send = send_stream if fault is None else send_with_fault
        try:
            flags = await send(self._connection, self._hub, turn.exchange, turn.flags)
        except asyncio.CancelledError:
            if self._over:
                raise
            turn.exchange.error = "the stream was cancelled"
            flags = None
        turn.task = None
        if flags is None:
            self._drop(turn)
            # Where only the end of the connection ends the content, a clean end would look whole.
            self._connection.cut(reset=isinstance(fault, Reset) or bool(turn.flags & OLD))
            return
        turn.flags |= flags  # a drain may have added CLOSE meanwhile
        self._sent(turn)
        self.advance()

    def _sent(self, turn: Turn) -> None:
        self._drop(turn)
        if turn.flags & CLOSE:
            self.abandon("an earlier answer closed the connection")
            self._connection.last_turn_sent()

    def _drop(self, turn: Turn) -> None:
        self._row.popleft()
        self._release(turn)
        self._hub.report(turn.exchange)

    def _release(self, turn: Turn) -> None:
        self._held -= turn.held
        self._hub.held -= turn.held
        turn.held = 0
