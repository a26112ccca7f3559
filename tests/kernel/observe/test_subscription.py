"""Following the journal live."""

from __future__ import annotations

import asyncio
import threading
from functools import partial

import pytest

from mockforge.errors import MockForgeError
from mockforge.observe.journal import Dropped, Journal, JournalEntry, QueryError, Subscription
from mockforge.observe.journal.following import MAX_SUBSCRIPTIONS
from mockforge.observe.journal.subscription import Item
from tests.kernel.observe.exchanges import exchange
from tests.kernel.observe.waiting import wait_until


def entry_id(item: Item | None) -> int:
    assert isinstance(item, JournalEntry)
    return item.id


async def reader_waits(tail: Subscription) -> None:
    while tail._waker is None:  # noqa: ASYNC110 - there is nothing else to see it by
        await asyncio.sleep(0)


def test_a_reader_in_the_servers_loop_gets_entries_as_they_come() -> None:
    async def main() -> None:
        journal = Journal()
        seen: list[int] = []

        async def follow() -> None:
            async with journal.subscribe() as tail:
                ready.set()
                async for item in tail:
                    seen.append(entry_id(item))
                    if len(seen) == 3:
                        return

        ready = asyncio.Event()
        task = asyncio.create_task(follow())
        await ready.wait()
        for _ in range(3):
            journal.record(exchange())
            await asyncio.sleep(0)
        await asyncio.wait_for(task, 20)
        assert seen == [1, 2, 3]
        assert journal.stats().subscriptions == 0

    asyncio.run(main())


def test_a_reader_in_another_loop_and_thread_gets_them_too() -> None:
    journal = Journal()
    seen: list[int] = []
    ready = threading.Event()

    def reader_has(count: int) -> bool:
        return len(seen) >= count

    async def follow() -> None:
        async with journal.subscribe(path="/wanted") as tail:
            ready.set()
            async for item in tail:
                seen.append(entry_id(item))
                if len(seen) == 50:
                    return

    thread = threading.Thread(target=asyncio.run, args=(follow(),))
    thread.start()
    assert ready.wait(20)
    for number in range(50):
        journal.record(exchange(target="/other"))
        journal.record(exchange(target="/wanted"))
        wait_until(partial(reader_has, number + 1))  # each wakes a reader that sleeps
    thread.join(20)
    assert seen == list(range(2, 102, 2))


def test_a_thread_reads_with_a_plain_loop_that_ends_when_the_journal_closes() -> None:
    journal = Journal()
    tail = journal.subscribe()
    seen: list[int] = []
    thread = threading.Thread(target=lambda: seen.extend(entry_id(item) for item in tail))
    thread.start()
    for _ in range(20):
        journal.record(exchange())
    wait_until(lambda: len(seen) == 20)
    journal.close()
    thread.join(20)
    assert not thread.is_alive()
    journal.record(exchange())
    assert seen == list(range(1, 21))


def test_a_slow_reader_loses_the_oldest_and_is_told_how_many() -> None:
    journal = Journal()
    with journal.subscribe(buffer=5) as tail:
        for _ in range(12):
            journal.record(exchange())
        assert tail.get(0) == Dropped(7)
        assert [entry_id(tail.get(0)) for _ in range(5)] == [8, 9, 10, 11, 12]
        assert tail.get(0) is None
        assert tail.dropped == 7
        assert journal.stats().dropped == 7
    assert journal.totals().dropped == 7


def test_the_buffer_is_bounded_in_bytes_too() -> None:
    journal = Journal()
    with journal.subscribe(buffer=1000, max_bytes=20_000) as tail:
        for _ in range(100):
            journal.record(exchange(body=b"x" * 4000))
            assert tail.bytes <= 20_000
        assert tail.waiting == 3
        assert tail.get(0) == Dropped(97)
        assert journal.stats().subscription_bytes == tail.bytes > 0


def test_filters_keep_what_is_not_asked_for_out_of_the_buffer() -> None:
    journal = Journal()
    with journal.subscribe(buffer=2, status="5xx") as tail:
        for _ in range(10):
            journal.record(exchange(status=200))
        journal.record(exchange(status=500))
        assert entry_id(tail.get(0)) == 11
        assert tail.dropped == 0


