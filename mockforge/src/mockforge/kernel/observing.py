"""The observing half of the kernel: journal, request loggers, metrics and memory, made from settings.

Owned by :class:`~mockforge.kernel.Kernel` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from mockforge.config import CoreConfig
from mockforge.contracts import ProtocolServer
from mockforge.observe.budget import MemoryBudget
from mockforge.observe.journal import Journal, LogDispatcher, RequestLogger, set_global_logger
from mockforge.observe.journal.sink import JsonLinesSink
from mockforge.observe.memory import MemoryLedger
from mockforge.observe.metrics import (
    Collector,
    Registry,
    Sample,
    budget_collector,
    journal_collector,
    memory_collector,
    process_collector,
)
from mockforge.observe.modules import ImportedModules
from mockforge.plugins import Plugins


class Observing:
    """Journal, dispatcher of request loggers, metrics and memory ledger of one kernel."""

    def __init__(self, core: CoreConfig, plugins: Plugins) -> None:
        self.memory = MemoryLedger()
        self.budget = MemoryBudget(self.memory, core.memory_budget)
        self.metrics = Registry()
        self.journal = Journal(
            core.max_request_logs,
            core.max_request_log_bytes,
            core.max_logged_body,
            core.redact,
        )
        self._dispatcher = LogDispatcher(self.journal, queue=core.log_queue)
        self._core = core
        self._sink: JsonLinesSink | None = None
        self._before: Journal | None = None
        self.memory.register("journal", lambda: self.journal.bytes, lambda: self.journal.max_bytes)
        self.memory.register("modules", ImportedModules().memory_bytes)
        self.memory.register("metrics", lambda: self.metrics.requests.bytes)
        self.memory.add_source(plugins.memory_report)
        self.metrics.add_collector(process_collector)
        self.metrics.add_collector(journal_collector(self.journal, self._dispatcher))
        self.metrics.add_collector(memory_collector(self.memory))
        self.metrics.add_collector(budget_collector(self.budget))

    def watch_connections(self, servers: Callable[[], Sequence[ProtocolServer]]) -> None:
        """Have open connections by protocol among the metrics."""
        self.metrics.add_collector(_connections(servers))

    def start(self, loggers: Sequence[RequestLogger]) -> None:
        """Begin to hand entries to request loggers and the log file."""
        self._before = set_global_logger(self.journal)
        self._sink = _sink(self._core)
        self._set(loggers)

    def reload(self, core: CoreConfig, loggers: Sequence[RequestLogger]) -> None:
        """Take on changed limits, loggers and log file; what is recorded stays. When this raises
        ConfigError, nothing has changed."""
        old = self._sink
        if core.log_file != self._core.log_file:
            self._sink = _sink(core)
        self._core = core
        self.budget.limit = core.memory_budget
        self.journal.configure(
            max_entries=core.max_request_logs,
            max_bytes=core.max_request_log_bytes,
            max_body=core.max_logged_body,
            redact=core.redact,
        )
        self._set(loggers)
        if old is not None and old is not self._sink:
            old.close()

    def close(self) -> None:
        """Deliver what waits for request loggers (a few seconds at most) and end; blocks."""
        self.journal.close()
        self._dispatcher.close()
        if self._sink is not None:
            self._sink.close()
        set_global_logger(self._before)

    def _set(self, loggers: Sequence[RequestLogger]) -> None:
        self._dispatcher.set_loggers(loggers if self._sink is None else (*loggers, self._sink))


def _sink(core: CoreConfig) -> JsonLinesSink | None:
    file = core.log_file
    if file.path is None:
        return None
    return JsonLinesSink(file.path, file.max_bytes, file.backups)


def _connections(servers: Callable[[], Sequence[ProtocolServer]]) -> Collector:
    def collect() -> Iterator[tuple[str, list[Sample]]]:
        name = "mockforge_connections_active"
        yield (
            name,
            [
                Sample(name, (("protocol", server.name),), server.connections())
                for server in servers()
            ],
        )

    return collect
