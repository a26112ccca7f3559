"""Lint of stub files: what is wrong with them, and where they contradict the documents."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mockforge.findings import Finding
from mockforge_http.plugin import mockforge_lint_file

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "paths": {
        "/pets/{id}": {
            "get": {
                "operationId": "getPet",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
                ],
                "responses": {
                    "200": {
                        "description": "a pet",
                        "content": {
                            "application/json": {"schema": {"type": "object", "required": ["name"]}}
                        },
                    }
                },
            }
        }
    },
}


def write(folder: Path, name: str, content: object) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def lint(path: Path, *, fast: bool = False) -> list[Finding]:
    found = mockforge_lint_file(path=path, fast=fast)
    assert found is not None
    return list(found)


def test_stubs_in_order_are_known_and_give_no_findings(tmp_path: Path) -> None:
    path = write(tmp_path, "a.yaml", "request: {method: GET, path: /a}\nresponse: {status: 204}\n")
    assert lint(path) == []


def test_every_mistake_is_a_finding_with_its_place(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "a.yaml",
        "- request: {pth: /a}\n  response: {status: 204}\n- requst: {}\n  response: {status: ok}\n",
    )
    found = lint(path)
    assert {(each.code, each.line, each.column, each.path) for each in found} >= {
        ("stub.invalid", 1, 13, "[0].request.pth"),
        ("stub.invalid", 3, 3, "[1].requst"),
    }


def test_a_file_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    (found,) = lint(write(tmp_path, "a.yaml", "request: {path: /a\nresponse: {}\n"))
    assert (found.code, found.line) == ("stub.invalid", 2)
    assert "not valid YAML" in found.message


def test_other_files_are_nobodys(tmp_path: Path) -> None:
    for name, content in (("a.json", '{"name": "rex"}'), ("a.txt", "request: {}")):
        assert mockforge_lint_file(path=write(tmp_path, name, content), fast=False) is None


@pytest.mark.parametrize("fast", [False, True])
def test_answers_are_held_against_the_documents_of_the_settings(tmp_path: Path, fast: bool) -> None:
    write(tmp_path, "pets.json", DOCUMENT)
    write(tmp_path, "mockforge.yaml", "http: {specs: [pets.json], cache: false}\n")
    good = {"request": {"path": "/pets/1"}, "response": {"json": {"name": "rex"}}}
    bad = {"request": {"method": "GET", "path": "/pets/{id}"}, "response": {"json": {"nam": "rex"}}}
    path = write(tmp_path, "mocks/a.json", [good, bad])
    found = lint(path, fast=fast)
    assert [each.code for each in found] == ([] if fast else ["stub.contradicts-document"])
    for each in found:
        assert (each.severity, each.file, each.line) == ("warning", str(path), 1)


def test_an_operation_is_looked_up_where_there_are_documents(tmp_path: Path) -> None:
    stub = {"request": {"operation": "getPets"}, "response": {"json": {"name": "rex"}}}
    path = write(tmp_path, "mocks/a.json", stub)
    assert lint(path) == []
    write(tmp_path, "pets.json", DOCUMENT)
    write(tmp_path, "mockforge.yaml", "http: {specs: [pets.json], cache: false}\n")
    (found,) = lint(path)
    assert found.hint == "did you mean getPet?"
    assert lint(path, fast=True) == []


def test_settings_and_documents_that_are_broken_do_not_hide_the_stubs(tmp_path: Path) -> None:
    path = write(tmp_path, "a.yaml", "request: {pth: /a}\nresponse: {status: 204}\n")
    for settings in ("http: {specs: [broken.json]}\n", "http: {prt: 1}\n"):
        write(tmp_path, "mockforge.yaml", settings)
        write(tmp_path, "broken.json", "{")
        (found,) = lint(path)
        assert found.path == "request.pth"


def test_mappings_of_wiremock_are_read_as_such(tmp_path: Path) -> None:
    mapping = {"request": {"method": "GET", "urlPath": "/a"}, "response": {"status": 200}}
    assert lint(write(tmp_path, "mappings/a.json", mapping)) == []
