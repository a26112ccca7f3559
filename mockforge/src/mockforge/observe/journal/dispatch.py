"""Handing entries to request loggers, away from the way of a request.

One worker thread reads a subscription of the journal and calls the loggers: implementations of
``mockforge_log_request`` and the log file. What does not fit the subscription's buffer is lost and
counted. Without loggers there is neither a thread nor a subscription.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from threading import Event, Lock, Thread
from time import monotonic
from typing import Final

import msgspec

from mockforge.observe.journal.entry import JournalEntry
from mockforge.observe.journal.journal import Journal
from mockforge.observe.journal.subscription import Dropped, Subscription
from mockforge.observe.throttle import Throttle

RequestLogger = Callable[[JournalEntry], object]

_log: Final = logging.getLogger("mockforge.journal")
DEFAULT_QUEUE: Final = 1024
DEFAULT_QUEUE_BYTES: Final = 4 * 1024**2


class DispatchStats(msgspec.Struct, frozen=True):
    """What became of the entries meant for request loggers."""

    delivered: int
    """Entries for which every logger was called."""
    dropped: int
    """Entries lost because the loggers were too slow, or unfinished when closing."""
    waiting: int
    failures: dict[str, int]
    """Calls that raised, by logger name."""


class _Logger:
    """A request logger, its name, and how often it failed."""

    __slots__ = ("call", "failures", "name", "throttle")

    def __init__(self, call: RequestLogger, report_interval: float) -> None:
        self.call = call
        self.name = _name(call)
        self.failures = 0
        self.throttle = Throttle(report_interval)


class LogDispatcher:
    """Calls ``loggers`` with each new entry of ``journal``, in order, in one thread of its own.

    At most ``queue`` entries and ``queue_bytes`` wait. A logger that raises is counted, and reported
    in the log once per ``report_interval`` seconds; the others are called all the same.
    """

    def __init__(
        self,
        journal: Journal,
        loggers: Iterable[RequestLogger] = (),
        *,
        queue: int = DEFAULT_QUEUE,
        queue_bytes: int = DEFAULT_QUEUE_BYTES,
        report_interval: float = 60.0,
    ) -> None:
        self._journal = journal
        self._queue = queue
        self._queue_bytes = queue_bytes
        self._report_interval = report_interval
        self._loggers: tuple[_Logger, ...] = ()
        self._subscription: Subscription | None = None
        self._thread: Thread | None = None
        self._abandoned: Event | None = None
        self._delivered = 0
        self._dropped_before = 0
        self._dropped_report = Throttle(report_interval)
        self._lock = Lock()
        self.set_loggers(loggers)

    def set_loggers(self, loggers: Iterable[RequestLogger]) -> None:
        """Use these from the next entry on (at a reload); failures of those that stay are kept. With
        none, the thread ends."""
        with self._lock:
            known = {each.call: each for each in self._loggers}
            self._loggers = tuple(
                known.get(call) or _Logger(call, self._report_interval) for call in loggers
            )
            if self._loggers and self._thread is None:
                self._start()
            elif not self._loggers:
                self._end(0.0)

    def close(self, timeout: float = 5.0) -> bool:
        """Deliver what waits, for at most ``timeout`` seconds, and end the thread. False if a logger
        did not finish in time; what it left is counted as dropped."""
        with self._lock:
            finished = self._end(timeout)
            self._loggers = ()
            return finished

    def stats(self) -> DispatchStats:
        """Counts since the start."""
        subscription = self._subscription
        return DispatchStats(
            delivered=self._delivered,
            dropped=self._dropped_before + (0 if subscription is None else subscription.dropped),
            waiting=0 if subscription is None else subscription.waiting,
            failures={each.name: each.failures for each in self._loggers},
        )

    def _start(self) -> None:
        subscription = self._journal.subscribe(self._queue, max_bytes=self._queue_bytes)
        abandoned = Event()
        # A daemon: a logger that hangs must not keep the process from ending.
        thread = Thread(
            target=self._run, args=(subscription, abandoned), name="mockforge-log", daemon=True
        )
        self._subscription, self._abandoned, self._thread = subscription, abandoned, thread
        thread.start()

    def _end(self, timeout: float) -> bool:
        subscription, thread, abandoned = self._subscription, self._thread, self._abandoned
        if subscription is None or thread is None or abandoned is None:
            return True
        deadline = monotonic() + timeout
        subscription.stop()
        thread.join(timeout)
        finished = not thread.is_alive()
        if not finished:
            abandoned.set()
            left = subscription.discard()
            _log.warning(
                "request loggers did not finish in %.1f s; %d entries were not logged",
                timeout,
                left,
            )
            thread.join(max(0.0, deadline - monotonic()))
        subscription.close()
        self._dropped_before += subscription.dropped
        self._subscription = self._thread = self._abandoned = None
        return finished

    def _run(self, subscription: Subscription, abandoned: Event) -> None:
        for item in subscription:
            if abandoned.is_set():
                return
            if isinstance(item, Dropped):
                self._report_dropped(item.count)
                continue
            for logger in self._loggers:
                self._call(logger, item)
            self._delivered += 1

    def _call(self, logger: _Logger, entry: JournalEntry) -> None:
        try:
            logger.call(entry)
        except BaseException as error:  # even SystemExit: it must not reach the other loggers
            logger.failures += 1
            held_back = logger.throttle.ready()
            if held_back is not None:
                _log.warning(
                    "request logger %s failed on entry %d: %s: %s%s",
                    logger.name,
                    entry.id,
                    type(error).__name__,
                    error,
                    f" ({held_back} more since the last report)" if held_back else "",
                    exc_info=_log.isEnabledFor(logging.DEBUG),
                )

    def _report_dropped(self, count: int) -> None:
        held_back = self._dropped_report.ready()
        if held_back is not None:
            _log.warning("request loggers are too slow: %d entries were not logged", count)


def _name(call: RequestLogger) -> str:
    described = getattr(call, "name", None)
    if isinstance(described, str):
        return described
    module = getattr(call, "__module__", None)
    name = getattr(call, "__qualname__", type(call).__qualname__)
    return f"{module}.{name}" if module else name
