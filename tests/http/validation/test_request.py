"""Requests checked against an operation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mockforge_http.validation.document import DocumentChecks
from mockforge_http.validation.request import RequestValidator
from tests.http.validation.making import api, check, codes, operation, post

ORDER = {
    "type": "object",
    "required": ["item"],
    "properties": {"item": {"type": "string"}, "count": {"type": "integer", "maximum": 9}},
}
JSON = {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}
COMPONENTS = {"schemas": {"Order": ORDER}}
PET_ID = {"name": "petId", "in": "path", "required": True, "schema": {"type": "integer"}}


def order(**body: Any) -> dict[str, Any]:
    return api(
        {"parameters": [PET_ID], "requestBody": {"content": JSON, **body}}, components=COMPONENTS
    )


def test_a_request_that_fits_is_accepted_with_its_values(tmp_path: Path) -> None:
    checked = check(tmp_path, order(), post({"item": "x", "count": 1}))
    assert checked.accepted
    assert checked.parameters == {("path", "petId"): 1}
    assert checked.body.value == {"item": "x", "count": 1}
    assert checked.body.media_type == "application/json"


def test_parameters_and_body_are_judged_together(tmp_path: Path) -> None:
    parameters = [
        PET_ID,
        {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}},
        {"name": "X-Trace", "in": "header", "required": True, "schema": {"type": "string"}},
        {"name": "mood", "in": "cookie", "schema": {"enum": ["good", "bad"]}},
    ]
    document = api(
        {"parameters": parameters, "requestBody": {"content": JSON}}, components=COMPONENTS
    )
    request = post({"count": 10}, target="/pets/x?limit=1000", headers={"Cookie": "mood=meh"})
    assert codes(check(tmp_path, document, request)) == [
        ("header", "X-Trace", "parameter.missing"),
        ("path", "petId", "type"),
        ("query", "limit", "maximum"),
        ("cookie", "mood", "enum"),
        ("body", "", "required"),
        ("body", "/count", "maximum"),
    ]


def test_findings_about_parameters_name_them(tmp_path: Path) -> None:
    tags = {
        "name": "tags",
        "in": "query",
        "schema": {"type": "array", "items": {"type": "integer"}},
    }
    document = api({"parameters": [tags]})
    (finding,) = check(tmp_path, document, post(target="/pets/1?tags=1&tags=x")).findings
    assert (finding.name, finding.pointer) == ("tags", "/1")
    assert finding.message == '`/1` in the query parameter `tags` must be an integer, got "x".'
    (finding,) = check(tmp_path, order(), post({"item": "x"}, target="/pets/x")).findings
    assert finding.message == 'The path parameter `petId` must be an integer, got "x".'


def test_no_more_findings_are_listed_than_asked_for(tmp_path: Path) -> None:
    parameters = [
        {"name": f"p{number}", "in": "query", "schema": {"type": "integer"}} for number in range(30)
    ]
    query = "&".join(f"p{number}=x" for number in range(30))
    checked = check(tmp_path, api({"parameters": parameters}), post(target=f"/pets/1?{query}"), 7)
    assert len(checked.findings) == 7


def test_parameters_of_one_name_in_different_places_are_told_apart(tmp_path: Path) -> None:
    parameters = [
        {"name": "id", "in": "query", "schema": {"type": "integer"}},
        {"name": "id", "in": "header", "schema": {"type": "boolean"}},
    ]
    request = post(target="/pets/1?id=x", headers={"id": "true"})
    assert codes(check(tmp_path, api({"parameters": parameters}), request)) == [
        ("query", "id", "type")
    ]


def test_a_parameter_with_content_is_checked_by_its_schema(tmp_path: Path) -> None:
    filter_by = {"name": "filter", "in": "query", "content": JSON}
    document = api({"parameters": [filter_by]}, components=COMPONENTS)
    good, bad = json.dumps({"item": "x"}), json.dumps({"item": 1})
    assert check(tmp_path, document, post(target=f"/pets/1?filter={good}")).accepted
    (finding,) = check(tmp_path, document, post(target=f"/pets/1?filter={bad}")).findings
    assert (finding.location, finding.name, finding.pointer) == ("query", "filter", "/item")


def test_values_that_could_not_be_decoded_are_not_judged_again(tmp_path: Path) -> None:
    document = api(
        {"parameters": [{"name": "filter", "in": "query", "content": JSON}]}, components=COMPONENTS
    )
    assert codes(check(tmp_path, document, post(target="/pets/1?filter={"))) == [
        ("query", "filter", "parameter.malformed")
    ]
    assert codes(check(tmp_path, order(), post(b"{"))) == [("body", "", "body.malformed")]


# ---------------------------------------------------------------------- bodies


def test_a_missing_body_is_a_finding_where_one_is_required(tmp_path: Path) -> None:
    assert codes(check(tmp_path, order(required=True), post())) == [("body", "", "body.missing")]
    assert check(tmp_path, order(), post()).accepted


def test_a_body_that_nobody_declared_is_ignored(tmp_path: Path) -> None:
    assert check(tmp_path, api({}), post({"anything": 1})).accepted


def test_each_media_type_has_its_schema(tmp_path: Path) -> None:
    content = {
        "application/json": {"schema": {"type": "object"}},
        "application/vnd.list+json": {"schema": {"type": "array"}},
        "text/plain": {"schema": {"type": "string", "maxLength": 3}},
    }
    document = api({"requestBody": {"content": content}})
    assert check(tmp_path, document, post({})).accepted
    assert not check(tmp_path, document, post([])).accepted
    assert check(tmp_path, document, post([], content_type="application/vnd.list+json")).accepted
    assert check(tmp_path, document, post(b"abc", content_type="text/plain")).accepted
    assert codes(check(tmp_path, document, post(b"abcd", content_type="text/plain"))) == [
        ("body", "", "maxLength")
    ]
    assert codes(check(tmp_path, document, post(b"<a/>", content_type="text/xml"))) == [
        ("body", "", "body.unsupported-media-type")
    ]


def test_a_form_is_checked_as_an_object(tmp_path: Path) -> None:
    form = {"application/x-www-form-urlencoded": {"schema": ORDER}}
    document = api({"requestBody": {"content": form}})
    request = post(b"count=10", content_type="application/x-www-form-urlencoded")
    assert codes(check(tmp_path, document, request)) == [
        ("body", "", "required"),
        ("body", "/count", "maximum"),
    ]


def test_swagger_2_forms_and_bodies_are_checked(tmp_path: Path) -> None:
    count = {"name": "count", "in": "formData", "type": "integer", "maximum": 9, "required": True}
    document = api(
        {"consumes": ["application/x-www-form-urlencoded"], "parameters": [count]}, "2.0"
    )
    request = post(b"count=10", content_type="application/x-www-form-urlencoded")
    assert codes(check(tmp_path, document, request)) == [("body", "/count", "maximum")]
    body = {"name": "b", "in": "body", "schema": {"$ref": "#/definitions/Order"}}
    document = api({"parameters": [body]}, "2.0", definitions={"Order": ORDER})
    assert codes(check(tmp_path, document, post({}))) == [("body", "", "required")]


def test_the_items_of_a_sequence_are_checked(tmp_path: Path) -> None:
    lines = {"application/jsonl": {"itemSchema": {"type": "object", "required": ["a"]}}}
    document = api({"requestBody": {"content": lines}}, "3.2.0")
    assert check(
        tmp_path, document, post(b'{"a": 1}\n{"a": 2}\n', content_type="application/jsonl")
    ).accepted
    request = post(b'{"a": 1}\n{}\n', content_type="application/jsonl")
    assert codes(check(tmp_path, document, request)) == [("body", "/1", "required")]


def test_what_only_the_server_sets_is_not_required(tmp_path: Path) -> None:
    schema = {"required": ["id"], "properties": {"id": {"readOnly": True}}}
    document = api({"requestBody": {"content": {"application/json": {"schema": schema}}}})
    assert check(tmp_path, document, post({})).accepted


# ---------------------------------------------------------------------- credentials


def test_missing_credentials_are_a_denial_and_the_rest_is_judged_all_the_same(
    tmp_path: Path,
) -> None:
    schemes = {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}, **COMPONENTS}
    document = api(
        {"security": [{"token": []}], "requestBody": {"content": JSON}}, components=schemes
    )
    checked = check(tmp_path, document, post({}))
    assert checked.denial is not None
    assert codes(checked) == [("body", "", "required")]
    assert not checked.accepted
    request = post({"item": "x"}, headers={"Authorization": "Bearer abc"})
    assert check(tmp_path, document, request).accepted


def test_the_documents_requirements_hold_for_operations_that_say_nothing(tmp_path: Path) -> None:
    schemes = {"securitySchemes": {"key": {"type": "apiKey", "in": "query", "name": "key"}}}
    document = api({}, components=schemes, security=[{"key": []}])
    assert check(tmp_path, document, post()).denial is not None
    assert check(tmp_path, document, post(target="/pets/1?key=1")).accepted
    assert check(
        tmp_path, api({"security": []}, components=schemes, security=[{"key": []}]), post()
    ).accepted


# ---------------------------------------------------------------------- what hangs on it


def test_schemas_are_compiled_when_they_are_first_needed(tmp_path: Path) -> None:
    with operation(tmp_path, order()) as (view, checks):
        validator = RequestValidator(view, checks)
        before = validator.size
        validator.check(post(), ("1",))
        assert not validator.grown
        validator.check(post({"item": "x"}), ("1",))
        assert validator.grown
        after = validator.size
        assert after > before
        validator.check(post({"item": "x"}), ("1",))
        assert validator.size == after


def test_operations_share_the_validator_of_one_schema(tmp_path: Path) -> None:
    with operation(tmp_path, order()) as (view, checks):
        assert view.request_body is not None
        schema = view.request_body.content["application/json"].schema
        assert schema is not None
        first = checks.compile(schema, "request", "a")
        assert first is checks.compile(schema, "request", "b")
        assert first is not checks.compile(schema, "response", "c")


def test_a_schema_that_leads_nowhere_is_logged_and_not_enforced(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    document = order()
    with operation(tmp_path, document) as (view, checks):
        del view
        from mockforge_http.documents import Located

        gone = Located(
            {"properties": {"a": {"$ref": "#/gone"}, "b": {"type": "null"}}}, checks.document.base
        )
        made = checks.compile(gone, "request", "the body of POST /pets")
        assert made is not None
        assert made.is_valid({"a": 1})
        assert not made.is_valid({"b": 1})
        checks.compile(gone, "request", "the body of POST /pets")
    (record,) = caplog.records
    assert "the body of POST /pets" in record.message
    assert "#/gone" in record.message


def test_the_documents_dialect_is_that_of_its_schemas(tmp_path: Path) -> None:
    dialect = {
        "$id": "https://example.com/dialect",
        "$vocabulary": {"https://json-schema.org/draft/2020-12/vocab/core": True},
    }
    body = {"requestBody": {"content": {"application/json": {"schema": {"type": "null"}}}}}
    document = api(
        body,
        "3.1.0",
        components={"schemas": {"Dialect": dialect}},
        jsonSchemaDialect="https://example.com/dialect",
    )
    assert check(tmp_path, document, post({})).accepted
    del document["jsonSchemaDialect"]
    assert not check(tmp_path, document, post({})).accepted


def test_defaults_of_parameters_are_offered(tmp_path: Path) -> None:
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "default": 20}}
    with operation(tmp_path, api({"parameters": [limit]})) as (view, checks):
        assert RequestValidator(view, checks).defaults == {("query", "limit"): 20}
        assert isinstance(checks, DocumentChecks)


def test_a_mistake_that_comes_again_is_explained_in_the_same_words(tmp_path: Path) -> None:
    bodies = [post({"item": number, "note": "n" * 1000}) for number in range(100)]
    with operation(tmp_path, order()) as (view, checks):
        validator = RequestValidator(view, checks)
        for number, body in enumerate(bodies):
            first, *again = [validator.check(body, ("1",)).findings for _ in range(4)]
            assert again == [first] * 3
            assert first[0].actual == str(number)
            assert validator._explained.key_bytes <= 8 * 1024
        assert validator._explained.known


def test_fewer_findings_can_be_asked_for_of_a_body_that_came_before(tmp_path: Path) -> None:
    with operation(tmp_path, order()) as (view, checks):
        validator = RequestValidator(view, checks)
        for most, expected in ((20, 2), (1, 1), (20, 2)):
            for _ in range(3):
                findings = validator.check(post({"count": 10}), ("1",), most).findings
                assert len(findings) == expected
