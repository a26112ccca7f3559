"""Connections listed, spoken to and closed by others than their scripts."""

from __future__ import annotations

import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from mockforge.errors import MockForgeError
from mockforge.testing import MockServer
from tests.kernel.observe.waiting import wait_until
from tests.ws.making import (
    ECHO,
    PATIENCE,
    RawClient,
    client,
    masked,
    mocking,
    raw,
    script,
    value_of,
)

LISTEN = {"forever": ["expect"]}
ROOMS = {
    "id": "rooms",
    "websocket": {
        "path": "/rooms/{name}",
        "script": [
            {"join": "{{ request.path.name }}"},
            {"join": "all"},
            {"send": "joined"},
            LISTEN,
        ],
    },
}


def sent(server: MockServer) -> list[tuple[str, str]]:
    """Path and message of all that was sent, as the journal has it, oldest first."""
    return [
        (entry.path, entry.response_body)
        for entry in server.journal.recent()[::-1]
        if entry.method == "SEND"
    ]


# ------------------------------------------------------------------ the list


def test_a_connection_is_listed_with_what_it_is_and_has_done(tmp_path: Path) -> None:
    before = time.time_ns()
    with mocking(tmp_path, ROOMS, ECHO) as server:
        assert server.connections() == []
        with client(server, "/rooms/red?a=1") as one, client(server, "/echo") as two:
            assert one.recv(PATIENCE) == "joined"
            two.send("x" * 100)
            assert two.recv(PATIENCE) == "x" * 100
            first, second = server.connections()
            assert first.id < second.id
            assert (first.protocol, first.path, first.source) == (
                "websocket",
                "/rooms/red",
                "stub:rooms",
            )
            host, port = one.local_address[:2]
            assert first.client == f"{host}:{port}"
            assert before < first.opened_ns < second.opened_ns < time.time_ns()
            assert (first.rooms, second.rooms) == (("all", "red"), ())
            assert (first.sent_messages, first.sent_bytes) == (1, len("joined") + 2)
            assert (second.received_messages, second.sent_messages) == (1, 1)
            assert (second.received_bytes, second.sent_bytes) == (106, 102)
            assert (first.state, first.queued_bytes) == ("open", 0)
        wait_until(lambda: server.connections() == [])


def test_the_list_comes_in_pages(tmp_path: Path) -> None:
    with mocking(tmp_path, ECHO) as server, ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(client(server, "/echo"))
        known = [info.id for info in server.connections()]
        assert known == sorted(known)
        assert len(known) == 5
        infos = server.kernel.connections.infos
        pages: list[list[int]] = []
        after = 0
        while page := server._running.call(infos, 2, after):
            pages.append([info.id for info in page])
            after = page[-1].id
        assert [len(page) for page in pages] == [2, 2, 1]
        assert [each for page in pages for each in page] == known


def test_what_waits_for_a_client_that_does_not_read_is_listed(tmp_path: Path) -> None:
    with (
        mocking(tmp_path, script(LISTEN), write_buffer=1000, send_queue=10**8) as server,
        raw(server, receive_buffer=2000) as deaf,
    ):
        deaf.open("/s")
        for _ in range(100):
            assert server.push(b"x" * 100_000, path="/s") == 1
        (info,) = server.connections()
        assert 10**6 < info.queued_bytes < 2 * 10**7


# ------------------------------------------------------------------ pushing


def test_a_push_reaches_a_path_a_room_or_one_connection(tmp_path: Path) -> None:
    with mocking(tmp_path, ROOMS) as server:
        with (
            client(server, "/rooms/red") as red,
            client(server, "/rooms/red") as other,
            client(server, "/rooms/blue") as blue,
        ):
            for each in (red, other, blue):
                assert each.recv(PATIENCE) == "joined"
            assert server.push("to the path", path="/rooms/blue") == 1
            assert server.push("to the room", room="red") == 2
            assert server.push("to one", connection=server.connections()[1].id) == 1
            assert server.push("to all", room="all") == 3
            assert [red.recv(PATIENCE) for _ in range(2)] == ["to the room", "to all"]
            assert [other.recv(PATIENCE) for _ in range(3)] == ["to the room", "to one", "to all"]
            assert [blue.recv(PATIENCE) for _ in range(2)] == ["to the path", "to all"]
            assert server.push("?", path="/rooms") == 0
            assert server.push("?", room="") == 0
            assert server.push("?", connection=10**9) == 0
        wait_until(lambda: server.connections() == [])
        assert server.push("too late", room="all") == 0


