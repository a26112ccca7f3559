"""Requests of one method to one path become one operation; names and tags."""

from __future__ import annotations

from typing import Any

import pytest

from .making import codes, collection, converted, document, folder, item, operation, saved


def json_item(text: str, **members: Any) -> dict[str, Any]:
    return item("/pets", "POST", body={"mode": "raw", "raw": text}, **members)


def test_bodies_are_described_together() -> None:
    found = operation(
        json_item('{"to": "1", "type": "image", "image": {"id": "1"}}', name="image"),
        json_item('{"to": "2", "type": "text", "text": {"body": "x"}}', name="text"),
    )
    content = found["requestBody"]["content"]["application/json"]
    assert content["schema"]["required"] == ["to", "type"]
    assert list(content["schema"]["properties"]) == ["to", "type", "image", "text"]
    assert list(content["examples"]) == ["image", "text"]


def test_a_body_that_one_request_lacks_is_optional() -> None:
    found = operation(json_item('{"a": 1}'), item("/pets", "POST"))
    assert found["requestBody"]["required"] is False


def test_bodies_of_several_media_types() -> None:
    xml = item(
        "/pets",
        "POST",
        body={"mode": "raw", "raw": "<a/>", "options": {"raw": {"language": "xml"}}},
    )
    found = operation(json_item('{"a": 1}'), xml)
    assert list(found["requestBody"]["content"]) == ["application/json", "application/xml"]


def test_parameters_that_one_request_lacks_are_optional() -> None:
    found = operation(
        item("/pets?a=1&b=2", header=[{"key": "X-A", "value": "1"}]),
        item("/pets?a=3", header=[{"key": "x-a", "value": "2"}, {"key": "X-B", "value": "3"}]),
    )
    assert [(p["name"], p.get("required", False)) for p in found["parameters"]] == [
        ("a", True),
        ("b", False),
        ("X-A", True),
        ("X-B", False),
    ]
    assert found["parameters"][0]["example"] == "1"


def test_fields_that_one_form_lacks_are_optional() -> None:
    def form(*keys: str) -> dict[str, Any]:
        fields = [{"key": key, "value": key} for key in keys]
        return item("/pets", "POST", body={"mode": "urlencoded", "urlencoded": fields})

    content = operation(form("a", "b"), form("a", "c", "c"))["requestBody"]["content"]
    schema = content["application/x-www-form-urlencoded"]["schema"]
    assert schema["required"] == ["a"]
    assert schema["properties"]["c"] == {"type": "array", "items": {"type": "string"}}


def test_a_field_that_is_a_file_in_one_form_takes_files() -> None:
    def form(**field: Any) -> dict[str, Any]:
        return item("/pets", "POST", body={"mode": "formdata", "formdata": [{"key": "a", **field}]})

    for forms in ([form(value="x"), form(type="file")], [form(type="file"), form(value="x")]):
        schema = operation(*forms)["requestBody"]["content"]["multipart/form-data"]["schema"]
        assert schema["properties"]["a"] == {"contentMediaType": "application/octet-stream"}


def test_responses_are_gathered() -> None:
    found = operation(
        item("/pets", "GET", saved('{"a": 1}', name="x"), saved("t", type="text/plain")),
        item("/pets", "GET", saved('{"a": 1}', name="x"), saved("<a/>", type="application/xml")),
        item("/pets", "GET", saved('{"e": 1}', 404, description="gone")),
        item("/pets", "GET", saved('{"e": 2}', 404, description="later")),
    )
    assert list(found["responses"]) == ["200", "404"]
    assert list(found["responses"]["200"]["content"]) == [
        "application/json",
        "text/plain",
        "application/xml",
    ]
    assert list(found["responses"]["200"]["content"]["application/json"]["examples"]) == ["x"]
    assert found["responses"]["404"]["description"] == "gone"


def test_path_parameters_take_what_the_first_request_lacks() -> None:
    def pet(**variable: str) -> dict[str, Any]:
        return item({"path": ["pets", ":id"], "variable": [{"key": "id", **variable}]})

    found = operation(pet(), pet(value="7"), pet(value="8", description="Which"))
    assert found["parameters"][0]["example"] == "7"
    assert found["parameters"][0]["description"] == "Which"


