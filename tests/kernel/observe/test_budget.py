"""The budget of memory: caches first, then connections, and back."""

from __future__ import annotations

import pytest

from mockforge.observe.budget import MemoryBudget
from mockforge.observe.memory import MemoryLedger


class Process:
    """What takes memory, and a clock."""

    def __init__(self, rss: int) -> None:
        self.rss = rss
        self.now = 0.0
        self.ledger = MemoryLedger()
        self.budget = MemoryBudget(self.ledger, 1000, read=lambda: self.rss, clock=lambda: self.now)

    def looks(self, rss: int | None = None, *, after: float = 1.0) -> bool:
        if rss is not None:
            self.rss = rss
        self.now += after
        self.budget.check()
        return self.budget.over


def test_below_the_budget_nothing_is_done() -> None:
    process = Process(1000)
    assert not process.looks()
    assert process.budget.sheds == 0


def test_caches_are_given_back_first_and_that_may_do() -> None:
    process = Process(900)

    def give_back() -> None:
        process.rss = 700

    process.ledger.on_shed("cache", give_back)
    assert not process.looks(1001)
    assert (process.rss, process.budget.sheds) == (700, 1)


def test_what_is_still_over_refuses_connections_until_there_is_room_again() -> None:
    process = Process(900)
    assert process.looks(1200)
    assert process.looks(990), "just below would flap"
    assert not process.looks(950)
    assert process.looks(1001, after=20)


def test_caches_are_not_given_back_at_every_look() -> None:
    process = Process(900)
    for _ in range(25):
        process.looks(2000)
    assert process.budget.sheds == 3


def test_one_that_cannot_give_back_does_not_keep_others_from_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    process = Process(900)
    gave: list[int] = []
    process.ledger.on_shed("broken", lambda: 1 // 0)
    process.ledger.on_shed("cache", lambda: gave.append(1))
    process.looks(1001)
    assert gave == [1]
    assert "broken could not give its memory back" in caplog.text


def test_without_a_budget_nothing_is_refused_and_a_changed_one_counts_at_once() -> None:
    process = Process(900)
    assert process.looks(1200)
    process.budget.limit = 0
    assert not process.looks()
    process.budget.limit = 1100
    assert process.looks(after=30)
