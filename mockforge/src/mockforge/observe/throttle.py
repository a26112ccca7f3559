"""Reporting a fault that may repeat a thousand times a second without a thousand lines of log."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic


class Throttle:
    """Lets one report through per ``interval`` seconds and counts the others."""

    def __init__(self, interval: float = 60.0, clock: Callable[[], float] = monotonic) -> None:
        self.interval = interval
        self._clock = clock
        self._next = float("-inf")
        self._held_back = 0

    def ready(self) -> int | None:
        """How many were held back since the last report, or ``None`` if this one is to be as well."""
        now = self._clock()
        if now < self._next:
            self._held_back += 1
            return None
        self._next = now + self.interval
        held_back, self._held_back = self._held_back, 0
        return held_back