# -------------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("name", "operation_id"),
    [
        ("List pets", "listPets"),
        ("GET a pet", "getAPet"),
        ("pets/{id} - update", "petsIdUpdate"),
        ("Get", "get"),
        ("https://api.example.com/pets", None),
        ("", None),
        ("日本語", None),
        ("123", None),
        (None, None),
    ],
)
def test_the_operation_id_comes_from_the_name(name: Any, operation_id: str | None) -> None:
    found = operation(item("/pets", name=name))
    assert found.get("operationId") == operation_id
    assert found.get("summary") == (name or None)


def test_operation_ids_are_unique() -> None:
    made = document(*(item(f"/{n}", name="List pets") for n in range(3)))
    ids = [methods["get"]["operationId"] for methods in made["paths"].values()]
    assert ids == ["listPets", "listPets2", "listPets3"]


def test_folders_are_tags() -> None:
    made = document(
        folder(
            "Pets",
            folder("Dogs", item("/dogs"), folder("Pets", item("/puppies"))),
            item("/pets"),
            description="All of them",
        ),
        folder("Cats", item("/cats"), item("/pets")),
        folder("", item("/nameless")),
        item("/health"),
    )
    tags = {path: methods["get"].get("tags") for path, methods in made["paths"].items()}
    assert tags == {
        "/dogs": ["Pets", "Dogs"],
        "/puppies": ["Pets", "Dogs"],
        "/pets": ["Pets", "Cats"],
        "/cats": ["Cats"],
        "/nameless": None,
        "/health": None,
    }
    assert made["tags"] == [
        {"name": "Pets", "description": "All of them"},
        {"name": "Dogs"},
        {"name": "Cats"},
    ]


def test_descriptions_may_be_objects_and_stand_in_two_places() -> None:
    assert operation(item("/a", description={"content": "In", "type": "x"}))["description"] == "In"
    assert operation(item("/a", beside={"description": "Beside"}))["description"] == "Beside"


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        (None, "1.0.0"),
        ("2.14", "2.14"),
        ({"major": 1, "minor": 2, "patch": 3}, "1.2.3"),
        ({"major": 1, "identifier": "beta"}, "1.0.0-beta"),
        (7, "7"),
    ],
)
def test_the_info(version: Any, expected: str) -> None:
    info = {"name": "Pets", "description": "All", "version": version}
    made, _ = converted(collection(info=info))
    assert made["info"] == {"title": "Pets", "version": expected, "description": "All"}


# -------------------------------------------------------------------- methods and notes


def test_methods_that_only_3_2_knows_make_it_a_3_2_document() -> None:
    made = document(item("/a", "PROPFIND"), item("/a", "query"), item("/a", "get"))
    assert made["openapi"] == "3.2.0"
    assert list(made["paths"]["/a"]) == ["additionalOperations", "query", "get"]
    assert list(made["paths"]["/a"]["additionalOperations"]) == ["PROPFIND"]
    assert document(item("/a", "trace"))["openapi"] == "3.1.1"


def test_a_method_that_is_none_is_noted() -> None:
    assert codes(item("/a", "GET IT"), item("/a")) == ["postman-method"]


def test_a_missing_method_is_get() -> None:
    assert list(document({"request": {"url": "/a"}})["paths"]["/a"]) == ["get"]


@pytest.mark.parametrize("where", ["collection", "folder", "item"])
def test_scripts_are_noted_once(where: str) -> None:
    event = [{"listen": "test", "script": {"exec": ["x"]}}]
    inner = [item("/a", beside={"event": event if where == "item" else []}) for _ in range(2)]
    outer = folder("f", *inner, event=event if where == "folder" else [])
    members = {"event": event} if where == "collection" else {}
    _, notes = converted(collection(outer, **members))
    assert [n.severity for n in notes if n.code == "postman-scripts"] == ["info"]


def test_a_collection_without_scripts_says_nothing_of_them() -> None:
    assert codes(item("/a"), event=[]) == []


def test_an_empty_collection_is_noted() -> None:
    assert codes() == ["no-operations"]
    assert codes(folder("empty")) == ["no-operations"]
