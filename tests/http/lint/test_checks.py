"""What lint finds in schemas, examples and security, where it says it is, and that little is enough."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from mockforge.findings import Finding
from mockforge_http.documents import Limits
from mockforge_http.lint import lint_document

from ..documents import making
from ..documents.making import write

OK = {"description": "fine"}
PLAIN = {"/a": {"get": {"responses": {"200": OK}}}}


def api(version: str = "3.1.0", **members: Any) -> dict[str, Any]:
    """A document in which nothing is wrong, unless ``members`` are."""
    return making.api(version, **{"paths": PLAIN, "components": {}, **members})


def lint(tmp_path: Path, document: Any, **files: Any) -> list[Finding]:
    path = write(tmp_path, {"a.json": document, **files})
    return list(lint_document(path, check=False))


def told(findings: list[Finding]) -> list[tuple[str, str | None]]:
    return [(finding.code.removeprefix("document."), finding.path) for finding in findings]


def answering(media: dict[str, Any], **operation: Any) -> dict[str, Any]:
    """Paths with one operation that answers with ``media``."""
    content = {"application/json": media}
    return {"/a": {"get": {"responses": {"200": {**OK, "content": content}}, **operation}}}


MEDIA = "/paths/~1a/get/responses/200/content/application~1json"
COUNT = {"type": "object", "properties": {"count": {"type": "integer"}}, "required": ["count"]}


# -------------------------------------------------------------------- examples


def test_an_example_that_its_schema_forbids(tmp_path: Path) -> None:
    paths = answering({"schema": COUNT, "example": {"count": "one"}})
    (found,) = lint(tmp_path, api(paths=paths))
    assert told([found]) == [("example-invalid", f"{MEDIA}/example/count")]
    assert found.severity == "warning"
    assert found.message == '`/count` in the example must be an integer, got "one"'
    assert found.hint
    line = (tmp_path / "a.json").read_text().splitlines()[(found.line or 0) - 1]
    assert line.strip() == '"count": "one"'


def test_named_examples_and_those_that_are_referred_to(tmp_path: Path) -> None:
    examples = {
        "good": {"value": {"count": 1}},
        "bad": {"value": {}},
        "far": {"$ref": "#/components/examples/far"},
        "outside": {"externalValue": "x.json"},
    }
    components = {"examples": {"far": {"value": {"count": None}}}}
    found = lint(
        tmp_path,
        api(paths=answering({"schema": COUNT, "examples": examples}), components=components),
    )
    assert told(found) == [
        ("example-invalid", f"{MEDIA}/examples/bad/value"),
        ("example-invalid", f"{MEDIA}/examples/far"),
    ]


def test_json_written_as_text_is_told_to_be_that(tmp_path: Path) -> None:
    found = lint(tmp_path, api(paths=answering({"schema": COUNT, "example": '{"count": 1}'})))
    assert "JSON written as text" in (found[0].hint or "")


def test_text_of_other_media_types_is_not_judged(tmp_path: Path) -> None:
    content = {"application/xml": {"schema": COUNT, "example": "<a/>"}}
    paths = {"/a": {"get": {"responses": {"200": {**OK, "content": content}}}}}
    assert lint(tmp_path, api(paths=paths)) == []


def test_examples_and_defaults_of_schemas_parameters_and_headers(tmp_path: Path) -> None:
    number = {"type": "integer"}
    parameter = {"name": "n", "in": "query", "schema": number, "example": "x"}
    header = {"schema": {"type": "integer", "example": "y"}}
    paths = {
        "/a": {"get": {"parameters": [parameter], "responses": {"200": {**OK, "headers": {"H": header}}}}}
    }  # fmt: skip
    schemas = {"A": {"properties": {"p": {**number, "examples": [1, "z"], "default": "d"}}}}
    found = lint(tmp_path, api(paths=paths, components={"schemas": schemas}))
    assert told(found) == [
        ("example-invalid", "/paths/~1a/get/parameters/0/example"),
        ("example-invalid", "/paths/~1a/get/responses/200/headers/H/schema/example"),
        ("example-invalid", "/components/schemas/A/properties/p/examples/1"),
        ("default-invalid", "/components/schemas/A/properties/p/default"),
    ]


def test_a_default_of_the_wrong_type_is_an_error_where_openapi_says_must(tmp_path: Path) -> None:
    for version, severity in (("3.0.3", "error"), ("3.1.0", "warning")):
        schemas = {"A": {"type": "integer", "default": "d"}}
        (found,) = lint(tmp_path, api(version, components={"schemas": schemas}))
        assert found.severity == severity


def test_what_a_direction_hides_need_not_be_in_an_example(tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "properties": {"id": {"type": "integer", "readOnly": True}},
        "required": ["id"],
    }
    body = {"content": {"application/json": {"schema": schema, "example": {}}}}
    paths = answering({"schema": schema, "example": {}}, requestBody=body)
    found = lint(
        tmp_path, api(paths=paths, components={"schemas": {"A": {**schema, "example": {}}}})
    )
    assert told(found) == [("example-invalid", f"{MEDIA}/example")]


def test_examples_of_version_2(tmp_path: Path) -> None:
    responses = {"200": {**OK, "schema": COUNT, "examples": {"application/json": {"count": "x"}}}}
    parameter = {"name": "n", "in": "query", "type": "integer", "default": "x", "required": False}
    document = api(
        "2.0", paths={"/a": {"get": {"parameters": [parameter], "responses": responses}}}
    )
    assert told(lint(tmp_path, document)) == [
        ("default-invalid", "/paths/~1a/get/parameters/0/default"),
        ("example-invalid", "/paths/~1a/get/responses/200/examples/application~1json/count"),
    ]


def test_what_stands_in_other_files_is_told_there_and_once(tmp_path: Path) -> None:
    files = {
        "b.json": {
            "Bad": {"type": "object", "properties": {"n": {"type": "integer", "default": "x"}}}
        }
    }
    schemas = {"A": {"$ref": "b.json#/Bad"}, "B": {"items": {"$ref": "b.json#/Bad"}}}
    (found,) = lint(tmp_path, api(components={"schemas": schemas}), **files)
    assert Path(found.file or "").name == "b.json"
    assert found.path == "/Bad/properties/n/default"
    assert found.line == 7


# -------------------------------------------------------------------- schemas


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"type": "integer", "minimum": 5, "maximum": 2}, "no number is at least 5 and at most 2"),
        ({"type": "string", "enum": [1, 2]}, "none of the allowed values fits"),
        ({"type": "array", "minItems": 3, "maxItems": 1}, "at least 3 items"),
        ({"allOf": [{"type": "string"}, {"type": "integer"}]}, ""),
    ],
)
def test_schemas_that_contradict_themselves(tmp_path: Path, schema: Any, reason: str) -> None:
    schemas = {"A": {"type": "object", "properties": {"p": schema}}}
    (found,) = lint(tmp_path, api(components={"schemas": schemas}))
    assert told([found]) == [("schema-unsatisfiable", "/components/schemas/A/properties/p")]
    assert reason in found.message


@pytest.mark.parametrize(
    "schema",
    [
        {"not": {}},
        {"type": "integer", "minimum": 1, "maximum": 1},
        {"type": "array", "minItems": 100_000},
        {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/A"}}},
        {"type": "array", "items": {"$ref": "#/components/schemas/A"}},
        {
            "type": ["object", "null"],
            "required": ["a"],
            "properties": {"a": {"$ref": "#/components/schemas/A"}},
        },
        {"type": ["string", "null"], "enum": ["x", None]},
    ],
)
def test_schemas_that_do_not(tmp_path: Path, schema: Any) -> None:
    assert lint(tmp_path, api(components={"schemas": {"A": schema}})) == []


def test_schemas_that_contain_themselves_without_end(tmp_path: Path) -> None:
    schemas = {
        "A": {
            "type": "object",
            "required": ["b"],
            "properties": {"b": {"$ref": "#/components/schemas/B"}},
        },
        "B": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/A"}},
        "C": {
            "type": "object",
            "required": ["a"],
            "properties": {"a": {"$ref": "#/components/schemas/A"}},
        },
    }
    found = lint(tmp_path, api(components={"schemas": schemas}))
    assert told(found) == [
        ("schema-endless", "/components/schemas/A"),
        ("schema-endless", "/components/schemas/B"),
    ]


def test_patterns_that_are_no_regular_expressions(tmp_path: Path) -> None:
    schemas = {
        "A": {
            "type": "object",
            "patternProperties": {"[": {}},
            "properties": {"p": {"type": "string", "pattern": "(a"}, "q": {"pattern": r"^\d+$"}},
        }
    }
    assert told(lint(tmp_path, api(components={"schemas": schemas}))) == [
        ("pattern-invalid", "/components/schemas/A/patternProperties/["),
        ("pattern-invalid", "/components/schemas/A/properties/p/pattern"),
    ]


# -------------------------------------------------------------------- security


def test_security_that_cannot_be_satisfied(tmp_path: Path) -> None:
    schemes = {
        "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "odd": {"type": "magic"},
        "body": {"type": "apiKey", "in": "body", "name": "k"},
        "http": {"type": "http"},
    }
    paths = {"/a": {"get": {"security": [{"key": []}, {"keys": []}], "responses": {"200": OK}}}}
    document = api(paths=paths, components={"securitySchemes": schemes}, security=[{"gone": []}])
    found = lint(tmp_path, document)
    assert told(found) == [
        ("security-scheme-unknown", "/components/securitySchemes/odd"),
        ("security-scheme-unknown", "/components/securitySchemes/body"),
        ("security-scheme-unknown", "/components/securitySchemes/http"),
        ("security-undeclared", "/security/0/gone"),
        ("security-undeclared", "/paths/~1a/get/security/1/keys"),
    ]
    assert found[-1].hint == "did you mean key?"
    assert all(finding.line and finding.hint for finding in found)


def test_schemes_of_version_3_2_may_be_named_by_address(tmp_path: Path) -> None:
    schemes = {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}
    security: list[dict[str, list[str]]] = [{"#/components/securitySchemes/key": []}]
    document = api("3.2.0", components={"securitySchemes": schemes}, security=security)
    assert lint(tmp_path, document) == []
    document = api("3.1.0", components={"securitySchemes": schemes}, security=security)
    assert [code for code, _ in told(lint(tmp_path, document))] == ["security-undeclared"]


# -------------------------------------------------------------------- fields


def test_fields_that_exclude_each_other_or_do_not_exist(tmp_path: Path) -> None:
    media = {"schema": COUNT, "example": {"count": 1}, "examples": {"a": {"value": {"count": 2}}}}
    components = {
        "links": {"L": {"operationid": "x", "x-more": 1}},
        "parameters": {"P": {"name": "Bad[", "in": "header", "schema": {}}},
        "responses": {"R": {**OK, "headers": {"Not a token": {"schema": {}}}}},
    }
    found = lint(tmp_path, api(paths=answering(media), components=components))
    assert told(found) == [
        ("example-twice", f"{MEDIA}/example"),
        ("link-field-unknown", "/components/links/L/operationid"),
        ("header-name-invalid", "/components/parameters/P/name"),
        ("header-name-invalid", "/components/responses/R/headers/Not a token"),
    ]
    assert found[1].hint == "did you mean operationId?"


# -------------------------------------------------------------------- bounds


def test_of_one_kind_so_many_are_told_and_the_rest_is_counted(tmp_path: Path) -> None:
    schemas = {f"A{n}": {"type": "integer", "example": "x"} for n in range(50)}
    schemas["Z"] = {"type": "string", "pattern": "("}
    path = write(tmp_path, {"a.json": api(components={"schemas": schemas})})
    limits = msgspec.structs.replace(Limits(), findings=10)
    found = list(lint_document(path, limits=limits, check=False))
    codes = [finding.code for finding in found]
    assert codes.count("document.example-invalid") == 10
    assert codes.count("document.pattern-invalid") == 1
    assert (
        found[-1].message
        == "40 further findings of the kind document.example-invalid are not shown"
    )
