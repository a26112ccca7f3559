"""``core.memory_budget``: what is done when the process grows past it.

First components give back what they can make again (caches), and the allocator its free pages. If that is not
enough, servers take no new connections until there is room again: those that are open go on.
"""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Callable
from time import monotonic
from typing import Final

from mockforge.observe.memory import MemoryLedger, size_text
from mockforge.observe.process import resident_bytes

log = logging.getLogger("mockforge.memory")

INTERVAL: Final = 1.0
"""Seconds between two looks at the process."""
_PATIENCE: Final = 10.0
"""Seconds between two times that components are asked to give back, while it stays above."""
_RECOVERED: Final = 0.95
"""The part of the budget below which connections are taken again: less than all, so that it does not flap."""


class MemoryBudget:
    """``limit`` is the most that the process should take, in bytes of RSS (0 = as much as it likes). ``over``
    is whether it takes more, and new connections are to be refused. ``sheds`` counts how often caches were
    given back. ``read`` gives the RSS."""

    def __init__(
        self,
        ledger: MemoryLedger,
        limit: int = 0,
        *,
        read: Callable[[], int | None] = resident_bytes,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.limit = limit
        self.over = False
        self.sheds = 0
        self._ledger = ledger
        self._read = read
        self._clock = clock
        self._shed_at = -_PATIENCE

    def check(self) -> None:
        """Look at the process, and do what there is to be done. To be called every :data:`INTERVAL`."""
        rss = self._read() if self.limit else None
        if rss is None:
            self.over = False
            return
        if rss > self.limit and self._clock() - self._shed_at >= _PATIENCE:
            rss = self._shed(rss)
        if rss > self.limit and not self.over:
            self.over = True
            log.warning(
                "the process takes %s, more than core.memory_budget (%s): new connections are refused",
                size_text(rss),
                size_text(self.limit),
            )
        elif self.over and rss <= self.limit * _RECOVERED:
            self.over = False
            log.info("the process takes %s: connections are taken again", size_text(rss))

    def refusal(self) -> str:
        """What to tell those that are refused."""
        return (
            f"The process takes more memory than it may ({size_text(self.limit)}): wait, close connections, "
            "or raise core.memory_budget."
        )

    def _shed(self, before: int) -> int:
        self._shed_at = self._clock()
        self.sheds += 1
        self._ledger.shed()
        gc.collect()
        _trim()
        after = self._read() or before
        log.info("caches were given back: %s, now %s", size_text(before), size_text(after))
        return after


def _trim() -> None:
    """Have the C library give free pages back, where it is glibc (malloc_trim(3))."""
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
