"""How the process did over the last minutes: a sample every few seconds, the oldest go first.

Kept from the start, whether or not somebody looks: who opens the page sees what led there.
"""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from time import time
from typing import TYPE_CHECKING, Final

import msgspec

from mockforge.observe.metrics.instruments import DURATION_BUCKETS
from mockforge.observe.process import cpu_seconds

if TYPE_CHECKING:
    from mockforge.kernel import Kernel

_ERRORS: Final = frozenset({"client_error", "server_error", "call_failed", "no_answer"})


class Moment(msgspec.Struct, frozen=True):
    """The process at one ``time`` (seconds since 1970): totals since the start, and what is held."""

    time: float
    rss: int | None
    cpu: float
    """Seconds of processor time."""
    requests: int
    errors: int
    durations: tuple[int, ...]
    """Requests by duration bucket, all protocols together; the last is for what took longer."""
    connections: tuple[int, ...]
    """By server, in the order of :attr:`History.servers`."""
    memory: tuple[int, ...]
    """By component, in the order of :attr:`History.components`."""


class Stretch(msgspec.Struct):
    """Between two moments: what happened in a second, and what was held at its end."""

    time: float
    seconds: float
    requests_per_second: float
    errors_per_second: float
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    cpu: float
    """Part of one processor."""
    rss: int | None
    connections: dict[str, int]
    memory: dict[str, int]


class History:
    """The newest ``most`` moments of ``kernel``."""

    def __init__(self, kernel: Kernel, most: int) -> None:
        self._kernel = kernel
        self._moments: deque[Moment] = deque(maxlen=most)
        self.servers: tuple[str, ...] = ()
        self.components: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self._moments)

    @property
    def most(self) -> int:
        """Moments kept at most."""
        return self._moments.maxlen or 0

    def take(self) -> None:
        """Add the moment of now."""
        report = self._kernel.memory.report()
        held = {each.name: each.bytes or 0 for each in report.components}
        new = [name for name in held if name not in self.components]
        self.components += tuple(
            sorted(new)
        )  # further ones at the end: those before keep their places
        servers = self._kernel.servers
        self.servers = tuple(server.name for server in servers)
        requests, errors, durations = self._counts()
        self._moments.append(
            Moment(
                time(),
                report.rss,
                cpu_seconds(),
                requests,
                errors,
                durations,
                tuple(server.connections() for server in servers),
                tuple(held.get(name, 0) for name in self.components),
            )
        )

    def stretches(self, last: int) -> list[Stretch]:
        """The newest ``last`` stretches between moments, oldest first."""
        moments = list(self._moments)[-(last + 1) :]
        return [self._stretch(before, after) for before, after in pairwise(moments)]

    def memory_bytes(self) -> int:
        """Estimate of what the moments hold."""
        each = 600 + 32 * (len(self.components) + len(self.servers) + len(DURATION_BUCKETS))
        return each * len(self._moments)

    def _stretch(self, before: Moment, after: Moment) -> Stretch:
        seconds = max(after.time - before.time, 1e-9)
        counts = [new - old for new, old in zip(after.durations, before.durations, strict=True)]
        return Stretch(
            time=after.time,
            seconds=seconds,
            requests_per_second=(after.requests - before.requests) / seconds,
            errors_per_second=(after.errors - before.errors) / seconds,
            p50_ms=percentile(counts, 0.50),
            p95_ms=percentile(counts, 0.95),
            p99_ms=percentile(counts, 0.99),
            cpu=(after.cpu - before.cpu) / seconds,
            rss=after.rss,
            connections=dict(zip(self.servers, after.connections, strict=False)),
            memory=dict(zip(self.components, after.memory, strict=False)),
        )

    def _counts(self) -> tuple[int, int, tuple[int, ...]]:
        requests = errors = 0
        durations = [0] * (len(DURATION_BUCKETS) + 1)
        for name, samples in self._kernel.metrics.requests.collect():
            if name == "mockforge_requests_total":
                requests += int(sum(sample.value for sample in samples))
            elif name == "mockforge_errors_total":
                errors += int(
                    sum(
                        sample.value
                        for sample in samples
                        if dict(sample.labels)["error_type"] in _ERRORS
                    )
                )
        for numbers in self._kernel.metrics.requests.durations():
            durations = [one + other for one, other in zip(durations, numbers, strict=True)]
        return requests, errors, tuple(durations)


def percentile(counts: list[int], part: float) -> float | None:
    """The duration in ms that ``part`` of the requests did not exceed, put proportionally into its bucket;
    ``None`` where there were no requests."""
    total = sum(counts)
    if total <= 0:
        return None
    wanted = part * total
    low = 0.0
    for count, high in zip(counts, DURATION_BUCKETS, strict=False):
        if count and wanted <= count:
            return round(1000 * (low + (high - low) * wanted / count), 3)
        wanted -= count
        low = high
    return 1000 * DURATION_BUCKETS[-1]
