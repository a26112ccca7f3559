"""Every limit, filled past its end from outside."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from mockforge.testing import MockServer
from mockforge_ws.config import WebSocketConfig
from mockforge_ws.wire import Limits
from mockforge_ws.wire.pieces import Pieces
from tests.kernel.observe.waiting import wait_until
from tests.traced import tracing
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


def limit(server: MockServer, name: str) -> float:
    return value_of(server, "mockforge_ws_limits_total", limit=name)


@pytest.mark.shows(
    "websocket.max_connections",
    "mockforge_ws_connections_active",
    "mockforge_ws_connections_total",
    "mockforge_ws_refused_total",
    "mockforge_ws_limits_total",
)
def test_connections_past_the_limit_are_answered_with_503(tmp_path: Path) -> None:
    with mocking(tmp_path, ECHO, max_connections=2) as server:
        with client(server, "/echo"), client(server, "/echo"):
            assert value_of(server, "mockforge_ws_connections_active") == 2
            with pytest.raises(InvalidStatus) as refused, client(server, "/echo"):
                pass
            assert refused.value.response.status_code == 503
            assert b"websocket.max_connections" in (refused.value.response.body or b"")
        wait_until(lambda: value_of(server, "mockforge_ws_connections_active") == 0)
        with client(server, "/echo") as again:
            again.send("there is room")
            assert again.recv(PATIENCE) == "there is room"
        assert value_of(server, "mockforge_ws_connections_total") == 3
        assert value_of(server, "mockforge_ws_refused_total", status="503") == 1
        assert limit(server, "connections") == 1


@pytest.mark.shows("websocket.max_message")
@pytest.mark.parametrize("pieces", [1, 3, 100])
def test_a_message_that_is_too_large_ends_the_connection_with_1009(
    tmp_path: Path, pieces: int
) -> None:
    with mocking(tmp_path, ECHO, max_message=1000, max_frame=5000) as server:
        with client(server, "/echo") as right:
            right.send("x" * 1000)
            assert right.recv(PATIENCE) == "x" * 1000
        with client(server, "/echo") as wrong:
            size = -(-1001 // pieces)
            with pytest.raises(ConnectionClosed) as closed:  # noqa: PT012 - either may meet it
                wrong.send("y" * size for _ in range(pieces))
                wrong.recv(PATIENCE)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1009
        assert limit(server, "message") == 1


def test_a_message_of_single_octets_takes_no_more_memory_than_it_is_long() -> None:
    limits = Limits.of(WebSocketConfig())
    with tracing() as traced:
        pieces = Pieces()
        for number in range(100_000):
            piece = str(number % 10).encode()
            assert pieces.exceeds(piece, limits) is None
            pieces.add(piece, ends_frame=True)
        assert traced.held < 200_000
    assert pieces.whole() == b"0123456789" * 10_000


def test_octets_count_and_not_characters(tmp_path: Path) -> None:
    with mocking(tmp_path, ECHO, max_message=100) as server, client(server, "/echo") as wrong:
        wrong.send("\N{SNOWMAN}" * 33)
        assert wrong.recv(PATIENCE) == "\N{SNOWMAN}" * 33
        wrong.send("\N{SNOWMAN}" * 34)
        with pytest.raises(ConnectionClosed) as closed:
            wrong.recv(PATIENCE)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009


@pytest.mark.shows("websocket.max_frame")
def test_a_frame_that_is_too_large_ends_the_connection_with_1009(tmp_path: Path) -> None:
    with mocking(tmp_path, ECHO, max_message=5000, max_frame=1000) as server:
        with client(server, "/echo") as right:
            right.send("x" * 1000 for _ in range(3))
            assert right.recv(PATIENCE) == "x" * 3000
        with raw(server) as wrong:
            wrong.open("/echo")
            wrong.send(masked(b"y" * 1001))
            assert wrong.closed() == (1009, "a frame is larger than 1000 bytes")
        assert limit(server, "frame") == 1


def test_a_bomb_of_compressed_zeros_is_not_inflated(tmp_path: Path) -> None:
    pack = zlib.compressobj(9, zlib.DEFLATED, -12)
    part = pack.compress(bytes(1024 * 1024)) + pack.flush(zlib.Z_FULL_FLUSH)
    bomb = (part * 200)[:-4]  # it refers to nothing before itself
    with (
        mocking(tmp_path, ECHO, compression=True, max_frame=10**9, max_message=10**5) as server,
        raw(server) as wrong,
    ):
        wrong.open("/echo", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits")
        wrong.send(masked(bomb, 0xC2))
        assert wrong.closed()[0] == 1009
        held = server.kernel.memory.report().components
        assert {row.name: row.bytes or 0 for row in held}["ws.connections"] < 10**6


@pytest.mark.shows("websocket.max_head")
def test_an_opening_request_that_is_too_large_gets_431(tmp_path: Path) -> None:
    with mocking(tmp_path, ECHO, max_head=1000) as server:
        with raw(server) as right:
            right.open("/echo", "X-Long: " + "a" * 700)
        with raw(server) as wrong:
            wrong.send(b"GET /echo HTTP/1.1\r\nX-Long: " + b"a" * 5000)
            assert wrong.refused()[0] == 431
        assert limit(server, "head") == 1


@pytest.mark.shows("websocket.max_rate")
def test_more_messages_in_a_second_than_allowed_end_the_connection_with_1008(
    tmp_path: Path,
) -> None:
    with mocking(tmp_path, ECHO, max_rate=5) as server, raw(server) as wrong:
        wrong.open("/echo")
        wrong.send(masked(b"hi") * 50)
        assert wrong.closed() == (1008, "more than 5 messages in a second")
        assert limit(server, "rate") == 1
        assert value_of(server, "mockforge_ws_messages_total", direction="out") < 50


@pytest.mark.shows("websocket.max_inbox", "mockforge_ws_messages_total", "mockforge_ws_bytes_total")
def test_reading_pauses_while_a_script_takes_nothing(tmp_path: Path) -> None:
    stub = script(
        {"expect": "go"},
        {"repeat": 400, "do": [{"send": "x" * 20_000}]},  # waits, as nobody reads
        {"repeat": 2000, "do": ["expect", "echo"]},
        {"close": 1000},
    )
    with (
        mocking(tmp_path, stub, max_inbox=3, write_buffer=1000) as server,
        raw(server, receive_buffer=4096) as sender,
    ):
        sender.open("/s")
        sender.send(masked(b"go"))
        sender.send(b"".join(masked(b"%d" % number) for number in range(2000)))
        wait_until(lambda: value_of(server, "mockforge_ws_messages_total", direction="in") == 4)
        assert value_of(server, "mockforge_ws_messages_total", direction="out") < 400
        for _ in range(400):
            assert len(sender.frame()[1]) == 20_000
        frames = [sender.frame()[1] for _ in range(2000)]
        assert frames == [b"%d" % number for number in range(2000)]
        assert value_of(server, "mockforge_ws_bytes_total", direction="in") > 2000 * 7


ROOM = (script({"forever": ["expect", {"broadcast": "{{ message.text }}"}, "echo"]}, path="/talk"),)


def fill(server: MockServer, deaf: RawClient) -> int:
    """Have messages sent to ``deaf``, which does not read, until the queue has been full; how many."""
    deaf.open("/talk")
    sent = 0
    with client(server, "/talk", max_size=None) as talker:
        for number in range(400):
            talker.send(f"{number:06d}" + "x" * 20_000)
            talker.recv(PATIENCE)
            sent = number + 1
            if value_of(server, "mockforge_dropped_total", component="ws.messages"):
                break
    return sent


@pytest.mark.shows("websocket.send_queue", "websocket.write_buffer")
def test_who_does_not_read_is_closed_when_its_queue_is_full(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"send_queue": 100_000, "write_buffer": 1000}
    with (
        mocking(tmp_path, *ROOM, **settings) as server,
        raw(server, receive_buffer=4096) as deaf,
    ):
        assert 4 < fill(server, deaf) < 400
        assert deaf.closed() == (1013, "messages are not read")
        assert limit(server, "send_queue") == 1


@pytest.mark.shows("websocket.send_queue_full")
def test_the_oldest_messages_are_dropped_and_counted(tmp_path: Path) -> None:
    settings: dict[str, Any] = {
        "send_queue": 100_000,
        "write_buffer": 1000,
        "send_queue_full": "drop_oldest",
    }
    with (
        mocking(tmp_path, *ROOM, **settings) as server,
        raw(server, receive_buffer=4096) as deaf,
    ):
        sent = fill(server, deaf)
        dropped = value_of(server, "mockforge_dropped_total", component="ws.messages")
        got: list[int] = []
        while len(got) < sent - dropped:
            got.append(int(deaf.frame()[1][:6]))
        assert got == sorted(got)
        assert got[-1] == sent - 1  # the newest is there
        assert len(set(got)) == sent - dropped
        assert limit(server, "send_queue") == 0


def test_messages_without_content_fill_the_queue_too(tmp_path: Path) -> None:
    room = (
        script({"send": "x" * 4_000_000}, {"forever": ["expect"]}, path="/deaf"),
        script({"repeat": 5000, "do": [{"broadcast": {"path": "/deaf", "send": ""}}]}, path="/say"),
    )
    with (
        mocking(tmp_path, *room, send_queue=10_000, write_buffer=1000) as server,
        raw(server, receive_buffer=4096) as deaf,
    ):
        deaf.open("/deaf")
        wait_until(lambda: value_of(server, "mockforge_ws_messages_total", direction="out") == 1)
        with client(server, "/say") as noisy, pytest.raises(ConnectionClosed):
            noisy.recv(PATIENCE)
        assert limit(server, "send_queue") == 1


@pytest.mark.shows("websocket.max_held")
@pytest.mark.parametrize("where", ["receiving", "inbox", "queue"])
def test_who_goes_above_what_all_may_hold_is_closed_with_1013(tmp_path: Path, where: str) -> None:
    deaf = script({"repeat": 400, "do": [{"send": "x" * 20_000}]}, path="/deaf")
    settings: dict[str, Any] = {"max_held": 100_000, "write_buffer": 1000, "send_queue": 10**6}
    with mocking(tmp_path, ECHO, deaf, *ROOM, **settings) as server:
        if where == "queue":
            with raw(server, receive_buffer=4096) as last:
                fill(server, last)
                assert last.closed() == (1013, "the mock holds too many messages")
        else:
            with raw(server, receive_buffer=4096) as first, raw(server) as last:
                first.open("/deaf" if where == "inbox" else "/echo")
                first.send(masked(b"y" * 60_000, 0x82 if where == "inbox" else 0x02))
                wait_until(lambda: held(server) >= 60_000)
                last.open("/echo")
                last.send(masked(b"z" * 60_000, 0x02))
                assert last.closed() == (1013, "the mock holds too many messages")
        wait_until(lambda: held(server) == 0)
        assert limit(server, "held") == 1


def held(server: MockServer) -> float:
    return value_of(server, "mockforge_memory_bytes", component="ws.messages")


@pytest.mark.shows("websocket.max_rooms")
def test_a_connection_joins_only_so_many_rooms(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stub = script({"repeat": 3, "do": [{"join": "room {{ index }}"}, {"send": "in {{ index }}"}]})
    with mocking(tmp_path, stub, max_rooms=2) as server, client(server) as visitor:
        assert [visitor.recv(PATIENCE), visitor.recv(PATIENCE)] == ["in 0", "in 1"]
        with pytest.raises(ConnectionClosed) as closed:
            visitor.recv(PATIENCE)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1011
    assert "websocket.max_rooms" in caplog.text


@pytest.mark.shows("websocket.timeouts.handshake")
def test_an_opening_request_that_does_not_come_gets_408(tmp_path: Path) -> None:
    with mocking(tmp_path, ECHO, timeouts__handshake=0.05) as server, raw(server) as slow:
        slow.send(b"GET /echo HTTP/1.1\r\n")
        assert slow.refused()[0] == 408
        assert limit(server, "handshake") == 1


@pytest.mark.shows("websocket.timeouts.idle")
def test_a_connection_without_messages_is_closed_with_1001(tmp_path: Path) -> None:
    with mocking(tmp_path, ECHO, timeouts__idle=0.05) as server, raw(server) as idle:
        idle.open("/echo")
        assert idle.closed() == (1001, "idle")
        assert limit(server, "idle") == 1


def test_a_connection_that_only_hears_messages_is_not_idle(tmp_path: Path) -> None:
    stub = script({"repeat": 60, "every": "10ms", "do": [{"send": "{{ index }}"}]})
    times: dict[str, Any] = {"timeouts__idle": 0.2, "timeouts__ping": 0}
    with mocking(tmp_path, stub, **times) as server, raw(server) as listener:
        listener.open("/s")
        assert [listener.frame()[1] for _ in range(60)] == [b"%d" % each for each in range(60)]
        assert listener.closed() == (1000, "")


@pytest.mark.shows("websocket.timeouts.ping", "websocket.timeouts.pong")
def test_who_does_not_answer_pings_is_cut(tmp_path: Path) -> None:
    times: dict[str, Any] = {"timeouts__ping": 0.05, "timeouts__pong": 0.5}
    with mocking(tmp_path, ECHO, **times) as server, raw(server) as deaf:
        deaf.open("/echo")
        assert deaf.frame() == (0x89, b"")
        deaf.send(masked(b"", 0x8A))  # one is answered
        assert deaf.frame() == (0x89, b"")
        assert deaf.frame() == (0, b"")
        assert limit(server, "pong") == 1


@pytest.mark.shows("websocket.timeouts.close")
def test_who_does_not_answer_a_close_is_cut(tmp_path: Path) -> None:
    stub = script({"close": 1000})
    with mocking(tmp_path, stub, timeouts__close=0.05) as server, raw(server) as rude:
        rude.open("/s")
        assert rude.closed() == (1000, "")
        assert rude.frame() == (0, b"")
        assert limit(server, "close") == 1


@pytest.mark.shows("websocket.max_stubs")
def test_more_stubs_than_allowed_are_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(Exception, match=r"more than 1 stubs"),
        mocking(tmp_path, ECHO, script("expect"), max_stubs=1),
    ):
        pass
