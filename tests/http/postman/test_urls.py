"""Where a request goes: server, path template, path parameters, query."""

from __future__ import annotations

from typing import Any

import pytest

from .making import collection, converted, document, folder, item, operation


def path(url: Any, **members: Any) -> str:
    (found,) = document(item(url), **members)["paths"]
    assert isinstance(found, str)
    return found


@pytest.mark.parametrize(
    ("url", "template"),
    [
        ("https://api.example.com/pets", "/pets"),
        ("https://api.example.com", "/"),
        ("https://api.example.com/pets/", "/pets/"),
        ("api.example.com/pets", "/pets"),
        ("localhost:3000/pets", "/pets"),
        ("/pets", "/pets"),
        ("", "/"),
        ("{{baseUrl}}/pets", "/pets"),
        ("{{scheme}}://{{host}}/pets", "/pets"),
        ("{{baseUrl}}", "/"),
        ("/pets?limit=1#top", "/pets"),
        ("/pets/:petId", "/pets/{petId}"),
        ("/pets/:petId/toys/:toyId", "/pets/{petId}/toys/{toyId}"),
        ("/pets/{{petId}}", "/pets/{petId}"),
        ("/pets/{petId}", "/pets/{petId}"),
        ("/files/{{name}}.json", "/files/{name}.json"),
        ("/{{a}}-{{b}}", "/{a}-{b}"),
        ("/pets/{{$guid}}", "/pets/{guid}"),
        ("/:id/:id", "/{id}/{id_2}"),
        ("/:id_2/:id/:id", "/{id_2}/{id}/{id_3}"),
        ("/pets/{{pet id/x}}", "/pets/%7B%7Bpet%20id/x%7D%7D"),
        ("/pets/{{pet id}}", "/pets/{pet_id}"),
        ("/pets/:", "/pets/:"),
        ("/pets:sync", "/pets:sync"),
        ("/a b", "/a%20b"),
        ("/a{b", "/a%7Bb"),
        ("/caf%C3%A9", "/caf%C3%A9"),
        ({"raw": "https://api.example.com/pets/:id?x=1"}, "/pets/{id}"),
        ({"raw": "/wrong", "path": ["pets", ":id"]}, "/pets/{id}"),
        ({"path": "/pets/:id"}, "/pets/{id}"),
        ({"path": ["pets", {"type": "string", "value": ":id"}]}, "/pets/{id}"),
        ({"path": ["pets", None, 7]}, "/pets//7"),
        ({}, "/"),
        (None, "/"),
    ],
)
def test_the_path_becomes_a_template(url: Any, template: str) -> None:
    assert path(url) == template


@pytest.mark.parametrize(
    ("url", "servers"),
    [
        ("https://api.example.com/v2/pets", ["https://api.example.com"]),
        ("https://api.example.com:8443/pets", ["https://api.example.com:8443"]),
        ("api.example.com/pets", ["http://api.example.com"]),
        ("/pets", None),
        ("{{unknown}}/pets", None),
        ("{{base}}/pets", ["https://petstore.example/v2"]),
        ("{{host}}/pets", ["http://petstore.example"]),
        ("https://{{host}}/pets", ["https://petstore.example"]),
        ("{{prefix}}/pets", ["/api/v2"]),
        ({"protocol": "https", "host": ["a", "example"], "path": ["p"]}, ["https://a.example"]),
        ({"host": "a.example", "port": "81", "path": ["p"]}, ["http://a.example:81"]),
        (
            {"protocol": "https", "host": ["{{base}}"], "path": ["p"]},
            ["https://petstore.example/v2"],
        ),
        ({"raw": "https://a.example/p", "path": ["p"]}, ["https://a.example"]),
        ({"host": ["no good"], "path": ["p"]}, None),
    ],
)
def test_the_server_is_kept_apart_from_the_path(url: Any, servers: list[str] | None) -> None:
    variable = [
        {"key": "base", "value": "https://petstore.example/v2/"},
        {"key": "host", "value": "petstore.example"},
        {"key": "prefix", "value": "/api/v2"},
    ]
    made = document(item(url), variable=variable)
    assert [server["url"] for server in made.get("servers", [])] == (servers or [])


def test_operations_of_different_servers_name_their_own() -> None:
    made = document(item("https://a.example/a"), item("https://b.example/b"), item("/c"))
    assert "servers" not in made
    assert made["paths"]["/a"]["get"]["servers"] == [{"url": "https://a.example"}]
    assert made["paths"]["/b"]["get"]["servers"] == [{"url": "https://b.example"}]
    assert "servers" not in made["paths"]["/c"]["get"]


