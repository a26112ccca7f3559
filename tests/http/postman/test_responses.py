"""Saved responses as declared ones."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .making import codes, collection, converted, item, operation, saved


def responses(*given: dict[str, Any], **members: Any) -> dict[str, Any]:
    found = operation(item("/pets", "GET", *given), **members)["responses"]
    assert isinstance(found, dict)
    return found


def test_a_response_is_an_example_with_a_schema() -> None:
    body = '{"id": 7, "born": "2020-02-29", "tags": []}'
    assert responses(saved(body, name="A pet")) == {
        "200": {
            "description": "OK",
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "id": {"type": "integer"},
                            "born": {"type": "string", "format": "date"},
                            "tags": {"type": "array", "maxItems": 0},
                        },
                        "required": ["id", "born", "tags"],
                    },
                    "examples": {"A pet": {"value": json.loads(body)}},
                }
            },
        }
    }


def test_examples_carry_the_names_of_the_responses() -> None:
    found = responses(
        saved("1", name="One"),
        saved("2", name="One"),
        saved("2", name="One"),
        saved("1", name="One"),
        saved("3", name=" two\nlines "),
        saved("4", name=None),
        saved("5", name="x" * 500),
        saved('{"e": 1}', 404, name="Gone"),
    )
    examples = found["200"]["content"]["application/json"]["examples"]
    assert {name: example["value"] for name, example in examples.items()} == {
        "One": 1,
        "One (2)": 2,
        "One (3)": 2,
        "two lines": 3,
        "default": 4,
        "x" * 100: 5,
    }
    assert list(found["404"]["content"]["application/json"]["examples"]) == ["Gone"]


def test_one_status_may_have_several_media_types() -> None:
    found = responses(
        saved("1"), saved("<a/>", type="application/xml"), saved("t", type="text/plain")
    )
    assert list(found["200"]["content"]) == ["application/json", "application/xml", "text/plain"]
    assert found["200"]["content"]["application/xml"] == {
        "schema": {"type": "string", "enum": ["<a/>"]},
        "examples": {"default": {"value": "<a/>"}},
    }


def test_bare_values_are_listed_in_the_schema() -> None:
    found = responses(*(saved(body) for body in ("0", "false", '"a"', "0", "null")))
    assert found["200"]["content"]["application/json"]["schema"] == {
        "type": ["integer", "boolean", "string", "null"],
        "enum": [0, False, "a", None],
    }
    mixed = responses(saved("0"), saved("{}"))["200"]["content"]["application/json"]
    assert "enum" not in mixed["schema"]
    open_ = responses(saved("{{unknown}}"))["200"]["content"]["application/json"]
    assert open_["schema"] == {}


def test_long_texts_are_not_listed_twice() -> None:
    content = responses(saved("x" * 70_000, type="text/plain"))["200"]["content"]["text/plain"]
    assert content["schema"] == {"type": "string"}


@pytest.mark.parametrize(
    ("body", "language", "media_type"),
    [
        ('{"a": 1}', None, "application/json"),
        (" [1]", None, "application/json"),
        ("{a}", None, "text/plain"),
        ("<!DOCTYPE html><p>", None, "text/html"),
        ("<HTML>", None, "text/html"),
        ("<a/>", None, "application/xml"),
        ("hello", None, "text/plain"),
        ("hello", "html", "text/html"),
        ('"hello"', "json", "application/json"),
        ("hello", {"odd": 1}, "text/plain"),
    ],
)
def test_without_a_content_type_a_body_is_taken_for_what_it_looks_like(
    body: str, language: Any, media_type: str
) -> None:
    if isinstance(language, dict):
        assert codes(item("/pets", "GET", saved(body, type=None))) == []
        return
    given = saved(body, type=None, _postman_previewlanguage=language)
    assert list(responses(given)["200"]["content"]) == [media_type]


@pytest.mark.parametrize("body", [None, ""])
def test_a_response_without_a_body_has_no_content(body: str | None) -> None:
    assert responses(saved(body, 204)) == {"204": {"description": "No Content"}}


@pytest.mark.parametrize(
    ("code", "status"),
    [(201, "201"), ("404", "404"), (None, "200"), (599, "599"), (210, "210")],
)
def test_the_status(code: Any, status: str) -> None:
    assert list(responses(saved("1", code))) == [status]


@pytest.mark.parametrize("code", [100, 0, 600, -1, "two", 200.5, [], {}, True, "٢٠٠"])
def test_a_status_that_cannot_be_answered_is_noted(code: Any) -> None:
    given = item("/pets", "GET", saved("1", code), saved("1"))
    assert list(operation(given)["responses"]) == ["200"]
    assert codes(given) == ["postman-status"]


def test_headers_are_kept_except_those_of_the_transfer() -> None:
    header = [
        {"key": "X-Rate", "value": "9"},
        {"key": "x-rate", "value": "8"},
        {"key": "ETag", "value": '"{{v}}"'},
        {"key": "Content-Length", "value": "42"},
        {"key": "Transfer-Encoding", "value": "chunked"},
        {"key": "Content-Encoding", "value": "gzip"},
        {"key": "Access-Control-Allow-Origin", "value": "*"},
        {"key": "Date", "value": "x"},
        {"key": "not a token", "value": "x"},
        {"key": "X-Off", "value": "x", "disabled": True},
    ]
    found = responses(saved("1", header=header), variable=[{"key": "v", "value": "7"}])
    text = {"type": "string"}
    assert found["200"]["headers"] == {
        "X-Rate": {"schema": text, "example": "9"},
        "ETag": {"schema": text, "example": '"7"'},
    }


def test_a_saved_cookie_is_set_where_no_header_does() -> None:
    cookie = [{"name": "sid", "value": "1", "path": "/", "httpOnly": True, "secure": True}]
    found = responses(saved("1", cookie=cookie))["200"]["headers"]
    assert found["Set-Cookie"]["example"] == "sid=1; Path=/; Secure; HttpOnly"
    header = [{"key": "set-cookie", "value": "own=2"}]
    found = responses(saved("1", cookie=cookie, header=header))["200"]["headers"]
    assert found["set-cookie"]["example"] == "own=2"
    assert "headers" not in responses(saved("1", cookie=["x"]))["200"]
    assert "headers" not in responses(saved("1", cookie=[{"name": "a b"}]))["200"]


def test_variables_in_bodies_are_put_in() -> None:
    body = '{"id": {{id}}, "email": "{{$randomEmail}}", "open": {{unknown}}}'
    found = responses(saved(body), variable=[{"key": "id", "value": "7"}])
    assert found["200"]["content"]["application/json"]["examples"]["default"]["value"] == {
        "id": 7,
        "email": "ada.keller@example.com",
        "open": None,
    }


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("not json", "application/json"),
        ("[" * 80 + "]" * 80, "application/json"),
        ("a=1", "application/x-www-form-urlencoded"),
        ("--x--", "multipart/mixed"),
    ],
)
def test_what_is_no_value_is_kept_as_it_was_sent(body: str, kind: str) -> None:
    made, _ = converted(collection(item("/pets", "GET", saved(body, type=kind))))
    assert made["openapi"] == "3.2.0"
    content = made["paths"]["/pets"]["get"]["responses"]["200"]["content"]
    assert content == {kind: {"examples": {"default": {"serializedValue": body}}}}


def test_media_types_are_brought_to_one_spelling() -> None:
    found = responses(
        saved("1", type="application/json; charset=utf-8"),
        saved("2", type="Application/JSON"),
        saved("3", type="application/json;version=2"),
    )
    assert list(found["200"]["content"]) == ["application/json", "application/json;version=2"]


@pytest.mark.parametrize(
    ("given", "noted"), [([None], []), (["x"], ["postman-shape"]), ("x", ["postman-shape"])]
)
def test_responses_that_are_none_are_left_out(given: Any, noted: list[str]) -> None:
    value = item("/pets") | {"response": given}
    assert "responses" not in operation(value)
    assert codes(value) == noted


def test_operations_without_a_response_are_counted() -> None:
    _, notes = converted(collection(item("/a"), item("/b"), item("/c", "GET", saved("1"))))
    assert [(note.code, note.severity) for note in notes] == [("postman-unanswered", "info")]
    assert notes[0].message.startswith("2 operations have no saved response")
