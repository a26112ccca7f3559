"""One state per process: limits and backends by setting, seeds, reset, memory report."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import httpx
import pytest

import mockforge
from mockforge.contracts import StateBackend
from mockforge.errors import MockForgeError
from mockforge.mocking.state import MemoryStore, State, StateLimits, StateStore, shared_state
from mockforge.testing import MockServer

_DOCUMENT = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {}}


def test_everyone_gets_the_same_state_with_the_limits_of_the_settings() -> None:
    settings = {"core.state": {"max_entries": 7, "max_bytes": "1MiB"}}
    with MockServer(_DOCUMENT, settings=settings) as server:
        state = shared_state(server.kernel)
        assert shared_state(server.kernel) is state
        assert isinstance(state.store, MemoryStore)
        assert state.store.limits == StateLimits(7, 1024**2)


def test_two_servers_share_nothing() -> None:
    with MockServer(_DOCUMENT) as one, MockServer(_DOCUMENT) as other:
        assert shared_state(one.kernel) is not shared_state(other.kernel)


def test_the_state_is_in_memory_reports_and_metrics() -> None:
    with MockServer(_DOCUMENT, settings={"core.state.max_entries": 2}) as server:
        state = shared_state(server.kernel)
        for number in range(5):
            state.put(str(number), "x" * 100)
        (held,) = (each for each in server.kernel.memory.components() if each.name == "state")
        assert held.bytes == state.store.bytes > 0
        text = server.metrics.render()
        assert 'mockforge_limit_bytes{component="state"} 33554432' in text
        assert 'mockforge_dropped_total{component="state"} 3' in text


def test_a_plugin_brings_another_store() -> None:
    opened: list[StateLimits] = []

    class Shelf(MemoryStore):
        pass

    def open_shelf(limits: StateLimits) -> StateStore:
        opened.append(limits)
        return Shelf(limits)

    class Plugin:
        @staticmethod
        @mockforge.hookimpl
        def mockforge_register_state_stores() -> Iterable[StateBackend]:
            return [StateBackend("shelf", open_shelf), StateBackend("memory", open_shelf)]

    with MockServer(
        _DOCUMENT, settings={"core.state.store": "shelf"}, plugins={"shelves": Plugin()}
    ) as server:
        state = shared_state(server.kernel)
        assert isinstance(state.store, Shelf)
        assert opened == [StateLimits()]
        row = server.plugins.get("shelves")
        assert row is not None
        assert "store memory is taken already" in row.problems[0].message


def test_an_unknown_store_is_an_error_that_names_those_there_are() -> None:
    with MockServer(_DOCUMENT, settings={"core.state.store": "memroy"}) as server:
        with pytest.raises(MockForgeError, match="no state store named 'memroy'") as caught:
            shared_state(server.kernel)
        assert caught.value.hint == "did you mean memory?"


def test_seeds_are_put_in_once_and_again_at_each_reset() -> None:
    state = State(MemoryStore())

    def fill(value: str) -> Callable[[], None]:
        return lambda: state.store.put("pets", "1", value)

    state.set_seeds("http", {"pets": fill("rex")})
    assert state.store.get("pets", "1") == "rex"
    state.store.put("pets", "1", "tom")
    state.scenarios.set("order", "paid")
    state.put("count", 3)
    # As at a reload: what was changed since stays, what is new is put in.
    state.set_seeds("http", {"pets": fill("max"), "more": lambda: state.store.put("more", "1", 1)})
    assert state.store.get("pets", "1") == "tom"
    assert state.store.get("more", "1") == 1
    state.reset()
    assert state.store.get("pets", "1") == "max"
    assert state.scenarios.list() == {}
    assert state.get("count", "none") == "none"


def test_other_limits_count_after_a_reload() -> None:
    with MockServer(_DOCUMENT) as server:
        state = shared_state(server.kernel)
        state.put("a", 1)
        assert httpx.get(f"{server.url}/nothing").status_code == 404
        server.reload()
        assert shared_state(server.kernel).get("a") == 1
