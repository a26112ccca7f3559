"""Create, read, list, change, delete: what a client sees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.http.resources.client import Client, stateful
from tests.http.resources.documents import answer, body, parameter, users
from tests.http.server.documents import document


@pytest.fixture
def client() -> Iterator[Client]:
    with stateful(users()) as client:
        yield client


def test_what_is_posted_is_kept_and_completed(client: Client) -> None:
    status, made = client.post("/users", {"name": "Rex", "email": "rex@example.com"})
    assert status == 201
    assert made["name"] == "Rex"
    assert client.last.headers["location"] == f"/users/{made['id']}"
    assert client.source == "resource:/users"
    assert sorted(made) == ["created", "email", "id", "name"]
    assert client.get(f"/users/{made['id']}") == (200, made)


def test_ids_count_up_and_none_is_given_twice(client: Client) -> None:
    ids = [client.post("/users", {"name": "n"})[1]["id"] for _ in range(5)]
    assert ids == [1, 2, 3, 4, 5]
    client.call("DELETE", "/users/5")
    assert client.post("/users", {"name": "n"})[1]["id"] == 6


def test_the_server_owns_what_is_read_only(client: Client) -> None:
    sent = {
        "name": "Rex",
        "id": 77,
        "created": "2001-01-01T00:00:00Z",
        "address": {"zone": "x", "city": "c"},
    }
    _, made = client.post("/users", sent)
    assert made["id"] == 1
    assert made["created"] != sent["created"]
    assert made["address"] == {"city": "c"}
    status, after = client.call(
        "PUT", "/users/1", {**made, "created": "2001-01-01T00:00:00Z", "id": 5}
    )
    assert (status, after["id"], after["created"]) == (200, 1, made["created"])


def test_what_is_write_only_is_never_shown(client: Client) -> None:
    sent = {"name": "Rex", "password": "secret", "address": {"door": "17b", "city": "c"}}
    shown = [
        client.post("/users", sent)[1],
        client.get("/users/1")[1],
        client.get("/users")[1][0],
        client.call("PATCH", "/users/1", {"password": "other", "address": {"door": "18"}})[1],
        client.call("PUT", "/users/1", sent)[1],
    ]
    for item in shown:
        assert "password" not in item
        assert item["address"] == {"city": "c"}


def test_put_replaces_and_keeps_what_the_server_owns(client: Client) -> None:
    _, made = client.post("/users", {"name": "Rex", "email": "rex@example.com"})
    status, after = client.call("PUT", "/users/1", {"name": "Tom"})
    assert (status, after) == (200, {"id": 1, "name": "Tom", "created": made["created"]})
    assert client.get("/users/1") == (200, after)


def test_a_merge_patch_changes_what_it_names(client: Client) -> None:
    client.post("/users", {"name": "Rex", "email": "rex@example.com", "address": {"city": "c"}})
    merge = {"Content-Type": "application/merge-patch+json"}
    status, after = client.call(
        "PATCH", "/users/1", {"email": None, "address": {"city": "d"}, "id": 9}, headers=merge
    )
    assert status == 200
    assert (after["id"], after["name"], after["address"]) == (1, "Rex", {"city": "d"})
    assert "email" not in after


def test_null_is_a_value_in_plain_json_where_the_schema_has_it(client: Client) -> None:
    client.post("/users", {"name": "Rex", "nick": "r", "email": "rex@example.com"})
    _, after = client.call("PATCH", "/users/1", {"nick": None, "email": None})
    assert after["nick"] is None
    assert "email" not in after
    merge = {"Content-Type": "application/merge-patch+json"}
    _, after = client.call("PATCH", "/users/1", {"nick": None}, headers=merge)
    assert "nick" not in after


def test_what_an_item_needs_cannot_be_removed(client: Client) -> None:
    client.post("/users", {"name": "Rex"})
    status, problem = client.call("PATCH", "/users/1", {"name": None})
    assert (status, problem["detail"]) == (
        422,
        "The item cannot be changed so: name cannot be removed, as an item needs it.",
    )
    assert client.get("/users/1")[1]["name"] == "Rex"


def test_a_json_patch_applies_whole_or_not_at_all(client: Client) -> None:
    client.post("/users", {"name": "Rex", "address": {"city": "c"}})
    patch = {"Content-Type": "application/json-patch+json"}

    def apply(*operations: object) -> tuple[int, object]:
        return client.call("PATCH", "/users/1", list(operations), headers=patch)

    status, _ = apply(
        {"op": "test", "path": "/name", "value": "Rex"},
        {"op": "replace", "path": "/name", "value": "Tom"},
        {"op": "copy", "from": "/address/city", "path": "/nick"},
        {"op": "remove", "path": "/address"},
    )
    assert status == 200
    _, after = client.get("/users/1")
    assert (after["name"], after["nick"], "address" in after) == ("Tom", "c", False)
    assert (
        apply(
            {"op": "replace", "path": "/name", "value": "x"},
            {"op": "test", "path": "/name", "value": "y"},
        )[0]
        == 409
    )
    assert apply({"op": "replace", "path": "/name", "value": 7})[0] == 422
    assert apply({"op": "jump"})[0] == 400
    assert client.get("/users/1")[1] == after
    assert apply({"op": "replace", "path": "/id", "value": 7})[1] == after


def test_what_was_deleted_is_answered_in_the_documents_own_error_shape(client: Client) -> None:
    client.post("/users", {"name": "Rex"})
    assert client.call("DELETE", "/users/1") == (204, None)
    status, error = client.get("/users/1")
    assert (status, error["code"], error["message"]) == (404, 404, "There is no 1.")
    assert sorted(error) == ["code", "message", "trace"]
    assert client.call("DELETE", "/users/1")[0] == 404
    assert client.call("PUT", "/users/1", {"name": "x"})[0] == 404
    assert client.call("PATCH", "/users/1", {"name": "x"})[0] == 404
    assert client.get("/users") == (200, [])


def test_what_the_document_forbids_is_refused_before_anything_is_kept(client: Client) -> None:
    assert client.post("/users", {"name": ""})[0] == 422
    assert client.get("/users") == (200, [])


def test_a_client_may_still_ask_for_a_certain_answer(client: Client) -> None:
    client.post("/users", {"name": "Rex"})
    assert client.get("/users/1", headers={"Prefer": "code=404"})[0] == 404
    assert client.source.startswith("operation:")


def test_everything_else_is_answered_from_the_document(client: Client) -> None:
    assert client.get("/health") == (200, "fine")
    assert client.source.startswith("operation:")


def test_collections_below_an_item_are_kept_apart(client: Client) -> None:
    for name in ("Rex", "Tom"):
        client.post("/users", {"name": name})
    status, made = client.post("/users/1/posts", {"post": {"title": "a"}})
    assert (status, made["post"]["title"], made["post"]["userId"]) == (201, "a", 1)
    client.post("/users/2/posts", {"post": {"title": "b"}})
    assert [each["title"] for each in client.get("/users/1/posts")[1]["data"]] == ["a"]
    assert [each["title"] for each in client.get("/users/2/posts")[1]["data"]] == ["b"]
    post_id = made["post"]["id"]
    assert client.get(f"/users/1/posts/{post_id}") == (200, made)
    assert client.get(f"/users/2/posts/{post_id}")[0] == 404


def test_what_is_below_a_deleted_item_goes_with_it(client: Client) -> None:
    client.post("/users", {"name": "Rex"})
    _, made = client.post("/users/1/posts", {"post": {"title": "a"}})
    client.call("DELETE", "/users/1")
    assert client.get(f"/users/1/posts/{made['post']['id']}")[0] == 404
    assert client.get("/users/1/posts")[0] == 404
    assert client.post("/users/1/posts", {"post": {"title": "b"}})[0] == 404


def test_a_deletion_says_what_it_did(client: Client) -> None:
    _, made = client.post("/users/1/posts", {"post": {"title": "a"}})
    post_id = made["post"]["id"]
    assert client.call("DELETE", f"/users/1/posts/{post_id}") == (
        200,
        {"id": post_id, "deleted": True},
    )


def test_equal_requests_give_equal_answers_after_a_reset_and_in_another_process() -> None:
    def session(client: Client) -> list[object]:
        return [
            client.post("/users", {"name": "Rex"}),
            client.post("/users/1/posts", {"post": {"title": "a"}}),
            client.get("/users/1/posts"),
            client.call("DELETE", "/users/1"),
            client.get("/users/1"),
        ]

    with stateful(users()) as client:
        first = session(client)
        client.server.reset()
        assert session(client) == first
    with stateful(users()) as client:
        assert session(client) == first
    with stateful(users(), core__seed=7) as client:
        assert session(client) != first


def test_what_is_kept_survives_a_reload(client: Client) -> None:
    _, made = client.post("/users", {"name": "Rex"})
    client.server.reload()
    assert client.get("/users/1") == (200, made)


CHOSEN: dict[str, Any] = {
    "type": "object",
    "properties": {"id": {"type": "integer", "format": "int64"}, "name": {"type": "string"}},
}


def things(item: dict[str, Any], kind: str, sent: dict[str, Any] | None = None) -> dict[str, Any]:
    """Things whose ids clients may choose."""
    return document(
        {
            "/things": {
                "get": {
                    "parameters": [
                        parameter("From", {"type": "string"}),
                        parameter("Limit", {"type": "integer"}),
                    ],
                    "responses": {"200": answer({"type": "array", "items": item})},
                },
                "post": {
                    "requestBody": body(sent or item),
                    "responses": {"201": answer(item), "409": {"description": "taken"}},
                },
            },
            "/things/{id}": {
                "parameters": [parameter("id", {"type": kind}, "path")],
                "get": {"responses": {"200": answer(item)}},
            },
        }
    )


def test_ids_that_clients_chose_are_passed_over() -> None:
    with stateful(things(CHOSEN, "integer")) as client:
        for number in range(1, 61):
            assert client.post("/things", {"id": number})[0] == 201
        assert client.post("/things", {"name": "next"}) == (201, {"name": "next", "id": 61})
        assert client.post("/things", {"id": 61})[0] == 409


def test_ids_of_64_bits_may_be_chosen() -> None:
    with stateful(things(CHOSEN, "integer")) as client:
        for number in (2**63 - 1, -(2**63)):
            assert client.post("/things", {"id": number})[1]["id"] == number
            assert client.get(f"/things/{number}") == (200, {"id": number})


@pytest.mark.parametrize("chosen", ["a/b c?d#e", "ü%41", "..x", "\t"])
def test_ids_that_a_path_has_to_encode_may_be_chosen(chosen: str) -> None:
    item = {"type": "object", "properties": {"id": {"type": "string"}}}
    with stateful(things(item, "string")) as client:
        assert client.post("/things", {"id": chosen}) == (201, {"id": chosen})
        assert client.get(client.last.headers["location"]) == (200, {"id": chosen})


def test_what_requests_spell_differently_is_kept_all_the_same() -> None:
    item = {
        "type": "object",
        "properties": {
            "id": {"type": "integer"},
            "friendly_name": {"type": "string"},
            "from": {"type": "string"},
        },
    }
    sent = {
        "type": "object",
        "properties": {"FriendlyName": {"type": "string"}, "From": {"type": "string"}},
    }
    with stateful(things(item, "integer", sent)) as client:
        for number in (1, 2, 3):
            client.post("/things", {"FriendlyName": "Rex", "From": f"+{number}"})
        made = {"id": 2, "friendly_name": "Rex", "from": "+2"}
        assert client.get("/things/2") == (200, made)
        assert client.get("/things?From=%2B2") == (200, [made])
