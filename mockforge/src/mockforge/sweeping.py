"""Open connections of a listener, and the one timer that keeps all their deadlines.

Used by the wires of protocol servers: none of them starts a timer for a message or a request. What happens to
a connection is stamped with :attr:`Sweep.now`, the time of the last sweep; each sweep compares stamps.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from itertools import count
from typing import Final, Protocol

log = logging.getLogger("mockforge.connections")

new_id: Final = count(1).__next__
"""An id for a connection, whichever server it is of: no other of the process has it."""


class Sweep:
    """Time in coarse steps of ``tick`` seconds, which may be changed. ``step`` is called with the time at
    each one and returns whether to go on; while nothing is to be swept there is no timer."""

    __slots__ = ("_loop", "_step", "_timer", "now", "tick")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, tick: float, step: Callable[[float], bool]
    ) -> None:
        self._loop = loop
        self.tick = tick
        self._step = step
        self._timer: asyncio.TimerHandle | None = None
        self.now = loop.time()

    def start(self) -> None:
        """Go on if standing still; called for each new connection."""
        if self._timer is None:
            self._read()
            self._timer = self._loop.call_later(self.tick, self._go)

    def stop(self) -> None:
        """Stand still."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _go(self) -> None:
        self._timer = None
        self._read()
        if self._step(self.now):
            self._timer = self._loop.call_later(self.tick, self._go)

    def _read(self) -> None:
        self.now = self._loop.time()


class Connection(Protocol):
    """What connections of any protocol are asked."""

    def check(self, now: float) -> None:
        """Keep the deadlines."""

    def drain(self) -> None:
        """End as soon as what is under way is done."""

    def abort(self) -> None:
        """End at once."""

    def memory_bytes(self) -> int:
        """Estimate of what is held."""


class Connections:
    """``connections`` are those that count; ``draining`` is whether the listener takes no more; ``clock`` is
    started by whoever adds one."""

    __slots__ = ("_emptied", "clock", "connections", "draining", "loop")

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Sweep) -> None:
        self.loop = loop
        self.clock = clock
        self.connections: set[Connection] = set()
        self.draining = False
        self._emptied: asyncio.Future[None] | None = None

    def left(self, connection: Connection) -> None:
        """``connection`` is gone."""
        self.connections.discard(connection)
        if not self.connections and self._emptied is not None and not self._emptied.done():
            self._emptied.set_result(None)

    async def drain(self) -> None:
        """Take no more, and wait until no connection is left."""
        self.draining = True
        for connection in tuple(self.connections):
            connection.drain()
        while self.connections:
            if self._emptied is None or self._emptied.done():
                self._emptied = self.loop.create_future()
            await asyncio.shield(self._emptied)
        self.clock.stop()

    def abort(self) -> None:
        """Take no more, and end all at once."""
        self.draining = True
        self.clock.stop()
        for connection in tuple(self.connections):
            connection.abort()

    def memory_bytes(self) -> int:
        """Estimate of what they hold."""
        return sum(connection.memory_bytes() for connection in self.connections)


def check_all(connections: Iterable[Connection], now: float) -> None:
    """Have ``connections`` keep their deadlines; one that fails is ended."""
    for connection in tuple(connections):
        try:
            connection.check(now)
        except Exception:
            # Without sweeps no deadline would be kept any more, by any connection.
            log.exception("checking a connection failed")
            connection.abort()
