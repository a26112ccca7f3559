"""Collections of version 1."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockforge.errors import DocumentError

from .making import converted


def version1(*requests: Any, **members: Any) -> dict[str, Any]:
    return {"id": "c", "name": "Pets", "order": [], "requests": list(requests), **members}


def made(*requests: Any, **members: Any) -> dict[str, Any]:
    return converted(version1(*requests, **members))[0]


def test_a_request_with_everything() -> None:
    found = made(
        {
            "id": "1",
            "name": "Update a pet",
            "description": "All of it",
            "method": "PUT",
            "url": "https://{{host}}/pets/:id?dry=1",
            "headers": "X-Trace: abc\n//X-Off: 1\nContent-Type: application/json\n",
            "queryParams": [{"key": "dry", "value": "1", "enabled": True, "description": "Try"}],
            "pathVariables": {"id": "7"},
            "dataMode": "raw",
            "data": [],
            "rawModeData": '{"name": "Rex"}',
            "currentHelper": "basicAuth",
            "helperAttributes": {"id": "basic", "username": "a"},
            "responses": [
                {
                    "name": "Done",
                    "responseCode": {"code": 200, "name": "OK"},
                    "headers": [{"key": "Content-Type", "value": "application/json"}],
                    "text": '{"id": 7}',
                    "cookies": [],
                    "language": "json",
                }
            ],
        },
        variables=[{"key": "host", "value": "a.example"}],
    )
    assert found["info"]["title"] == "Pets"
    assert found["servers"] == [{"url": "https://a.example"}]
    operation = found["paths"]["/pets/{id}"]["put"]
    assert operation["operationId"] == "updateAPet"
    assert operation["description"] == "All of it"
    assert [(p["name"], p["in"], p.get("required", False)) for p in operation["parameters"]] == [
        ("id", "path", True),
        ("dry", "query", True),
        ("X-Trace", "header", True),
        ("X-Off", "header", False),
    ]
    assert operation["parameters"][0]["example"] == "7"
    assert operation["parameters"][1]["description"] == "Try"
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert schema["properties"] == {"name": {"type": "string"}}
    assert operation["security"] == [{"basicAuth": []}]
    content = operation["responses"]["200"]["content"]["application/json"]
    assert content["examples"] == {"Done": {"value": {"id": 7}}}


@pytest.mark.parametrize(
    ("request_", "media_type"),
    [
        ({"dataMode": "params", "data": [{"key": "a", "value": "b"}]}, "multipart/form-data"),
        ({"data": [{"key": "a", "value": "b"}]}, "multipart/form-data"),
        ({"dataMode": "urlencoded", "data": [{"key": "a"}]}, "application/x-www-form-urlencoded"),
        ({"dataMode": "binary"}, "application/octet-stream"),
        ({"rawModeData": "text"}, "text/plain"),
        ({"dataMode": "raw", "rawModeData": ["text"]}, "text/plain"),
        ({"dataMode": "raw", "data": "text"}, "text/plain"),
        ({"dataMode": "graphql", "graphqlModeData": {"query": "{ a }"}}, "application/json"),
    ],
)
def test_bodies(request_: dict[str, Any], media_type: str) -> None:
    found = made({"method": "POST", "url": "/a", **request_})["paths"]["/a"]["post"]
    assert list(found["requestBody"]["content"]) == [media_type]


def test_no_body() -> None:
    for request in ({}, {"data": [], "rawModeData": ""}, {"dataMode": "raw", "rawModeData": ""}):
        found = made({"method": "POST", "url": "/a", **request})["paths"]["/a"]["post"]
        assert "requestBody" not in found


@pytest.mark.parametrize(
    ("request_", "security"),
    [
        ({"currentHelper": "bearerAuth"}, [{"bearerAuth": []}]),
        ({"currentHelper": "apikeyAuth", "helperAttributes": json.dumps({"key": "k"})},
         [{"apiKeyAuth": []}]),
        ({"currentHelper": "digestAuth", "helperAttributes": "{broken"}, [{"digestAuth": []}]),
        ({"auth": {"type": "basic", "basic": []}, "currentHelper": "digestAuth"},
         [{"basicAuth": []}]),
        ({"currentHelper": "normal"}, None),
        ({"currentHelper": None}, None),
    ],
)  # fmt: skip
def test_auth(request_: dict[str, Any], security: Any) -> None:
    assert made({"url": "/a", **request_})["paths"]["/a"]["get"].get("security") == security


def test_folders_by_each_way_of_naming_them() -> None:
    folders = [
        {"id": "A", "name": "a", "order": ["1"], "folders_order": ["B"], "auth": {"type": "basic"}},
        {"id": "B", "name": "b", "order": ["2"]},
        {"id": "C", "name": "c", "folder": "B"},
    ]
    found = made(
        {"id": "1", "url": "/1"},
        {"id": "2", "url": "/2"},
        {"id": "3", "url": "/3", "folder": "C"},
        {"id": "4", "url": "/4"},
        {"url": "/5", "folder": "nowhere"},
        folders=folders,
    )
    tags = {path: methods["get"].get("tags") for path, methods in found["paths"].items()}
    assert tags == {
        "/1": ["a"],
        "/2": ["a", "b"],
        "/3": ["a", "b", "c"],
        "/4": None,
        "/5": None,
    }
    assert found["paths"]["/3"]["get"]["security"] == [{"basicAuth": []}]


@pytest.mark.parametrize(
    "folders",
    [
        [{"id": "A", "folder": "A"}],
        [{"id": "A", "folder": "B"}, {"id": "B", "folder": "A"}],
        [{"id": "A", "folder": "B"}, {"id": "B", "folder": "C"}, {"id": "C", "folder": "B"}],
        [{"id": "A", "order": 7, "folders_order": "x"}, None, {"id": 7}],
        {"A": 1},
    ],
)
def test_folders_in_circles_and_odd_ones_lose_no_request(folders: Any) -> None:
    assert list(made({"url": "/1", "folder": "A"}, folders=folders)["paths"]) == ["/1"]


def test_folders_nested_too_deep_are_refused() -> None:
    folders = [{"id": str(n), "folder": str(n + 1)} for n in range(100)]
    with pytest.raises(DocumentError, match="folders are nested more than 64 deep"):
        made({"url": "/1", "folder": "0"}, folders=folders)


@pytest.mark.parametrize(
    ("requests", "message", "place"),
    [
        (7, "`requests` is not a list", "pets.json (/requests)"),
        ([7], "is not a request: it is not an object", "pets.json (/requests/0)"),
        ([{}, {"url": 7}], "the URL is neither text nor an object", "pets.json (/requests/1/url)"),
    ],
)
def test_what_is_refused(requests: Any, message: str, place: str) -> None:
    with pytest.raises(DocumentError) as caught:
        converted(version1() | {"requests": requests})
    assert (caught.value.message, str(caught.value.place)) == (message, place)
