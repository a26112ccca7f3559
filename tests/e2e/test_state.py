"""What a mock remembers: ``--stateful``, ``http.resources`` and the settings of the state store."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
import pytest

import mockforge
from mockforge.contracts import StateBackend
from mockforge.mocking.state import MemoryStore, StateLimits, StateStore
from mockforge.testing import MockServer
from tests.e2e.processes import serving
from tests.http.resources.documents import users


def names(url: str, path: str = "/users?per_page=100") -> list[str]:
    """The names of what is listed."""
    return [each["name"] for each in httpx.get(url + path).json()]


def post(url: str, name: str) -> dict[str, Any]:
    answer = httpx.post(f"{url}/users", json={"name": name})
    assert answer.status_code == 201
    made: dict[str, Any] = answer.json()
    return made


@pytest.mark.shows("--stateful", "--no-stateful", "http.stateful")
def test_what_is_posted_is_kept_with_stateful_alone(tmp_path: Path) -> None:
    (tmp_path / "users.json").write_text(json.dumps(users()))
    with serving(tmp_path, "users.json", "--stateful") as running:
        made = post(running.url, "Rex")
        assert names(running.url) == ["Rex"]
        assert httpx.delete(f"{running.url}/users/{made['id']}").status_code == 204
        assert httpx.get(f"{running.url}/users/{made['id']}").status_code == 404
    stateful = {"MOCKFORGE_HTTP__STATEFUL": "true"}
    with serving(tmp_path, "users.json", "--no-stateful", env=stateful) as running:
        post(running.url, "Rex")
        assert names(running.url) != ["Rex"]


@pytest.mark.shows("http.resources")
def test_declared_collections_are_seeded_named_and_bounded(tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "pets.json").write_text('[{"tag": "a", "name": "Rex"}]')
    (tmp_path / "mockforge.yaml").write_text(
        "http:\n"
        "  resources:\n"
        "    pets: {path: /pets, id: tag, seed: seeds/pets.json, max_items: 2}\n"
    )
    with serving(tmp_path) as running:
        url = running.url
        assert httpx.get(f"{url}/pets/a").json() == {"tag": "a", "name": "Rex"}
        for tag in ("b", "c"):
            assert httpx.post(f"{url}/pets", json={"tag": tag, "name": tag}).status_code == 201
        assert names(url, "/pets") == ["b", "c"]


@pytest.mark.shows("http.max_items", "mockforge_dropped_total")
def test_each_collection_holds_so_many_items_and_no_more() -> None:
    settings = {"http.stateful": True, "http.max_items": 2}
    with MockServer(users(), settings=settings) as server:
        for name in "abcd":
            post(server.url, name)
        assert names(server.url) == ["c", "d"]
        assert 'mockforge_dropped_total{component="state"} 2' in server.metrics.render()


@pytest.mark.shows("core.state.max_entries")
def test_all_that_is_kept_has_so_many_entries_and_no_more() -> None:
    settings = {"http.stateful": True, "core.state.max_entries": 3}
    with MockServer(users(), settings=settings) as server:
        for name in "abcdef":
            post(server.url, name)
        # One entry is the counter that ids come from.
        assert names(server.url) == ["e", "f"]


@pytest.mark.shows("core.state.max_bytes", "mockforge_limit_bytes", "mockforge_memory_bytes")
def test_all_that_is_kept_has_so_many_bytes_and_no_more() -> None:
    settings = {"http.stateful": True, "core.state.max_bytes": "20KB"}
    with MockServer(users(), settings=settings) as server:
        for number in range(30):
            post(server.url, f"{number}" + "x" * 1000)
        assert 5 < len(names(server.url)) < 20
        text = server.metrics.render()
        assert 'mockforge_limit_bytes{component="state"} 20000' in text
        line = next(each for each in text.splitlines() if 'memory_bytes{component="state"}' in each)
        assert 10_000 < float(line.split()[-1]) <= 20_000


@pytest.mark.shows("core.state.store", "mockforge_register_state_stores")
def test_a_plugin_keeps_the_state_elsewhere() -> None:
    opened: list[StateStore] = []

    def open_store(limits: StateLimits) -> StateStore:
        opened.append(MemoryStore(limits))
        return opened[0]

    class Plugin:
        @staticmethod
        @mockforge.hookimpl
        def mockforge_register_state_stores() -> Iterable[StateBackend]:
            return [StateBackend("drawer", open_store)]

    settings = {"http.stateful": True, "core.state.store": "drawer"}
    with MockServer(users(), settings=settings, plugins={"drawers": Plugin()}) as server:
        post(server.url, "Rex")
        (item,) = opened[0].items("resource:/users")
        assert item[1]["name"] == "Rex"
