"""Answers of one connection: from the application to the channel, at once or in turn.

:class:`Answering` is given whole requests by :class:`~mockforge_http.wire.connection.Connection`. An answer
that is there at once goes to the hub's batch or straight to the transport; the first one that is not makes
a row of turns, which further requests join until it is empty.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Final

from mockforge.mocking.exchange import Exchange, Request, Response
from mockforge_http.wire.answer import Prepared, assemble
from mockforge_http.wire.application import Answer, checked, failed
from mockforge_http.wire.channel import Channel
from mockforge_http.wire.head import CLOSE, HEAD
from mockforge_http.wire.hub import BUSY, IDLE, Hub
from mockforge_http.wire.refusal import Refusal
from mockforge_http.wire.turns import Turns

_BATCH: Final = 3 * 32
"""Pieces (three for each answer) collected before they are handed to the transport."""


class Answering(Channel):
    """A channel on which requests are answered."""

    __slots__ = ("_turns",)

    def __init__(self, hub: Hub) -> None:
        super().__init__(hub)
        self._turns: Turns | None = None

    @abstractmethod
    def _proceed(self) -> None:
        """Go on taking requests where nothing speaks against it any longer."""

    @abstractmethod
    def _row_is_empty(self) -> None:
        """All answers that had to be waited for are sent."""

    def _answer(self, request: Request, flags: int, *, alone: bool = False) -> bool:
        """Answer ``request``; whether more requests may be taken now. An answer that is there at once
        goes to the batch or, ``alone``, to the transport."""
        hub = self._hub
        self._phase = IDLE
        self._stamp = hub.clock.now
        if hub.draining:
            flags |= CLOSE
        exchange = Exchange(request)
        if self._turns is not None:
            return self._take_turn(exchange, flags, None)
        try:
            answer = hub.handle(exchange)
        except Exception as error:
            answer = failed(exchange, error)
        if not isinstance(answer, Response):
            return self._take_turn(exchange, flags, checked(exchange, answer))
        prepared = answer.prepared
        if prepared is None:
            answer, prepared = hub.prepared(exchange, answer)
        if prepared.simple and not flags:
            exchange.response = answer
            body = prepared.body
            exchange.sent_bytes = len(body)
            if alone:
                data = b"".join((prepared.head, hub.clock.tails[0], body))
                self.transport.write(data)
                hub.stats.bytes_out += len(data)
                hub.report(exchange)
                return True
            batch = hub.batch
            batch += (prepared.head, hub.clock.tails[0], body)
            hub.done.append(exchange)
            if len(batch) < _BATCH:
                return True
            self._flush()
            return not self.write_paused
        if answer.fault is not None or (prepared.streamed and not flags & HEAD):
            return self._take_turn(exchange, flags, answer)
        exchange.response = answer
        return self._answer_special(exchange, prepared, flags)

    def _answer_special(self, exchange: Exchange, prepared: Prepared, flags: int) -> bool:
        """HEAD, HTTP/1.0, a close, a large body: sent at once, after what is in the batch."""
        hub = self._hub
        self._flush()
        head, flags = assemble(prepared, flags, hub.clock.tails)
        body = b"" if flags & HEAD else prepared.body
        self.write(head, body)
        exchange.sent_bytes = len(body)
        hub.report(exchange)
        hub.discard(exchange.response)
        if flags & CLOSE:
            self._stop()
        return not (self._stopped or self.write_paused)

    def _flush(self) -> None:
        """Hand the batch to the transport and report what was answered."""
        hub = self._hub
        if hub.batch:
            data = b"".join(hub.batch)
            hub.batch.clear()
            self.transport.write(data)
            hub.stats.bytes_out += len(data)
            for exchange in hub.done:
                hub.report(exchange)
            hub.done.clear()

    def _take_turn(self, exchange: Exchange, flags: int, answer: Answer | None) -> bool:
        """Put ``exchange`` in the row; ``answer`` is given for the first. Whether there is room."""
        self._phase = BUSY
        if flags & CLOSE:
            self._stop()
        if answer is None:
            assert self._turns is not None  # noqa: S101 - there is a row
            self._turns.add(exchange, flags)
        else:
            self._flush()
            self._turns = Turns(self, self._hub)
            self._turns.begin(exchange, flags, answer)
        return not self._stopped and not (self._turns is not None and self._turns.full)

    def _refuse(self, refusal: Refusal, request: Request) -> None:
        """Answer for the application, and end the connection."""
        hub = self._hub
        hub.stats.count_error(refusal.code)
        exchange = Exchange(request)
        refusal.fill(exchange)
        self._stop()
        self._phase = BUSY
        if self._turns is None:
            self._flush()
            self._turns = Turns(self, hub)
        self._turns.refuse(exchange, CLOSE | (HEAD if request.method == "HEAD" else 0))

    # ------------------------------------------------------------------ called by turns

    def turns_moved(self, *, empty: bool) -> None:
        """Turns were answered; ``empty``: all of them, the row can be dropped."""
        if empty:
            self._turns = None
            self._row_is_empty()
        self._proceed()

    def last_turn_sent(self) -> None:
        """The answer that ends the connection was sent."""
        self._turns = None
        self._close(linger=True)
