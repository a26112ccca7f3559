"""Collectors for what lives elsewhere: the process, the journal, the memory ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from mockforge.observe import process
from mockforge.observe.metrics.families import Collector, Sample

if TYPE_CHECKING:
    from mockforge.observe.budget import MemoryBudget
    from mockforge.observe.journal import Journal, LogDispatcher
    from mockforge.observe.memory import MemoryLedger

Samples = Iterator[tuple[str, Iterable[Sample]]]


def process_collector() -> Samples:
    """Memory, processor time and file descriptors of this process."""
    values = {
        "process_resident_memory_bytes": process.resident_bytes(),
        "process_cpu_seconds_total": process.cpu_seconds(),
        "process_open_fds": process.open_descriptors(),
        "process_max_fds": process.max_descriptors(),
        "process_start_time_seconds": process.started_at(),
    }
    for name, value in values.items():
        if value is not None:
            yield _single(name, value)


def budget_collector(budget: MemoryBudget) -> Collector:
    """Whether the process takes more memory than it may, and what was done about it."""

    def collect() -> Samples:
        yield _single("mockforge_memory_sheds_total", budget.sheds)
        yield _single("mockforge_memory_over_budget", int(budget.over))

    return collect


def journal_collector(journal: Journal, dispatcher: LogDispatcher | None = None) -> Collector:
    """How full the journal is, and what it, its subscribers and the request loggers let go."""

    def collect() -> Samples:
        stats = journal.stats()
        yield _single("mockforge_journal_entries", stats.entries)
        yield _single("mockforge_journal_bytes", stats.bytes)
        yield _dropped("journal", stats.evicted)
        yield _dropped("journal.subscriptions", stats.dropped)
        if dispatcher is not None:
            log = dispatcher.stats()
            yield _dropped("journal.loggers", log.dropped)
            name = "mockforge_request_logger_failures_total"
            yield (
                name,
                [
                    Sample(name, (("logger", logger),), count)
                    for logger, count in log.failures.items()
                ],
            )

    return collect


def memory_collector(ledger: MemoryLedger) -> Collector:
    """Bytes and limits of each component that reports them."""

    def collect() -> Samples:
        for name, held, limit in (
            (component.name, component.bytes, component.limit) for component in ledger.components()
        ):
            labels = (("component", name),)
            if held is not None:
                sample = Sample("mockforge_memory_bytes", labels, held)
                yield "mockforge_memory_bytes", [sample]
            if limit is not None:
                sample = Sample("mockforge_limit_bytes", labels, limit)
                yield "mockforge_limit_bytes", [sample]

    return collect


def _single(name: str, value: float) -> tuple[str, Iterable[Sample]]:
    return name, [Sample(name, (), value)]


def _dropped(component: str, count: int) -> tuple[str, Iterable[Sample]]:
    name = "mockforge_dropped_total"
    return name, [Sample(name, (("component", component),), count)]