def test_text_is_looked_for_when_read() -> None:
    journal = Journal()
    with journal.subscribe(text="rex") as tail:
        journal.record(exchange())
        journal.record(exchange(body=b"Rex"))
        journal.record(exchange())
        assert entry_id(tail.get(0)) == 2
        assert tail.get(0) is None


def test_a_bad_filter_is_refused_at_once() -> None:
    journal = Journal()
    with pytest.raises(QueryError):
        journal.subscribe(status="teapot")
    with pytest.raises(MockForgeError, match="buffer is 0"):
        journal.subscribe(0)
    assert journal.stats().subscriptions == 0


def test_waiting_ends_at_the_timeout() -> None:
    journal = Journal()
    with journal.subscribe() as tail:
        assert tail.get(0.01) is None
        journal.record(exchange())
        assert entry_id(tail.get(0.01)) == 1


def test_what_was_buffered_can_be_read_after_closing() -> None:
    journal = Journal()
    tail = journal.subscribe()
    for _ in range(3):
        journal.record(exchange())
    tail.close()
    tail.close()
    journal.record(exchange())
    assert [entry_id(item) for item in tail] == [1, 2, 3]
    assert tail.closed

    async def rest() -> list[int]:
        return [entry_id(item) async for item in tail]

    assert asyncio.run(rest()) == []


def test_a_cancelled_reader_can_go_on_reading() -> None:
    async def main() -> None:
        journal = Journal()
        async with journal.subscribe() as tail:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(anext(tail), 0.01)
            journal.record(exchange())
            assert entry_id(await asyncio.wait_for(anext(tail), 20)) == 1

    asyncio.run(main())


def test_closing_wakes_a_waiting_reader() -> None:
    async def main() -> None:
        journal = Journal()
        tail = journal.subscribe()
        task = asyncio.ensure_future(anext(tail, None))
        await reader_waits(tail)
        journal.close()
        assert await asyncio.wait_for(task, 20) is None

    asyncio.run(main())


def test_a_subscription_has_one_reader() -> None:
    async def main() -> None:
        journal = Journal()
        async with journal.subscribe() as tail:
            first = asyncio.ensure_future(anext(tail))
            await reader_waits(tail)
            with pytest.raises(RuntimeError, match="one reader"):
                await anext(tail)
            journal.record(exchange())
            assert entry_id(await asyncio.wait_for(first, 20)) == 1

    asyncio.run(main())


def test_a_reader_whose_loop_is_gone_does_not_disturb_the_servers() -> None:
    journal = Journal()
    tail = journal.subscribe()
    loop = asyncio.new_event_loop()
    coroutine = tail.__anext__()
    task = loop.create_task(coroutine)
    loop.call_soon(loop.stop)
    loop.run_forever()
    assert tail._waker is not None
    loop.close()
    journal.record(exchange())
    assert tail.closed
    assert journal.stats().subscriptions == 0
    # Put away the task that never got to run again.
    task._log_destroy_pending = False  # type: ignore[attr-defined]  # asyncio has no public way
    del task
    coroutine.close()


def test_a_reader_with_much_to_read_gives_other_tasks_a_turn() -> None:
    async def main() -> None:
        journal = Journal()
        turns = 0

        async def other() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        task = asyncio.create_task(other())
        async with journal.subscribe(buffer=200) as tail:
            for _ in range(200):
                journal.record(exchange())
            for _ in range(200):
                await anext(tail)
        task.cancel()
        assert turns >= 200 // 32

    asyncio.run(main())


def test_the_number_of_subscriptions_is_limited() -> None:
    journal = Journal()
    tails = [journal.subscribe() for _ in range(MAX_SUBSCRIPTIONS)]
    with pytest.raises(MockForgeError, match="64 subscriptions"):
        journal.subscribe()
    tails[0].close()
    journal.subscribe()
    journal.close()
    assert journal.stats().subscriptions == 0


def test_entries_reach_a_reader_in_order_from_many_threads() -> None:
    journal = Journal(max_entries=10)

    def record() -> None:
        for _ in range(300):
            journal.record(exchange())

    with journal.subscribe(buffer=2000, max_bytes=2**30) as tail:
        threads = [threading.Thread(target=record) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        ids = [entry_id(tail.get(0)) for _ in range(1200)]
    assert ids == list(range(1, 1201))
