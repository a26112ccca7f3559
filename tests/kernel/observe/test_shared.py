"""The process's journal, and the names that the reference implementation has for it."""

from __future__ import annotations

from collections.abc import Iterator

import anyio
import pytest

from mockforge.observe.journal import (
    Journal,
    get_global_logger,
    init_global_logger,
    set_global_logger,
)
from tests.kernel.observe.exchanges import exchange


@pytest.fixture(autouse=True)
def no_journal() -> Iterator[None]:
    before = set_global_logger(None)
    yield
    set_global_logger(before)


def test_there_is_none_before_it_is_made() -> None:
    assert get_global_logger() is None


def test_it_is_made_once() -> None:
    journal = init_global_logger(max_logs=7)
    assert journal.stats().max_entries == 7
    assert init_global_logger() is journal
    assert get_global_logger() is journal
    assert journal.stats().max_entries == 7


def test_an_empty_journal_is_not_taken_for_none() -> None:
    journal = init_global_logger()
    assert len(journal) == 0
    assert journal


def test_the_default_room_is_a_thousand() -> None:
    assert init_global_logger().stats().max_entries == 1000


def test_a_kernels_journal_takes_its_place() -> None:
    journal = Journal()
    assert set_global_logger(journal) is None
    assert get_global_logger() is journal
    assert set_global_logger(None) is journal


def test_the_reference_methods_do_what_they_did() -> None:
    async def use() -> None:
        journal = init_global_logger(max_logs=3)
        for number in range(4):
            journal.record(exchange(target=f"/{number}"))
        journal.record(exchange(protocol="grpc", status=0))
        logs = await journal.get_recent_logs()
        assert [entry.id for entry in logs] == [5, 4, 3]
        assert [entry.id for entry in await journal.get_recent_logs(limit=1)] == [5]
        assert [entry.id for entry in await journal.get_logs_by_protocol("http", 1)] == [4]
        assert await journal.get_request_counts_by_protocol() == {"http": 4, "grpc": 1}
        await journal.clear_logs()
        assert await journal.get_recent_logs() == []

    anyio.run(use)
