"""The coarse clock of a listener: one timer for all deadlines and for the ``Date`` field.

No request starts a timer. The sweep runs every ``tick`` seconds while there are connections and not at
all while there are none; :attr:`Clock.now` is the time of the last sweep, :attr:`Clock.tails` are the
last lines of an answer's head as bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from email.utils import formatdate
from typing import Final

from mockforge_http.wire.head import CLOSE, HEAD, OLD

_CONNECTION: Final = {
    0: b"",
    OLD: b"Connection: keep-alive\r\n",
    CLOSE: b"Connection: close\r\n",
    OLD | CLOSE: b"Connection: close\r\n",
}
UNDATED: Final = tuple(_CONNECTION[flags & ~HEAD] + b"\r\n" for flags in range(8))
"""Tails for answers that bring their own ``Date``."""


class Clock:
    """Time in coarse steps. ``sweep`` is called with the time at each step and returns whether the
    clock shall go on."""

    __slots__ = ("_loop", "_second", "_sweep", "_tick", "_timer", "now", "tails")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, tick: float, sweep: Callable[[float], bool]
    ) -> None:
        self._loop = loop
        self._tick = tick
        self._sweep = sweep
        self._timer: asyncio.TimerHandle | None = None
        self._second = ""
        self.now = loop.time()
        self.tails: tuple[bytes, ...] = ()
        self._read()

    def start(self) -> None:
        """Go on if standing still; called for each new connection."""
        if self._timer is None:
            self._read()
            self._timer = self._loop.call_later(self._tick, self._step)

    def stop(self) -> None:
        """Stand still."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _step(self) -> None:
        self._timer = None
        self._read()
        if self._sweep(self.now):
            self._timer = self._loop.call_later(self._tick, self._step)

    def _read(self) -> None:
        self.now = self._loop.time()
        second = formatdate(usegmt=True)  # IMF-fixdate, RFC 9110 section 5.6.7
        if second != self._second:
            self._second = second
            date = f"Date: {second}\r\n".encode()
            self.tails = tuple(date + tail for tail in UNDATED)
