"""The store in memory: what it keeps, and what it lets go."""

from __future__ import annotations

from threading import Thread
from typing import Any

import pytest

from mockforge.mocking.state import ABSENT, MemoryStore, StateFullError, StateLimits
from tests.traced import tracing


def test_values_come_back_as_they_were_put() -> None:
    store = MemoryStore()
    values: list[Any] = [
        None,
        True,
        0,
        1.5,
        "",
        "é\u0000",
        [],
        {"a": [1, {"b": None}]},
        2**80,
        -(2**70),
    ]
    for number, value in enumerate(values):
        store.put("s", str(number), value)
    assert [store.get("s", str(number)) for number in range(len(values))] == values
    assert store.get("s", "x") is None
    assert store.get("other", "0", ABSENT) is ABSENT


def test_what_is_handed_out_is_the_callers_own() -> None:
    store = MemoryStore()
    value = {"tags": ["a"]}
    store.put("s", "k", value)
    value["tags"].append("b")
    store.get("s", "k")["tags"].append("c")
    assert store.get("s", "k") == {"tags": ["a"]}


def test_what_is_no_json_is_refused() -> None:
    store = MemoryStore()
    with pytest.raises(TypeError):
        store.put("s", "k", object())
    assert store.entries == 0


def test_entries_keep_the_order_in_which_they_were_first_put() -> None:
    store = MemoryStore()
    for key in "abc":
        store.put("s", key, 1)
    store.put("s", "a", 2)
    assert store.items("s") == [("a", 2), ("b", 1), ("c", 1)]
    assert store.items("s", start=1, most=1) == [("b", 1)]
    assert store.items("s", start=9) == []
    assert store.keys("s") == ["a", "b", "c"]


def test_a_prefix_chooses_among_keys() -> None:
    store = MemoryStore()
    for key in ("1/a", "1/b", "10/a", "2/a"):
        store.put("s", key, key)
    assert store.keys("s", "1/") == ["1/a", "1/b"]
    assert store.count("s", "1/") == 2
    assert store.items("s", "1/", start=1) == [("1/b", "1/b")]


def test_a_swap_happens_only_where_the_value_is_as_expected() -> None:
    store = MemoryStore()
    assert not store.swap("s", "k", "a", "b")
    assert store.swap("s", "k", ABSENT, "a")
    assert not store.swap("s", "k", ABSENT, "b")
    assert store.swap("s", "k", "a", "b")
    assert store.swap("s", "k", "b", ABSENT)
    assert store.count("s") == 0


def test_a_counter_starts_at_nothing_and_over_what_is_no_number() -> None:
    store = MemoryStore()
    assert [store.increment("s", "n"), store.increment("s", "n", 5)] == [1, 6]
    store.put("s", "n", "text")
    assert store.increment("s", "n") == 1


def test_threads_lose_no_increment() -> None:
    store = MemoryStore()

    def count() -> None:
        for _ in range(500):
            store.increment("s", "n")

    threads = [Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.get("s", "n") == 2000


def test_past_the_number_of_entries_the_oldest_go() -> None:
    store = MemoryStore(StateLimits(max_entries=3))
    for number in range(10):
        store.put("s", str(number), number)
    assert store.keys("s") == ["7", "8", "9"]
    assert (store.entries, store.dropped) == (3, 7)


def test_past_the_bytes_the_oldest_go() -> None:
    store = MemoryStore(StateLimits(max_bytes=10_000))
    for number in range(100):
        store.put("s", str(number), "x" * 1000)
        assert store.bytes <= 10_000
    assert store.keys("s")[-1] == "99"
    assert store.dropped == 100 - store.entries > 0


def test_the_fullest_space_makes_room() -> None:
    store = MemoryStore(StateLimits(max_bytes=20_000))
    store.put("scenarios", "order", "paid")
    for number in range(200):
        store.put("items", str(number), "x" * 500)
    assert store.get("scenarios", "order") == "paid"


def test_the_value_that_was_just_put_stays() -> None:
    store = MemoryStore(StateLimits(max_bytes=5_000))
    for number in range(8):
        store.put("many", str(number), "x" * 300)
    store.put("one", "large", "y" * 3_000)
    assert store.get("one", "large") == "y" * 3_000
    store.put("many", "0", "z" * 3_000)
    assert store.get("many", "0") == "z" * 3_000


def test_a_value_larger_than_the_store_is_refused_and_changes_nothing() -> None:
    store = MemoryStore(StateLimits(max_bytes=2_000))
    store.put("s", "k", 1)
    with pytest.raises(StateFullError, match="3002 bytes") as caught:
        store.put("s", "large", "x" * 3_000)
    assert "core.state.max_bytes" in (caught.value.hint or "")
    assert store.items("s") == [("k", 1)]
    assert store.dropped == 0


def test_lower_limits_count_at_once() -> None:
    store = MemoryStore()
    for number in range(10):
        store.put("s", str(number), number)
    store.configure(StateLimits(max_entries=2))
    assert store.keys("s") == ["8", "9"]


def test_nothing_is_left_of_what_was_cleared() -> None:
    store = MemoryStore()
    store.put("a", "k", 1)
    store.put("b", "k", 2)
    store.clear("a")
    assert store.spaces() == ["b"]
    store.clear()
    assert (store.entries, store.bytes, store.spaces()) == (0, 0, [])


def test_the_account_of_bytes_is_near_what_python_takes() -> None:
    with tracing() as traced:
        store = MemoryStore()
        for number in range(5_000):
            store.put("s", f"key-{number}", {"id": number, "name": "x" * 60})
        held = traced.held
    assert 0.7 * held <= store.bytes <= 1.5 * held
