"""Lint: every fault with its place."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from mockforge.findings import Finding
from mockforge_http.documents import open_document
from mockforge_http.documents.check import findings_of
from mockforge_http.lint import lint_document, lint_file

from ...corpus import corpus
from ..documents.making import api, write


def codes(findings: Iterable[Finding]) -> list[str]:
    return [finding.code.removeprefix("document.") for finding in findings]


def lint(tmp_path: Path, document: Any, **files: Any) -> list[Finding]:
    path = write(tmp_path, {"a.json": document, **files})
    return list(lint_document(path, check=False))


def test_nothing_wrong(tmp_path: Path) -> None:
    assert lint(tmp_path, api()) == []


def test_every_dangling_reference_is_told(tmp_path: Path) -> None:
    document = api(components={"schemas": {"A": {"items": {"$ref": "b.json"}}}})
    found = lint(tmp_path, document)
    assert codes(found) == ["ref-dangling", "ref-dangling"]
    assert all(finding.line and finding.column for finding in found)


def test_errors_of_several_files_are_told_together(tmp_path: Path) -> None:
    schemas = {"Pet": {"$ref": "b.yaml"}, "C": {"$ref": "c.json"}, "D": {"$ref": "d.json#/x"}}
    document = api(components={"schemas": schemas})
    files = {"b.yaml": "a: [", "c.json": "{", "d.json": "{}"}
    found = lint(tmp_path, document, **files)
    assert sorted(codes(found)) == ["ref-dangling", "unreadable", "unreadable"]
    assert {Path(finding.file or "").name for finding in found} == {"a.json", "b.yaml", "c.json"}


def test_an_unreadable_document_is_one_finding(tmp_path: Path) -> None:
    (found,) = lint(tmp_path, '{"openapi": "3.1.0", x')
    assert (found.code, found.line, found.column) == ("document.unreadable", 1, 22)


def test_references_to_other_servers_are_a_warning(tmp_path: Path) -> None:
    document = api(components={"schemas": {"Pet": {"$ref": "https://example.com/pet.json"}}})
    (found,) = lint(tmp_path, document)
    assert (found.code, found.severity) == ("document.ref-remote", "warning")


def test_operation_ids_given_twice(tmp_path: Path) -> None:
    paths = {"/a": {"get": {"operationId": "x"}, "put": {"operationId": "x"}}}
    found = lint(tmp_path, api(paths=paths, webhooks={"w": {"post": {"operationId": "x"}}}))
    assert codes(found) == ["operation-id-duplicate"] * 2
    assert found[0].message == "the operationId 'x' is already that of GET /a"
    assert found[0].path == "/paths/~1a/put/operationId"


def test_paths_that_cannot_be_told_apart(tmp_path: Path) -> None:
    def item(name: str) -> dict[str, Any]:
        parameter = {"name": name, "in": "path", "required": True, "schema": {}}
        return {"parameters": [parameter], "get": {}, "put": {}}

    found = lint(
        tmp_path, api(paths={"/a/{x}": item("x"), "/a/{y}": item("y"), "/a/b": {"get": {}}})
    )
    assert codes(found) == ["path-ambiguous", "operation-unreachable", "operation-unreachable"]
    assert found[0].message == "the path /a/{y} cannot be told from /a/{x}"
    assert found[1].message == "GET /a/{y} is never called: GET /a/{x} answers all its requests"
    assert {finding.severity for finding in found[1:]} == {"warning"}


def test_path_parameters_that_do_not_fit(tmp_path: Path) -> None:
    parameter = {"name": "z", "in": "path", "required": True, "schema": {}}
    found = lint(tmp_path, api(paths={"/{x}/{x}": {"get": {"parameters": [parameter]}}}))
    assert codes(found) == [
        "path-parameter-repeated",
        "path-parameter-undeclared",
        "path-parameter-unused",
    ]


def test_statuses_that_are_none(tmp_path: Path) -> None:
    responses = {
        name: {"description": "x"} for name in ("200", "4XX", "default", "2x", "600", "ok")
    }
    found = lint(tmp_path, api(paths={"/a": {"get": {"responses": responses}}}))
    assert [finding.path for finding in found] == [
        f"/paths/~1a/get/responses/{status}" for status in ("2X", "600", "OK")
    ]


def test_operations_that_cannot_be_served(tmp_path: Path) -> None:
    found = lint(tmp_path, api(paths={"/a": {"get": {"parameters": ["x"]}}}))
    assert codes(found) == ["operation"]
    assert found[0].line


def test_openapi_core_has_the_last_word_but_says_nothing_twice(tmp_path: Path) -> None:
    path = write(tmp_path, {"a.json": api(paths={"/{x}": {"get": {"responses": {"200": {}}}}})})
    found = list(lint_document(path))
    assert codes(found).count("path-parameter-undeclared") == 1
    assert "spec" in codes(found)


LONG = "x" * 100_000
"""Longer than what a file is told by at first sight."""


@pytest.mark.parametrize(
    ("name", "content", "known"),
    [
        ("a.yaml", "openapi: 3.1.0\npaths: {}\n", True),
        ("a.yaml", "# comment\n\ninfo: {}\nopenapi: [broken\n", True),
        ("a.json", '{"swagger": "2.0"', True),
        ("a.json", '{\n  "openapi" : "3.0.0"', True),
        ("a.yml", "id: stub\nrequest: {openapi: x}\n", False),
        ("a.json", "[]", False),
        ("a.txt", "openapi: 3.1.0", False),
        ("late.json", json.dumps({"components": LONG, "openapi": "3.1.0"}), True),
        ("late.json", json.dumps({"components": LONG, "item": [], "info": {}}), True),
        ("late.yaml", f"components: {LONG}\nopenapi: 3.1.0\n", True),
        ("inner.json", json.dumps({"components": LONG, "a": {"openapi": "3.1.0"}}), False),
        ("inner.yaml", f"components: {LONG}\na:\n  openapi: 3.1.0\n", False),
        ("broken.json", '{"components": "' + LONG, False),
        ("a.yaml", b"\xff\xfe", False),
    ],
)
def test_only_openapi_documents_are_linted(
    tmp_path: Path, name: str, content: str | bytes, known: bool
) -> None:
    assert (lint_file(write(tmp_path, {name: content})) is not None) is known


def test_folders_and_missing_files_are_not_linted(tmp_path: Path) -> None:
    assert lint_file(tmp_path) is None
    assert lint_file(tmp_path / "a.yaml") is None


# -------------------------------------------------------------------- the official examples

OTHERWISE = {
    # The document is against the specification beyond what its schema can say.
    ("3.1", "pass", "operation-object-example.yaml"),
    ("3.2", "pass", "operation-object-example.yaml"),
    # A dialect that exists only in the workshop of the specification.
    ("3.1", "pass", "json_schema_dialect.yaml"),
    ("3.2", "pass", "json_schema_dialect.yaml"),
    # openapi-spec-validator 0.8.5 judges otherwise than the current official schema.
    ("3.1", "pass", "path_item_servers_parameters.yaml"),
}


def judge(path: Path) -> list[Finding]:
    """As ``lint_document``, but with the validator here: a process for each file takes a minute."""
    found = list(lint_document(path, check=False))
    if not found:
        with open_document(path) as document:
            found = list(findings_of(document))
    return found


@pytest.mark.parametrize("version", ["3.0", "3.1", "3.2"])
def test_official_examples_are_judged_as_labelled(version: str) -> None:
    folder = corpus("oas-schema-tests", version)
    wrong = []
    for path in sorted(folder.glob("*/*.yaml")):
        verdict = path.parent.name
        errors = [found for found in judge(path) if found.severity == "error"]
        if bool(errors) != (verdict == "fail"):
            wrong.append((version, verdict, path.name))
    assert [case for case in wrong if case not in OTHERWISE] == []
