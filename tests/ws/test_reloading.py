"""Limits that are changed by a reload, seen by connections that are open and by new ones."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from mockforge.errors import MockForgeError
from mockforge.testing import MockServer
from tests.kernel.observe.waiting import wait_until
from tests.ws.making import ECHO, PATIENCE, client, masked, mocking, raw, script, value_of

ROOMS = script({"forever": ["expect", {"join": "{{ message.text }}"}, "echo"]}, path="/rooms")
LISTEN = script({"forever": ["expect"]})


def change(server: MockServer, **settings: Any) -> None:
    """Reload with other settings of ``websocket``, with dots as two underscores."""
    for key, value in settings.items():
        server._given[f"websocket.{key.replace('__', '.')}"] = value
    server.kernel._reread = lambda: server._settings(server.plugins, server._stack)
    server.reload()


def said(connection: ClientConnection, message: str) -> None:
    connection.send(message)
    assert connection.recv(PATIENCE) == message


def ended(connection: ClientConnection) -> int:
    """The code with which the server closes."""
    try:
        while True:
            connection.recv(PATIENCE)
    except ConnectionClosed as closed:
        return 0 if closed.rcvd is None else closed.rcvd.code


@pytest.mark.parametrize("limit", ["max_message", "max_frame"])
def test_the_size_of_messages(tmp_path: Path, limit: str) -> None:
    with mocking(tmp_path, ECHO) as server, client(server, "/echo") as old:
        said(old, "x" * 100)
        change(server, **{limit: 50})
        with client(server, "/echo") as new:
            for each in (old, new):
                said(each, "x" * 50)
                each.send("x" * 51)
                assert ended(each) == 1009
        change(server, **{limit: 200})
        with client(server, "/echo") as new:
            said(new, "x" * 200)


def test_the_number_of_connections(tmp_path: Path) -> None:
    with mocking(tmp_path, ECHO) as server, ExitStack() as stack:
        old = [stack.enter_context(client(server, "/echo")) for _ in range(3)]
        change(server, max_connections=2)
        for each in old:
            said(each, "those that are open stay")
        with pytest.raises(InvalidStatus, match="503"):
            stack.enter_context(client(server, "/echo"))
        change(server, max_connections=4)
        said(stack.enter_context(client(server, "/echo")), "there is room")


def test_the_rate_of_messages(tmp_path: Path) -> None:
    with mocking(tmp_path, ECHO) as server, client(server, "/echo") as old:
        for _ in range(20):
            said(old, "x")
        change(server, max_rate=5)
        for _ in range(6):
            old.send("x")
        assert ended(old) == 1008


def test_the_rooms_of_a_connection(tmp_path: Path) -> None:
    with mocking(tmp_path, ROOMS, max_rooms=1) as server, client(server, "/rooms") as old:
        said(old, "one")
        change(server, max_rooms=2)
        said(old, "two")
        old.send("three")
        assert ended(old) == 1011


def test_the_times_of_a_connection(tmp_path: Path) -> None:
    with mocking(tmp_path, ECHO) as server, raw(server) as old, client(server, "/echo") as idle:
        old.open("/echo")
        change(server, timeouts__ping="50ms", timeouts__idle="10s")
        assert old.frame() == (0x89, b"")  # the sweep has gone over to a shorter step
        old.send(masked(b"", 0x8A))
        change(server, timeouts__ping="1h", timeouts__idle="50ms")
        assert ended(idle) == 1001
        assert old.closed()[0] == 1001


def test_the_time_for_an_opening_request(tmp_path: Path) -> None:
    with mocking(tmp_path, ECHO) as server, raw(server) as slow:
        slow.send(b"GET /echo HTTP/1.1\r\n")
        wait_until(lambda: value_of(server, "mockforge_ws_connections_active") == 1)
        change(server, timeouts__handshake="50ms")
        assert slow.refused()[0] == 408


def test_what_waits_for_a_client_that_does_not_read(tmp_path: Path) -> None:
    with (
        mocking(tmp_path, LISTEN, send_queue=10**8) as server,
        raw(server, receive_buffer=2000) as deaf,
    ):
        deaf.open("/s")
        for _ in range(100):
            assert server.push("x" * 100_000, path="/s") == 1
        assert server.connections()[0].state == "open"
        change(server, send_queue=10_000)
        assert server.push("x" * 100_000, path="/s") == 1
        assert [info.state for info in server.connections()] == ["closing"]


def test_what_all_connections_hold(tmp_path: Path) -> None:
    with mocking(tmp_path, script({"wait": "1h"})) as server, client(server) as old:
        old.send("x" * 1000)
        wait_until(lambda: server.connections()[0].received_messages == 1)
        change(server, max_held=2000)
        old.send("x" * 1000)
        assert ended(old) == 1013
        (limit,) = (
            each.limit for each in server.kernel.memory.components() if each.name == "ws.messages"
        )
        assert limit == 2000


def test_compression_is_for_new_connections(tmp_path: Path) -> None:
    with (
        mocking(tmp_path, ECHO) as server,
        client(server, "/echo", compression="deflate") as old,
    ):
        change(server, compression=True)
        with client(server, "/echo", compression="deflate") as new:
            for each in (old, new):
                said(each, "x" * 1000)
            assert [each.protocol.extensions != [] for each in (old, new)] == [False, True]
            first, second = server.connections()
            assert first.sent_bytes == 1004
            assert second.sent_bytes is not None
            assert second.sent_bytes < 100
            change(server, max_message=500)
            new.send("x" * 501)
            assert ended(new) == 1009


def test_whether_messages_are_noted(tmp_path: Path) -> None:
    with mocking(tmp_path, ECHO) as server, client(server, "/echo") as old:
        said(old, "noted")
        change(server, log_messages=False)
        said(old, "not noted")
        change(server, log_messages=True)
        said(old, "noted again")
        bodies = [
            entry.response_body for entry in server.journal.recent()[::-1] if entry.method == "SEND"
        ]
        assert bodies == ["noted", "noted again"]


def test_connections_that_end_meanwhile_do_no_harm(tmp_path: Path) -> None:
    gone = script({"fault": {"dribble": {"send": "x" * 100, "over": "1h"}}}, path="/gone")
    with mocking(tmp_path, ECHO, gone) as server, raw(server) as leaving, raw(server) as slow:
        leaving.open("/echo")
        slow.open("/gone")
        wait_until(lambda: len(server.connections()) == 2)
        for info in server.connections():
            assert server.close_connection(info.id)
        change(server, write_buffer=1000)
        assert leaving.closed()[0] == 1000
        with client(server, "/echo") as new:
            said(new, "there")


def test_a_reload_that_fails_changes_no_limit(tmp_path: Path) -> None:
    with mocking(tmp_path, ECHO) as server, client(server, "/echo") as old:
        (tmp_path / "stubs.json").write_text("{")
        with pytest.raises(MockForgeError):
            change(server, max_message=10)
        said(old, "x" * 100)
        with client(server, "/echo") as new:
            said(new, "x" * 100)
