"""Requests and answers are held against the document: seen from a client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from mockforge.testing import MockServer
from tests.http.server.documents import PET, content, document, get

BODY = {"required": True, **content(json={"schema": {"$ref": "#/components/schemas/Pet"}})}


def post(*responses: tuple[str, Any], **more: Any) -> dict[str, Any]:
    return {"post": {"requestBody": BODY, **get(*responses)["get"], **more}}


DOCUMENT = document(
    {
        "/pets": post(("201", {}), tags=["pets"], operationId="addPet"),
        "/declared": post(("201", {}), ("422", content(json={"example": {"my": "error"}}))),
        "/limits": get(
            ("200", {}),
            parameters=[
                {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 10}}
            ],
        ),
        "/numbered/recent": get(("200", {})),
        "/numbered/{number}": {
            "parameters": [
                {
                    "name": "number",
                    "in": "path",
                    "required": True,
                    "schema": {"type": "integer", "maximum": 10},
                }
            ],
            "delete": {
                "parameters": [{"name": "X-Why", "in": "header", "required": True, "schema": {}}],
                "responses": {"204": {"description": "d"}},
            },
        },
        "/private": get(("200", {}), security=[{"key": []}, {"basic": []}]),
        "/drifted": get(
            (
                "200",
                content(json={"schema": {"type": "array", "minItems": 1}, "example": "no array"}),
            ),
            operationId="drifted",
        ),
    },
    components={
        "schemas": {"Pet": PET},
        "securitySchemes": {
            "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
            "basic": {"type": "http", "scheme": "basic"},
        },
    },
)


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(DOCUMENT) as running:
        yield running


def send(
    server: MockServer,
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> httpx.Response:
    return httpx.request(method, server.url + path, headers=headers, **more)


WRONG = {"id": 0, "email": "nobody"}


@pytest.mark.shows("http.validation.mode", "--validation")
def test_a_request_that_does_not_fit_is_refused_with_everything_that_is_wrong(
    server: MockServer,
) -> None:
    answer = send(server, "POST", "/pets", json=WRONG)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    found = {(each.get("pointer", ""), each["code"]) for each in answer.json()["findings"]}
    assert found == {("", "required"), ("/id", "minimum"), ("/email", "format")}
    assert answer.headers["x-mockforge-findings"].startswith("3, body;code=")
    (entry,) = server.journal.recent(1)
    assert len(entry.findings) == 3


def test_a_valid_request_is_answered(server: MockServer) -> None:
    answer = send(server, "POST", "/pets", json={"id": 1, "name": "Rex"})
    assert answer.status_code == 201
    assert "x-mockforge-findings" not in answer.headers


def test_the_documents_own_error_is_given_where_it_declares_one(server: MockServer) -> None:
    answer = send(server, "POST", "/declared", json=WRONG)
    assert answer.status_code == 422
    assert answer.json() == {"my": "error"}
    assert "code=minimum" in answer.headers["x-mockforge-findings"]


def test_parameters_bodies_and_media_types_are_checked(server: MockServer) -> None:
    assert send(server, "GET", "/limits?limit=10").status_code == 200
    wrong = send(server, "GET", "/limits?limit=11")
    assert wrong.status_code == 422
    assert wrong.json()["findings"][0]["name"] == "limit"
    assert send(server, "POST", "/pets").status_code == 422
    other = send(server, "POST", "/pets", content=b"x", headers={"Content-Type": "text/plain"})
    assert other.status_code == 415
    assert other.headers["accept"] == "application/json"
    broken = send(
        server, "POST", "/pets", content=b"{", headers={"Content-Type": "application/json"}
    )
    assert broken.status_code == 400


def test_a_value_that_only_another_template_fits_gets_405(server: MockServer) -> None:
    answer = send(server, "DELETE", "/numbered/recent", {"X-Why": "old"})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    assert send(server, "DELETE", "/numbered/last").status_code == 422
    assert send(server, "DELETE", "/numbered/11", {"X-Why": "old"}).status_code == 422
    assert send(server, "DELETE", "/numbered/10", {"X-Why": "old"}).status_code == 204


def test_missing_credentials_get_401_with_the_challenges(server: MockServer) -> None:
    answer = send(server, "GET", "/private")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Basic realm="basic"'
    assert answer.json()["reasons"][0]["scheme"] == "key"
    assert send(server, "GET", "/private", {"X-Key": "1"}).status_code == 200
    assert send(server, "GET", "/private", {"Authorization": "Basic bTpz"}).status_code == 200


@pytest.mark.shows("http.validation.mode")
def test_warnings_answer_as_if_all_were_well_and_say_what_is_not() -> None:
    with MockServer(DOCUMENT, settings={"http.validation": {"mode": "warn"}}) as server:
        answer = send(server, "POST", "/pets", json=WRONG)
        assert answer.status_code == 201
        assert answer.headers["x-mockforge-findings"].startswith("3, ")
        assert send(server, "GET", "/private").status_code == 200


@pytest.mark.shows("http.validation.mode")
def test_switched_off_nothing_is_checked() -> None:
    with MockServer(DOCUMENT, settings={"http.validation": {"mode": "off"}}) as server:
        answer = send(server, "POST", "/pets", json=WRONG)
        assert answer.status_code == 201
        assert "x-mockforge-findings" not in answer.headers


@pytest.mark.shows("http.validation.overrides")
@pytest.mark.parametrize(
    "override",
    [{"operation": "addPet"}, {"tag": "pets"}, {"path": "/pe*"}, {"document": "T"}],
)
def test_single_operations_can_have_another_mode(override: dict[str, str]) -> None:
    settings = {"http.validation": {"overrides": [{**override, "mode": "off"}]}}
    with MockServer(DOCUMENT, settings=settings) as server:
        assert send(server, "POST", "/pets", json=WRONG).status_code == 201
        others = 200 if "document" in override else 422
        assert send(server, "GET", "/limits?limit=11").status_code == others


@pytest.mark.shows("http.validation.max_findings")
def test_the_number_of_findings_is_bounded() -> None:
    with MockServer(DOCUMENT, settings={"http.validation": {"max_findings": 2}}) as server:
        assert len(send(server, "POST", "/pets", json=WRONG).json()["findings"]) == 2


def test_modes_can_be_changed_while_the_server_runs() -> None:
    with MockServer(DOCUMENT) as server:
        (http,) = server.kernel.servers
        assert send(server, "POST", "/pets", json=WRONG).status_code == 422
        http.mock.modes.set("off")  # type: ignore[attr-defined]
        assert send(server, "POST", "/pets", json=WRONG).status_code == 201
        http.mock.modes.reset()  # type: ignore[attr-defined]
        assert send(server, "POST", "/pets", json=WRONG).status_code == 422


@pytest.mark.shows("http.validation.responses")
def test_answers_that_do_not_fit_are_noted_or_replaced() -> None:
    with MockServer(DOCUMENT, settings={"http.validation": {"responses": "warn"}}) as server:
        answer = send(server, "GET", "/drifted")
        assert answer.json() == "no array"
        assert "response.body;code=type" in answer.headers["x-mockforge-findings"]
    with MockServer(DOCUMENT, settings={"http.validation": {"responses": "fail"}}) as server:
        answer = send(server, "GET", "/drifted")
        assert answer.status_code == 500
        assert answer.json()["type"] == "urn:mockforge:problem:invalid-response"
        assert send(server, "GET", "/limits").status_code == 200
        assert send(server, "POST", "/pets", json=WRONG).status_code == 422


@pytest.mark.shows("http.validation.strict", "--strict")
def test_strict_makes_mistakes_in_the_document_show() -> None:
    with MockServer(DOCUMENT, settings={"http.validation": {"strict": True}}) as server:
        answer = send(server, "GET", "/drifted")
        assert answer.status_code == 500
        assert "operation:drifted" in answer.json()["detail"]
