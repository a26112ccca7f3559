"""Scenarios: state machines by name."""

from __future__ import annotations

from mockforge.mocking.state import STARTED, MemoryStore, Scenarios


def test_a_scenario_that_nothing_moved_is_started() -> None:
    scenarios = Scenarios(MemoryStore())
    assert scenarios.state("order") == STARTED
    assert scenarios.list() == {}


def test_a_scenario_moves_only_from_the_state_it_is_in() -> None:
    scenarios = Scenarios(MemoryStore())
    assert not scenarios.advance("order", "paid", "sent")
    assert scenarios.advance("order", STARTED, "paid")
    assert not scenarios.advance("order", STARTED, "paid")
    assert scenarios.advance("order", "paid", "sent")
    assert scenarios.state("order") == "sent"
    assert scenarios.advance("order", "sent", STARTED)
    assert scenarios.state("order") == STARTED
    assert scenarios.advance("order", STARTED, STARTED)


def test_scenarios_are_set_listed_and_started_over() -> None:
    scenarios = Scenarios(MemoryStore())
    scenarios.set("a", "one")
    scenarios.set("b", "two")
    assert scenarios.list() == {"a": "one", "b": "two"}
    scenarios.reset("a")
    assert scenarios.list() == {"b": "two"}
    scenarios.set("b", STARTED)
    assert scenarios.list() == {}
    scenarios.set("c", "x")
    scenarios.reset()
    assert scenarios.state("c") == STARTED


def test_past_the_number_of_scenarios_the_first_moved_starts_over() -> None:
    store = MemoryStore()
    scenarios = Scenarios(store, most=3)
    for number in range(5):
        scenarios.set(str(number), "on")
    assert scenarios.advance("5", STARTED, "on")
    assert list(scenarios.list()) == ["3", "4", "5"]
    assert store.dropped == 3
