"""CRUD sessions on published documents that nobody prepared, judged by an independent validator."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conformance.crud.finding import Naming, collections
from tests.conformance.crud.running import MOCKFORGE, Report, Run
from tests.conformance.walk.document import Document
from tests.corpus import corpus
from tests.http.resources.documents import users


def run(path: Path, server: str = MOCKFORGE) -> Run:
    found = Run(path, path.parent, Report(quiet=True), server)
    found.run()
    return found


@pytest.mark.parametrize(
    ("name", "passed"),
    [
        ("swagger-petstore3.yaml", 3),
        ("swagger-petstore31.yaml", 1),
        ("oai-v2.0-petstore.yaml", 1),
        ("oai-v3.0-petstore.yaml", 1),
        ("oai-v3.0-petstore-expanded.yaml", 1),
        ("redocly-cafe-3.2.yaml", 1),
        ("apisguru-googleapis.com-calendar.json", 4),
        ("adyen-CheckoutService-v71.json", 2),
        ("intercom-2.14.yaml", 14),
    ],
)
def test_sessions_go_through_in_published_documents(name: str, passed: int) -> None:
    found = run(corpus("openapi", name))
    assert found.report.counts == {"passed": passed, "listed": 0, "failed": 0}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("parts", "passed"),
    [
        (("openapi", "kubernetes-swagger2.json"), 85),
        (("openapi", "stripe-2023-09.yaml"), 60),
        (("openapi", "openai.yaml"), 37),
        (("openapi", "twilio_api_v2010.json"), 22),
    ],
)
def test_sessions_go_through_in_large_documents(parts: tuple[str, ...], passed: int) -> None:
    found = run(corpus(*parts))
    assert found.report.counts["failed"] == 0
    assert found.report.counts["passed"] >= passed


def test_every_step_is_taken_where_there_are_operations_for_it() -> None:
    found = run(corpus("openapi", "apisguru-googleapis.com-calendar.json"))
    steps = dict(found.steps)
    taken = ["create", "read", "pages", "list", "patch", "put", "delete"]
    assert steps["/calendars/{calendarId}/events"] == taken


def test_a_server_that_keeps_nothing_does_not_pass(capsys: pytest.CaptureFixture[str]) -> None:
    path = corpus("openapi", "swagger-petstore3.yaml")
    found = run(path, MOCKFORGE.replace(" --stateful", ""))
    assert found.report.counts["passed"] == 0
    assert found.report.counts["failed"] == 3
    assert "is answered from the document" in capsys.readouterr().out


def test_ids_and_lists_are_found_in_answers(tmp_path: Path) -> None:
    path = tmp_path / "users.json"
    path.write_text(json.dumps(users()))
    one, below = collections(Document(path).operations)
    assert (one.path, one.parameter, [each.method for each in one.changes]) == (
        "/users",
        "userId",
        ["PATCH", "PUT"],
    )
    assert below.path == "/users/{userId}/posts"
    naming = Naming(below)
    assert naming.id_of(naming.item_in({"post": {"id": "x", "userId": 1}})) == "x"
    assert naming.items_in({"data": [{"id": "a"}], "tags": ["b"]}) == [{"id": "a"}]
    assert naming.items_in({"id": "a"}) is None
