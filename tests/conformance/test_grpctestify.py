"""Calls of grpctestify beside stubs of GripMock (a line for each that differs with
``python -m tests.conformance.grpctestify FOLDER``)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.grpctestify.__main__ import summed
from tests.conformance.grpctestify.asserts import Context, evaluate, extract, holds
from tests.conformance.grpctestify.calling import same
from tests.conformance.grpctestify.gctf import documents, read
from tests.conformance.grpctestify.running import Verdict, projects, run
from tests.corpus import corpus


@pytest.mark.slow
def test_calls_of_public_projects_are_answered_as_they_expect(
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = corpus("gripmock")
    sums = summed(verdict for project in projects(folder) for verdict in run(project))
    assert sums.failed == 0, capsys.readouterr().out
    assert sums.files > 50
    assert sums.passed >= 0.9 * sums.files


def test_a_call_that_differs_fails(tmp_path: Path) -> None:
    project = tmp_path / "greeter"
    project.mkdir()
    (project / "greeter.proto").write_text(
        'syntax = "proto3"; package g; service S { rpc Hi (M) returns (M); } message M { string a = 1; }'
    )
    (project / "stubs.yaml").write_text(
        "service: g.S\nmethod: Hi\ninput: {contains: {}}\noutput: {data: {a: '{{.Request.a}}'}}\n"
    )
    for name, expected in (("right", "x"), ("wrong", "y")):
        (project / f"{name}.gctf").write_text(
            f'--- ENDPOINT ---\ng.S/Hi\n--- REQUEST ---\n{{"a": "x"}}\n'
            f'--- RESPONSE ---\n{{"a": "{expected}"}}\n'
        )
    right, wrong = run(project)
    assert right == Verdict("greeter/right.gctf", "")
    assert wrong.why == "{'a': 'x'} came, expected {'a': 'y'}"


def test_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.gctf"
    path.write_text(
        """--- META ---
name: x
--- ENDPOINT ---
a.B/C
--- REQUEST_HEADERS ---
// said
X-A: 1: 2
--- REQUEST ---
{"a": "// no comment", // a comment
 "b": [1,],}
--- RESPONSE partial tolerance=0.1 ---
{"a": 1}
{"a": 2}
--- ASSERTS ---
# said
.a == 2
--- ENDPOINT ---
a.B/D
--- ERROR ---
{"code": 5}
"""
    )
    first, second = read(path)
    assert (first.endpoint, first.headers) == ("a.B/C", [("x-a", "1: 2")])
    assert [(step.kind, step.values) for step in first.steps] == [
        ("REQUEST", [{"a": "// no comment", "b": [1]}]),
        ("RESPONSE", [{"a": 1}, {"a": 2}]),
        ("ASSERTS", [".a == 2"]),
    ]
    assert first.steps[1].options == {"partial": "true", "tolerance": "0.1"}
    assert [step.kind for step in second.steps] == ["ERROR"]
    assert documents("") == []


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (".a", 1),
        (".b.c[0]", "x"),
        ('.b["c"][1]', None),
        (".b.c | length", 1),
        (".a == 1 and .b.c[0] != 'y'", True),
        (".a > 1 or .a <= 1", True),
        ("not (.a == 1)", False),
        (".missing > 1", False),
        ("@has_value(.b)", True),
        ("@has_value(.missing)", False),
        ("@len(.b.c)", 1),
        ('@header("X-A")', "1"),
        ('@has_trailer("x-b")', False),
        ("known", 7),
        ("unknown", None),
        ('.b.c[0] matches "^x$"', True),
        ('.b.c contains "x"', True),
    ],
)
def test_expressions(expression: str, value: object) -> None:
    context = Context()
    context.value = {"a": 1, "b": {"c": ["x"]}}
    context.headers = {"x-a": "1"}
    context.variables["known"] = 7
    assert evaluate(expression, context) == value


@pytest.mark.parametrize("expression", ["", ".a ==", "@what(.a)", ".a .b c", "§", "(.a"])
def test_expressions_that_cannot_be_read_are_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        holds(expression, Context())


def test_what_is_extracted_is_known_later() -> None:
    context = Context()
    context.value = {"a": 3}
    extract("kept = .a", context)
    context.value = {"a": 4}
    assert holds(".a != kept", context)


def test_answers_are_compared_by_value() -> None:
    assert same({"a": 1}, {"a": 1.0}, 0, whole=True)
    assert not same({"a": 1}, {"a": True}, 0, whole=True) or not same(
        {"a": True}, {"a": 1}, 0, whole=True
    )
    assert same({"a": 1}, {"a": 1.05, "b": 2}, 0.1, whole=False)
    assert not same({"a": 1}, {"a": 1, "b": 2}, 0, whole=True)
    assert same([1, 2], [2, 1], 0, whole=True, unordered=True)
    assert not same([1, 2], [2, 1], 0, whole=True)
