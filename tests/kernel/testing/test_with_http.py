"""``MockServer`` as it is used: with HTTP, a document, and a client that keeps its connection."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from mockforge import hookimpl
from mockforge.errors import DocumentError, MockForgeError
from mockforge.mocking.exchange import Exchange, Response
from mockforge.testing import MockServer

pytest.importorskip("mockforge_http.plugin")

PETSTORE = Path(__file__).resolve().parents[3] / "examples/petstore/openapi.yaml"


def document(body: Any, path: str = "/thing") -> dict[str, Any]:
    content = {"application/json": {"example": body}}
    responses = {"200": {"description": "", "content": content}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {path: {"get": {"responses": responses}}},
    }


def test_a_document_is_mocked_and_calls_are_asserted() -> None:
    with MockServer(PETSTORE) as server, httpx.Client(base_url=server.url) as client:
        assert client.get("/pets/1").json()["name"] == "Rex"
        headers = {"X-Trace": "7", "X-Api-Key": "any"}
        client.post("/pets", json={"kind": "cat", "name": "Tom"}, headers=headers)
        server.assert_called("GET", "/pets/{petId}", times=1)
        server.assert_called("POST", "/pets", json={"kind": "cat", "name": "Tom"}, times=1)
        server.assert_called(headers={"x-trace": "7"}, status="2xx")
        server.assert_not_called("DELETE")
        with pytest.raises(AssertionError, match="GET /pets/1 -> 200: path is /pets/1"):
            server.assert_called("GET", "/pets/2")


def test_what_was_answered_is_recorded_by_the_time_it_is_asked_for() -> None:
    with MockServer(PETSTORE) as server, httpx.Client(base_url=server.url) as client:
        for number in range(1, 200):
            client.get("/pets")
            assert len(server.assert_called("GET", "/pets", times=number)) == number


def test_the_same_requests_have_the_same_answers_in_every_run() -> None:
    def answers(**options: Any) -> list[bytes]:
        with MockServer(PETSTORE, settings={"http.dynamic": True}, **options) as server:
            return [httpx.get(f"{server.url}/pets/{number}").content for number in range(1, 6)]

    assert answers() == answers()
    assert answers(seed=1) != answers(seed=2)


def test_documents_may_be_dictionaries_and_several() -> None:
    with MockServer(document([1], "/one"), document([2], "/two")) as server:
        assert httpx.get(f"{server.url}/one").json() == [1]
        assert httpx.get(f"{server.url}/two").json() == [2]


def test_a_broken_document_raises_on_entering(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("openapi: [")
    with pytest.raises(MockForgeError, match=r"a\.yaml"), MockServer(tmp_path / "a.yaml"):
        pass


def test_reload_takes_on_a_change_and_refuses_a_broken_one(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(json.dumps(document("old")))
    with MockServer(file) as server:
        assert httpx.get(f"{server.url}/thing").json() == "old"
        file.write_text(json.dumps(document("new")))
        server.reload()
        assert httpx.get(f"{server.url}/thing").json() == "new"
        file.write_text("{")
        with pytest.raises(DocumentError):
            server.reload()
        assert httpx.get(f"{server.url}/thing").json() == "new"


def test_hooks_of_the_test_take_part_in_answering() -> None:
    class Shouting:
        @hookimpl
        async def mockforge_transform_response(self, exchange: Exchange) -> Response | None:
            await anyio.lowlevel.checkpoint()
            assert exchange.response is not None
            return exchange.response.with_header("X-Loud", "yes")

    class Failing:
        @hookimpl
        def mockforge_transform_response(self, exchange: Exchange) -> Response | None:
            raise ValueError("no voice")

    with MockServer(PETSTORE, plugins=[Failing(), Shouting()]) as server:
        answer = httpx.get(f"{server.url}/pets/1")
        assert (answer.status_code, answer.headers["X-Loud"]) == (200, "yes")
        (entry,) = server.requests()
        assert "no voice" in (entry.error or "")


def test_two_servers_at_a_time_do_not_share_anything() -> None:
    with MockServer(document(1)) as one, MockServer(document(2)) as two:
        assert one.url != two.url
        assert httpx.get(f"{one.url}/thing").json() == 1
        assert httpx.get(f"{two.url}/thing").json() == 2
        one.assert_called(times=1)
        two.assert_called(times=1)


def test_an_open_connection_does_not_hold_the_end_up() -> None:
    client = httpx.Client()
    with client, MockServer(PETSTORE, settings={"core.drain_timeout": "1h"}) as server:
        client.get(f"{server.url}/pets")
        server.stop()
        with pytest.raises(RuntimeError, match="does not run"):
            _ = server.url
