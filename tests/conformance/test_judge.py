"""The judge is judged: a server that is wrong on purpose is caught in each of its ways."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.walk.client import Client
from tests.conformance.walk.model import Operation
from tests.conformance.walk.report import Report
from tests.conformance.walk.serving import ServerProcess
from tests.conformance.walk.walking import Options, Walk

HERE = Path(__file__).parent
SERVER = f"{sys.executable} {HERE / 'wrong_server.py'} {{port}}"


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    with ServerProcess(SERVER, HERE / "wrong.yaml") as running:
        yield running


@pytest.fixture
def client(server: ServerProcess) -> Iterator[Client]:
    made = Client("127.0.0.1", server.port)
    yield made
    made.close()


def outcome(client: Client, label: str, options: Options | None = None) -> tuple[str, str]:
    walk = Walk(HERE / "wrong.yaml", "wrong.yaml", options or Options(), Report())
    operation: Operation = next(one for one in walk.document.operations if one.label == label)
    return walk.outcome(operation, client)


@pytest.mark.parametrize(
    "label",
    [
        "GET /right",
        "POST /no-content",
        "GET /xml",
        "GET /in-base",
        "GET /changing",
        "GET /pair#two",
    ],
)
def test_right_answers_are_valid(client: Client, label: str) -> None:
    assert outcome(client, label) == ("valid", "")


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("GET /undeclared-status", "status 418 is not declared (200)"),
        ("GET /refused", "a valid request was refused: 422"),
        ("GET /wrong-media-type", "text/plain is not declared for 200"),
        ("GET /no-media-type", "no Content-Type where application/json is declared"),
        ("GET /no-json", "the body is not JSON"),
        ("GET /invalid-body", "body at /id: 'one' is not of type integer"),
        ("GET /invalid-format", "body at /born: 'yesterday' is not a 'date'"),
        ("GET /write-only", "a writeOnly property is sent: 'password'"),
        ("GET /missing-header", "the required header X-Total is missing"),
        ("GET /invalid-header", "header X-Total"),
        ("GET /gone", "no answer"),
        ("POST /unexpected-content", "2 bytes where no content is declared"),
        ("GET /invalid-xml", "body at /id: 'one' is not of type integer"),
        ("GET /wrong-root", "the root element is <dog>"),
        ("GET /text", "'purple' is not one of"),
        ("GET /pair#other", "'other' is a required property"),
        ("GET /discriminated", "'barks' is a required property"),
    ],
)
def test_wrong_answers_fail(client: Client, label: str, said: str) -> None:
    verdict, why = outcome(client, label)
    assert verdict == "failed"
    assert said in why


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("GET /wrong-example", "the declared example violates its schema"),
        ("GET /impossible", "no number lies between 5 and 4"),
        ("GET /dangling", "Nobody"),
        ("GET /pair#one", "GET /pair#two has the same requests, and this is its answer"),
        ("GET /attribute", "'owner' is no text and declared an XML attribute"),
        ("GET /silent", "no response is declared"),
        ("GET /interim", "only interim statuses"),
    ],
)
def test_the_faults_of_the_document_are_listed_with_the_reason(
    client: Client, label: str, said: str
) -> None:
    verdict, why = outcome(client, label)
    assert verdict == "listed"
    assert said in why


def test_an_answer_that_changes_fails_when_requests_are_repeated(client: Client) -> None:
    verdict, why = outcome(client, "GET /changing", Options(repeat=True))
    assert verdict == "failed"
    assert "another body" in why
