"""The OpenAPI document of the services."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from mockforge_grpc.bridge.front import Front
from mockforge_grpc.bridge.openapi import describe
from mockforge_grpc.bridge.openapi.parameters import MAX_PARAMETERS
from mockforge_grpc.bridge.rules.compiled import compile_rules
from mockforge_grpc.bridge.settings import BridgeSettings
from mockforge_grpc.schema import load_schema
from tests.grpc.bridge.making import Scripted, ask, library, rpc


@functools.cache
def document() -> Any:
    return ask(Scripted(), "GET", "/openapi.json").json


def described(tmp_path: Path, text: str) -> Any:
    file = tmp_path / "a.proto"
    file.write_text(
        'syntax = "proto3";\npackage a;\nimport "google/api/annotations.proto";\n' + text
    )
    schema = load_schema([file])
    rules = compile_rules(schema)
    made = describe(schema, rules.bindings, BridgeSettings(prefix="/p"))
    assert not list(OpenAPIV31SpecValidator(made).iter_errors())
    return made


def test_it_is_valid() -> None:
    assert document()["openapi"] == "3.1.0"
    assert not list(OpenAPIV31SpecValidator(document()).iter_errors())


def test_every_rule_is_an_operation_and_every_other_method_a_post() -> None:
    operations = {
        (verb.upper(), path): operation["operationId"].rpartition(".")[2]
        for path, item in document()["paths"].items()
        for verb, operation in item.items()
    }
    assert operations == {
        ("GET", "/v1/shelves/{name_1}/books/{name_2}"): "GetBook",
        ("GET", "/v1/book/{name}"): "GetBook_2",
        ("GET", "/v1/papers/{name}"): "GetBook_3",
        ("GET", "/v1/shelves/{parent}/books"): "ListBooks",
        ("GET", "/v1/shelves/{parent}/titles"): "ListBooks_2",
        ("POST", "/v1/shelves/{parent}/books"): "CreateBook",
        ("PATCH", "/v1/shelves/{name_1}/books/{name_2}"): "UpdateBook",
        ("POST", "/v1/shelves/{name_1}/books/{name_2}:move"): "MoveBook",
        ("DELETE", "/v1/shelves/{name_1}/books/{name_2}"): "DeleteBook",
        ("GET", "/v1/shelves/{parent}/books:watch"): "WatchBooks",
        ("POST", "/v1/books:import"): "ImportBooks",
        ("GET", "/v1/shelves/{name_1}/books/{name_2}:download"): "Download",
        ("PUT", "/v1/shelves/{name_1}/books/{name_2}:upload"): "Upload",
        ("POST", rpc("Search")): "Search",
        ("POST", rpc("Talk")): "Talk",
    }


def test_comments_become_descriptions_without_what_is_internal() -> None:
    made = document()
    operation = made["paths"]["/v1/book/{name}"]["get"]
    assert operation["description"] == "Gets a book."
    assert made["tags"] == [
        {"name": "library.v1.Library", "description": "Shelves and the books on them."}
    ]
    schemas = made["components"]["schemas"]
    assert schemas["library.v1.Book"]["description"] == "Something to read."
    assert schemas["library.v1.Book"]["properties"]["name"]["description"] == (
        "Where it stands: `shelves/1/books/2`."
    )
    assert schemas["library.v1.Kind"] == {
        "type": "string",
        "enum": ["KIND_UNSPECIFIED", "NOVEL", "PLAY"],
        "description": "- `NOVEL`: Invented.",
    }


def test_fields_have_the_types_of_their_json_form() -> None:
    book = document()["components"]["schemas"]["library.v1.Book"]
    assert book["required"] == ["displayName"]
    properties = {
        name: {key: value for key, value in schema.items() if key != "description"}
        for name, schema in book["properties"].items()
    }
    assert properties == {
        "name": {"type": "string"},
        "displayName": {"type": "string"},
        "kind": {"$ref": "#/components/schemas/library.v1.Kind"},
        "pages": {"type": "string", "format": "int64"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "printed": {"type": "string", "format": "date-time", "readOnly": True},
        "author": {"$ref": "#/components/schemas/library.v1.Author"},
        "cover": {"type": "string", "contentEncoding": "base64"},
        "euros": {"type": "number", "format": "double"},
        "barter": {"type": "string"},
        "sequel": {"$ref": "#/components/schemas/library.v1.Book"},
        "edition": {"type": "integer", "format": "uint32", "minimum": 0, "deprecated": True},
    }


def test_parameters_are_what_the_bridge_takes() -> None:
    parameters = document()["paths"]["/v1/shelves/{parent}/books"]["get"]["parameters"]
    by_name = {each["name"]: each for each in parameters}
    assert by_name["parent"]["in"] == "path"
    assert by_name["pageSize"]["schema"] == {"type": "integer", "format": "int32"}
    assert by_name["kinds"]["schema"]["type"] == "array"
    assert by_name["scores"]["style"] == "deepObject"
    assert {"filter.text", "filter.by.name", "filter.by.born", "since", "loaned"} <= set(by_name)
    assert "more" not in by_name
    assert not any("mentor" in name for name in by_name), "recursion is cut"


def test_bodies_leave_out_what_the_path_gives() -> None:
    operation = document()["paths"]["/v1/shelves/{name_1}/books/{name_2}:move"]["post"]
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    assert list(body["properties"]) == ["otherShelf"]
    assert [each["name"] for each in operation["parameters"]] == ["name_1", "name_2"]


def test_streams_say_the_forms_they_come_in() -> None:
    content = document()["paths"]["/v1/shelves/{parent}/books:watch"]["get"]["responses"]["200"]
    assert list(content["content"]) == [
        "application/x-ndjson",
        "text/event-stream",
        "application/json",
    ]


def test_rules_at_one_path_share_it_whatever_their_parameters_are_called(tmp_path: Path) -> None:
    made = described(
        tmp_path,
        """
        message M { string one = 1; string two = 2; }
        service S {
          rpc A(M) returns (M) { option (google.api.http) = {get: "/x/{one}"}; }
          rpc B(M) returns (M) { option (google.api.http) = {delete: "/x/{two=*}"}; }
          rpc C(M) returns (M) { option (google.api.http) = {custom {kind: "*" path: "/x/{one}:c"}}; }
        }
        """,
    )
    assert list(made["paths"]) == ["/x/{one}", "/x/{one}:c"]
    parameters = made["paths"]["/x/{one}"]["delete"]["parameters"]
    assert [(each["name"], each["in"]) for each in parameters] == [
        ("one", "path"),
        ("one", "query"),
    ]
    assert made["servers"] == [{"url": "/p"}]


def test_a_message_without_end_has_a_bounded_number_of_parameters(tmp_path: Path) -> None:
    fields = "\n".join(f"string f{number} = {number};" for number in range(1, MAX_PARAMETERS + 10))
    made = described(
        tmp_path,
        f"""
        message M {{ {fields} }}
        service S {{ rpc A(M) returns (M) {{ option (google.api.http) = {{get: "/x"}}; }} }}
        """,
    )
    assert len(made["paths"]["/x"]["get"]["parameters"]) == MAX_PARAMETERS


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ('get: "/v1/{nothing}"', "no field nothing"),
        ('get: "/v1/{many}"', "is repeated"),
        ('get: "v1"', "start with"),
        ('post: "/v1" body: "nothing"', "`body: nothing`"),
        ('get: "/v1" response_body: "nothing"', "`response_body: nothing`"),
    ],
)
def test_a_rule_that_cannot_be_served_is_found(tmp_path: Path, rule: str, said: str) -> None:
    file = tmp_path / "a.proto"
    file.write_text(
        'syntax = "proto3";\npackage a;\nimport "google/api/annotations.proto";\n'
        "message M { string one = 1; repeated string many = 2; }\n"
        f"service S {{ rpc A(M) returns (M) {{ option (google.api.http) = {{{rule}}}; }} }}\n"
    )
    rules = compile_rules(load_schema([file]))
    assert rules.bindings == []
    (finding,) = rules.findings
    assert said in finding.message
    assert (finding.code, finding.severity) == ("proto.http-rule", "warning")
    assert (finding.file, finding.line) == (str(file), 5)


def test_a_rule_in_the_place_of_another_is_found(tmp_path: Path) -> None:
    file = tmp_path / "a.proto"
    file.write_text(
        'syntax = "proto3";\npackage a;\nimport "google/api/annotations.proto";\n'
        "message M { string one = 1; }\nservice S {\n"
        'rpc A(M) returns (M) { option (google.api.http) = {get: "/x/{one}"}; }\n'
        'rpc B(M) returns (M) { option (google.api.http) = {get: "/x/*"}; }\n}\n'
    )
    rules = compile_rules(load_schema([file]))
    assert [binding.method.name for binding in rules.bindings] == ["A"]
    assert ["which answers" in finding.message for finding in rules.findings] == [True]


def test_what_is_wrong_with_rules_is_logged_when_the_bridge_is_made(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "a.proto"
    rules = "".join(
        f'rpc A{n}(M) returns (M) {{ option (google.api.http) = {{get: "x{n}"}}; }}\n'
        for n in range(30)
    )
    file.write_text(
        'syntax = "proto3";\npackage a;\nimport "google/api/annotations.proto";\n'
        f"message M {{}}\nservice S {{ {rules} }}\n"
    )
    Front(Scripted(), load_schema([file]), BridgeSettings())
    said = [record.message for record in caplog.records]
    assert len(said) == 20
    assert all("start with" in each and str(file) in each for each in said)


def test_references_lead_somewhere_and_operations_have_their_own_ids() -> None:
    text = ask(Scripted(), "GET", "/openapi.json").body.decode()
    schemas = document()["components"]["schemas"]
    assert set(re.findall(r'#/components/schemas/([\w.]+)"', text)) <= set(schemas)
    ids = re.findall(r'"operationId":"([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert library().methods.keys() >= {rpc("GetBook")}
