"""Declared collections: without a document, with seeds, with a property for the id."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mockforge.errors import MockForgeError
from tests.http.resources.client import stateful
from tests.http.resources.documents import users
from tests.http.server.documents import document

PETS = {"pets": {"path": "/pets"}}


def test_a_collection_without_a_document_takes_any_object() -> None:
    with stateful(http__resources=PETS) as client:
        assert client.get("/pets") == (200, [])
        assert client.post("/pets", {"name": "Rex"}) == (201, {"id": 1, "name": "Rex"})
        assert client.last.headers["location"] == "/pets/1"
        assert client.source == "resource:pets"
        assert client.get("/pets/1") == (200, {"id": 1, "name": "Rex"})
        assert client.call("PUT", "/pets/1", {"name": "Tom"}) == (200, {"id": 1, "name": "Tom"})
        assert client.call("PATCH", "/pets/1", {"age": 3, "name": None})[1] == {"id": 1, "age": 3}
        assert client.call("PUT", "/pets/9", {"name": "New"}) == (201, {"id": 9, "name": "New"})
        assert client.call("DELETE", "/pets/1") == (204, None)
        assert client.get("/pets/1")[0] == 404
        assert client.call("DELETE", "/pets/1")[0] == 404
        assert client.call("PATCH", "/pets/1", {})[0] == 404


def test_what_cannot_be_kept_there_is_refused() -> None:
    with stateful(http__resources=PETS) as client:
        client.post("/pets", {"id": "rex"})
        assert client.post("/pets", {"id": "rex"})[0] == 409
        assert client.post("/pets", [1])[0] == 400
        assert client.call("POST", "/pets", content=b"{")[0] == 400
        assert client.call("PUT", "/pets")[0] == 405
        assert client.last.headers["allow"] == "GET, HEAD, POST"
        assert client.call("POST", "/pets/rex", {})[0] == 405
        assert (
            client.call("PATCH", "/pets/rex", [{"op": "test", "path": "/a", "value": 1}])[0] == 409
        )
        assert client.call("PATCH", "/pets/rex", [{"op": "add", "path": "", "value": 1}])[0] == 422
        assert client.get("/other")[0] == 404


def test_its_list_is_filtered_sorted_and_paged() -> None:
    with stateful(http__resources=PETS) as client:
        for name, kind in (("Rex", "dog"), ("Tom", "cat"), ("Ace", "dog")):
            client.post("/pets", {"name": name, "kind": kind, "tags": [kind, "pet"]})
        assert [each["name"] for each in client.get("/pets?kind=dog")[1]] == ["Rex", "Ace"]
        assert [each["name"] for each in client.get("/pets?tags=pet&sort=-name")[1]] == [
            "Tom",
            "Rex",
            "Ace",
        ]
        assert [each["name"] for each in client.get("/pets?sort=name&order=desc")[1]] == [
            "Tom",
            "Rex",
            "Ace",
        ]
        assert [each["id"] for each in client.get("/pets?per_page=2&page=2")[1]] == [3]
        assert client.last.headers["x-total-count"] == "3"
        assert 'rel="prev"' in client.last.headers["link"]
        assert [each["id"] for each in client.get("/pets?limit=1&offset=1")[1]] == [2]


@pytest.mark.parametrize(
    "query", ["limit=2", "per_page=2", "limit=2&offset=0", "page=1&per_page=2"]
)
def test_links_lead_through_the_whole_list_and_end(query: str) -> None:
    with stateful(http__resources=PETS) as client:
        for number in range(5):
            client.post("/pets", {"name": str(number)})
        seen, link, pages = [], f"/pets?{query}", 0
        while link and pages < 5:
            seen += [each["id"] for each in client.get(link)[1]]
            link, pages = client.last.links.get("next", {}).get("url", ""), pages + 1
        assert (seen, pages) == ([1, 2, 3, 4, 5], 3)
        client.get("/pets?limit=0")
        assert "next" not in client.last.links


def test_head_is_answered_like_get() -> None:
    with stateful(http__resources=PETS) as client:
        client.post("/pets", {"name": "Rex"})
        for path in ("/pets", "/pets/1"):
            assert client.call("HEAD", path) == (200, None)
            length = client.last.headers["content-length"]
            client.get(path)
            assert client.last.headers["content-length"] == length
        assert client.call("HEAD", "/pets/2")[0] == 404


def test_what_is_below_a_deleted_item_goes_with_it() -> None:
    resources = {
        "users": {"path": "/users"},
        "posts": {"path": "/users/{userId}/posts"},
        "notes": {"path": "/users/{userId}/posts/{postId}/notes"},
    }
    with stateful(http__resources=resources) as client:
        client.post("/users", {"name": "Ann"})
        client.post("/users/1/posts", {"title": "a"})
        client.post("/users/1/posts/1/notes", {"text": "n"})
        client.post("/users/2/posts", {"title": "b"})
        assert client.call("DELETE", "/users/1") == (204, None)
        for path in ("/users/1/posts", "/users/1/posts/1", "/users/1/posts/1/notes"):
            assert client.get(path)[0] == 404
        assert len(client.get("/users/2/posts")[1]) == 1
        client.call("PUT", "/users/1", {"name": "Ann again"})
        assert client.get("/users/1/posts") == (200, [])


def test_a_patch_is_what_its_media_type_says() -> None:
    with stateful(http__resources=PETS) as client:
        client.post("/pets", {"name": "Rex"})
        for media_type, text, status in (
            ("application/json-patch+json", '{"name": "Tom"}', 400),
            ("application/merge-patch+json", '[{"op": "remove", "path": "/name"}]', 422),
            ("application/json", '[{"op": "replace", "path": "/name", "value": "Tom"}]', 200),
        ):
            headers = {"Content-Type": media_type}
            assert client.call("PATCH", "/pets/1", content=text, headers=headers)[0] == status
        assert client.get("/pets/1")[1]["name"] == "Tom"


def test_what_is_wrong_is_told_as_it_is() -> None:
    with stateful(http__resources=PETS) as client:
        assert client.call("POST", "/pets", content=b"{")[1]["detail"].startswith(
            "The body is not well-formed JSON"
        )
        assert client.post("/pets", [1])[1]["detail"] == "The body must be an object."
        client.post("/pets", {})
        patch = [{"op": "remove", "path": "/firstName"}]
        assert client.call("PATCH", "/pets/1", patch)[1]["detail"] == (
            "The patch cannot be applied: operation 0: there is nothing at /firstName."
        )
        assert client.get("/pets?" + "a&" * 1001)[1]["detail"] == (
            "The query has more than 1000 parameters."
        )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pets.json", '[{"id": 4, "name": "Rex"}, {"name": "Tom"}]'),
        ("pets.json", '{"4": {"id": 4, "name": "Rex"}, "2": {"name": "Tom", "id": 2}}'),
        ("pets.yaml", "- {id: 4, name: Rex}\n- {name: Tom}\n"),
        ("pets.csv", "id,name\n4,Rex\n2,Tom\n"),
    ],
)
def test_a_seed_is_there_at_the_start_and_after_a_reset(
    tmp_path: Path, name: str, text: str
) -> None:
    seed = tmp_path / name
    seed.write_text(text)
    with stateful(http__resources={"pets": {"path": "/pets", "seed": str(seed)}}) as client:
        names = [each["name"] for each in client.get("/pets")[1]]
        assert names == ["Rex", "Tom"]
        assert client.call("DELETE", "/pets/4")[0] == 204
        client.server.reload()
        assert len(client.get("/pets")[1]) == 1
        client.server.reset()
        assert [each["name"] for each in client.get("/pets")[1]] == names
        # New ids keep clear of those that are taken.
        made = [client.post("/pets", {"name": "new"})[1]["id"] for _ in range(4)]
        assert len({"2", "4", *map(str, made)}) == 6


def test_a_collection_of_a_document_is_seeded_and_checked(tmp_path: Path) -> None:
    seed = tmp_path / "users.json"
    seed.write_text('[{"id": 5, "name": "Eve", "created": "2026-01-01T00:00:00Z"}, {"id": 6}]')
    resources = {"staff": {"path": "/users", "seed": str(seed)}}
    with stateful(users(), http__resources=resources, http__stateful=False) as client:
        assert client.get("/users/5")[1]["name"] == "Eve"
        assert client.source == "resource:staff"
        (found,) = client.server.kernel.servers[0].warnings()
        assert (found.code, found.file) == ("resource.seed-invalid", str(seed))
        # Nothing else is kept: --stateful is off.
        client.post("/users/5/posts", {"post": {"title": "a"}})
        assert client.source.startswith("operation:")


def test_items_of_a_seed_say_which_item_they_are_below(tmp_path: Path) -> None:
    seed = tmp_path / "posts.json"
    seed.write_text('[{"id": "6f9619ff-8b86-4011-b42d-00c04fc964ff", "title": "a", "userId": 3}]')
    resources = {"posts": {"path": "/users/{userId}/posts", "seed": str(seed)}}
    with stateful(users(), http__resources=resources) as client:
        assert client.get("/users/3/posts")[1]["data"][0]["title"] == "a"
        assert client.get("/users/4/posts")[1]["data"] == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1]", "item 1 is no object"),
        ("7", "expected a list of objects"),
        ("{", "seed.json"),
    ],
)
def test_a_seed_that_cannot_be_used_stops_the_start(
    tmp_path: Path, text: str, message: str
) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text(text)
    resources = {"pets": {"path": "/pets", "seed": str(seed)}}
    with pytest.raises(MockForgeError, match=message), stateful(http__resources=resources):
        pass


def test_a_declared_collection_that_is_none_stops_the_start_and_says_why() -> None:
    shape: dict[str, Any] = {"type": "object", "properties": {"label": {"type": "string"}}}
    answer = {"description": "d", "content": {"application/json": {"schema": shape}}}
    path = {"name": "key", "in": "path", "required": True, "schema": {"type": "string"}}
    described = document(
        {
            "/things": {"post": {"responses": {"201": answer}}},
            "/things/{key}": {"parameters": [path], "get": {"responses": {"200": answer}}},
        }
    )
    resources = {"things": {"path": "/things"}}
    with (
        pytest.raises(MockForgeError, match=r"no property of an item stands for \{key\}") as caught,
        stateful(described, http__resources=resources),
    ):
        pass
    assert caught.value.hint is not None
    assert "http.resources.things.id" in caught.value.hint
    resources["things"]["id"] = "label"
    with stateful(described, http__resources=resources) as client:
        label = client.post("/things")[1]["label"]
        assert client.get(f"/things/{label}")[0] == 200


def test_max_items_of_one_collection_wins() -> None:
    resources = {"pets": {"path": "/pets", "max_items": 2}}
    with stateful(http__resources=resources) as client:
        for number in range(4):
            client.post("/pets", {"name": str(number)})
        assert [each["name"] for each in client.get("/pets")[1]] == ["2", "3"]
