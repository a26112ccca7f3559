"""Where Python allocates, asked for by hand: tracemalloc costs time and memory while it runs.

Of a snapshot only sizes by line are kept, and of at most one, to compare a later one with.
"""

from __future__ import annotations

import linecache
import tracemalloc
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from time import time
from typing import Final

import msgspec

from mockforge.errors import MockForgeError

MAX_SITES: Final = 20_000
"""Lines of a snapshot that are kept, the largest."""
MAX_FRAMES: Final = 25

Site = tuple[str, int]
Sizes = dict[Site, tuple[int, int]]
"""Bytes and blocks by file and line."""


class AllocationSite(msgspec.Struct):
    """A line, what it allocated and is still there, and the change since the mark."""

    file: str
    line: int
    code: str
    bytes: int
    blocks: int
    bytes_more: int
    blocks_more: int


class Snapshot(msgspec.Struct):
    """Where memory was allocated since tracing began."""

    traced_bytes: int
    traced_peak: int
    own_bytes: int
    """What tracing itself takes."""
    marked_at: float | None
    """When the mark was set, in seconds since 1970."""
    sites: list[AllocationSite]


class Tracing:
    """Tracing of this process. The methods block for as long as a snapshot takes (some 100 ms)."""

    def __init__(self) -> None:
        self._mark: Sizes = {}
        self._marked_at: float | None = None
        self._lock = Lock()

    @property
    def running(self) -> bool:
        """Whether allocations are traced."""
        return tracemalloc.is_tracing()

    def start(self, frames: int) -> None:
        """Trace allocations from now on, with ``frames`` callers of each."""
        with self._lock:
            if not tracemalloc.is_tracing():
                tracemalloc.start(frames)

    def stop(self) -> None:
        """Trace no longer, and forget what was traced."""
        with self._lock:
            tracemalloc.stop()
            self._mark, self._marked_at = {}, None

    def mark(self) -> None:
        """Keep the sizes of now, to compare later ones with."""
        with self._lock:
            self._mark, self._marked_at = _sizes(), time()

    def snapshot(self, top: int) -> Snapshot:
        """The ``top`` lines, by growth since the mark, or by size where there is none. MockForgeError."""
        with self._lock:
            sizes = _sizes()
            mark, marked_at = self._mark, self._marked_at
        traced, peak = tracemalloc.get_traced_memory()
        return Snapshot(
            traced_bytes=traced,
            traced_peak=peak,
            own_bytes=tracemalloc.get_tracemalloc_memory(),
            marked_at=marked_at,
            sites=_top(sizes, mark, top, growth=marked_at is not None),
        )


def _sizes() -> Sizes:
    if not tracemalloc.is_tracing():
        raise MockForgeError("allocations are not traced", hint="start it: POST /memory/trace")
    snapshot = tracemalloc.take_snapshot().filter_traces(
        [tracemalloc.Filter(False, tracemalloc.__file__), tracemalloc.Filter(False, __file__)]
    )
    largest = snapshot.statistics("lineno")[:MAX_SITES]
    return {
        (found.traceback[0].filename, found.traceback[0].lineno): (found.size, found.count)
        for found in largest
    }


def _top(
    sizes: Sizes, mark: Mapping[Site, tuple[int, int]], top: int, *, growth: bool
) -> list[AllocationSite]:
    def more(site: Site) -> int:
        return sizes.get(site, (0, 0))[0] - mark.get(site, (0, 0))[0]

    sites = {*sizes, *mark} if growth else set(sizes)
    ranked = sorted(sites, key=lambda site: (-abs(more(site)) if growth else -sizes[site][0], site))
    return [_site(site, sizes, mark) for site in ranked[:top]]


def _site(site: Site, sizes: Sizes, mark: Mapping[Site, tuple[int, int]]) -> AllocationSite:
    file, line = site
    size, count = sizes.get(site, (0, 0))
    before, blocks = mark.get(site, (0, 0))
    code = linecache.getline(file, line).strip()
    shown = "/".join(Path(file).parts[-3:])
    return AllocationSite(shown, line, code, size, count, size - before, count - blocks)
