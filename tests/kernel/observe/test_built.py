"""Followers share built entries; searches give others a turn."""

from __future__ import annotations

import asyncio

from mockforge.observe.journal import Journal, JournalEntry
from mockforge.observe.journal.built import SLOTS
from tests.kernel.observe.exchanges import exchange


def test_followers_get_the_same_entry_built_once() -> None:
    journal = Journal()
    with journal.subscribe() as one, journal.subscribe(text="pets") as other:
        journal.record(exchange())
        first, second = one.get(5), other.get(5)
        assert isinstance(first, JournalEntry)
        assert first is second


def test_large_entries_and_those_of_a_single_follower_are_not_kept() -> None:
    journal = Journal()
    with journal.subscribe():
        journal.record(exchange())
        assert journal._shared._slots == []
        with journal.subscribe() as one, journal.subscribe() as other:
            journal.record(exchange(body=b"b" * 5000))
            first, second = one.get(5), other.get(5)
            assert first == second
            assert first is not second
            for _ in range(3 * SLOTS):
                journal.record(exchange())
                one.get(5)
            assert len(journal._shared._slots) == SLOTS
    assert journal._shared._slots == []


def test_what_is_redacted_since_is_not_shared_as_it_was() -> None:
    journal = Journal()
    with journal.subscribe() as one, journal.subscribe() as other:
        journal.record(exchange(headers=[(b"X-Secret", b"hush")]))
        first = one.get(5)
        journal.configure(redact=["x-secret"])
        second = other.get(5)
    assert "hush" in str(first)
    assert "hush" not in str(second)


def test_a_search_finds_what_recent_does_and_gives_others_a_turn() -> None:
    journal = Journal(max_entries=2000)
    for number in range(1500):
        journal.record(exchange(target=f"/pets/{number}"))

    async def main() -> None:
        turns = 0

        async def other() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        task = asyncio.create_task(other())
        assert await journal.search(10, text="/pets/7") == journal.recent(10, text="/pets/7")
        assert await journal.search(500) == journal.recent(500)
        turns = 0
        assert await journal.search(5, text="none such") == []
        assert turns >= 5
        task.cancel()

    asyncio.run(main())
