"""Which paths are collections, and what in a schema is an id."""

from __future__ import annotations

import pytest

from mockforge_http.documents import OperationRef
from mockforge_http.render.schema import SchemaNode
from mockforge_http.resources.answers import _NoReferences
from mockforge_http.resources.identity import Identifier
from mockforge_http.resources.names import singular
from mockforge_http.resources.paths import candidates
from mockforge_http.resources.places import find_item, find_items


def refs(*operations: str) -> list[OperationRef]:
    """References to operations written ``GET /pets``."""
    made = []
    for operation in operations:
        method, _, path = operation.partition(" ")
        made.append(OperationRef(path, method, "file", f"/paths/{path}", "file", path))
    return made


def found(*operations: str) -> list[tuple[str, str]]:
    return [(each.path, each.item) for each in candidates(refs(*operations))]


def test_a_collection_can_be_read_and_filled() -> None:
    assert found("POST /pets", "GET /pets/{id}") == [("/pets", "/pets/{id}")]
    assert found("GET /pets/{id}", "PUT /pets/{id}") == [("/pets", "/pets/{id}")]
    assert found("GET /pets", "GET /pets/{id}") == []
    assert found("POST /pets", "DELETE /pets/{id}") == []
    assert found("POST /pets", "GET /pets/{id}/name") == []


def test_endings_and_slashes_belong_to_the_path() -> None:
    assert found("POST /Calls.json", "GET /Calls/{Sid}.json") == [
        ("/Calls.json", "/Calls/{Sid}.json")
    ]
    assert found("POST /pets/", "GET /pets/{id}") == [("/pets/", "/pets/{id}")]


def test_collections_below_items_know_what_they_are_below() -> None:
    users, posts, other = candidates(
        refs(
            "POST /users", "GET /users/{name}", "POST /users/{id}/posts", "GET /users/{id}/posts/{p}",
            "POST /usersx", "GET /usersx/{id}",
        )
    )  # fmt: skip
    assert users.holds(posts)
    assert not users.holds(other)
    assert (users.depth, posts.depth) == (0, 1)


def test_further_lists_lie_one_literal_segment_below() -> None:
    (pets,) = candidates(
        refs(
            "POST /pet", "GET /pet/{id}", "GET /pet/findByStatus", "GET /pet/{id}/x", "GET /pet/a/b"
        )
    )
    assert [each.template for each in pets.of("find")] == ["/pet/findByStatus"]


def node(schema: object) -> SchemaNode:
    return SchemaNode(schema, "", _NoReferences())


def item(*names: str) -> dict[str, object]:
    return {"type": "object", "properties": {name: {"type": "string"} for name in names}}


@pytest.mark.parametrize(
    ("parameter", "path", "names", "expected"),
    [
        ("petId", "/pets", ("name", "id"), "id"),
        ("id", "/pets", ("name", "id"), "id"),
        ("pet_id", "/pets", ("petId", "name"), "petId"),
        ("pet_id", "/pets", ("pet_id", "id"), "id"),
        ("username", "/users", ("id", "username"), "username"),
        ("customer", "/v1/customers", ("id", "name"), "id"),
        ("Sid", "/Calls.json", ("sid", "status"), "sid"),
        ("database_name", "/dbs", ("name",), "name"),
        ("resource_uuid", "/addons", ("uuid", "id"), "uuid"),
        ("person", "/people", ("id",), "id"),
        ("username", "/orgs/{org}/memberships", ("id", "state"), None),
        ("color", "/pets", ("id",), None),
    ],
)
def test_the_id_of_an_item_is_found_by_name(
    parameter: str, path: str, names: tuple[str, ...], expected: str | None
) -> None:
    identity = Identifier(parameter, path).find(node(item(*names)))
    assert (None if identity is None else identity.path) == (expected and (expected,))


def test_an_id_may_be_in_the_metadata() -> None:
    schema = {"type": "object", "properties": {"metadata": item("name"), "spec": item("id")}}
    identity = Identifier("name", "/configmaps").find(node(schema))
    assert identity is not None
    assert identity.path == ("metadata", "name")


def test_items_are_found_bare_wrapped_and_alone_in_a_list() -> None:
    identifier = Identifier("petId", "/pets")
    bare = item("id")
    for schema, path, listed in (
        (bare, (), False),
        ({"type": "object", "properties": {"pet": bare, "owner": bare}}, ("pet",), False),
        ({"type": "object", "properties": {"data": bare, "links": item("self")}}, ("data",), False),
        ({"type": "array", "items": bare}, (), True),
    ):
        place = find_item(node(schema), identifier, "/pets")
        assert place is not None
        assert (place.path, place.listed) == (path, listed)
    two = {"type": "object", "properties": {"a": bare, "b": bare}}
    assert find_item(node(two), identifier, "/pets") is None


def test_lists_are_found_bare_wrapped_and_deeper() -> None:
    identifier = Identifier("petId", "/pets")
    array = {"type": "array", "items": item("id")}
    for schema, path in (
        (array, ()),
        ({"type": "object", "properties": {"pets": array, "owners": array}}, ("pets",)),
        (
            {"type": "object", "properties": {"tags": {"type": "array", "items": {}}, "x": array}},
            ("x",),
        ),
        (
            {"type": "object", "properties": {"result": {"properties": {"items": array}}}},
            ("result", "items"),
        ),
    ):
        place = find_items(node(schema), identifier, "/pets")
        assert place is not None
        assert place.path == path
    assert find_items(node(item("id")), identifier, "/pets") is None


@pytest.mark.parametrize(
    ("many", "one"),
    [("pets", "pet"), ("companies", "company"), ("statuses", "status"), ("people", "person"),
     ("boxes", "box"), ("status", "status"), ("news", "new"), ("emailaddresses", "emailaddress")],
)  # fmt: skip
def test_plurals(many: str, one: str) -> None:
    assert singular(many) == one
