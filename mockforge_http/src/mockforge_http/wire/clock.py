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

from mockforge.sweeping import Sweep
from mockforge_http.wire.head import CLOSE, HEAD, OLD

_CONNECTION: Final = {
    0: b"",
    OLD: b"Connection: keep-alive\r\n",
    CLOSE: b"Connection: close\r\n",
    OLD | CLOSE: b"Connection: close\r\n",
}
UNDATED: Final = tuple(_CONNECTION[flags & ~HEAD] + b"\r\n" for flags in range(8))
"""Tails for answers that bring their own ``Date``."""


class Clock(Sweep):
    """The sweep's time, and the lines that tell it."""

    __slots__ = ("_second", "tails")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, tick: float, sweep: Callable[[float], bool]
    ) -> None:
        super().__init__(loop, tick, sweep)
        self._second = ""
        self.tails: tuple[bytes, ...] = ()
        self._read()

    def _read(self) -> None:
        super()._read()
        second = formatdate(usegmt=True)  # IMF-fixdate, RFC 9110 section 5.6.7
        if second != self._second:
            self._second = second
            date = f"Date: {second}\r\n".encode()
            self.tails = tuple(date + tail for tail in UNDATED)
