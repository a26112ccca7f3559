"""Pact files and Mockoon environments as stubs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockforge.errors import StartError
from mockforge.testing import MockServer
from mockforge_http.importing.mockoon import MockoonImporter
from mockforge_http.importing.pact import PactImporter


def _pact(folder: Path, *interactions: Any) -> Path:
    path = folder / "a.json"
    path.write_text(json.dumps({"consumer": {"name": "c"}, "interactions": interactions}))
    return path


def test_rules_of_pact_become_predicates(tmp_path: Path) -> None:
    def regex(text: str) -> dict[str, Any]:
        return {"matchers": [{"match": "regex", "regex": text}]}

    third = {
        "request": {
            "method": "get",
            "path": "/pets/1",
            "query": {"x": ["1"], "y": ["2", "3"]},
            "headers": {"Accept": "application/json"},
            "matchingRules": {
                "path": regex("/pets/\\d+"),
                "query": {"x": regex("\\d+")},
                "header": {"accept": regex(".*json.*")},
            },
        },
        "response": {
            "status": 200,
            "headers": {"Content-Type": "application/json"},
            "body": {"id": 1},
        },
    }
    second = {
        "request": {
            "method": "POST",
            "path": "/pets",
            "query": "a=b",
            "body": {"name": "rex", "age": 3, "tags": ["a"], "at": "2020", "in": {"n": True}},
            "matchingRules": {
                "$.body.name": {"match": "type"},
                "$.body.at": {"match": "regex", "regex": "\\d+"},
                "$.body.tags": {"min": 1, "match": "type"},
                "$.body.in.n": {"match": "type"},
            },
        },
        "response": {"status": 201, "body": "made"},
    }
    imported = PactImporter().convert(_pact(tmp_path, third, second))
    assert imported.findings == []
    assert [stub["request"] for stub in imported.stubs] == [
        {
            "method": "GET",
            "path": {"matches": "/pets/\\d+"},
            "query": {"x": {"matches": "\\d+"}, "y": {"allOf": [{"equals": "2"}, {"equals": "3"}]}},
            "headers": {"Accept": {"matches": ".*json.*"}},
        },
        {
            "method": "POST",
            "path": "/pets",
            "query": {"a": "b"},
            "body": {
                "jsonExact": {
                    "name": "${json-unit.any-string}",
                    "age": 3,
                    "tags": "${json-unit.ignore}",
                    "at": "${json-unit.regex}\\d+",
                    "in": {"n": "${json-unit.any-boolean}"},
                }
            },
        },
    ]
    assert [stub["response"] for stub in imported.stubs] == [
        {"status": 200, "json": {"id": 1}},
        {"status": 201, "headers": {"Content-Type": None}, "text": "made"},
    ]


def test_wrapped_bodies_messages_and_doubled_requests_of_pact(tmp_path: Path) -> None:
    def interaction(answer: str, encoded: Any = False) -> dict[str, Any]:
        body = {"content": answer, "contentType": "text/plain", "encoded": encoded}
        return {
            "request": {"method": "GET", "path": "/a"},
            "response": {"status": 200, "body": body},
        }

    path = _pact(
        tmp_path,
        interaction("one"),
        interaction("dHdv", "base64"),
        {"type": "Asynchronous/Messages"},
    )
    imported = PactImporter().convert(path)
    assert [stub["response"]["text"] for stub in imported.stubs] == ["one", "two"]
    assert [each.code for each in imported.findings] == [
        "import.same-request",
        "import.interaction",
    ]


def _mockoon(folder: Path, *routes: Any, **more: Any) -> Path:
    path = folder / "env.json"
    path.write_text(json.dumps({"name": "demo", "routes": routes, **more}))
    return path


def _route(method: str, endpoint: str, *responses: Any, **more: Any) -> dict[str, Any]:
    return {"type": "http", "method": method, "endpoint": endpoint, "responses": responses, **more}


ENVIRONMENT = [
    _route(
        "get", "users/:id",
        {"body": "{{urlParam 'id'}} {{queryParam 'q' 'none'}}", "statusCode": 200, "default": True,
         "headers": [{"key": "Content-Type", "value": "text/css"}]},
        {"body": "{{header 'X-A'}}{{cookie 'c' '-'}}", "statusCode": 404,
         "rules": [{"target": "query", "modifier": "gone", "value": "1", "operator": "equals"}]},
        {"body": "any", "statusCode": 202, "rulesOperator": "OR",
         "rules": [{"target": "header", "modifier": "X-B", "value": "b", "operator": "regex_i"},
                   {"target": "cookie", "modifier": "c", "value": "", "operator": "null", "invert": True}]},
    ),
    _route(
        "post", "pets",
        {"bodyType": "DATABUCKET", "databucketID": "abcd", "statusCode": 201, "default": True},
        {"body": "{{body 'a.0.b'}}{{bodyRaw}}", "statusCode": 202,
         "rules": [{"target": "body", "modifier": "a", "value": "", "operator": "null", "invert": True}]},
    ),
    _route("get", "seq", {"body": "1"}, {"body": "2"}, responseMode="SEQUENTIAL"),
    _route("all", "any/*", {"body": "{{repeat 2}}", "default": True}),
    _route("get", "file", {"bodyType": "FILE", "filePath": "a.bin", "default": True}),
]  # fmt: skip


def test_routes_of_mockoon_answer_by_their_rules(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"\0\1")
    data = [{"id": "abcd", "value": '[{"id":1}]'}]
    headers = [{"key": "X-All", "value": "1"}]
    path = _mockoon(tmp_path, *ENVIRONMENT, endpointPrefix="api", data=data, headers=headers)
    imported = MockoonImporter().convert(path)
    assert [each.message for each in imported.findings] == [
        "{{repeat 2}}: there is no helper repeat"
    ]
    (tmp_path / "out" / "__files").mkdir(parents=True)
    (tmp_path / "out" / "stubs.json").write_text(json.dumps(imported.stubs))
    for name, content in imported.files.items():
        (tmp_path / "out" / name).write_bytes(content)
    with MockServer(settings={"http.mocks": [str(tmp_path / "out")]}) as server:
        base = f"{server.url}/api"
        first = httpx.get(f"{base}/users/7?q=z")
        assert (first.text, first.headers["X-All"], first.headers["Content-Type"]) == (
            "7 z",
            "1",
            "text/css",
        )
        gone = httpx.get(f"{base}/users/7?gone=1", headers={"X-A": "hm"})
        assert (gone.status_code, gone.text) == (404, "hm-")
        assert httpx.get(f"{base}/users/7", headers={"X-B": "aBc"}).status_code == 202
        assert httpx.get(f"{base}/users/7", headers={"Cookie": "c=1"}).status_code == 202
        assert httpx.post(f"{base}/pets", json={}).json() == [{"id": 1}]
        assert httpx.post(f"{base}/pets", content='{"a":[{"b":5}]}').text == '5{"a":[{"b":5}]}'
        assert [httpx.get(f"{base}/seq").text for _ in range(3)] == ["1", "2", "1"]
        assert httpx.put(f"{base}/any/a/b").text == "{{repeat 2}}"
        assert httpx.get(f"{base}/file").content == b"\0\1"


@pytest.mark.parametrize(
    ("route", "code", "pointer"),
    [
        ({"type": "crud", "endpoint": "x"}, "import.route", "/routes/0/type"),
        (
            _route("get", "f", {"bodyType": "FILE", "filePath": "../a"}),
            "import.file",
            "/routes/0/responses/0/filePath",
        ),
        (
            _route("get", "f", {"body": "1"}, {"rules": [{"target": "params", "operator": "equals"}]}),
            "import.rule",
            "/routes/0/responses/1/rules/0",
        ),
    ],
)  # fmt: skip
def test_what_mockoon_has_and_stubs_do_not_is_named(
    route: dict[str, Any], code: str, pointer: str, tmp_path: Path
) -> None:
    (tmp_path / "inner").mkdir()
    imported = MockoonImporter().convert(_mockoon(tmp_path / "inner", route))
    assert [(each.code, each.path) for each in imported.findings] == [(code, pointer)]


@pytest.mark.parametrize("importer", [PactImporter(), MockoonImporter()])
def test_another_file_is_refused(importer: Any, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(StartError, match=r"a\.json"):
        importer.convert(tmp_path / "a.json")
