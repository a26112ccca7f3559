"""How many bytes a piece of code holds, as tracemalloc counts them.

What CPython keeps for reuse (its free lists of tuples, for one) would not be counted when it is used again,
and is different after every other test: it is given back before anything is measured.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager


class Traced:
    """Bytes since :meth:`restart`."""

    def __init__(self) -> None:
        self._before = 0
        self.restart()

    def restart(self) -> None:
        """Count from here."""
        gc.collect()
        tracemalloc.reset_peak()
        self._before = tracemalloc.get_traced_memory()[0]

    @property
    def held(self) -> int:
        """Bytes that are held now."""
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - self._before

    @property
    def peak(self) -> int:
        """The most bytes that were held at once."""
        return tracemalloc.get_traced_memory()[1] - self._before


@contextmanager
def tracing() -> Iterator[Traced]:
    """Count bytes while the block runs."""
    gc.collect()
    tracemalloc.start()
    try:
        yield Traced()
    finally:
        tracemalloc.stop()
