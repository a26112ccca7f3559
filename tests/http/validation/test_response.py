"""Answers checked against an operation."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from mockforge.mocking.exchange import Response
from mockforge_http.findings import RequestFinding
from mockforge_http.validation.response import ResponseValidator
from tests.http.validation.making import api, operation

PET = {
    "type": "object",
    "required": ["id", "name", "secret"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string"},
        "secret": {"type": "string", "writeOnly": True},
    },
}
OK = {
    "description": "",
    "headers": {
        "X-Rate": {"required": True, "schema": {"type": "integer", "maximum": 9}},
        "X-Note": {"schema": {"type": "string"}},
    },
    "content": {"application/json": {"schema": PET}, "text/plain": {"schema": {"maxLength": 3}}},
}
GOOD = {"id": 1, "name": "Rex"}


def found(
    folder: Path, response: Response, responses: Any = None, version: str = "3.0.3"
) -> list[RequestFinding]:
    document = api({"responses": responses or {"200": OK}}, version)
    with operation(folder, document) as (view, checks):
        return list(ResponseValidator(view, checks).check(response))


def answer(
    body: Any = GOOD, status: int = 200, kind: str | None = "application/json", **headers: str
) -> Response:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = {"X-Rate": "1", **{name.replace("_", "-"): value for name, value in headers.items()}}
    if kind is not None:
        fields["Content-Type"] = kind
    return Response(status, fields.items(), raw)


def codes(findings: list[RequestFinding]) -> list[tuple[str, str, str]]:
    assert all(finding.side == "response" for finding in findings)
    return [(f.location, f.name or f.pointer, f.code) for f in findings]


def test_an_answer_that_fits_has_no_findings(tmp_path: Path) -> None:
    assert found(tmp_path, answer()) == []
    assert found(tmp_path, answer(b"abc", kind="text/plain")) == []
    assert found(tmp_path, answer(kind="application/json; charset=utf-8")) == []


def test_a_status_that_is_not_declared_is_a_finding(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, answer(status=201))
    assert (finding.location, finding.code, finding.side) == (
        "status",
        "status.undeclared",
        "response",
    )
    assert finding.message == "The operation declares no response 201. Declared: 200."


@pytest.mark.parametrize(("key", "status"), [("2XX", 201), ("default", 500), ("404", 404)])
def test_statuses_are_declared_by_range_and_default(tmp_path: Path, key: str, status: int) -> None:
    assert found(tmp_path, answer(status=status), {key: OK}) == []


def test_the_exact_status_goes_before_its_range(tmp_path: Path) -> None:
    other = {"description": "", "content": {"application/json": {"schema": {"type": "array"}}}}
    assert found(tmp_path, answer(), {"2XX": other, "200": OK, "default": other}) == []


def test_headers_are_required_and_checked(tmp_path: Path) -> None:
    missing = Response(200, [("Content-Type", "application/json")], json.dumps(GOOD).encode())
    (finding,) = found(tmp_path, missing)
    assert finding.message == "The response header `X-Rate` is required, but it is not there."
    (finding,) = found(tmp_path, answer(X_Rate="10"))
    assert finding.message == "The response header `X-Rate` must be at most 9, got 10."
    assert (finding.location, finding.name, finding.code) == ("header", "X-Rate", "maximum")


def test_the_body_is_checked_as_what_a_server_sends(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, answer({"name": "Rex"}))
    assert finding.message == "The response body must have the property `id`."
    assert codes(found(tmp_path, answer({"id": "x", "name": "Rex"}))) == [("body", "/id", "type")]
    assert codes(found(tmp_path, answer(b"abcd", kind="text/plain"))) == [("body", "", "maxLength")]


def test_a_media_type_that_is_not_declared_is_a_finding(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, answer(b"<a/>", kind="text/xml"))
    assert finding.message == (
        "The response 200 of POST /pets/{petId} declares no body of type `text/xml`. "
        "Declared: application/json, text/plain."
    )


def test_a_missing_body_is_a_finding_and_an_undeclared_one_is_not(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, answer(b""))
    assert finding.message == (
        "The response 200 of POST /pets/{petId} declares a body (application/json, text/plain), but there "
        "is none."
    )
    assert found(tmp_path, answer(), {"200": {"description": ""}}) == []


def test_a_malformed_body_is_a_finding_about_the_response(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, answer(b"{"))
    assert finding.code == "body.malformed"
    assert finding.message.startswith("The response body is not well-formed JSON")


@pytest.mark.parametrize("status", [204, 304])
def test_statuses_without_a_body_need_none(tmp_path: Path, status: int) -> None:
    assert found(tmp_path, answer(b"", status=status), {str(status): OK}) == []


def test_the_answer_to_head_has_no_body(tmp_path: Path) -> None:
    document = api({})
    document["paths"] = {"/pets": {"head": {"responses": {"200": OK}}}}
    with operation(tmp_path, document) as (view, checks):
        assert ResponseValidator(view, checks).check(answer(b"")) == ()


def test_the_body_of_a_stream_is_not_looked_at(tmp_path: Path) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"{"

    streamed = answer().replace(stream=chunks())
    assert found(tmp_path, streamed) == []


def test_no_more_findings_are_listed_than_asked_for(tmp_path: Path) -> None:
    schema = {"type": "array", "items": {"type": "null"}}
    ok = {"description": "", "content": {"application/json": {"schema": schema}}}
    with operation(tmp_path, api({"responses": {"200": ok}})) as (view, checks):
        validator = ResponseValidator(view, checks)
        assert len(validator.check(answer([1] * 50), 7)) == 7
        assert validator.grown
        size = validator.size
        validator.check(answer([1] * 50), 7)
        assert validator.size == size
