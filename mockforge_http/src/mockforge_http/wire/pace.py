"""The time by which answers are held back or sent slowly, and content cut into pieces that come by it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from time import monotonic

import anyio

from mockforge.mocking.faults import Bandwidth, Dribble
from mockforge_http.wire.streaming import close_stream


class Pace:
    """``now`` in seconds, and how to ``sleep`` for some; tests put a time of their own here."""

    __slots__ = ("now", "sleep")

    def __init__(
        self,
        now: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self.now = now
        self.sleep = sleep

    async def until(self, moment: float) -> None:
        """Sleep until ``moment``; others get their turn also if it is over already."""
        await self.sleep(max(0.0, moment - self.now()))


async def slow_body(body: bytes, fault: Dribble | Bandwidth, pace: Pace) -> AsyncIterator[bytes]:
    """``body`` in pieces, each when it is due."""
    start, begin = pace.now(), 0
    for moment, end in fault.schedule(len(body)):
        await pace.until(start + moment)
        yield body[begin:end]
        begin = end


async def slow_stream(
    stream: AsyncIterator[bytes], fault: Dribble | Bandwidth, pace: Pace
) -> AsyncIterator[bytes]:
    """``stream`` at the rate of ``fault``, or, for a dribble, with the time of one of its pieces before
    each of the stream's."""
    try:
        async for piece in stream:
            if isinstance(fault, Dribble):
                await pace.sleep(fault.over / fault.chunks)
                yield piece
                continue
            async for part in slow_body(piece, fault, pace):
                yield part
    finally:
        await close_stream(stream)
