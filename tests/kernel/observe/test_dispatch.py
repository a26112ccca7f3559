"""Request loggers: off the way of a request, bounded, and harmless to each other."""

from __future__ import annotations

import logging
import threading

import pytest

from mockforge.observe.journal import Journal, JournalEntry, LogDispatcher
from mockforge.observe.journal.dispatch import RequestLogger
from tests.kernel.observe.exchanges import exchange
from tests.kernel.observe.waiting import wait_until


def log_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "mockforge-log"]


def test_every_logger_sees_every_entry_in_order_in_one_other_thread() -> None:
    journal = Journal(max_entries=2)
    first: list[int] = []
    second: list[str] = []
    threads: set[int] = set()

    def log(entry: JournalEntry) -> None:
        threads.add(threading.get_ident())
        first.append(entry.id)

    dispatcher = LogDispatcher(journal, [log, lambda entry: second.append(entry.path)])
    for number in range(30):
        journal.record(exchange(target=f"/{number}"))
    assert dispatcher.close()
    assert first == list(range(1, 31))
    assert second == [f"/{number}" for number in range(30)]
    assert len(threads) == 1
    assert threading.get_ident() not in threads
    assert dispatcher.stats().delivered == 30
    assert dispatcher.stats().dropped == 0
    assert not log_threads()


def test_without_loggers_there_is_no_thread_and_no_subscription() -> None:
    journal = Journal()
    dispatcher = LogDispatcher(journal)
    assert not log_threads()
    assert journal.stats().subscriptions == 0
    dispatcher.set_loggers([print])
    assert len(log_threads()) == 1
    assert journal.stats().subscriptions == 1
    dispatcher.set_loggers([])
    wait_until(lambda: not log_threads())
    assert journal.stats().subscriptions == 0
    assert dispatcher.close()


def test_a_full_queue_drops_and_counts_and_the_servers_go_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    journal = Journal()
    started, go_on = threading.Event(), threading.Event()
    seen: list[int] = []

    def slow(entry: JournalEntry) -> None:
        started.set()
        assert go_on.wait(20)
        seen.append(entry.id)

    dispatcher = LogDispatcher(journal, [slow], queue=10)
    journal.record(exchange())
    assert started.wait(20)
    for _ in range(100):
        journal.record(exchange())
    stats = dispatcher.stats()
    assert (stats.waiting, stats.dropped) == (10, 90)
    go_on.set()
    wait_until(lambda: dispatcher.stats().delivered == 11)
    stats = dispatcher.stats()
    assert (stats.waiting, stats.dropped) == (0, 90)
    assert dispatcher.close()
    assert seen == [1, *range(92, 102)]
    assert dispatcher.stats().dropped == journal.totals().dropped == 90
    assert "90 entries were not logged" in caplog.text


def test_the_queue_is_bounded_in_bytes_too() -> None:
    journal = Journal()
    started, go_on = threading.Event(), threading.Event()

    def slow(entry: JournalEntry) -> None:
        started.set()
        assert go_on.wait(20)

    dispatcher = LogDispatcher(journal, [slow], queue=1000, queue_bytes=30_000)
    journal.record(exchange())
    assert started.wait(20)
    for _ in range(100):
        journal.record(exchange(body=b"x" * 5000))
    assert 0 < journal.subscription_bytes <= 30_000
    assert dispatcher.stats().dropped == 96
    go_on.set()
    assert dispatcher.close()


def test_a_logger_that_raises_is_counted_reported_once_and_affects_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    journal = Journal()
    seen: list[int] = []

    def broken(entry: JournalEntry) -> None:
        raise ValueError(f"cannot log {entry.id}")

    dispatcher = LogDispatcher(journal, [broken, lambda entry: seen.append(entry.id)])
    for _ in range(50):
        journal.record(exchange())
    wait_until(lambda: dispatcher.stats().delivered == 50)
    failures = dispatcher.stats().failures
    assert [count for name, count in failures.items() if "broken" in name] == [50]
    assert [count for name, count in failures.items() if "lambda" in name] == [0]
    assert dispatcher.close()
    assert seen == list(range(1, 51))
    reports = [record for record in caplog.records if "failed on entry" in record.message]
    assert len(reports) == 1
    assert reports[0].levelno == logging.WARNING
    assert "broken" in reports[0].message
    assert "ValueError: cannot log 1" in reports[0].message


def test_a_logger_that_wants_to_end_the_process_does_not_even_end_the_thread() -> None:
    journal = Journal()
    seen: list[int] = []

    def leaves(entry: JournalEntry) -> None:
        raise SystemExit(1)

    dispatcher = LogDispatcher(journal, [leaves, lambda entry: seen.append(entry.id)])
    journal.record(exchange())
    journal.record(exchange())
    assert dispatcher.close()
    assert seen == [1, 2]


def test_a_report_says_how_many_failures_were_held_back(caplog: pytest.LogCaptureFixture) -> None:
    journal = Journal()

    def broken(entry: JournalEntry) -> None:
        raise ValueError("no")

    dispatcher = LogDispatcher(journal, [broken], report_interval=0)
    for _ in range(3):
        journal.record(exchange())
    assert dispatcher.close()
    reports = [record for record in caplog.records if "failed on entry" in record.message]
    assert len(reports) == 3


def test_closing_waits_no_longer_than_it_is_told_and_counts_what_is_left(
    caplog: pytest.LogCaptureFixture,
) -> None:
    journal = Journal()
    started, go_on = threading.Event(), threading.Event()
    seen: list[int] = []

    def hangs(entry: JournalEntry) -> None:
        started.set()
        assert go_on.wait(20)
        seen.append(entry.id)

    dispatcher = LogDispatcher(journal, [hangs])
    journal.record(exchange())
    assert started.wait(20)
    for _ in range(5):
        journal.record(exchange())
    assert not dispatcher.close(timeout=0.01)
    assert dispatcher.stats().dropped == journal.totals().dropped == 5
    assert "5 entries were not logged" in caplog.text
    go_on.set()
    wait_until(lambda: not log_threads())
    assert seen == [1]


def test_loggers_can_be_replaced_while_entries_come() -> None:
    journal = Journal()
    old: list[int] = []
    new: list[int] = []
    keep: RequestLogger = old.append  # type: ignore[assignment]  # any callable will do

    def broken(entry: JournalEntry) -> None:
        raise OSError("disk full")

    dispatcher = LogDispatcher(journal, [keep, broken])
    journal.record(exchange())
    wait_until(lambda: dispatcher.stats().delivered == 1)
    dispatcher.set_loggers([broken, lambda entry: new.append(entry.id)])
    journal.record(exchange())
    assert len(log_threads()) == 1
    wait_until(lambda: dispatcher.stats().delivered == 2)
    assert max(dispatcher.stats().failures.values()) == 2
    assert dispatcher.close()
    assert len(old) == 1
    assert new == [2]
