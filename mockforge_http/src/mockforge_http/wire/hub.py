"""What the connections of one listener share: the application, limits, counters, clock, and the batch
of answers being collected.

Everything runs in one thread and a read callback is never entered twice, so one batch serves all
connections: answers to pipelined requests are joined and handed to the transport in one piece.
"""

from __future__ import annotations

import asyncio
import logging
from math import inf
from time import perf_counter_ns
from typing import Final

from mockforge.mocking.exchange import Exchange, Response
from mockforge.observe.budget import MemoryBudget
from mockforge.sweeping import Connections, check_all
from mockforge_http.wire.answer import Prepared, prepare
from mockforge_http.wire.application import Application, Upgrade, failed
from mockforge_http.wire.clock import Clock
from mockforge_http.wire.head import HeadReader
from mockforge_http.wire.limits import Limits
from mockforge_http.wire.pace import Pace
from mockforge_http.wire.refusal import bodies_held
from mockforge_http.wire.stats import WireStats
from mockforge_http.wire.streaming import close_stream

log = logging.getLogger("mockforge.http")

CONNECTION_BYTES: Final = 2048
"""Estimate of what an open connection holds besides its buffers (transport, handle, our objects)."""

LINGER: Final = 2.0
"""Seconds in which a client may still read, and send into the void, after a refusal (RFC 9112 section
9.6), or wait for answers under way after it has shut down its sending side."""

FRESH, IDLE, IN_HEAD, IN_BODY, BUSY, LEAVING, CLOSING = range(7)
"""What a connection's deadline is about: the first byte, the next request, the rest of a head or body,
nothing (the application is at work), the client's going, the last bytes to be sent."""


def _patience(limits: Limits) -> tuple[float, ...]:
    """Seconds a connection may stay in each phase. One tick more than the setting, because phases are
    stamped with the time of the last sweep."""
    linger = min(LINGER, limits.idle_timeout)
    head, body, idle = limits.head_timeout, limits.body_timeout, limits.idle_timeout
    return tuple(limits.tick + time for time in (head, idle, head, body, inf, linger, inf))


class Hub(Connections):
    """Made by the listener; ``held`` is the number of body bytes in memory, bounded by
    ``limits.max_bodies``."""

    clock: Clock

    __slots__ = (
        "_discarding",
        "application",
        "batch",
        "budget",
        "done",
        "finished",
        "handle",
        "heads",
        "held",
        "known",
        "limits",
        "pace",
        "patience",
        "stats",
        "upgrade",
    )

    def __init__(
        self,
        application: Application,
        limits: Limits,
        stats: WireStats,
        loop: asyncio.AbstractEventLoop,
        pace: Pace | None = None,
        budget: MemoryBudget | None = None,
    ) -> None:
        super().__init__(loop, Clock(loop, limits.tick, self._sweep))
        self.application = application
        self.handle = application.handle
        self.finished = application.finished
        self.upgrade: Upgrade | None = getattr(application, "upgrade", None)
        self.budget = budget
        self.limits = limits
        self.stats = stats
        self.pace = pace or Pace()
        self.heads = HeadReader(limits)
        self.known = self.heads.memory.known
        self.patience = _patience(limits)
        self.held = 0
        self.batch: list[bytes] = []
        self.done: list[Exchange] = []
        self._discarding: set[asyncio.Task[None]] = set()

    def prepared(self, exchange: Exchange, response: Response) -> tuple[Response, Prepared]:
        """``response`` rendered, or a 500 where it cannot be sent."""
        try:
            return response, response.prepared or prepare(response)
        except Exception as error:
            response = failed(exchange, error)
            return response, prepare(response)

    def report(self, exchange: Exchange) -> None:
        """Tell the application that ``exchange`` is over."""
        exchange.duration_ns = perf_counter_ns() - exchange.started_ns
        try:
            self.finished(exchange)
        except Exception:
            request = exchange.request
            log.exception("noting %s %s failed", request.method, request.target)

    def check_bodies(self) -> None:
        """Raise a ``Refusal`` where all connections together hold more body bytes than they may."""
        if self.held > self.limits.max_bodies:
            raise bodies_held(self.held)

    def discard(self, response: Response | None) -> None:
        """Close the stream of an answer whose content is not sent: it may hold a file or a connection."""
        if response is None or response.stream is None:
            return
        task = self.loop.create_task(close_stream(response.stream))
        self._discarding.add(task)
        task.add_done_callback(self._discarding.discard)

    def _sweep(self, now: float) -> bool:
        check_all(self.connections, now)
        return bool(self.connections)

    def memory_bytes(self) -> int:
        return super().memory_bytes() + self.heads.memory_bytes()
