"""What a client has to send: headers and bodies."""

from __future__ import annotations

from typing import Any

import pytest

from .making import codes, item, operation


def body(given: Any, header: Any = (), method: str = "POST", **members: Any) -> Any:
    header = [{"key": "Content-Type", "value": header}] if isinstance(header, str) else list(header)
    found = operation(item("/pets", method, body=given, header=header), **members)
    return found.get("requestBody")


def raw(text: str, language: str | None = None) -> dict[str, Any]:
    options = {"options": {"raw": {"language": language}}} if language else {}
    return {"mode": "raw", "raw": text, **options}


def test_headers_are_parameters_except_those_of_the_client_itself() -> None:
    header = [
        {"key": "X-Trace", "value": "abc", "description": "For the log"},
        {"key": "X-Maybe", "value": "1", "disabled": True},
        {"key": "Content-Type", "value": "application/json"},
        {"key": "Accept", "value": "*/*"},
        {"key": "User-Agent", "value": "Postman"},
        {"key": "Postman-Token", "value": "x"},
        {"key": "Sec-Fetch-Mode", "value": "cors"},
        {"key": "{{name}}", "value": "x"},
        "X-Line: of text",
        None,
    ]
    assert operation(item("/pets", header=header))["parameters"] == [
        {
            "name": "X-Trace",
            "in": "header",
            "description": "For the log",
            "required": True,
            "schema": {"type": "string"},
            "example": "abc",
        },
        {"name": "X-Maybe", "in": "header", "schema": {"type": "string"}, "example": "1"},
        {
            "name": "X-Line",
            "in": "header",
            "required": True,
            "schema": {"type": "string"},
            "example": "of text",
        },
    ]


def test_headers_may_be_one_text() -> None:
    found = operation(item("/pets", header="X-A: 1\nX-B: 2\n//X-C: 3\nnonsense"))["parameters"]
    assert [(p["name"], p.get("required", False)) for p in found] == [
        ("X-A", True),
        ("X-B", True),
        ("X-C", False),
    ]


@pytest.mark.parametrize(
    ("given", "header", "media_type"),
    [
        (raw('{"a": 1}', "json"), (), "application/json"),
        (raw('{"a": 1}'), (), "application/json"),
        (raw('{"a": 1}'), "Application/JSON; charset=utf-8", "application/json"),
        (raw('{"a": 1}', "json"), "application/vnd.api+json", "application/vnd.api+json"),
        (raw("<a/>", "xml"), (), "application/xml"),
        (raw('<?xml version="1.0"?><a/>'), (), "application/xml"),
        (raw("plain"), (), "text/plain"),
        (raw("{plain"), (), "text/plain"),
        (raw("plain", "graphql"), (), "text/plain"),
        (raw("a=1&b=2"), "application/x-www-form-urlencoded", "application/x-www-form-urlencoded"),
        ({"mode": "file", "file": {"src": "/a.png"}}, (), "application/octet-stream"),
        ({"mode": "file", "file": None}, "image/png", "image/png"),
        ({"mode": "graphql", "graphql": {"query": "{ a }"}}, (), "application/json"),
        ({"mode": "urlencoded", "urlencoded": [{"key": "a"}]}, (),
         "application/x-www-form-urlencoded"),
        ({"mode": "urlencoded", "urlencoded": [{"key": "a"}]}, "multipart/form-data",
         "multipart/form-data"),
        ({"mode": "urlencoded", "urlencoded": [{"key": "a"}]}, "application/json",
         "application/x-www-form-urlencoded"),
        ({"mode": "formdata", "formdata": [{"key": "a"}]}, (), "multipart/form-data"),
        (raw("{}"), "nonsense", "application/json"),
    ],
)  # fmt: skip
def test_the_media_type_of_a_body(given: Any, header: Any, media_type: str) -> None:
    found = body(given, header)
    assert found["required"] is True
    assert list(found["content"]) == [media_type]


@pytest.mark.parametrize(
    "given",
    [
        None,
        {},
        {"mode": "none"},
        {"mode": "raw"},
        raw("  "),
        {"mode": "raw", "raw": "x", "disabled": True},
        {"mode": "formdata", "formdata": []},
        {"mode": "urlencoded", "urlencoded": None},
    ],
)
def test_what_is_no_body(given: Any) -> None:
    assert body(given) is None
    assert codes(item("/pets", "POST", body=given)) == []


@pytest.mark.parametrize(
    ("given", "code"), [({"mode": "telepathy"}, "postman-body"), ("text", "postman-shape")]
)
def test_a_body_that_is_not_understood_is_noted(given: Any, code: str) -> None:
    assert body(given) is None
    assert codes(item("/pets", "POST", body=given)) == [code]


