"""What is kept is bounded: items of a collection, bytes of all."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockforge.errors import StartError
from mockforge.mocking.state import MemoryStore
from mockforge.testing import MockServer
from mockforge_http.resources import seeds
from mockforge_http.resources.kept import Kept
from tests.http.resources.client import stateful
from tests.http.resources.documents import users


def test_past_the_number_of_items_the_oldest_go() -> None:
    with stateful(users(), http__max_items=3) as client:
        for number in range(7):
            client.post("/users", {"name": str(number)})
        _, found = client.get("/users?per_page=9")
        assert [each["name"] for each in found] == ["4", "5", "6"]
        assert client.get("/users/1")[0] == 404
        assert 'mockforge_dropped_total{component="state"} 4' in client.server.metrics.render()


def test_all_parents_together_count() -> None:
    with stateful(users(), http__max_items=3) as client:
        for number in range(5):
            client.post(f"/users/{number}/posts", {"post": {"title": "a"}})
        assert client.get("/users/0/posts")[1]["data"] == []
        assert len(client.get("/users/4/posts")[1]["data"]) == 1


def test_past_the_bytes_the_oldest_go() -> None:
    with stateful(users(), core__state__max_bytes=20_000) as client:
        for number in range(40):
            assert client.post("/users", {"name": f"{number} " + "x" * 1000})[0] == 201
        _, found = client.get("/users?per_page=100")
        assert 5 < len(found) < 20
        assert found[-1]["name"].startswith("39 ")
        (held,) = (
            each for each in client.server.kernel.memory.components() if each.name == "state"
        )
        assert held.bytes is not None
        assert held.bytes <= 20_000


def test_an_item_larger_than_all_that_may_be_kept_is_refused() -> None:
    with stateful(users(), core__state__max_bytes=2_000) as client:
        status, problem = client.post("/users", {"name": "x" * 3_000})
        assert (status, problem["type"]) == (507, "urn:mockforge:problem:state-full")
        assert client.post("/users", {"name": "small"})[0] == 201


def test_deleted_items_are_remembered_in_bounds() -> None:
    store = MemoryStore()
    kept = Kept(store, "users", 10)
    for number in range(1_100):
        kept.put((), str(number), {"id": number})
        assert kept.delete((), str(number))
    assert store.count("resource-gone:users") == 1_000
    assert kept.is_gone(("1099",))
    assert not kept.is_gone(("0",))


def test_what_is_prepared_is_bounded_and_prepared_again() -> None:
    with stateful(users(), http__operation_cache=1) as client:
        client.post("/users", {"name": "x"})
        client.post("/users/1/posts", {"post": {"title": "a"}})
        assert client.get("/users/1")[1]["name"] == "x"
        text = client.server.metrics.render()
        line = next(
            each
            for each in text.splitlines()
            if 'dropped_total{component="http.resources"}' in each
        )
        assert float(line.split()[-1]) >= 1


def test_a_seed_that_is_too_large_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeds, "_LARGEST", 20)
    seed = tmp_path / "pets.json"
    settings = {"http.resources": {"pets": {"path": "/pets", "seed": str(seed)}}}
    seed.write_text('[{"id": 1}]')
    with MockServer(settings=settings):
        pass
    seed.write_text('[{"id": 1}, {"id": 2}]')
    with pytest.raises(StartError, match="larger than 20 bytes"), MockServer(settings=settings):
        pass
