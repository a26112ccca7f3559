"""Prepared operations are kept as long as they fit."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge_http.operations.store import OperationSlot, OperationStore


class Prepared:
    def __init__(self, size: int) -> None:
        self.size = size
        self.grown = False

    def grow(self, size: int) -> None:
        self.size = size
        self.grown = True


def slots(*sizes: int) -> list[OperationSlot[Prepared]]:
    def slot(size: int) -> OperationSlot[Prepared]:
        return OperationSlot(lambda: Prepared(size))

    return [slot(size) for size in sizes]


def test_an_operation_is_prepared_once_while_it_is_kept() -> None:
    store: OperationStore[Prepared] = OperationStore(100)
    (slot,) = slots(10)
    assert store.get(slot) is store.get(slot)
    assert store.held == 10


def test_past_the_limit_the_ones_not_used_lately_go_first() -> None:
    store: OperationStore[Prepared] = OperationStore(100)
    first, second, third, fourth = slots(40, 40, 40, 40)
    store.get(first)
    store.get(second)
    store.get(third)
    assert [slot.prepared is not None for slot in (first, second, third)] == [False, True, True]
    store.get(third)
    second.used = False
    store.get(fourth)
    assert [slot.prepared is not None for slot in (second, third, fourth)] == [False, True, True]
    assert store.evicted == 2
    assert store.held == 80


def test_one_operation_larger_than_the_limit_is_kept_alone() -> None:
    store: OperationStore[Prepared] = OperationStore(100)
    small, large = slots(10, 1000)
    store.get(small)
    store.get(large)
    assert small.prepared is None
    assert large.prepared is not None
    assert len(store) == 1


def test_growth_of_a_kept_operation_counts() -> None:
    store: OperationStore[Prepared] = OperationStore(100)
    first, second = slots(40, 40)
    store.get(first)
    store.get(second).grow(90)
    store.settle(second)
    assert first.prepared is None
    assert store.held == 90


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 60)), max_size=60))
@settings(max_examples=200)
def test_what_is_held_is_the_sum_of_what_is_kept_and_within_the_limit(
    calls: list[tuple[int, int]],
) -> None:
    store: OperationStore[Prepared] = OperationStore(100)
    all_slots = slots(*range(10, 60, 5))
    for position, growth in calls:
        slot = all_slots[position]
        prepared = store.get(slot)
        prepared.grow(growth)
        store.settle(slot)
        kept = [one for one in all_slots if one.prepared is not None]
        assert slot in kept
        assert store.held == sum(one.prepared.size for one in kept if one.prepared)
        assert store.held <= 100 or len(kept) == 1
        assert len(store) == len(kept)
