"""Stubs of HTTP that speak to clients of WebSocket."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from websockets.sync.client import ClientConnection, connect

from mockforge.cli import cli
from mockforge.errors import MockForgeError
from mockforge.testing import MockServer
from tests.kernel.observe.waiting import wait_until
from tests.ws.making import PATIENCE

ROOM: Mapping[str, Any] = {
    "id": "room",
    "websocket": {
        "path": "/chat/{room}",
        "script": [
            {"join": "{{ request.path.room }}"},
            {"send": "joined"},
            {"forever": ["expect"]},
        ],
    },
}
BOTH = ("http", "ws")


@pytest.fixture
def server() -> Iterator[MockServer]:
    with MockServer(only=BOTH) as running:
        running.stub(ROOM)
        yield running


@contextmanager
def joined(server: MockServer, room: str = "red") -> Iterator[ClientConnection]:
    """A client in ``room``."""
    with connect(f"{server.address('ws')}/chat/{room}", compression=None) as client:
        assert client.recv(PATIENCE) == "joined"
        yield client


def put(server: MockServer, push: Any, path: str = "/say/{room}") -> None:
    server.stub(
        {
            "id": "say",
            "request": {"method": "POST", "path": path},
            "response": {"status": 202},
            "push": push,
        }
    )


def say(server: MockServer, target: str = "/say/red", **given: Any) -> None:
    assert httpx.post(server.url + target, **given).status_code == 202


def outcome(server: MockServer, name: str) -> bool:
    return f'mockforge_http_pushes_total{{outcome="{name}"}} 1' in server.metrics.render()


# ------------------------------------------------------------------ what is sent


@pytest.mark.shows("mockforge_http_pushes_total")
def test_a_call_pushes_what_the_request_said_to_a_room(server: MockServer) -> None:
    push = {
        "websocket": {"room": "{{ request.path.room }}"},
        "send": {"type": "news", "text": "{{ request.json.text }}", "n": "{{ request.json.n }}"},
    }
    put(server, push)
    with joined(server) as red, joined(server, "blue") as blue:
        say(server, json={"text": 'a "quoted" word', "n": 7})
        said = {"type": "news", "text": 'a "quoted" word', "n": 7}
        assert json.loads(red.recv(PATIENCE)) == said
        say(server, "/say/blue", json={"text": "b", "n": 8})
        assert json.loads(blue.recv(PATIENCE))["n"] == 8
        wait_until(lambda: 'pushes_total{outcome="sent"} 2' in server.metrics.render())
        noted = [
            entry for entry in server.requests("SEND", "/chat/*") if "news" in entry.response_body
        ]
        assert [entry.path for entry in noted] == ["/chat/red", "/chat/blue"]


@pytest.mark.parametrize(
    ("send", "heard"),
    [
        ("to {{ request.query.who }}", "to rex"),
        ({"text": "{{ request.query.who }}"}, "rex"),
        ({"base64": "AP8="}, b"\x00\xff"),
        (["{{ request.query.who }}", 1], '["rex",1]'),
    ],
)
def test_it_is_written_as_in_a_script(server: MockServer, send: Any, heard: Any) -> None:
    put(server, {"websocket": {"path": "/chat/red"}, "send": send})
    with joined(server) as red:
        say(server, "/say/x?who=rex")
        assert red.recv(PATIENCE) == heard


def test_several_go_out_in_order_and_templates_may_be_off(server: MockServer) -> None:
    to = {"websocket": {"room": "red"}}
    put(
        server,
        [
            {**to, "send": "later", "after": "50ms"},
            {**to, "send": "{{ uuid }}", "template": False},
            {**to, "send": "second"},
        ],
    )
    with joined(server) as red:
        say(server)
        assert [red.recv(PATIENCE) for _ in range(3)] == ["{{ uuid }}", "second", "later"]


def test_the_answer_goes_out_whatever_becomes_of_the_push(
    server: MockServer, caplog: pytest.LogCaptureFixture
) -> None:
    push = {"websocket": {"room": "red"}, "send": "{{ 1 // (request.query.n | int) }}"}
    put(server, push)
    with joined(server) as red:
        with caplog.at_level(logging.WARNING, "mockforge.http.stubs"):
            say(server, "/say/red?n=0")
            wait_until(lambda: outcome(server, "failed"))
        assert "the push of stub say was not sent: " in caplog.text
        assert "push.send" in caplog.text
        say(server, "/say/red?n=1")
        assert red.recv(PATIENCE) == "1"


def test_what_nobody_hears_is_counted_and_said(
    server: MockServer, caplog: pytest.LogCaptureFixture
) -> None:
    put(server, {"websocket": {"room": "{{ request.path.room }}"}, "send": "hello?"})
    with caplog.at_level(logging.WARNING, "mockforge.http.stubs"):
        say(server)
        wait_until(lambda: outcome(server, "unheard"))
    assert "the push of stub say was not sent: nobody is connected to the room red" in caplog.text


def test_those_that_wait_are_bounded_in_number_and_bytes() -> None:
    for limit, left in (({"max_queue": 3}, 3), ({"max_bytes": "20KiB"}, 3)):
        with MockServer(only=BOTH, settings={"http.callbacks": limit}) as server:
            later = {"websocket": {"room": "red"}, "send": "x" * 5000, "after": "1h"}
            put(server, [later] * 5)
            say(server)
            dropped = f'mockforge_dropped_total{{component="http.pushes"}} {5 - left}'
            wait_until(lambda text=dropped: text in server.metrics.render())  # type: ignore[misc]
            (held,) = (
                each for each in server.kernel.memory.components() if each.name == "http.pushes"
            )
            assert left * 5000 < (held.bytes or 0) < (left + 1) * 6100


def test_the_same_seed_pushes_the_same() -> None:
    heard = []
    for _ in range(2):
        with MockServer(only=BOTH, seed=7) as server:
            server.stub(ROOM)
            put(server, {"websocket": {"room": "red"}, "send": "{{ uuid }}"})
            with joined(server) as red:
                say(server)
                heard.append(red.recv(PATIENCE))
    assert heard[0] == heard[1]


# ------------------------------------------------------------------ what is wrong


@pytest.mark.parametrize(
    ("push", "says"),
    [
        ("{}", "push): does not say whom it is for"),
        ("{websockt: {room: a}, send: b}", "[1].push.websockt): "),
        ("{websocket: {room: a}}", "push): there is no `send`"),
        ("{websocket: {}, send: b}", "push.websocket): must have either `path` or `room`"),
        ("{websocket: {room: a, path: /b}, send: b}", "push.websocket): must have either"),
        ("{websocket: {room: 7}, send: b}", "push.websocket.room): must be text"),
        ("{websocket: {rom: a}, send: b}", "push.websocket.rom): "),
        ("{websocket: {room: a}, send: 7}", "push.send): expected a text"),
        ("{websocket: {room: a}, send: {base64: '!'}}", "push.send.base64): "),
        ("{websocket: {room: a}, send: b, after: soon}", "push.after): expected a duration"),
        ("{websocket: {room: a}, send: '{{ nothing. }}'}", "push.send.text): "),
        ("[{websocket: {room: a}, send: b}, 7]", "push[1]): must be a mapping"),
        ("[{websocket: {room: a}, send: null}]", "push[0].send): there is nothing to send"),
    ],
)
def test_mistakes_are_found_with_their_place(tmp_path: Path, push: str, says: str) -> None:
    file = tmp_path / "mocks.yaml"
    file.write_text(
        f"- {{request: {{}}, response: {{}}}}\n- {{request: {{}}, response: {{}}, push: {push}}}\n"
    )
    settings = {"http.mocks": [str(file)]}
    with pytest.raises(MockForgeError) as error, MockServer(only=BOTH, settings=settings):
        pass
    text = str(error.value)
    assert f"{file}:2:" in text
    assert says in text
    done = CliRunner().invoke(cli, ["lint", str(file)])
    assert done.exit_code == 1
    assert says.replace("): ", "): error: ") in done.output


def test_a_stub_has_ten_of_them_at_most(server: MockServer) -> None:
    with pytest.raises(MockForgeError, match="a list of at most 10 pushes"):
        put(server, [{"websocket": {"room": "a"}, "send": "b"}] * 11)


def test_without_a_server_for_it_the_stub_answers_and_that_is_warned_of(tmp_path: Path) -> None:
    file = tmp_path / "mocks.yaml"
    file.write_text(
        dedent("""
        request: {}
        response: {status: 202}
        push: {websocket: {room: a}, send: b}
        """)
    )
    with MockServer(settings={"http.mocks": [str(file)]}) as server:
        (http,) = server.kernel.servers
        assert [each.code for each in http.warnings()] == ["stub.push-unheard"]
        say(server)