@pytest.mark.parametrize(
    ("message", "heard"),
    [
        ("text {{ not.a.template }}", "text {{ not.a.template }}"),
        (b"\x00\xff", b"\x00\xff"),
        ({"base64": "AP8="}, b"\x00\xff"),
        ({"text": "a"}, "a"),
        ({"json": "a"}, '"a"'),
        ({"type": "news", "n": 1}, '{"type":"news","n":1}'),
        ([1, None], "[1,null]"),
    ],
)
def test_a_message_is_written_as_in_a_script(tmp_path: Path, message: Any, heard: Any) -> None:
    with mocking(tmp_path, script(LISTEN)) as server, client(server) as listener:
        assert server.push(message, path="/s") == 1
        assert listener.recv(PATIENCE) == heard


@pytest.mark.parametrize("message", [None, 7, True, {"base64": "!"}])
def test_what_is_no_message_is_an_error(tmp_path: Path, message: Any) -> None:
    with mocking(tmp_path, ECHO) as server, pytest.raises(MockForgeError):
        server.push(message, path="/echo")


def test_there_has_to_be_a_server_that_takes_messages(tmp_path: Path) -> None:
    with mocking(tmp_path, ECHO, only=("ws",)) as server:
        with pytest.raises(MockForgeError, match="no http server runs"):
            server.push("a", path="/", protocol="http")
        with pytest.raises(TypeError, match="one of path, room and connection"):
            server.push("a", path="/", room="b")
    with MockServer(only=("http",)) as plain:
        with pytest.raises(MockForgeError, match="no ws server runs"):
            plain.push("a", path="/")
        with pytest.raises(MockForgeError, match="the http server takes no messages"):
            plain.push("a", path="/", protocol="http")


def test_a_push_gets_in_between_what_a_script_sends_and_never_within(tmp_path: Path) -> None:
    slow = {"fault": {"dribble": {"send": "a" * 50, "over": "500ms", "chunks": 50}}}
    stub = script({"send": "now"}, slow, LISTEN)
    with mocking(tmp_path, stub) as server, raw(server) as listener:
        listener.open("/s")
        assert listener.frame() == (0x81, b"now")
        assert server.push("pushed", path="/s") == 1
        assert listener.frame() == (0x81, b"a" * 50)
        assert listener.frame() == (0x81, b"pushed")


# ------------------------------------------------------------------ closing


def test_a_connection_is_closed_from_outside(tmp_path: Path) -> None:
    with (
        mocking(tmp_path, ECHO) as server,
        client(server, "/echo") as one,
        client(server, "/echo") as two,
    ):
        first, second = (info.id for info in server.connections())
        assert server.close_connection(second, 4001, "go away")
        with pytest.raises(ConnectionClosed) as closed:
            two.recv(PATIENCE)
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4001, "go away")
        wait_until(lambda: [info.id for info in server.connections()] == [first])
        assert not server.close_connection(second)
        one.send("still there")
        assert one.recv(PATIENCE) == "still there"
        assert server.close_connection(first)
        with pytest.raises(ConnectionClosed) as closed:
            one.recv(PATIENCE)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1000


def test_one_that_was_told_is_closing_until_it_answers(tmp_path: Path) -> None:
    with mocking(tmp_path, ECHO) as server, raw(server) as slow:
        slow.open("/echo")
        (info,) = server.connections()
        assert server.close_connection(info.id)
        assert [each.state for each in server.connections()] == ["closing"]
        assert server.push("too late", connection=info.id) == 0
        assert slow.closed()[0] == 1000
        slow.send(masked(b"\x03\xe8", 0x88))
        wait_until(lambda: server.connections() == [])


@pytest.mark.parametrize(("code", "reason"), [(1005, ""), (999, ""), (5000, ""), (1000, "é" * 62)])
def test_what_a_close_cannot_say_is_an_error(tmp_path: Path, code: int, reason: str) -> None:
    with mocking(tmp_path, ECHO) as server, client(server, "/echo"):
        (info,) = server.connections()
        with pytest.raises(MockForgeError):
            server.close_connection(info.id, code, reason)
        assert [each.state for each in server.connections()] == ["open"]


# ------------------------------------------------------------------ the journal


