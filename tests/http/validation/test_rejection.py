"""How a request is refused: which response of the document, which status, which headers, which problem."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mockforge_http.validation.rejection import refusal, rejection
from mockforge_http.validation.request import Checked
from tests.http.validation.making import api, check, operation, post

JSON = {"application/json": {"schema": {"type": "object", "required": ["a", "b", "c", "d"]}}}
BODY = {"requestBody": {"required": True, "content": JSON}}
ERROR = {"description": "", "content": {"application/json": {"schema": {"type": "object"}}}}
BARE = {"description": ""}
SECURE = {
    "components": {
        "securitySchemes": {
            "token": {"type": "http", "scheme": "bearer"},
            "login": {"type": "http", "scheme": "basic"},
        }
    },
    "security": [{"token": []}, {"login": []}],
}


def refused(
    folder: Path, responses: dict[str, Any], request: Any, **members: Any
) -> tuple[Checked, Any]:
    document = api({**BODY, "responses": {"200": BARE, **responses}}, **members)
    checked = check(folder, document, request)
    with operation(folder, document) as (view, _):
        return checked, rejection(checked, view.responses, ("application/json",))


INVALID = post({})
MALFORMED = post(b"{")
UNSUPPORTED = post(b"<a/>", content_type="text/xml")

CHOICES: list[tuple[str, dict[str, Any], Any, int, str | None]] = [
    ("nothing declared", {}, INVALID, 422, None),
    ("422 before 400", {"400": ERROR, "422": ERROR}, INVALID, 422, "422"),
    ("400 without 422", {"400": ERROR, "default": ERROR}, INVALID, 400, "400"),
    ("the range", {"4XX": ERROR, "default": ERROR}, INVALID, 422, "4XX"),
    ("default", {"default": ERROR}, INVALID, 422, "default"),
    ("declared without a body", {"400": BARE, "default": ERROR}, INVALID, 400, "400"),
    ("default without a body", {"default": BARE}, INVALID, 422, "default"),
    ("malformed", {"400": ERROR, "422": ERROR}, MALFORMED, 400, "400"),
    ("malformed, 422 only", {"422": ERROR}, MALFORMED, 422, "422"),
    ("malformed, nothing declared", {}, MALFORMED, 400, None),
    ("media type", {"415": ERROR, "422": ERROR}, UNSUPPORTED, 415, "415"),
    ("media type, 422 only", {"422": ERROR, "400": ERROR}, UNSUPPORTED, 422, "422"),
    ("media type, nothing declared", {}, UNSUPPORTED, 415, None),
]


@pytest.mark.parametrize(("case", "responses", "request_", "status", "key"), CHOICES)
def test_the_documents_own_response_is_preferred(
    tmp_path: Path,
    case: str,
    responses: dict[str, Any],
    request_: Any,
    status: int,
    key: str | None,
) -> None:
    _, chosen = refused(tmp_path, responses, request_)
    assert (chosen.status, chosen.key) == (status, key), case


@pytest.mark.parametrize(
    ("responses", "key"),
    [
        ({}, None),
        ({"401": ERROR, "422": ERROR}, "401"),
        ({"default": ERROR}, "default"),
        ({"422": ERROR}, None),
    ],
)
def test_missing_credentials_go_first(
    tmp_path: Path, responses: dict[str, Any], key: str | None
) -> None:
    _, chosen = refused(tmp_path, responses, UNSUPPORTED, **SECURE)
    assert (chosen.reason, chosen.status, chosen.key) == (401, 401, key)
    assert chosen.headers == (("WWW-Authenticate", 'Bearer realm="token", Basic realm="login"'),)


def test_the_problem_lists_every_finding_and_says_the_first_ones(tmp_path: Path) -> None:
    checked, chosen = refused(tmp_path, {}, INVALID)
    response = refusal(checked, chosen)
    assert (response.status, response.header("Content-Type")) == (422, "application/problem+json")
    problem = json.loads(response.body)
    assert problem["type"] == "urn:mockforge:problem:invalid-request"
    assert problem["detail"] == (
        "The request body must have the property `a`. The request body must have the property `b`. "
        "The request body must have the property `c`. (1 more finding.)"
    )
    assert problem["findings"][3] == {
        "location": "body",
        "name": "",
        "code": "required",
        "message": "The request body must have the property `d`.",
        "expected": "d",
    }


def test_the_problem_of_missing_credentials_names_the_scheme(tmp_path: Path) -> None:
    checked, chosen = refused(tmp_path, {}, INVALID, **SECURE)
    response = refusal(checked, chosen)
    assert response.status == 401
    assert response.header("WWW-Authenticate") == 'Bearer realm="token", Basic realm="login"'
    problem = json.loads(response.body)
    assert problem["type"] == "urn:mockforge:problem:unauthorized"
    (reason,) = problem["reasons"]
    assert reason["scheme"] == "token"
    assert problem["detail"] == reason["message"]


def test_a_media_type_that_is_not_declared_is_answered_with_those_that_are(tmp_path: Path) -> None:
    """RFC 9110 section 15.5.16: the Accept field "ought to be used to indicate which media types would have
    been accepted"."""
    checked, chosen = refused(tmp_path, {}, UNSUPPORTED)
    response = refusal(checked, chosen)
    assert response.status == 415
    assert response.header("Accept") == "application/json"
    assert "application/json" in json.loads(response.body)["detail"]


def test_a_coding_that_is_not_supported_is_answered_with_those_that_are(tmp_path: Path) -> None:
    request = post({"a": 1}, headers={"Content-Encoding": "br"})
    checked, chosen = refused(tmp_path, {}, request)
    assert chosen.status == 415
    assert refusal(checked, chosen).header("Accept-Encoding") == "gzip, deflate, identity"


def test_the_status_the_document_chose_is_in_the_problem_too(tmp_path: Path) -> None:
    checked, chosen = refused(tmp_path, {"400": BARE}, INVALID)
    response = refusal(checked, chosen)
    assert response.status == json.loads(response.body)["status"] == 400
    assert json.loads(response.body)["type"] == "urn:mockforge:problem:invalid-request"
