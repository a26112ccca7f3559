"""Scripts as clients see them, and what is said of scripts that are wrong."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from mockforge.errors import MockForgeError
from mockforge.testing import MockServer
from tests.ws.making import ECHO, PATIENCE, RawClient, client, masked, mocking, raw, script


def hear(connection: ClientConnection) -> list[str | bytes]:
    """Everything until the close."""
    heard: list[str | bytes] = []
    while True:
        try:
            heard.append(connection.recv(PATIENCE))
        except ConnectionClosed:
            return heard


def play(tmp_path: Path, *steps: Any, says: tuple[str | bytes, ...] = ()) -> list[str | bytes]:
    """What a client that says ``says`` hears of a script."""
    with mocking(tmp_path, script(*steps)) as server, client(server) as listener:
        for each in says:
            listener.send(each)
        return hear(listener)


def test_a_conversation_in_order(tmp_path: Path) -> None:
    heard = play(
        tmp_path,
        {"send": "hello {{ request.query.name or 'you' }}"},
        {"expect": {"json": {"type": "join"}}},
        {"set": {"who": "{{ message.json.name }}", "n": 1}},
        {"send": {"welcome": "{{ vars.who }}", "n": "{{ vars.n + 1 }}"}},
        {"expect": "done"},
        {"send": "{{ message }} and {{ message.text }}"},
        says=("noise", '{"type": "leave"}', '{"type": "join", "name": "rex"}', "noise", "done"),
    )
    assert heard == ["hello you", '{"welcome":"rex","n":2}', "done and done"]


def test_what_may_be_sent(tmp_path: Path) -> None:
    heard = play(
        tmp_path,
        {"send": {"text": "t"}},
        {"send": {"json": "j"}},
        {"send": [1, {"a": "{{ 1 + 1 }}"}]},
        {"send": {"a": None}},
    )
    assert heard == ["t", '"j"', '[1,{"a":2}]', '{"a":null}']


def test_times_may_be_drawn_and_loops_without_end_may_pause(tmp_path: Path) -> None:
    begun = time.monotonic()
    heard = play(
        tmp_path,
        {"wait": {"uniform": {"min": "20ms", "max": "30ms"}}},
        {
            "forever": [
                {"send": "{{ index }}"},
                {"branch": [{"if": "{{ index == 2 }}", "do": ["end"]}]},
            ],
            "every": "10ms",
        },
    )
    assert heard == ["0", "1", "2"]
    assert time.monotonic() - begun >= 0.04


def test_there_has_to_be_something_to_echo(tmp_path: Path) -> None:
    with mocking(tmp_path, script("echo")) as server, raw(server) as listener:
        listener.open("/s")
        assert listener.closed() == (1011, "there is nothing to echo")


def test_a_message_alone_in_a_template_is_its_text(tmp_path: Path) -> None:
    assert play(tmp_path, "expect", {"send": "{{ message }}"}, says=("x",)) == ["x"]


def test_binary_messages(tmp_path: Path) -> None:
    heard = play(
        tmp_path,
        {"send": {"base64": base64.b64encode(b"\x00\xff").decode()}},
        {"expect": {"binary": True}},
        {"send": "{{ message.binary }} {{ message.base64 }}"},
        {"send": {"base64": "{{ message.base64 }}"}},
        {"expect": {"text": {"startsWith": "a"}}},
        {"send": "{{ message.binary }}"},
        {"expect": {"binary": {"base64": "/w=="}}},
        "echo",
        says=("text", b"\x01\x02", b"abc", "abc", b"\x00", b"\xff"),
    )
    assert heard == [b"\x00\xff", "true AQI=", b"\x01\x02", "false", b"\xff"]


def test_loops_and_branches(tmp_path: Path) -> None:
    heard = play(
        tmp_path,
        {"repeat": 3, "every": "1ms", "do": [{"send": "{{ index }}"}]},
        {
            "forever": [
                "expect",
                {
                    "branch": [
                        {"when": {"json": {"op": "add"}}, "do": [{"send": "added"}]},
                        {"when": "stop", "do": [{"close": 1000}]},
                        {"if": "{{ message.text == 'yes' }}", "do": [{"send": "so be it"}]},
                        {"do": [{"send": "what?"}]},
                    ]
                },
            ]
        },
        says=('{"op": "add"}', "yes", "no", "stop"),
    )
    assert heard == ["0", "1", "2", "added", "so be it", "what?"]


def test_what_does_not_come_in_time(tmp_path: Path) -> None:
    steps = (
        {"expect": "a", "within": "20ms", "else": [{"send": "too late"}]},
        {"expect": "b", "within": "20ms"},
    )
    with mocking(tmp_path, script(*steps)) as server, client(server) as silent:
        assert silent.recv(PATIENCE) == "too late"
        with pytest.raises(ConnectionClosed) as closed:
            silent.recv(PATIENCE)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1011
        assert "no message came" in closed.value.rcvd.reason


def test_delays_are_kept(tmp_path: Path) -> None:
    begun = time.monotonic()
    assert play(tmp_path, {"wait": "30ms"}, {"send": "a", "after": "30ms"}) == ["a"]
    assert time.monotonic() - begun >= 0.06


@pytest.mark.parametrize(
    ("step", "code", "reason"),
    [
        ("close", 1000, ""),
        ({"close": 4001}, 4001, ""),
        ({"close": {"code": 3000, "reason": "bye {{ request.query.name }}"}}, 3000, "bye rex"),
        ("end", 1000, ""),
        ("error", 1011, "the mock failed"),
        ({"error": "no disk"}, 1011, "no disk"),
        ({"wait": 0}, 1000, ""),
    ],
)
def test_how_it_ends(tmp_path: Path, step: Any, code: int, reason: str) -> None:
    with mocking(tmp_path, script(step)) as server, client(server, "/s?name=rex") as listener:
        with pytest.raises(ConnectionClosed) as closed:
            listener.recv(PATIENCE)
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (code, reason)


def test_disconnect_is_a_reset(tmp_path: Path) -> None:
    with (
        mocking(tmp_path, script({"send": "a"}, "expect", "disconnect")) as server,
        raw(server) as cut,
    ):
        cut.open("/s")
        assert cut.frame() == (0x81, b"a")
        cut.send(masked(b"go"))
        with pytest.raises(ConnectionResetError):
            cut.reader.read()


@pytest.mark.parametrize(
    "fault",
    [
        "invalid_frame",
        "oversized_frame",
        "bad_utf8",
        "long_ping",
        "stray_continuation",
        "masked_frame",
    ],
)
def test_faults_break_the_protocol(tmp_path: Path, fault: str) -> None:
    stub = script({"send": "a"}, {"fault": fault}, "expect")
    with mocking(tmp_path, stub) as server, client(server) as strict:
        assert strict.recv(PATIENCE) == "a"
        with pytest.raises(ConnectionClosed) as closed:
            strict.recv(PATIENCE)
        assert closed.value.sent is not None
        assert closed.value.sent.code in (1002, 1007, 1009)


def test_pings_may_go_unanswered(tmp_path: Path) -> None:
    stub = script({"fault": "no_pong"}, {"forever": ["expect", "echo"]})
    with mocking(tmp_path, stub, ECHO) as server:
        for path, answered in (("/echo", True), ("/s", False)):
            with raw(server) as pinging:
                pinging.open(path)
                pinging.send(masked(b"p", 0x89) + masked(b"x"))
                expected = [(0x8A, b"p")] if answered else []
                assert [pinging.frame() for _ in range(1 + answered)] == [*expected, (0x81, b"x")]


def test_a_message_may_come_slowly_and_nothing_gets_between(tmp_path: Path) -> None:
    stub = script(
        {"join": "all"},
        {"fault": {"dribble": {"send": "slowly", "over": "200ms", "chunks": 8}}},
        {"send": "done"},
        "expect",
    )
    noise = script({"broadcast": {"room": "all", "send": "noise"}}, path="/noise")
    with mocking(tmp_path, stub, noise) as server, raw(server) as slow:
        slow.open("/s")
        slow.send(masked(b"p", 0x89))
        with client(server, "/noise") as noisy:
            hear(noisy)
        frames = [slow.frame() for _ in range(4)]
        assert frames[0] == (0x81, b"slowly")
        assert set(frames[1:]) == {(0x8A, b"p"), (0x81, b"noise"), (0x81, b"done")}


def test_a_close_does_not_get_into_a_message_that_comes_slowly(tmp_path: Path) -> None:
    slow = {"fault": {"dribble": {"send": "s" * 100, "over": "60s", "chunks": 50}}}
    with mocking(tmp_path, script(slow)) as server:
        listener = RawClient(server.address("ws"))
        listener.open("/s")
        first = listener.reader.read(1)
    assert set((first + listener.reader.read())[2:]) <= {ord("s")}
    listener.close()
    with mocking(tmp_path, script(slow)) as server, raw(server) as leaving:
        leaving.open("/s")
        first = leaving.reader.read(1)
        leaving.send(masked((1000).to_bytes(2, "big"), 0x88))
        assert set((first + leaving.reader.read())[2:]) <= {ord("s")}


def test_broadcasts_to_rooms_and_paths(tmp_path: Path) -> None:
    stubs = (
        script(
            {"join": "{{ request.query.room }}"},
            {"send": "in"},
            {
                "forever": [
                    "expect",
                    {"branch": [{"when": "out", "do": [{"leave": "red"}]}]},
                    "echo",
                ]
            },
            path="/member",
        ),
        script({"broadcast": {"room": "red", "send": {"to": "room"}}}, path="/room"),
        script({"broadcast": {"path": "/member", "send": "to path"}}, path="/path"),
        script({"broadcast": {"send": "to me", "self": True}}, path="/me"),
    )
    with (
        mocking(tmp_path, *stubs) as server,
        client(server, "/member?room=red") as red,
        client(server, "/member?room=blue") as blue,
    ):
        assert (red.recv(PATIENCE), blue.recv(PATIENCE)) == ("in", "in")
        for path in ("/room", "/path"):
            with client(server, path) as other:
                assert hear(other) == []
        assert (red.recv(PATIENCE), red.recv(PATIENCE)) == ('{"to":"room"}', "to path")
        assert blue.recv(PATIENCE) == "to path"
        with client(server, "/me") as me:
            assert hear(me) == ["to me"]
        red.send("out")
        assert red.recv(PATIENCE) == "out"
        with client(server, "/room") as other:
            hear(other)
        red.send("last")
        assert red.recv(PATIENCE) == "last"  # and nothing before it


def test_scenarios_and_times(tmp_path: Path) -> None:
    first = script({"send": "first"}, path="/s") | {
        "id": "first",
        "scenario": {"name": "visit", "when": "started", "then": "known"},
    }
    again = script({"send": "again"}, path="/s") | {
        "id": "again",
        "times": 1,
        "scenario": {"name": "visit", "when": "known"},
    }
    rest = script({"send": "rest"}, path="/s") | {"id": "rest", "priority": 9}
    with mocking(tmp_path, first, again, rest) as server:
        heard = []
        for _ in range(3):
            with client(server) as visitor:
                heard += hear(visitor)
        assert heard == ["first", "again", "rest"]


def test_the_same_seed_says_the_same(tmp_path: Path) -> None:
    steps = [{"send": "{{ uuid }} {{ randInt(0, 1000000) }}"}]
    heard = [play(tmp_path, *steps) for _ in range(2)]
    assert heard[0] == heard[1]


def test_templates_may_be_switched_off(tmp_path: Path) -> None:
    stub = script({"send": "{{ uuid }}"}, template=False)
    with mocking(tmp_path, stub) as server, client(server) as listener:
        assert hear(listener) == ["{{ uuid }}"]


def test_a_script_that_sends_without_end_leaves_others_their_turn(tmp_path: Path) -> None:
    flood = script({"forever": [{"send": "x"}]}, path="/flood")
    with (
        mocking(tmp_path, flood, ECHO) as server,
        client(server, "/flood", max_queue=None),
        client(server, "/echo") as other,
    ):
        other.send("hi")
        assert other.recv(PATIENCE) == "hi"


@pytest.mark.parametrize(
    ("websocket", "message", "where"),
    [
        ({"path": "/s"}, "says nothing of what it does", ""),
        ({"path": "/s", "script": [], "refuse": 404}, "one of them is enough", ""),
        ({"path": "/s?x=1", "script": []}, "has no query", ".path"),
        ({"path": "/s", "script": [{"snd": "x"}]}, "'snd' is no step", ".script[0].snd"),
        ({"path": "/s", "script": [{"close": 1005}]}, "no close code", ".script[0].close"),
        ({"path": "/s", "script": [{"fault": "no_png"}]}, "is no fault", ".script[0].fault"),
        ({"path": "/s", "script": [{"send": {"base64": "?"}}]}, "no base64", ".base64"),
        ({"path": "/s", "script": [{"expect": {"mtches": "x"}}]}, "mtches", ".expect"),
        ({"path": "/s", "script": [{"send": "{{ nope }}"}]}, "nope", ".send"),
        ({"path": "/s", "script": [{"forever": [{"set": {"a": 1}}]}]}, "spin", ".forever"),
        ({"path": "/s", "refuse": {"status": 200}}, "status from 300", ".refuse.status"),
        ({"path": "/s", "refuse": {"status": 400, "headers": {"A": "b\r\nc"}}}, "header may", ".A"),
        ({"path": "/s", "script": [], "origns": ["x"]}, "unknown key", ".origns"),
        ({"path": "/s", "replay": "not-there.jsonl"}, "no such file", ""),
        ({"path": "/s", "replay": "../a.jsonl"}, "cannot be the name", ".replay"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    tmp_path: Path, websocket: dict[str, Any], message: str, where: str
) -> None:
    with (
        pytest.raises(MockForgeError) as error,
        mocking(tmp_path, {"id": "s", "websocket": websocket}),
    ):
        pass
    assert message in str(error.value)
    assert where in str(error.value)
    assert str(tmp_path) in str(error.value)


def test_a_script_that_fails_is_closed_with_1011_and_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stub = script("expect", {"send": "{{ message.json.a.b.c | int }}"}, "echo")
    looping = script(
        {"forever": [{"branch": [{"if": "{{ false }}", "do": ["echo"]}]}]}, path="/loop"
    )
    with mocking(tmp_path, stub, looping) as server:
        with client(server, "/loop") as unlucky:
            with pytest.raises(ConnectionClosed) as closed:
                unlucky.recv(PATIENCE)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1011
        entry = server.journal.recent(1)[0]
        assert (entry.method, entry.status) == ("CLOSE", 1011)
        assert "neither sent nor waited" in (entry.error or "")
    assert "the script of stub loop failed" in caplog.text


def test_a_rest_call_changes_what_a_socket_says(tmp_path: Path) -> None:
    put = {
        "id": "put",
        "request": {"method": "PUT", "path": "/price"},
        "response": {"template": True, "text": "{{ state.put('price', request.json.price) }}"},
    }
    ask = script({"forever": ["expect", {"send": "{{ state.get('price') }}"}]}, path="/prices")
    mocks = tmp_path / "mocks.json"
    mocks.write_text(json.dumps([put, ask]))
    settings = {"http.mocks": [str(mocks)], "websocket.mocks": [str(mocks)]}
    with (
        MockServer(only=("http", "ws"), settings=settings) as server,
        client(server, "/prices") as trader,
    ):
        trader.send("price?")
        assert trader.recv(PATIENCE) == ""
        answer = httpx.put(server.url + "/price", json={"price": 42}, timeout=60)
        assert (answer.status_code, answer.text) == (200, "42")
        trader.send("price?")
        assert trader.recv(PATIENCE) == "42"


def test_tests_put_remove_and_reset_stubs(tmp_path: Path) -> None:
    with mocking(tmp_path, ECHO, only=("http", "ws")) as server:
        put = server.stub({"websocket": {"path": "/new", "script": [{"send": "new"}]}})
        with client(server, "/new") as listener:
            assert hear(listener) == ["new"]
        assert put.matched == 1
        assert put.calls()[0].status == 101
        assert put.remove()
        assert not put.remove()
        with pytest.raises(InvalidStatus, match="404"), client(server, "/new"):
            pass
        server.stub({"id": "echo", "websocket": {"path": "/echo", "script": [{"send": "other"}]}})
        with client(server, "/echo") as listener:
            assert hear(listener) == ["other"]
        server.reset()
        with client(server, "/echo") as listener:
            listener.send("echo")
            assert listener.recv(PATIENCE) == "echo"