def test_what_others_send_is_in_the_journal_of_each_who_got_it(tmp_path: Path) -> None:
    talk = script({"forever": ["expect", {"broadcast": {"send": "{{ message }}"}}]}, path="/talk")
    with (
        mocking(tmp_path, talk) as server,
        client(server, "/talk") as one,
        client(server, "/talk?b") as two,
        client(server, "/talk?c") as three,
    ):
        one.send("said")
        assert two.recv(PATIENCE) == three.recv(PATIENCE) == "said"
        assert server.push("pushed", path="/talk") == 3
        assert one.recv(PATIENCE) == two.recv(PATIENCE) == three.recv(PATIENCE) == "pushed"
        noted = [entry for entry in server.journal.recent()[::-1] if entry.method == "SEND"]
        assert [entry.response_body for entry in noted] == ["said"] * 2 + ["pushed"] * 3
        ports = [each.local_address[1] for each in (two, three, one, two, three)]
        assert [int(entry.client.rpartition(":")[2]) for entry in noted] == ports


def test_it_is_cut_as_all_is_and_left_out_with_log_messages_off(tmp_path: Path) -> None:
    with MockServer(only=("ws",), settings={"core.max_logged_body": "10"}) as server:
        server.stub(script(LISTEN))
        with client(server) as listener:
            assert server.push("x" * 1000, path="/s") == 1
            assert listener.recv(PATIENCE) == "x" * 1000
            (entry,) = (entry for entry in server.journal.recent() if entry.method == "SEND")
            assert (entry.response_body, entry.response_size) == ("x" * 10, 1000)
    with mocking(tmp_path, script(LISTEN), log_messages=False) as quiet, client(quiet) as listener:
        assert quiet.push("x", path="/s") == 1
        assert listener.recv(PATIENCE) == "x"
        assert sent(quiet) == []


def test_what_waited_is_noted_when_it_is_sent_and_what_was_dropped_is_not(tmp_path: Path) -> None:
    with (
        mocking(
            tmp_path,
            script(LISTEN),
            write_buffer=1000,
            send_queue=500_000,
            send_queue_full="drop_oldest",
        ) as server,
        raw(server, receive_buffer=2000) as deaf,
    ):
        deaf.open("/s")
        for number in range(100):
            server.push(f"{number:02}" + "x" * 100_000, path="/s")
        dropped = value_of(server, "mockforge_dropped_total", component="ws.messages")
        assert 0 < dropped < 100
        assert len(sent(server)) < 100 - dropped
        heard: list[str] = []
        while not heard or heard[-1] != "99":
            first, payload = deaf.frame()
            assert first == 0x81
            heard.append(payload[:2].decode())
        assert len(heard) == 100 - dropped
        assert [body[:2] for _, body in sent(server)] == heard


# ------------------------------------------------------------------ connections of HTTP


def test_ids_are_of_one_kind_for_all_servers(tmp_path: Path) -> None:
    with (
        mocking(tmp_path, ECHO, only=("http", "ws")) as server,
        client(server, "/echo"),
        closing(RawClient(server.url)) as http,
    ):
        http.send(b"GET /none HTTP/1.1\r\nHost: a\r\n\r\n")
        assert http.head()[0] == 404
        socket, plain = server.connections()
        assert (socket.protocol, plain.protocol) == ("websocket", "http")
        assert (plain.state, plain.path, plain.sent_bytes) == ("idle", None, None)
        assert plain.client == f"127.0.0.1:{http.socket.getsockname()[1]}"
        assert [info.id for info in server.connections("http")] == [plain.id]
        assert server.close_connection(plain.id)
        wait_until(lambda: [info.id for info in server.connections()] == [socket.id])
        assert not server.close_connection(plain.id)


def test_a_request_under_way_is_answered_before_its_connection_is_closed() -> None:
    with MockServer() as server:
        server.stub("GET", "/slow", text="answered", delay="300ms")
        with closing(RawClient(server.url)) as http:
            http.send(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            wait_until(lambda: [info.state for info in server.connections()] == ["answering"])
            assert server.close_connection(server.connections()[0].id)
            assert http.head()[0] == 200
            assert http.reader.read() == b"answered"
        with closing(RawClient(server.url)) as half:
            half.send(b"GET /slow HTTP/1.1\r\n")
            wait_until(lambda: [info.state for info in server.connections()] == ["reading"])
            assert server.close_connection(server.connections()[0].id)
            assert half.reader.read() == b""