def test_path_parameters_have_the_example_and_description_of_the_variable() -> None:
    url = {
        "raw": "{{baseUrl}}/pets/:petId",
        "host": ["{{baseUrl}}"],
        "path": ["pets", ":petId"],
        "variable": [{"key": "petId", "value": "{{first}}", "description": {"content": "Which"}}],
    }
    found = operation(item(url), variable=[{"key": "first", "value": "7"}])
    assert found["parameters"] == [
        {
            "name": "petId",
            "in": "path",
            "required": True,
            "description": "Which",
            "schema": {"type": "string"},
            "example": "7",
        }
    ]


@pytest.mark.parametrize(
    ("value", "template"),
    [
        ("v2", "/v2/pets"),
        ("api/v2", "/api/v2/pets"),
        ("", "/{part}/pets"),
        ("12", "/{part}/pets"),
        ("5f3c9a1be7d2c4a80f6e1b23", "/{part}/pets"),
        ("6929bb52-3ab2-448a-9796-d6480ecad36b", "/{part}/pets"),
        ("{{other}}", "/{other}/pets"),
        ("{{part}}", "/{part}/pets"),
    ],
)
def test_a_variable_in_the_path_is_put_in_unless_it_stands_for_an_id(
    value: str, template: str
) -> None:
    assert path("/{{part}}/pets", variable=[{"key": "part", "value": value}]) == template


def test_an_id_in_a_variable_is_the_example_of_its_parameter() -> None:
    found = operation(item("/pets/{{petId}}"), variable=[{"key": "petId", "value": "12"}])
    assert found["parameters"][0]["example"] == "12"


def test_query_parameters_that_are_sent_are_required() -> None:
    url = {
        "path": ["pets"],
        "query": [
            {"key": "limit", "value": "10", "description": "How many"},
            {"key": "sort", "value": "name", "disabled": True},
            {"key": "flag", "value": None},
            {"key": "tag", "value": "a"},
            {"key": "tag", "value": "b"},
            {"key": None, "value": "lost"},
            {"key": "filter%5Bname%5D", "value": "a%20b"},
        ],
    }
    assert operation(item(url))["parameters"] == [
        {
            "name": "limit",
            "in": "query",
            "description": "How many",
            "required": True,
            "schema": {"type": "string"},
            "example": "10",
        },
        {"name": "sort", "in": "query", "schema": {"type": "string"}, "example": "name"},
        {
            "name": "flag",
            "in": "query",
            "required": True,
            "allowEmptyValue": True,
            "schema": {"type": "string"},
        },
        {
            "name": "tag",
            "in": "query",
            "required": True,
            "schema": {"type": "array", "items": {"type": "string"}},
            "example": ["a"],
        },
        {
            "name": "filter[name]",
            "in": "query",
            "required": True,
            "schema": {"type": "string"},
            "example": "a b",
        },
    ]


@pytest.mark.parametrize(
    "url",
    ["/pets?limit={{n}}&flag&=x", {"path": ["pets"], "query": "limit={{n}}&flag"}],
)
def test_a_query_may_be_text(url: Any) -> None:
    found = operation(item(url), variable=[{"key": "n", "value": "10"}])["parameters"]
    assert [(p["name"], p.get("example")) for p in found] == [("limit", "10"), ("flag", None)]


def test_folders_have_variables_of_their_own() -> None:
    made = document(
        folder(
            "inner",
            item("/{{part}}/a"),
            item("/{{part}}/b", beside={"variable": [{"key": "part", "value": "item"}]}),
            variable=[{"key": "part", "value": "folder"}],
        ),
        item("/{{part}}/c"),
        variable=[{"id": "part", "value": "root"}, {"key": "gone", "value": "x", "disabled": True}],
    )
    assert list(made["paths"]) == ["/folder/a", "/item/b", "/root/c"]


def test_paths_that_differ_in_parameter_names_only_are_one() -> None:
    made = document(
        item("/pets/:id"), item("/pets/:petId", "DELETE"), item("/pets/:other/"), item("/pets/7")
    )
    assert list(made["paths"]) == ["/pets/{id}", "/pets/7"]
    delete = made["paths"]["/pets/{id}"]["delete"]
    assert [parameter["name"] for parameter in delete["parameters"]] == ["id"]


def test_a_request_may_be_just_a_url() -> None:
    value = collection({"name": "short", "request": "https://a.example/pets?x=1"})
    found = converted(value)[0]["paths"]["/pets"]["get"]
    assert found["parameters"][0]["name"] == "x"
