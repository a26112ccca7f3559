"""What is counted with: counters, gauges, histograms. All may be used from any thread."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from threading import Lock
from typing import Final

from mockforge.observe.metrics.families import Labels, Sample

DURATION_BUCKETS: Final = (
    0.0001,
    0.00025,
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
)
"""Upper bounds in seconds: from an answer out of memory to a client's usual time-out."""


class Counter:
    """A number that only grows."""

    __slots__ = ("_lock", "value")

    def __init__(self) -> None:
        self.value: float = 0
        self._lock = Lock()

    def inc(self, amount: float = 1) -> None:
        """Add ``amount``, which is not negative."""
        if amount < 0:
            raise ValueError(f"a counter does not go down: {amount}")
        with self._lock:
            self.value += amount


class Gauge:
    """A number that goes up and down."""

    __slots__ = ("_lock", "value")

    def __init__(self) -> None:
        self.value: float = 0
        self._lock = Lock()

    def set(self, value: float) -> None:
        """Make it ``value``."""
        self.value = value

    def inc(self, amount: float = 1) -> None:
        """Add ``amount``."""
        with self._lock:
            self.value += amount

    def dec(self, amount: float = 1) -> None:
        """Take ``amount`` off."""
        self.inc(-amount)


class Histogram:
    """Durations, counted by upper bound. Bounds are in seconds, observations in nanoseconds."""

    __slots__ = ("_cells", "_lock", "bounds", "bounds_ns")

    def __init__(self, bounds: Sequence[float] = DURATION_BUCKETS) -> None:
        if list(bounds) != sorted(set(bounds)) or not bounds:
            raise ValueError(f"bounds are not in ascending order: {bounds}")
        self.bounds = tuple(bounds)
        self.bounds_ns = tuple(round(bound * 1e9) for bound in bounds)
        # A count per bound, one for what is above all, and the sum of nanoseconds.
        self._cells = array("Q", [0] * (len(bounds) + 2))
        self._lock = Lock()

    def observe_ns(self, duration_ns: int) -> None:
        """Count one duration; a negative one counts as 0."""
        if duration_ns < 0:
            duration_ns = 0
        index = bisect_left(self.bounds_ns, duration_ns)
        with self._lock:
            self._cells[index] += 1
            self._cells[-1] += duration_ns

    def samples(self, name: str, labels: Labels) -> Iterable[Sample]:
        """Its buckets (cumulative), sum in seconds and count."""
        with self._lock:
            cells = tuple(self._cells)
        return histogram_samples(name, labels, self.bounds, cells[:-1], cells[-1])


def histogram_samples(
    name: str, labels: Labels, bounds: Sequence[float], counts: Sequence[int], sum_ns: int
) -> Iterable[Sample]:
    """Samples for ``counts`` per bound, the last being what is above all bounds."""
    bucket, total = f"{name}_bucket", 0
    for bound, count in zip(bounds, counts, strict=False):
        total += count
        yield Sample(bucket, (*labels, ("le", f"{bound:g}")), total)
    total += counts[len(bounds)]
    yield Sample(bucket, (*labels, ("le", "+Inf")), total)
    yield Sample(f"{name}_sum", labels, sum_ns / 1e9)
    yield Sample(f"{name}_count", labels, total)
