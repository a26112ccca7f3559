"""Time that goes on when a test says so."""

from __future__ import annotations

import asyncio

from mockforge_http.wire.pace import Pace
from tests.http.wire.harness import PATIENCE


class Steps(Pace):
    """A pace whose time stands still until :meth:`step`. ``slept`` are the times that were asked for."""

    __slots__ = ("_changed", "_sleepers", "slept", "time")

    def __init__(self) -> None:
        super().__init__(lambda: self.time, self._sleep)
        self.time = 0.0
        self.slept: list[float] = []
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._changed = asyncio.Event()

    @property
    def sleeping(self) -> int:
        """How many sleep now."""
        return len([1 for _, _, woken in self._sleepers if not woken.done()])

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (self.time + seconds, len(self.slept), woken)
        self._sleepers.append(entry)
        self._changed.set()
        try:
            await woken
        finally:
            self._sleepers.remove(entry)

    async def step(self) -> float:
        """Wait until something sleeps, and wake what is due first; the time then."""
        async with asyncio.timeout(PATIENCE):
            while not self.sleeping:
                self._changed.clear()
                await self._changed.wait()
        due, _, woken = min(entry for entry in self._sleepers if not entry[2].done())
        self.time = max(self.time, due)
        woken.set_result(None)
        return self.time


def immediate() -> Pace:
    """A pace at which nothing takes any time: whatever is slept is over at once."""
    time = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal time
        time += seconds
        await asyncio.sleep(0)

    return Pace(lambda: time, sleep)
