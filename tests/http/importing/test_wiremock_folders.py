"""Folders of WireMock: which files are read, ids, order of preference, and serving them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockforge.errors import StartError
from mockforge.testing import MockServer
from mockforge_http.importing.wiremock import WireMockImporter, is_wiremock
from mockforge_http.importing.wiremock.reading import read_wiremock
from tests.http.importing.mappings import translated, write


def _names(folder: Path) -> list[str]:
    return [stub.definition["id"] for stub in read_wiremock(folder).stubs]


def test_every_json_file_below_mappings_is_read_in_order(tmp_path: Path) -> None:
    write(tmp_path, {"request": {"urlPath": "/a"}})
    (tmp_path / "mappings" / "more").mkdir()
    (tmp_path / "mappings" / "more" / "b.json").write_text(
        '{"mappings": [{"request": {}}, {"request": {}}]}'
    )
    (tmp_path / "mappings" / "notes.txt").write_text("not read")
    assert _names(tmp_path) == ["0", "more/b-1", "more/b-2"]
    assert _names(tmp_path / "mappings") == ["0", "more/b-1", "more/b-2"]
    assert _names(tmp_path / "mappings" / "0.json") == ["0"]


def test_comments_are_allowed_and_lines_stay_right(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "mappings" / "a.json").write_text(
        '{ // a "comment"\n  /* two\n lines */ "request": {"url": "http://x/*"},\n  "wrong": 1\n}'
    )
    found = read_wiremock(tmp_path)
    assert found.stubs[0].definition["request"] == {"url": "http://x/*"}
    assert [(each.path, each.line) for each in found.findings] == [("/wrong", 4)]


@pytest.mark.parametrize("content", ["{", "[]", '"text"', '{"mappings": {}}', "\xff\xfe"])
def test_a_file_that_is_no_mapping_is_an_error_with_its_name(content: str, tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "mappings" / "bad.json").write_text(content, "latin-1")
    with pytest.raises(StartError, match=r"bad\.json"):
        read_wiremock(tmp_path)


def test_ids_are_kept_and_made_distinct(tmp_path: Path) -> None:
    uuid = "c1fa0e22-a48a-4ea6-81a9-2c10e9a56107"
    write(
        tmp_path,
        {"id": uuid, "name": "n", "request": {}},
        {"name": "n", "request": {}},
        {"name": "n", "request": {}},
        {"request": {}},
    )
    assert _names(tmp_path) == [uuid, "n", "n-2", "3"]


def test_of_two_mappings_with_one_id_the_last_counts(tmp_path: Path) -> None:
    uuid = "c1fa0e22-a48a-4ea6-81a9-2c10e9a56107"
    write(
        tmp_path,
        {"id": uuid, "request": {"urlPath": "/a"}},
        {"id": uuid, "request": {"urlPath": "/b"}},
    )
    first, second = (stub.definition for stub in read_wiremock(tmp_path).stubs)
    assert first["enabled"] is False
    assert (second["id"], second["request"]) == (uuid, {"path": "/b"})


def test_priorities_are_spread_only_where_the_order_would_change(tmp_path: Path) -> None:
    stubs, _ = translated(
        tmp_path / "apart",
        {"request": {"urlPath": "/a"}},
        {"request": {"urlPath": "/b"}, "priority": 2},
    )
    assert [stub.get("priority") for stub in stubs] == [None, 2]
    stubs, _ = translated(
        tmp_path / "over",
        {"request": {"urlPath": "/a"}},
        {"request": {"urlPathPattern": "/.*"}},
        {"request": {"urlPath": "/b"}, "priority": 1},
    )
    assert [stub["priority"] for stub in stubs] == [5000, 4999, 1000]


def _answer(url: str, path: str, **given: Any) -> str:
    return httpx.request(given.pop("method", "GET"), url + path, **given).text


def test_the_mapping_that_was_added_last_answers(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"request": {"method": "GET", "urlPath": "/a"}, "response": {"body": "specific"}},
        {"request": {"urlPathPattern": "/.*"}, "response": {"body": "late"}},
        {"request": {"method": "GET", "urlPath": "/b", "headers": {"X": {"equalTo": "1"}}},
         "response": {"body": "with header"}},
        {"request": {"urlPath": "/b"}, "response": {"body": "latest"}},
        {"request": {"urlPath": "/c"}, "response": {"body": "first"}, "priority": 1},
        {"request": {"urlPath": "/c"}, "response": {"body": "newer"}},
    )  # fmt: skip
    with MockServer(settings={"http.mocks": [str(tmp_path)]}) as server:
        assert _answer(server.url, "/a") == "late"
        assert _answer(server.url, "/b", headers={"X": "1"}) == "latest"
        assert _answer(server.url, "/c") == "first"
        assert _answer(server.url, "/d") == "late"


def test_a_url_is_compared_whole_a_path_without_its_query(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"request": {"url": "/a"}, "response": {"body": "a"}},
        {"request": {"url": "/b?x=1"}, "response": {"body": "b"}},
        {"request": {"urlPattern": "/c\\?x=[0-9]"}, "response": {"body": "c"}},
        {"request": {"urlPath": "/d"}, "response": {"body": "d"}},
        {"request": {"urlPathPattern": "/e/[0-9]+"}, "response": {"body": "e"}},
    )
    with MockServer(settings={"http.mocks": [str(tmp_path)]}) as server:
        found = {path for path in ("/a", "/b?x=1", "/c?x=1", "/d", "/d?y=1", "/e/1?z=1")
                 if _answer(server.url, path) == path[1]}  # fmt: skip
        assert len(found) == 6
        for path in ("/a?x=1", "/b", "/b?x=1&y=2", "/c", "/c?x=1&y=2", "/e/x"):
            assert httpx.get(server.url + path).status_code == 404


def test_what_is_imported_answers_like_what_is_read_directly(tmp_path: Path) -> None:
    write(
        tmp_path / "in",
        {"request": {"urlPath": "/f"}, "response": {"bodyFileName": "a/f.bin"}},
        {"request": {"urlPath": "/t"},
         "response": {"bodyFileName": "t.txt", "transformers": ["response-template"]}},
        {"request": {"urlPath": "/j"}, "response": {"jsonBody": {"a": "{{x}}"}}},
        files={"a/f.bin": b"\0\1\2", "t.txt": b"{{request.path}} {% x %}"},
    )  # fmt: skip
    imported = WireMockImporter().convert(tmp_path / "in")
    assert imported.findings == []
    (tmp_path / "out" / "__files" / "a").mkdir(parents=True)
    (tmp_path / "out" / "stubs.json").write_text(json.dumps(imported.stubs))
    for name, content in imported.files.items():
        (tmp_path / "out" / name).write_bytes(content)
    answers = []
    for folder in ("in", "out"):
        with MockServer(settings={"http.mocks": [str(tmp_path / folder)]}) as server:
            answers.append([httpx.get(server.url + path).content for path in ("/f", "/t", "/j")])
    assert answers[0] == answers[1] == [b"\0\1\2", b"/t {% x %}", b'{"a":"{{x}}"}']


def test_a_scenario_goes_through_its_states(tmp_path: Path) -> None:
    def step(when: str, then: str, body: str) -> dict[str, Any]:
        return {
            "scenarioName": "todo",
            "requiredScenarioState": when,
            "newScenarioState": then,
            "request": {"urlPath": "/a"},
            "response": {"body": body},
        }

    write(tmp_path, step("Started", "two", "1"), step("two", "Started", "2"))
    with MockServer(settings={"http.mocks": [str(tmp_path)]}) as server:
        assert [_answer(server.url, "/a") for _ in range(3)] == ["1", "2", "1"]


def test_a_stub_that_cannot_be_used_is_left_out_with_a_warning(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"request": {"urlPath": "/p", "bodyPatterns": [{"matchesJsonSchema": {"type": "odd"}}]}},
        {"request": {"urlPath": "/a"}, "response": {"body": "a"}},
    )
    with MockServer(settings={"http.mocks": [str(tmp_path)]}) as server:
        assert _answer(server.url, "/a") == "a"
        assert httpx.get(server.url + "/p").status_code == 404


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["mappings/a.json", "__files/b"], True),
        (["mappings/a.json"], True),
        (["mappings/a.yaml"], False),
        (["a.json"], False),
        (["__files/b"], False),
    ],
)
def test_a_folder_is_recognised(files: list[str], expected: bool, tmp_path: Path) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text('{"request": {}, "response": {}}')
    assert is_wiremock(tmp_path) is expected


def test_a_folder_of_our_own_stubs_that_is_called_mappings_is_not_taken_for_wiremocks(
    tmp_path: Path,
) -> None:
    (tmp_path / "mappings").mkdir()
    stub = {"request": {"path": "/a"}, "response": {"text": "ours"}, "times": 1}
    (tmp_path / "mappings" / "a.json").write_text(json.dumps(stub))
    with MockServer(settings={"http.mocks": [str(tmp_path)]}) as server:
        assert _answer(server.url, "/a") == "ours"
