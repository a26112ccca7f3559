"""Checking of requests and answers: each setting of ``http.validation`` by what clients are answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mockforge.testing import MockServer
from tests.e2e.processes import serving
from tests.e2e.raw import Answer, connected, get
from tests.http.server.documents import content, document
from tests.http.server.documents import get as get_operation

FINDINGS = "x-mockforge-findings"
NUMBERS = [{"name": name, "in": "query", "schema": {"type": "integer"}} for name in ("a", "b", "c")]
DOCUMENT = document(
    {
        "/pets": get_operation(
            ("200", content(json={"example": []})),
            parameters=NUMBERS,
            operationId="listPets",
            tags=["animals"],
        ),
        "/toys": get_operation(("200", content(json={"example": []})), parameters=NUMBERS),
        # Kept as it is, because nothing in it can be mended.
        "/liar": get_operation(
            ("200", content(json={"schema": {"type": "integer"}, "example": "seven"}))
        ),
        "/mended": get_operation(
            (
                "200",
                content(
                    json={
                        "schema": {"properties": {"id": {"type": "integer"}}, "type": "object"},
                        "example": {"id": "seven"},
                    }
                ),
            )
        ),
    },
    info={"title": "Zoo", "version": "1"},
)
WRONG = "/pets?a=x&b=y&c=z"


def serve(described: Any = DOCUMENT, **settings: Any) -> MockServer:
    """A server with these settings of ``http.validation``."""
    given = {f"http.validation.{key}": value for key, value in settings.items()}
    return MockServer(described, settings=given)


def ask(server: MockServer, target: str) -> Answer:
    with connected(server.url) as client:
        return client.ask(get(target))


@pytest.mark.shows("http.validation.mode")
@pytest.mark.parametrize(
    ("mode", "status", "noted"), [("enforce", 422, True), ("warn", 200, True), ("off", 200, False)]
)
def test_a_request_that_does_not_fit_is_refused_noted_or_not_checked(
    mode: str, status: int, noted: bool
) -> None:
    with serve(mode=mode) as server:
        answer = ask(server, WRONG)
        assert answer.status == status
        assert (FINDINGS in answer.headers) == noted
        assert ask(server, "/pets?a=1").status == 200


@pytest.mark.shows("http.validation.max_findings")
@pytest.mark.parametrize("most", [1, 2, 3])
def test_no_more_is_listed_than_asked_for(most: int) -> None:
    with serve(max_findings=most) as server:
        assert len(ask(server, WRONG).json["findings"]) == most


@pytest.mark.shows("http.validation.responses")
@pytest.mark.parametrize(
    ("responses", "status", "noted"),
    [("off", 200, False), ("warn", 200, True), ("fail", 500, True)],
)
def test_an_answer_that_does_not_fit_is_sent_noted_or_replaced(
    responses: str, status: int, noted: bool
) -> None:
    with serve(responses=responses) as server:
        answer = ask(server, "/liar")
        assert (answer.status, FINDINGS in answer.headers) == (status, noted)
        assert ask(server, "/mended").status == 200
        assert ask(server, "/pets").status == 200


@pytest.mark.shows("http.validation.strict")
def test_strictly_nothing_is_mended_and_what_does_not_fit_is_an_error() -> None:
    with serve(strict=True) as server:
        assert ask(server, "/liar").status == 500
        assert ask(server, "/mended").status == 500
        assert ask(server, "/pets").status == 200


@pytest.mark.shows(
    "http.validation.overrides",
    "http.validation.overrides[].mode",
    "http.validation.overrides[].document",
    "http.validation.overrides[].tag",
    "http.validation.overrides[].path",
    "http.validation.overrides[].operation",
)
@pytest.mark.parametrize(
    ("key", "pets", "toys"),
    [
        ({"operation": "listPets"}, 200, 422),
        ({"operation": "GET /toys"}, 422, 200),
        ({"path": "/to*"}, 422, 200),
        ({"tag": "animals"}, 200, 422),
        ({"document": "Zoo"}, 200, 200),
        ({"document": "Market"}, 422, 422),
        ({"tag": "animals", "path": "/toys"}, 422, 422),
    ],
    ids=str,
)
def test_some_operations_may_have_another_mode(key: dict[str, str], pets: int, toys: int) -> None:
    with serve(overrides=[{"mode": "off", **key}]) as server:
        assert ask(server, WRONG).status == pets
        assert ask(server, WRONG.replace("pets", "toys")).status == toys


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "openapi.json").write_text(json.dumps(DOCUMENT))
    (tmp_path / "mockforge.yaml").write_text("http: {validation: {mode: warn, strict: true}}\n")
    return tmp_path


@pytest.mark.shows("--validation", "--strict", "--no-strict")
def test_options_win_over_the_file(folder: Path) -> None:
    with serving(folder, "openapi.json") as running:
        assert running.fetch(WRONG).status == 200
        assert running.fetch("/mended").status == 500
    with serving(folder, "openapi.json", "--validation", "enforce", "--no-strict") as running:
        assert running.fetch(WRONG).status == 422
        assert running.fetch("/mended").status == 200
    (folder / "mockforge.yaml").unlink()
    with serving(folder, "openapi.json", "--strict") as running:
        assert running.fetch("/mended").status == 500