def test_methods_without_a_body_by_custom_have_none_unless_told_otherwise() -> None:
    given = raw('{"a": 1}')
    assert body(given, method="GET") is None
    behavior = {"disableBodyPruning": True}
    assert body(given, method="GET", protocolProfileBehavior=behavior)["content"]
    kept = item("/pets", body=given, beside={"protocolProfileBehavior": behavior})
    assert operation(kept)["requestBody"]["content"]


def test_json_is_described_by_a_schema() -> None:
    given = raw('{"id": 100, "price": 1.5, "tags": ["a"], "on": true, "gone": null}')
    assert body(given)["content"]["application/json"]["schema"] == {
        "type": "object",
        "properties": {
            "id": {"type": "integer"},
            "price": {"type": "number"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "on": {"type": "boolean"},
            "gone": {},
        },
        "required": ["id", "price", "tags", "on", "gone"],
    }


def test_variables_comments_and_commas_do_not_hide_json() -> None:
    text = """{
        // who
        "id": {{petId}}, /* no text */
        "link": "https://{{host}}/a", "name": "{{name}}",
        "count": {{$randomInt}}, "known": {{known}},
    }"""
    found = body(raw(text), variable=[{"key": "known", "value": "7"}])["content"][
        "application/json"
    ]
    assert found["schema"]["properties"] == {
        "id": {},
        "link": {"type": "string"},
        "name": {"type": "string"},
        "count": {"type": "integer"},
        "known": {"type": "integer"},
    }
    assert found["examples"]["default"]["value"] == {
        "id": None,
        "link": "https://{{host}}/a",
        "name": "{{name}}",
        "count": 42,
        "known": 7,
    }


def test_text_is_not_described() -> None:
    assert body(raw("plain"))["content"]["text/plain"] == {
        "examples": {"default": {"value": "plain"}}
    }


def test_a_form_has_a_property_for_each_field() -> None:
    fields = [
        {"key": "id", "value": 100, "description": "Which"},
        {"key": "status", "value": "open"},
        {"key": "note", "value": "x", "disabled": True},
        {"key": "old", "value": "x", "enabled": False},
        {"key": "tag", "value": "a"},
        {"key": "tag", "value": "b"},
    ]
    text = {"type": "string"}
    found = body({"mode": "urlencoded", "urlencoded": fields})["content"]
    assert found["application/x-www-form-urlencoded"] == {
        "schema": {
            "type": "object",
            "properties": {
                "id": {"type": "string", "description": "Which"},
                "status": text,
                "note": text,
                "old": text,
                "tag": {"type": "array", "items": text},
            },
            "required": ["id", "status", "tag"],
        },
        "examples": {"default": {"value": {"id": "100", "status": "open", "tag": ["a", "b"]}}},
    }


def test_files_in_a_form_are_binary() -> None:
    fields = [
        {"key": "photo", "type": "file", "src": "/a.png", "contentType": "image/png"},
        {"key": "more", "type": "file", "src": ["/a", "/b"]},
        {"key": "title", "value": "x", "type": "text"},
    ]
    found = body({"mode": "formdata", "formdata": fields})["content"]["multipart/form-data"]
    assert found == {
        "schema": {
            "type": "object",
            "properties": {
                "photo": {"contentMediaType": "image/png"},
                "more": {
                    "type": "array",
                    "items": {"contentMediaType": "application/octet-stream"},
                },
                "title": {"type": "string"},
            },
            "required": ["photo", "more", "title"],
        },
        "encoding": {"photo": {"contentType": "image/png"}},
    }


@pytest.mark.parametrize(
    ("given", "header"),
    [
        (raw("a=1&b=x+y"), "application/x-www-form-urlencoded"),
        ({"mode": "urlencoded", "urlencoded": "a=1&b=x%20y"}, ()),
    ],
)
def test_a_form_may_be_text(given: Any, header: Any) -> None:
    found = body(given, header)["content"]["application/x-www-form-urlencoded"]
    assert found["examples"]["default"]["value"] == {"a": "1", "b": "x y"}


def test_every_graphql_query_is_let_in() -> None:
    given = {
        "mode": "graphql",
        "graphql": {"query": "query ($id: ID) { a }", "variables": '{"id": 1}'},
    }
    found = body(given)["content"]["application/json"]
    assert found["schema"]["required"] == ["query"]
    assert found["schema"]["properties"]["variables"] == {"type": ["object", "null"]}
    assert found["examples"]["default"]["value"] == {
        "query": "query ($id: ID) { a }",
        "variables": {"id": 1},
    }
    for broken in ("{", None, "[1]", 7):
        given = {"mode": "graphql", "graphql": {"query": "{ a }", "variables": broken}}
        example = body(given)["content"]["application/json"]["examples"]["default"]["value"]
        assert example == {"query": "{ a }"}
    assert body({"mode": "graphql", "graphql": None})
