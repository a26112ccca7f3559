"""Which connections a stub is for, as clients see it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from mockforge.errors import MockForgeError
from tests.ws.making import ECHO, PATIENCE, client, handshake, mocking, raw, script


def told(name: str, *, priority: int = 5, **asks: Any) -> dict[str, Any]:
    """A stub that says its name."""
    return {
        "id": name,
        "priority": priority,
        "websocket": {"script": [{"send": name}], **asks},
    }


def test_a_path_may_be_a_predicate_or_any(tmp_path: Path) -> None:
    stubs = (told("version", path={"matches": r"/v\d+/.*"}), told("any", priority=9))
    with mocking(tmp_path, *stubs) as server:
        for path, name in (("/v2/feed", "version"), ("/vx/feed", "any"), ("/", "any")):
            with client(server, path) as listener:
                assert listener.recv(PATIENCE) == name


def test_host_and_client_choose_the_stub(tmp_path: Path) -> None:
    stubs = (
        told("here", host="mock.test", client={"startsWith": "127."}),
        told("strange", client="192.0.2.1", priority=1),
    )
    with mocking(tmp_path, *stubs) as server:
        with raw(server) as right:
            right.open("/")
            assert right.frame() == (0x81, b"here")
        with raw(server) as wrong:
            wrong.send(handshake("/").replace(b"mock.test", b"other.test"))
            status, problem = wrong.refused()
            assert status == 404
            assert "host" in json.dumps(problem["near"])


def test_a_stub_that_is_not_enabled_answers_nothing(tmp_path: Path) -> None:
    with (
        mocking(tmp_path, {**ECHO, "enabled": False}) as server,
        pytest.raises(InvalidStatus, match="404"),
        client(server, "/echo"),
    ):
        pass


def test_a_refusal_may_be_json(tmp_path: Path) -> None:
    refuse = {"status": 401, "json": {"error": "log in first"}}
    no = {"id": "no", "websocket": {"path": "/no", "refuse": refuse}}
    with mocking(tmp_path, no) as server, raw(server) as refused:
        refused.send(handshake("/no"))
        status, headers = refused.head()
        assert (status, headers["content-type"]) == (401, "application/json")
        body = refused.reader.read(int(headers["content-length"]))
        assert json.loads(body) == {"error": "log in first"}


def test_scenarios_are_those_of_http(tmp_path: Path) -> None:
    step = {
        "id": "open",
        "request": {"method": "POST", "path": "/open"},
        "response": {"status": 204},
        "scenario": {"name": "shop", "then": "open"},
    }
    greeting = told("welcome", path="/s") | {"scenario": {"name": "shop", "when": "open"}}
    with mocking(tmp_path, greeting, only=("http", "ws")) as server:
        server.stub(step)
        with pytest.raises(InvalidStatus, match="404"), client(server):
            pass
        assert httpx.post(server.url + "/open", timeout=PATIENCE).status_code == 204
        with client(server) as listener:
            assert listener.recv(PATIENCE) == "welcome"


def test_stubs_put_at_run_time_count_for_the_limit(tmp_path: Path) -> None:
    with mocking(tmp_path, ECHO, only=("http", "ws"), max_stubs=1) as server:
        with pytest.raises(MockForgeError, match="there are 1 stubs already"):
            server.stub(script("expect"))
        server.stub({**ECHO})  # in place of the other
