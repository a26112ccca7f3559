"""Recording and reading at once, from several threads."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from mockforge.observe.journal import Criteria, Journal
from tests.kernel.observe.exchanges import exchange

WRITERS, EACH = 4, 800


@pytest.fixture(autouse=True)
def switch_threads_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def run(*functions: Callable[[], None]) -> None:
    """Run them at once; what one raises is raised here."""
    errors: list[BaseException] = []

    def guard(function: Callable[[], None]) -> None:
        try:
            function()
        except BaseException as error:  # handed to the test's thread
            errors.append(error)

    threads = [threading.Thread(target=guard, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    if errors:
        raise errors[0]


def test_nothing_is_lost_counted_twice_or_over_the_limits() -> None:
    journal = Journal(max_entries=100, max_bytes=60_000)
    done = threading.Event()
    left = [WRITERS]

    def write() -> None:
        for number in range(EACH):
            journal.record(exchange(body=b"x" * (number % 500), status=200 + number % 3))
        with lock:
            left[0] -= 1
            if not left[0]:
                done.set()

    def read() -> None:
        while not done.is_set():
            entries = journal.recent(20)
            ids = [entry.id for entry in entries]
            assert ids == sorted(ids, reverse=True)
            assert len(set(ids)) == len(ids)
            everything = [entry.id for entry in journal.find(Criteria(status="2xx"))]
            assert everything == list(range(everything[0], everything[-1] + 1)) if everything else 1
            stats = journal.stats()
            assert stats.entries <= 100
            assert stats.bytes <= 60_000
            for entry in entries[:3]:
                again = journal.get(entry.id)
                assert again is None or again == entry
            journal.totals()

    def resize() -> None:
        while not done.is_set():
            for size in (10, 100):
                journal.configure(max_entries=size)
            journal.clear()

    lock = threading.Lock()
    run(*[write] * WRITERS, read, read, resize)
    totals = journal.totals()
    assert totals.total == WRITERS * EACH
    assert totals.by_status_class == {"2xx": WRITERS * EACH}
    journal.configure(max_entries=0)
    assert journal.bytes == 0
    assert journal.count() == 0


def test_subscribers_come_and_go_while_others_record() -> None:
    journal = Journal(max_entries=10)
    left = [WRITERS]
    lock = threading.Lock()

    def write() -> None:
        for _ in range(EACH):
            journal.record(exchange())
        with lock:
            left[0] -= 1

    def follow() -> None:
        while left[0]:
            with journal.subscribe(buffer=3) as tail:
                for _ in range(5):
                    tail.get(0.001)

    run(*[write] * WRITERS, follow, follow, follow)
    assert journal.totals().total == WRITERS * EACH
    assert journal.stats().subscriptions == 0
