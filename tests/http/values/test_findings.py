"""Findings can be sent and logged, whatever a client sent; and the floors of decoding stay apart."""

from __future__ import annotations

import ast
from pathlib import Path

import msgspec
import pytest

import mockforge_http
from mockforge_http.findings import (
    MAX_EXCERPT,
    MAX_MESSAGE,
    MAX_POINTER,
    RequestFinding,
    excerpt,
    found,
    pointer_to,
    status_of,
)


def test_a_finding_is_encoded_without_what_it_does_not_say() -> None:
    finding = RequestFinding("query", "limit", "parameter.missing", "It is missing.")
    assert msgspec.json.decode(msgspec.json.encode(finding)) == {
        "location": "query",
        "name": "limit",
        "code": "parameter.missing",
        "message": "It is missing.",
    }


def test_texts_of_a_finding_are_bounded() -> None:
    long = "x" * 10_000
    finding = found("body", "", "c", long, pointer=f"/a/{long}/b", actual=long)
    assert len(finding.message) == MAX_MESSAGE
    assert finding.pointer == "/a"
    assert finding.actual is not None
    assert len(finding.actual) == MAX_EXCERPT
    assert finding.actual.endswith("x...")
    assert found("body", "", "c", "m", pointer="/a" * 250).pointer == "/a" * 250
    assert MAX_POINTER == 500


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\ud800b", "a?b"),
        (b"\xff\x00", "\xff\x00"),
        (memoryview(b"abc"), "abc"),
        (["a"], "['a']"),
        (b"x" * 500, "x" * 197 + "..."),
        ("\ud800" * 500, "?" * 197 + "..."),
    ],
)
def test_an_excerpt_is_text_that_json_can_hold(value: object, text: str) -> None:
    assert excerpt(value) == text
    excerpt(value).encode()


def test_pointers_escape_their_tokens() -> None:
    assert pointer_to() == ""
    assert pointer_to("a/b", 0, "m~n", "") == "/a~1b/0/m~0n/"


def test_the_status_is_that_of_the_first_finding_that_calls_for_one() -> None:
    codes = ["parameter.missing", "body.too-large", "body.malformed"]
    findings = [RequestFinding("body", "", code, "m") for code in codes]
    assert status_of(findings) == 413
    assert status_of(findings[:1]) == 422
    assert status_of(findings[:1], default=400) == 400


@pytest.mark.parametrize(
    ("package", "above"), [("values", ("bodies", "parameters")), ("bodies", ("parameters",))]
)
def test_decoding_is_imported_downwards_only(package: str, above: tuple[str, ...]) -> None:
    forbidden = tuple(f"mockforge_http.{name}" for name in above)
    files = list((Path(mockforge_http.__file__).parent / package).glob("*.py"))
    assert files
    for path in files:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                assert not (node.module or "").startswith(forbidden), path.name
