"""What the mock answers, and why: seen from a client."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from mockforge.testing import MockServer
from tests.http.server.documents import PET, content, document, get

DOCUMENT = document(
    {
        "/pets/{petId}": {
            **get(
                ("200", content(json={"schema": {"$ref": "#/components/schemas/Pet"}})),
                ("404", content(json={"example": {"error": "gone"}})),
                ("4XX", content(json={"example": {"error": "client"}})),
                ("default", content(json={"example": {"error": "any"}})),
                operationId="getPet",
            ),
            "delete": {"responses": {"204": {"description": "gone"}}},
        },
        "/examples": get(
            (
                "200",
                content(
                    json={
                        "schema": {"type": "object"},
                        "examples": {"cat": {"value": {"is": "cat"}}, "dog": {"value": {"is": "dog"}}},
                    },
                    xml={"example": {"is": "xml"}},
                    text={"example": "plain"},
                ),
            )
        ),
        "/created": {"post": {"responses": {"201": {"description": "d"}}}},
        "/wrong-example": get(
            (
                "200",
                content(
                    json={
                        "schema": {"$ref": "#/components/schemas/Pet"},
                        "example": {"id": "seven", "name": "Rex"},
                    }
                ),
            )
        ),
        "/headers": get(
            (
                "200",
                {
                    "headers": {
                        "X-Total": {"schema": {"type": "integer"}, "example": 42},
                        "X-Kind": {"schema": {"type": "string", "enum": ["a"]}},
                        "Set-Cookie": {"schema": {"type": "string"}, "example": "sid=1; Path=/"},
                        "Content-Length": {"schema": {"type": "integer"}, "example": 7},
                    }
                },
            )
        ),
        "/events": get(
            (
                "200",
                content(
                    **{
                        "text/event-stream": {
                            "itemSchema": {
                                "type": "object",
                                "required": ["data"],
                                "properties": {"data": {"type": "string"}},
                            }
                        }
                    }
                ),
            )
        ),
        "/contradiction": get(
            ("200", content(json={"schema": {"type": "integer", "minimum": 5, "maximum": 4}}))
        ),
        "/silent": {"get": {}},
    },
    components={"schemas": {"Pet": PET}},
    servers=[{"url": "https://api.test/v1"}],
)  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(DOCUMENT, settings={"http.source_header": True}) as running:
        yield running


def fetch(server: MockServer, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.request(method, server.url + path, headers=names)


def test_generated_data_is_valid_and_holds_what_the_path_says(server: MockServer) -> None:
    answer = fetch(server, "/pets/7")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    Draft202012Validator(PET).validate(body)
    assert body["id"] == 7
    assert "secret" not in body


def test_the_same_request_gets_the_same_answer_and_another_one_another(server: MockServer) -> None:
    assert fetch(server, "/pets/7").content == fetch(server, "/pets/7").content
    names = {fetch(server, f"/pets/{number}").json()["name"] for number in range(7, 17)}
    assert len(names) > 5


def test_dynamic_answers_differ_but_stay_valid(server: MockServer) -> None:
    bodies = [fetch(server, "/pets/7", Prefer="dynamic=true").content for _ in range(5)]
    assert len(set(bodies)) > 1
    for body in bodies:
        Draft202012Validator(PET).validate(json.loads(body))
    assert fetch(server, "/examples", Prefer="dynamic=true").json() != {"is": "cat"}


@pytest.mark.parametrize(
    ("wish", "status", "error"),
    [("404", 404, "gone"), ("418", 418, "client"), ("503", 503, "any")],
)
def test_a_wanted_status_is_answered_by_the_nearest_declaration(
    server: MockServer, wish: str, status: int, error: str
) -> None:
    for answer in (
        fetch(server, "/pets/7", Prefer=f"code={wish}"),
        fetch(server, f"/pets/7?__code={wish}"),
    ):
        assert answer.status_code == status
        assert answer.json() == {"error": error}


def test_a_status_that_is_not_declared_is_explained(server: MockServer) -> None:
    answer = fetch(server, "/examples", Prefer="code=500")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["declared"] == ["200"]


def test_examples_are_chosen_by_name(server: MockServer) -> None:
    assert fetch(server, "/examples").json() == {"is": "cat"}
    assert fetch(server, "/examples", Prefer="example=dog").json() == {"is": "dog"}
    assert fetch(server, "/examples?__example=dog").json() == {"is": "dog"}
    missing = fetch(server, "/examples", Prefer="example=cow")
    assert missing.status_code == 404
    assert missing.json()["declared"] == ["cat", "dog"]


def test_the_media_type_follows_accept(server: MockServer) -> None:
    assert fetch(server, "/examples", Accept="text/plain").text == "plain"
    xml = fetch(server, "/examples", Accept="text/html, application/xml;q=0.9")
    assert xml.headers["content-type"] == "application/xml"
    assert ET.fromstring(xml.text).findtext("is") == "xml"
    refused = fetch(server, "/examples", Accept="image/png")
    assert refused.status_code == 406
    assert refused.json()["declared"] == ["application/json", "application/xml", "text/plain"]


def test_the_lowest_success_is_the_status_and_no_content_means_no_body(server: MockServer) -> None:
    assert fetch(server, "/created", "POST").status_code == 201
    gone = fetch(server, "/pets/7", "DELETE")
    assert gone.status_code == 204
    assert gone.content == b""
    assert "content-type" not in gone.headers
    assert fetch(server, "/silent").status_code == 200


def test_an_example_that_contradicts_its_schema_is_mended(server: MockServer) -> None:
    body = fetch(server, "/wrong-example").json()
    Draft202012Validator(PET).validate(body)
    assert body["name"] == "Rex"


@pytest.mark.shows("http.examples")
def test_examples_are_sent_as_they_stand_when_told_so() -> None:
    with MockServer(DOCUMENT, settings={"http.examples": "verbatim"}) as server:
        assert fetch(server, "/wrong-example").json() == {"id": "seven", "name": "Rex"}


def test_declared_headers_are_sent_but_the_framing_is_not_overridden(server: MockServer) -> None:
    answer = fetch(server, "/headers")
    assert answer.headers["x-total"] == "42"
    assert answer.headers["x-kind"] == "a"
    assert answer.cookies["sid"] == "1"
    assert answer.headers["content-length"] == "0"


def test_server_sent_events_are_framed(server: MockServer) -> None:
    answer = fetch(server, "/events")
    assert answer.headers["content-type"] == "text/event-stream"
    assert answer.text.count("data: ") == 3
    assert answer.text.endswith("\n\n")


def test_a_schema_that_nothing_satisfies_is_an_error_of_that_request_alone(
    server: MockServer,
) -> None:
    answer = fetch(server, "/contradiction")
    assert answer.status_code == 500
    assert "no value can satisfy" in answer.json()["detail"]
    assert fetch(server, "/examples").status_code == 200


def test_head_has_the_headers_of_get_and_no_body(server: MockServer) -> None:
    get_answer = fetch(server, "/examples")
    head = fetch(server, "/examples", "HEAD")
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == get_answer.headers["content-length"]


def test_what_is_not_declared_is_refused_with_what_is_nearest(server: MockServer) -> None:
    answer = fetch(server, "/pet/7")
    assert answer.status_code == 404
    assert "/pets/{petId}" in answer.json()["nearest"][0]
    wrong = fetch(server, "/pets/7", "PATCH")
    assert wrong.status_code == 405
    assert wrong.headers["allow"] == "DELETE, GET, HEAD, OPTIONS"
    options = fetch(server, "/pets/7", "OPTIONS")
    assert (options.status_code, options.content) == (204, b"")
    assert options.headers["allow"] == wrong.headers["allow"]
    with MockServer(DOCUMENT, settings={"http.cors.enabled": False}) as plain:
        options = fetch(plain, "/pets/7", "OPTIONS")
        assert (options.status_code, options.headers["allow"]) == (405, "DELETE, GET, HEAD")


@pytest.mark.shows("http.source_header")
def test_the_source_header_says_what_answered(server: MockServer) -> None:
    assert fetch(server, "/pets/7").headers["x-mockforge-source"] == "operation:getPet"
    assert fetch(server, "/examples").headers["x-mockforge-source"] == "operation:GET /examples"
    assert fetch(server, "/nope").headers["x-mockforge-source"] == "none"
    with MockServer(DOCUMENT) as plain:
        assert "x-mockforge-source" not in fetch(plain, "/pets/7").headers


@pytest.mark.shows("http.cors.enabled", "http.cors.origins")
def test_pages_of_other_origins_may_call_unless_switched_off(server: MockServer) -> None:
    answer = fetch(server, "/examples", Origin="http://app.test")
    assert answer.headers["access-control-allow-origin"] == "http://app.test"
    asked = {"Origin": "http://app.test", "Access_Control_Request_Method": "DELETE"}
    preflight = fetch(server, "/pets/7", "OPTIONS", **asked)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-methods"] == "DELETE, GET, HEAD, OPTIONS"
    with MockServer(DOCUMENT, settings={"http.cors": {"enabled": False}}) as closed:
        answer = fetch(closed, "/examples", Origin="http://app.test")
        assert "access-control-allow-origin" not in answer.headers
    with MockServer(DOCUMENT, settings={"http.cors": {"origins": ["http://b.test"]}}) as listed:
        answer = fetch(listed, "/examples", Origin="http://app.test")
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.shows("http.base_path")
@pytest.mark.parametrize(
    ("mode", "with_base", "without"),
    [("optional", 200, 200), ("required", 200, 404), ("ignored", 404, 200)],
)
def test_the_base_path_of_the_servers_can_be_required_or_ignored(
    mode: str, with_base: int, without: int
) -> None:
    with MockServer(DOCUMENT, settings={"http.base_path": mode}) as server:
        assert fetch(server, "/v1/examples").status_code == with_base
        assert fetch(server, "/examples").status_code == without


@pytest.mark.shows("http.dynamic")
def test_dynamic_by_setting_passes_over_examples() -> None:
    with MockServer(DOCUMENT, settings={"http.dynamic": True}) as server:
        assert fetch(server, "/examples").json() != {"is": "cat"}
        assert fetch(server, "/examples", Prefer="dynamic=false").json() == {"is": "cat"}


@pytest.mark.shows("core.seed")
def test_the_seed_decides_what_is_generated_byte_for_byte() -> None:
    def bodies(seed: int) -> list[bytes]:
        with MockServer(DOCUMENT, seed=seed) as server:
            plain = [fetch(server, f"/pets/{number}").content for number in range(3)]
            dynamic = [
                fetch(server, f"/pets/{number}", Prefer="dynamic=true").content
                for number in range(3)
            ]
            return plain + dynamic

    assert bodies(1) == bodies(1)
    assert bodies(1) != bodies(2)


def test_a_document_is_served_while_few_operations_are_kept() -> None:
    paths: dict[str, Any] = {
        f"/things/{number}": get(
            ("200", content(json={"schema": {"$ref": "#/components/schemas/Pet"}}))
        )
        for number in range(50)
    }
    many = document(paths, components={"schemas": {"Pet": PET}})
    with MockServer(many, settings={"http.operation_cache": 20_000}) as server:
        first = [fetch(server, path).content for path in paths]
        assert [fetch(server, path).content for path in paths] == first
        report = {part.name: part for part in server.kernel.memory.report().components}
        held = report["http.operations"].bytes
        assert held is not None
        assert 0 < held <= 20_000 or held < 2 * 20_000
        metrics = server.metrics.render()
        assert 'mockforge_dropped_total{component="http.operations"}' in metrics


def test_several_documents_share_one_server(tmp_path: Path) -> None:
    one = tmp_path / "one.json"
    two = tmp_path / "two.json"
    one.write_text(json.dumps(document({"/a": get(("200", content(text={"example": "one"})))})))
    two.write_text(
        json.dumps(
            document(
                {
                    "/a": get(("200", content(text={"example": "two"}))),
                    "/b": get(("200", content(text={"example": "b"}))),
                }
            )
        )
    )
    with MockServer(one, two) as server:
        assert fetch(server, "/a").text == "one"
        assert fetch(server, "/b").text == "b"
        (http,) = server.kernel.servers
        assert [finding.code for finding in http.warnings()] == ["route.shadowed"]
