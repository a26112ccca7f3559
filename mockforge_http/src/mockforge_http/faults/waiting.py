"""Holding an answer back, and how often and how long that was done."""

from __future__ import annotations

from mockforge.mocking.exchange import Response
from mockforge_http.wire.pace import Pace
from mockforge_http.wire.streaming import close_stream


class Waiting:
    """All that is held back goes through one of these: what the settings say and what stubs say.

    ``count`` and ``seconds`` are what was asked for since the start of the process; a client that leaves
    ends its wait.
    """

    def __init__(self, pace: Pace | None = None) -> None:
        self._pace = pace or Pace()
        self.count = 0
        self.seconds = 0.0

    async def hold(self, response: Response, seconds: float) -> Response:
        """``response`` after ``seconds``; its stream is closed where the wait is cancelled."""
        self.count += 1
        self.seconds += seconds
        try:
            await self._pace.sleep(seconds)
        except BaseException:
            if response.stream is not None:
                await close_stream(response.stream)
            raise
        return response
