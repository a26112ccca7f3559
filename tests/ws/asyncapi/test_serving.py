"""Channels served: what is sent, what is answered, what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from mockforge.errors import StartError
from mockforge.testing import MockServer
from tests.kernel.observe.waiting import wait_until
from tests.ws.asyncapi.making import (
    EXAMPLE,
    ROOM,
    ask,
    closed,
    document,
    echoing,
    message,
    received,
    receiving,
    sending,
    serving,
    write,
    ws_of,
)
from tests.ws.making import PATIENCE, client, masked, raw, value_of

COUNTED = {
    "payload": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
}


def refusal(server: MockServer, path: str) -> tuple[int, dict[str, Any]]:
    with pytest.raises(InvalidStatus) as caught, client(server, path):
        pass
    answer = caught.value.response
    return answer.status_code, json.loads(answer.body or b"{}")


def test_the_example_is_a_chat() -> None:
    with (
        MockServer(
            str(EXAMPLE), only=("ws",), settings={"websocket.asyncapi.messages": 2}
        ) as server,
        client(server, "/v1/rooms/red?nick=ann&history=3") as chat,
    ):
        chat.send(json.dumps({"type": "say", "number": 7, "text": "hello"}))
        came = [received(chat) for _ in range(3)]
        kinds = sorted(each["type"] for each in came)
        assert kinds == ["confirmed", "joined", "said"]
        by_type = {each["type"]: each for each in came}
        assert by_type["confirmed"]["number"] == 7
        assert {by_type[each]["room"] for each in ("joined", "said")} == {"red"}


@pytest.mark.shows("websocket.asyncapi.interval", "websocket.asyncapi.messages")
def test_messages_of_send_operations_come_in_turn_at_an_interval(tmp_path: Path) -> None:
    messages = {
        "a": {"examples": [{"payload": 1}, {"payload": 2}]},
        "b": {"examples": [{"payload": "b"}]},
    }
    value = document({"tell": sending("a"), "say": sending("b")}, messages)
    with serving(tmp_path, value, asyncapi__interval="10ms", asyncapi__messages=5) as server:
        with client(server, "/room") as room:
            assert [received(room) for _ in range(5)] == [1, "b", 2, "b", 1]
        wait_until(lambda: server.kernel.journal.recent()[0].method == "CLOSE")
        assert value_of(server, "mockforge_ws_messages_total", direction="out") == 5


def test_an_interval_of_0_leaves_it_at_the_first_message(tmp_path: Path) -> None:
    value = document(
        {"tell": sending("a"), "ask": receiving("q", replies=("a",))},
        {"a": {"examples": [{"payload": "a"}]}, "q": {"payload": {"const": "q"}}},
    )
    with serving(tmp_path, value, asyncapi__interval=0) as server, client(server, "/room") as room:
        assert received(room) == "a"
        for _ in range(3):
            assert ask(room, "q") == "a"


@pytest.mark.shows("websocket.asyncapi.dynamic", "--dynamic")
def test_examples_are_sent_unless_new_data_is_asked_for(tmp_path: Path) -> None:
    number = {"payload": {"type": "integer", "minimum": 5}, "examples": [{"payload": 3}]}
    value = document({"tell": sending("a")}, {"a": number})
    with serving(tmp_path, value) as server, client(server, "/room") as room:
        assert received(room) == 3
    with (
        serving(tmp_path, value, asyncapi__dynamic=True) as server,
        client(server, "/room") as room,
    ):
        assert received(room) >= 5


def test_the_same_seed_sends_the_same(tmp_path: Path) -> None:
    def three(seed: int) -> list[Any]:
        path = write(tmp_path, document({"tell": sending("a")}, {"a": COUNTED}))
        settings = {"core.seed": seed, "websocket.asyncapi.interval": "1ms"}
        with (
            MockServer(path, only=("ws",), settings=settings) as server,
            client(server, "/room") as room,
        ):
            return [received(room) for _ in range(3)]

    assert three(1) == three(1)
    assert three(1) != three(2)


def test_replies_carry_the_correlation_id_of_what_they_answer(tmp_path: Path) -> None:
    value = document(
        {"ask": receiving("question", replies=("answer",))},
        {
            "question": {
                "payload": True,
                "correlationId": {"location": "$message.payload#/head/id"},
            },
            "answer": {
                "payload": {"type": "object", "required": ["ref"], "properties": {"ref": {}}},
                "correlationId": {"location": "$message.payload#/ref"},
            },
        },
    )
    with serving(tmp_path, value) as server, client(server, "/room") as room:
        for given in (1, "x/y", {"deep": [None]}):
            assert ask(room, {"head": {"id": given}})["ref"] == given
        assert "ref" in ask(room, {"head": {}})


def test_a_message_is_answered_by_the_operation_it_is_for(tmp_path: Path) -> None:
    kinds = ("buy", "sell")
    messages: dict[str, Any] = {}
    operations = {}
    for kind in kinds:
        properties = {"do": {"const": kind}}
        messages[kind] = {"payload": {"properties": properties, "required": ["do"]}}
        messages[f"{kind}Done"] = {"examples": [{"payload": f"{kind} done"}]}
        operations[kind] = receiving(kind, replies=(f"{kind}Done",))
    with serving(tmp_path, document(operations, messages)) as server:
        with client(server, "/room") as room:
            assert ask(room, {"do": "sell"}) == "sell done"
            assert ask(room, {"do": "buy"}) == "buy done"
        wait_until(lambda: server.journal.recent()[0].method == "CLOSE")
        sources = [entry.source for entry in server.journal.recent()[::-1]]
        assert sources == [
            "stub:room",
            "operation:sell",
            "operation:sell",
            "operation:buy",
            "operation:buy",
            "stub:room",
        ]


@pytest.mark.shows("websocket.validation", "--validation")
def test_a_message_that_does_not_fit_closes_the_connection_or_is_noted(tmp_path: Path) -> None:
    value = echoing(COUNTED["payload"])
    with serving(tmp_path, value) as server:
        with client(server, "/room") as room:
            assert ask(room, {"n": 1}) == {"ok": True}
            room.send('{"n": "x"}')
            code, reason = closed(room)
            assert code == 1008
            assert reason.startswith("/n: ")
        wait_until(lambda: server.journal.recent()[0].method == "CLOSE")
        (entry,) = (each for each in server.journal.recent() if each.findings)
        assert entry.request_body == '{"n": "x"}'
        assert [(each.code, each.path) for each in entry.findings] == [("message.invalid", "/n")]
    with serving(tmp_path, value, validation="warn") as server, client(server, "/room") as room:
        assert ask(room, {"n": "x"}) == {"ok": True}
        assert [len(each.findings) for each in server.requests() if each.method == "RECEIVE"] == [1]
    with serving(tmp_path, value, validation="off") as server, client(server, "/room") as room:
        assert ask(room, {"n": "x"}) == {"ok": True}
        assert [len(each.findings) for each in server.requests() if each.method == "RECEIVE"] == [0]


@pytest.mark.parametrize("text", ["", "{", "[1", "\x00", "NaN"])
def test_what_is_no_json_is_no_message(tmp_path: Path, text: str) -> None:
    with serving(tmp_path, echoing(True)) as server, client(server, "/room") as room:
        room.send(text)
        assert closed(room)[0] == 1008


def test_findings_are_told_also_where_messages_are_not_logged(tmp_path: Path) -> None:
    value = echoing(COUNTED["payload"])
    with serving(tmp_path, value, log_messages=False, validation="warn") as server:
        with client(server, "/room") as room:
            ask(room, {"n": 1})
            ask(room, {"n": "x"})
        wait_until(lambda: server.journal.recent()[0].method == "CLOSE")
        assert [each.method for each in server.journal.recent()] == ["CLOSE", "RECEIVE", "GET"]


def test_where_nothing_is_received_a_message_is_unexpected(tmp_path: Path) -> None:
    value = document({"tell": sending("a")}, {"a": {"examples": [{"payload": 1}]}})
    with serving(tmp_path, value) as server, client(server, "/room") as room:
        room.send("{}")
        assert closed(room) == (1008, "no operation receives messages here")


def test_the_answer_to_a_request_of_the_mock_is_expected(tmp_path: Path) -> None:
    operation = {**sending("a"), "reply": {"channel": ROOM, "messages": [message("b")]}}
    value = document(
        {"ask": operation}, {"a": {"examples": [{"payload": 1}]}, "b": {"payload": {"const": "b"}}}
    )
    with serving(tmp_path, value, asyncapi__interval=0) as server, client(server, "/room") as room:
        assert received(room) == 1
        room.send('"b"')
        room.send('"c"')
        assert closed(room)[1].startswith('"b" was expected')


def test_text_and_binary_payloads_go_as_they_are(tmp_path: Path) -> None:
    value = document(
        {"say": receiving("line", replies=("raw",)), "tell": sending("line")},
        {
            "line": {
                "contentType": "text/plain",
                "payload": {"type": "string", "pattern": "^[a-z ]+$"},
                "examples": [{"payload": "hello there"}],
            },
            "raw": {"contentType": "application/octet-stream", "examples": [{"payload": "\u00e9"}]},
        },
    )
    with serving(tmp_path, value, asyncapi__interval=0) as server, client(server, "/room") as room:
        assert room.recv(PATIENCE) == "hello there"
        room.send("good day")
        assert room.recv(PATIENCE) == b"\xc3\xa9"
        room.send("GOOD DAY")
        assert closed(room)[0] == 1008


def test_traits_say_what_the_message_does_not(tmp_path: Path) -> None:
    trait = {"contentType": "text/plain", "examples": [{"payload": "from the trait"}]}
    own = {"traits": [{"$ref": "#/components/messageTraits/t"}], "examples": [{"payload": "own"}]}
    value = document(
        {"tell": sending("a", "b")},
        {"a": {"traits": [{"contentType": "application/json"}, trait]}, "b": own},
        components={"messageTraits": {"t": trait}},
    )
    with (
        serving(tmp_path, value, asyncapi__interval="1ms") as server,
        client(server, "/room") as room,
    ):
        assert [room.recv(PATIENCE), room.recv(PATIENCE)] == ["from the trait", "own"]


# ------------------------------------------------------------------ where


@pytest.mark.parametrize(
    ("servers", "address", "path"),
    [
        ({}, "/room", "/room"),
        ({}, "room", "/room"),
        ({}, "/", "/"),
        ({"a": {"host": "x", "protocol": "wss", "pathname": "/api/"}}, "/room", "/api/room"),
        ({"a": {"host": "x", "protocol": "WS", "pathname": "/api"}}, "/", "/api"),
        ({"a": {"host": "x", "protocol": "mqtt"}, "b": {"host": "x", "protocol": "ws"}}, "r", "/r"),
    ],
)
def test_a_channel_is_served_below_the_paths_of_its_servers(
    tmp_path: Path, servers: dict[str, Any], address: str, path: str
) -> None:
    value = document(
        {"tell": sending("a")},
        {"a": {"examples": [{"payload": 1}]}},
        {"address": address},
        servers=servers,
    )
    with serving(tmp_path, value) as server, client(server, path) as room:
        assert received(room) == 1


def test_channels_of_other_servers_are_left_out_with_a_warning(tmp_path: Path) -> None:
    value = document({}, {}, servers={"a": {"host": "x", "protocol": "mqtt"}})
    with serving(tmp_path, value) as server:
        warnings = [each.code for each in ws_of(server).warnings()]
        assert warnings == ["asyncapi.protocol", "asyncapi.nothing"]
        assert refusal(server, "/room")[0] == 404


def test_channels_at_one_address_share_its_connections(tmp_path: Path) -> None:
    channels = {
        name: {"address": "/", "messages": {name: {"payload": {"const": name}}}}
        for name in ("ping", "pong")
    }
    ping = {
        "action": "receive",
        "channel": {"$ref": "#/channels/ping"},
        "reply": {"channel": {"$ref": "#/channels/pong"}},
    }
    value = document({"ping": ping}, channels=channels)
    with serving(tmp_path, value) as server, client(server, "/") as room:
        assert ask(room, "ping") == "pong"


def test_parameters_of_the_path_are_among_their_values(tmp_path: Path) -> None:
    parameters = {"symbol": {"enum": ["btc", "eth"], "location": "$message.payload#/of"}}
    example = {"examples": [{"payload": {"of": "?", "n": 1}}]}
    channel = {"address": "/feed/{symbol}", "parameters": parameters}
    value = document({"tell": sending("a")}, {"a": example}, channel)
    with serving(tmp_path, value) as server:
        with client(server, "/feed/eth") as feed:
            assert received(feed) == {"of": "eth", "n": 1}
        status, problem = refusal(server, "/feed/doge")
        assert status == 400
        assert [each["path"] for each in problem["findings"]] == ["/path/symbol"]


def test_query_and_headers_are_checked_when_a_connection_opens(tmp_path: Path) -> None:
    bindings = {
        "ws": {
            "query": {
                "type": "object",
                "required": ["token"],
                "additionalProperties": False,
                "properties": {
                    "token": {"type": "string"},
                    "depth": {"type": "integer"},
                    "live": {"type": "boolean"},
                    "pairs": {"type": "array", "items": {"type": "string"}},
                },
            },
            "headers": {
                "type": "object",
                "required": ["X-Client"],
                "properties": {"X-Client": {"enum": ["web", "app"]}},
            },
        }
    }
    value = document(
        {"tell": sending("a")}, {"a": {"examples": [{"payload": 1}]}}, {"bindings": bindings}
    )
    headers = {"x-client": "web"}
    with serving(tmp_path, value) as server:
        good = "/room?token=12&depth=5&live=true&pairs=a&pairs=b"
        with client(server, good, additional_headers=headers) as room:
            assert received(room) == 1
        status, problem = refusal(server, "/room?depth=x&more=1")
        assert status == 400
        assert sorted({each["path"] for each in problem["findings"]}) == [
            "/headers",
            "/query",
            "/query/depth",
        ]
        entry = next(each for each in server.requests() if each.status == 400)
        assert {each.code for each in entry.findings} == {"opening.invalid"}
    with serving(tmp_path, value, validation="warn") as server, client(server, "/room") as room:
        assert received(room) == 1
        assert [each.path for each in server.requests()[0].findings] == ["/query", "/headers"]
    with serving(tmp_path, value, validation="off") as server, client(server, "/room") as room:
        assert received(room) == 1
        assert server.requests()[0].findings == ()


def test_a_subprotocol_that_the_headers_list_is_agreed_to(tmp_path: Path) -> None:
    named = {"Sec-WebSocket-Protocol": {"enum": ["v2", "v1"]}}
    bindings = {"ws": {"headers": {"type": "object", "properties": named}}}
    value = document({}, {}, {"bindings": bindings})
    with serving(tmp_path, value) as server, client(server, "/room", subprotocols=["v1"]) as room:
        assert room.subprotocol == "v1"


def test_stubs_go_before_channels(tmp_path: Path) -> None:
    path = write(tmp_path, document({"tell": sending("a")}, {"a": {"examples": [{"payload": 1}]}}))
    with MockServer(path, only=("ws",)) as server:
        server.stub({"websocket": {"path": "/room", "script": [{"send": '"stub"'}]}})
        with client(server, "/room") as room:
            assert received(room) == "stub"
        server.reset()
        with client(server, "/room") as room:
            assert received(room) == 1


def test_channels_are_served_on_the_port_of_http_too(tmp_path: Path) -> None:
    with serving(tmp_path, echoing(True), only=("http", "ws")) as server:
        url = server.url.replace("http", "ws", 1) + "/room"
        with connect(url, open_timeout=PATIENCE) as room:
            assert ask(room, 1) == {"ok": True}


# ------------------------------------------------------------------ limits


def test_a_client_that_does_not_read_is_not_read_from(tmp_path: Path) -> None:
    big = "x" * 60_000
    value = document(
        {"ask": receiving("q", replies=("a",)), "tell": sending("a")},
        {"q": {}, "a": {"examples": [{"payload": big}]}},
    )
    with (
        serving(tmp_path, value, write_buffer="64KB", asyncapi__interval="1ms") as server,
        raw(server, receive_buffer=4096) as peer,
    ):
        peer.open("/room")
        peer.socket.settimeout(1)
        flood = masked(b'"' + b"q" * 100 + b'"') * 1_000_000
        with pytest.raises(TimeoutError):
            peer.socket.sendall(flood)
        held = value_of(server, "mockforge_ws_messages_total", direction="in")
        answered = value_of(server, "mockforge_ws_messages_total", direction="out")
        assert held <= answered
        connections = ws_of(server).listener
        assert connections.memory_bytes() < 1_000_000
        assert connections.held_bytes() == 0


def test_what_documents_hold_is_in_the_memory_report(tmp_path: Path) -> None:
    messages = {f"m{number}": COUNTED for number in range(200)}
    value = document({"tell": sending(*messages), "ask": receiving(*messages)}, messages)
    with serving(tmp_path, document()) as server:
        small = ws_of(server).memory_bytes()
    with serving(tmp_path, value) as server:
        assert ws_of(server).memory_bytes() > small + 200 * 10_000


def test_channels_count_among_the_stubs_that_there_may_be(tmp_path: Path) -> None:
    channels = {f"c{number}": {"address": f"/c{number}"} for number in range(5)}
    with (
        pytest.raises(StartError, match="there is room for 3 stubs"),
        serving(tmp_path, document(channels=channels), max_stubs=3),
    ):
        pass
