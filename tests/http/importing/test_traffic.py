"""HTTP archives, Postman collections and curl commands as stubs."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from mockforge.contracts import Importer
from mockforge.errors import StartError
from mockforge_http.importing.curl import CurlImporter, read_command
from mockforge_http.importing.har import HarImporter
from mockforge_http.importing.postman import PostmanImporter
from tests.corpus import corpus, corpus_root

JSON = {"mimeType": "application/json"}


def _entry(method: str, url: str, text: str = "", status: int = 200, **more: Any) -> dict[str, Any]:
    request: dict[str, Any] = {"method": method, "url": url, "headers": []}
    if "post" in more:
        request["postData"] = {**JSON, "text": more.pop("post")}
    content = {"size": len(text), "text": text, **JSON, **more.pop("content", {})}
    response = {"status": status, "headers": more.pop("headers", []), "content": content}
    return {"request": request, "response": response, **more}


def _har(folder: Path, *entries: Any) -> Path:
    path = folder / "a.har"
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": list(entries)}}))
    return path


def test_an_archive_becomes_a_stub_for_each_request(tmp_path: Path) -> None:
    path = _har(
        tmp_path,
        _entry("GET", "http://a.test/pets?limit=1", '{"n":1}'),
        _entry("POST", "http://a.test/pets", '{"id":1}', 201, post='{"name":"a"}'),
    )
    imported = HarImporter().convert(path)
    assert imported.findings == []
    assert imported.stubs == [
        {
            "id": "get-pets",
            "request": {"method": "GET", "path": "/pets"},
            "response": {"status": 200, "json": {"n": 1}},
        },
        {
            "id": "post-pets",
            "request": {"method": "POST", "path": "/pets"},
            "response": {"status": 201, "json": {"id": 1}},
        },
    ]


def test_query_and_body_are_asked_for_where_they_tell_requests_apart(tmp_path: Path) -> None:
    path = _har(
        tmp_path,
        _entry("GET", "http://a.test/a?x=1", "1"),
        _entry("GET", "http://a.test/a?x=2&x=3", "2"),
        _entry("POST", "http://a.test/b", "3", post='{"n": 1}'),
        _entry("POST", "http://a.test/b", "4", post='{"n": 2}'),
    )
    requests = [stub["request"] for stub in HarImporter().convert(path).stubs]
    assert requests == [
        {"method": "GET", "path": "/a", "query": {"x": "1"}},
        {
            "method": "GET",
            "path": "/a",
            "query": {"x": {"allOf": [{"equals": "2"}, {"equals": "3"}]}},
        },
        {"method": "POST", "path": "/b", "body": {"jsonExact": {"n": 1}}},
        {"method": "POST", "path": "/b", "body": {"jsonExact": {"n": 2}}},
    ]


def test_other_answers_to_the_same_request_follow_each_other(tmp_path: Path) -> None:
    entries = [_entry("GET", "http://a.test/a", text) for text in ("1", "1", "2")]
    (stub,) = HarImporter().convert(_har(tmp_path, *entries)).stubs
    assert stub["order"] == "sequence"
    assert [response["json"] for response in stub["responses"]] == [1, 2]


def test_bodies_keep_every_byte(tmp_path: Path) -> None:
    large = "x" * 10_000
    binary = base64.b64encode(b"\x89PNG\0").decode()
    spaced = '{"a": 1}'
    path = _har(
        tmp_path,
        _entry("GET", "http://a.test/large", large, content={"mimeType": "text/plain"}),
        _entry(
            "GET",
            "http://a.test/png",
            binary,
            content={"encoding": "base64", "mimeType": "image/png"},
        ),
        _entry("GET", "http://a.test/json", spaced),
    )
    imported = HarImporter().convert(path)
    responses = [stub["response"] for stub in imported.stubs]
    assert responses[0]["file"] == "__files/get-large.txt"
    assert imported.files == {"__files/get-large.txt": large.encode()}
    assert base64.b64decode(responses[1]["base64"]) == b"\x89PNG\0"
    assert responses[2] == {
        "status": 200,
        "headers": {"Content-Type": "application/json"},
        "text": spaced,
    }


def test_headers_of_the_transfer_are_dropped_and_repeated_ones_kept(tmp_path: Path) -> None:
    headers = [
        {"name": name, "value": value}
        for name, value in (
            (":status", "200"), ("Date", "now"), ("Content-Encoding", "gzip"), ("Set-Cookie", "a=1"),
            ("Set-Cookie", "b=2"), ("X", "1"),
        )
    ]  # fmt: skip
    (stub,) = (
        HarImporter()
        .convert(_har(tmp_path, _entry("GET", "http://a.test/a", "1", headers=headers)))
        .stubs
    )
    assert stub["response"]["headers"] == {"Set-Cookie": ["a=1", "b=2"], "X": "1"}


def test_entries_that_say_too_little_are_named(tmp_path: Path) -> None:
    path = _har(
        tmp_path,
        {"request": {}},
        _entry("GET", "ws://a.test/", "1"),
        _entry("GET", "http://a.test/", "1", status=0),
        _entry("GET", "http://b.test/a", "", content={"size": 5, "text": None}),
        _entry("GET", "http://a.test/b", "1"),
    )
    imported = HarImporter().convert(path)
    assert [(each.code, each.path) for each in imported.findings] == [
        ("import.entry", "/log/entries/0"),
        ("import.url", "/log/entries/1/request/url"),
        ("import.status", "/log/entries/2/response/status"),
        ("import.no-content", "/log/entries/3/response/content"),
        ("import.hosts", "/log/entries"),
    ]
    assert len(imported.stubs) == 2


def _collection(folder: Path, *items: Any) -> Path:
    path = folder / "a.postman_collection.json"
    schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
    path.write_text(json.dumps({"info": {"name": "a", "schema": schema}, "item": list(items)}))
    return path


def test_saved_responses_become_stubs_and_further_ones_are_chosen_by_name(tmp_path: Path) -> None:
    def example(name: str, code: int, body: str) -> dict[str, Any]:
        return {
            "name": name,
            "originalRequest": {"method": "GET", "url": "{{base}}/pets/:id?full=1"},
            "code": code,
            "header": [{"key": "Content-Type", "value": "application/json"}],
            "body": body,
        }

    item = {
        "name": "pet",
        "request": {"method": "GET", "url": "{{base}}/pets/:id"},
        "response": [example("found", 200, '{"id":1}'), example("gone", 404, '{"no":1}')],
    }
    silent = {"name": "list", "request": {"method": "GET", "url": "{{base}}/pets"}, "response": []}
    imported = PostmanImporter().convert(_collection(tmp_path, item, silent))
    assert imported.stubs == [
        {
            "id": "get-pets-id",
            "request": {"method": "GET", "path": "/pets/{id}"},
            "response": {"status": 200, "json": {"id": 1}},
        },
        {
            "id": "get-pets-id-2",
            "request": {"method": "GET", "path": "/pets/{id}",
                        "headers": {"x-mock-response-name": "gone"}},
            "response": {"status": 404, "json": {"no": 1}},
        },
        {"id": "get-pets", "request": {"method": "GET", "path": "/pets"}, "response": {"status": 200}},
    ]  # fmt: skip
    assert [each.code for each in imported.findings] == ["import.unanswered"]


def test_curl_commands_become_stubs_that_wait_for_an_answer(tmp_path: Path) -> None:
    path = tmp_path / "c.txt"
    path.write_text(
        "$ curl 'https://a.test/pets?limit=2' \\\n  -H 'Accept: x' -H 'X-Key: 1' --compressed\n\n"
        "curl -sXPOST http://a.test/a -d '{\"a\":1}' -H 'Content-Type: application/json' | jq .\n"
        "curl 'broken\n"
    )
    imported = CurlImporter().convert(path)
    assert imported.stubs == [
        {
            "id": "get-pets",
            "request": {
                "method": "GET",
                "path": "/pets",
                "query": {"limit": "2"},
                "headers": {"X-Key": "1"},
            },
            "response": {"status": 200},
        },
        {
            "id": "post-a",
            "request": {"method": "POST", "path": "/a", "body": {"jsonExact": {"a": 1}}},
            "response": {"status": 200},
        },
    ]
    assert [each.code for each in imported.findings] == ["import.curl", "import.no-answer"]
    assert "line 5" in imported.findings[0].message


@pytest.mark.parametrize(
    ("command", "method", "path", "query", "body"),
    [
        ("curl a.test", "GET", "/", (), b""),
        ("curl -I http://a.test/x", "HEAD", "/x", (), b""),
        ("curl -G -d a=1 -d b=2 a.test/x", "GET", "/x", (("a", "1"), ("b", "2")), b""),
        ("curl --json '{}' a.test", "POST", "/", (), b"{}"),
        ("curl --data-urlencode 'q=a b' a.test", "POST", "/", (), b"q=a%20b"),
        ("curl -d a=1 --request=PUT --url a.test/y", "PUT", "/y", (), b"a=1"),
        ("curl --data-raw $'a\\nb\\u0021' a.test", "POST", "/", (), b"a\nb!"),
        ("curl -sSLo out -u u:p a.test/z", "GET", "/z", (), b""),
    ],
)
def test_curl_options(
    command: str, method: str, path: str, query: tuple[tuple[str, str], ...], body: bytes
) -> None:
    asked = read_command(command)
    assert (asked.method, asked.path, asked.query, asked.body) == (method, path, query, body)


@pytest.mark.parametrize(
    ("importer", "content"),
    [
        (HarImporter(), "{}"),
        (PostmanImporter(), '{"a": 1}'),
        (CurlImporter(), "wget x"),
        (HarImporter(), "{"),
    ],
)
def test_a_file_of_another_kind_is_refused_by_name(
    importer: Importer, content: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.json"
    path.write_text(content)
    with pytest.raises(StartError, match=r"a\.json"):
        importer.convert(path)


@pytest.mark.parametrize("form", ["har", "postman"])
def test_captured_traffic_and_collections_of_the_corpus_are_read_or_refused(form: str) -> None:
    corpus(form)
    importer: Importer = HarImporter() if form == "har" else PostmanImporter()
    stubs = 0
    refused: list[str] = []
    files = [path for path in sorted((corpus_root() / form).rglob("*")) if path.is_file()]
    for path in files:
        try:
            stubs += len(importer.convert(path).stubs)
        except StartError as error:
            refused.append(str(error).partition(": ")[0].partition(".har:")[0])
    assert stubs > 10
    assert len(refused) < len(files) / 2
    assert all(any(str(path).startswith(name) for path in files) for name in refused)
