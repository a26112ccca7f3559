"""The opening handshake: what is accepted, what is refused and why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.typing import Origin, Subprotocol

from tests.ws.making import ECHO, PATIENCE, client, handshake, mocking, raw, script


def test_a_path_without_stub_gets_404_with_the_nearest_paths(tmp_path: Path) -> None:
    with mocking(tmp_path, ECHO, script("expect", path="/chat/{room}")) as server:
        with pytest.raises(InvalidStatus) as refused, client(server, "/ecko"):
            pass
        assert refused.value.response.status_code == 404
        problem = json.loads(refused.value.response.body or b"")
        assert problem["paths"][0] == "/echo"
        assert problem["near"][0]["stub"] == "echo"
        entry = server.journal.recent(1)[0]
        assert (entry.protocol, entry.status, entry.source) == ("websocket", 404, "none")
        assert entry.explanation is not None
        assert entry.explanation.near[0].stub == "echo"


def test_what_is_no_websocket_gets_426(tmp_path: Path) -> None:
    with mocking(tmp_path, ECHO) as server, raw(server) as plain:
        plain.send(b"GET /echo HTTP/1.1\r\nHost: a\r\n\r\n")
        status, headers = plain.head()
        assert (status, headers["upgrade"]) == (426, "websocket")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ((b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Version: 8"), 426),
        ((b"Sec-WebSocket-Version: 13\r\n", b""), 400),
        ((b"Sec-WebSocket-Key", b"X-Key"), 400),
        ((b"Connection: Upgrade\r\n", b""), 400),
        ((b"Host: mock.test\r\n", b""), 400),
        ((b"GET", b"POST"), 426),
        ((b"HTTP/1.1", b"HTTP/9"), 400),
        ((b"Host: mock.test", b"Host: mock.test\r\nContent-Length: 3"), 400),
    ],
)
def test_a_wrong_handshake_is_refused_with_a_reason(
    tmp_path: Path, change: tuple[bytes, bytes], status: int
) -> None:
    with mocking(tmp_path, ECHO) as server, raw(server) as wrong:
        wrong.send(handshake("/echo").replace(*change))
        got, problem = wrong.refused()
        assert got == status
        assert problem["detail"]


def test_a_request_split_anywhere_is_understood(tmp_path: Path) -> None:
    request = handshake("/echo")
    with mocking(tmp_path, ECHO) as server:
        for cut in range(1, len(request), 7):
            with raw(server) as slow:
                slow.send(request[:cut])
                slow.send(request[cut:] + b"\x81\x82\0\0\0\0hi")  # and what follows is kept
                assert slow.head()[0] == 101
                assert slow.frame() == (0x81, b"hi")


def test_the_subprotocol_that_the_stub_prefers_is_spoken(tmp_path: Path) -> None:
    stub = script("expect", subprotocols=["v2", "v1"])
    with mocking(tmp_path, stub) as server:
        for offered, spoken in (("v1 v2", "v2"), ("v1 v0", "v1"), ("v0", None)):
            names = [Subprotocol(name) for name in offered.split()]
            with client(server, subprotocols=names) as speaker:
                assert speaker.subprotocol == spoken


@pytest.mark.shows("websocket.origins")
def test_pages_from_elsewhere_get_403(tmp_path: Path) -> None:
    stubs = (ECHO, script("expect", origins=["https://other.example"]))
    with mocking(tmp_path, *stubs, origins=["https://good.example"]) as server:
        for path, origin, status in (
            ("/echo", "https://good.example", 101),
            ("/echo", "https://other.example", 403),
            ("/echo", None, 101),
            ("/s", "https://other.example", 101),
            ("/s", "https://good.example", 403),
        ):
            with raw(server) as page:
                page.send(handshake(path, *([f"Origin: {origin}"] if origin else [])))
                assert page.head()[0] == status
        with client(server, "/echo", origin=Origin("https://good.example")) as page:
            page.send("hi")
            assert page.recv(PATIENCE) == "hi"


def test_headers_and_query_choose_the_stub(tmp_path: Path) -> None:
    def told(name: str, **asks: object) -> dict[str, object]:
        return {
            "id": name,
            "websocket": {"path": "/s", "script": [{"send": name}], **asks},
        }

    stubs = (
        told("key", headers={"X-Key": "1"}, priority=1) | {"priority": 1},
        told("page", query={"page": {"matches": r"^\d+$"}}),
        told("any"),
    )
    stubs[0]["websocket"].pop("priority")  # type: ignore[attr-defined]
    with mocking(tmp_path, *stubs) as server:
        with client(server, "/s?page=a") as one:
            assert one.recv(PATIENCE) == "any"
        with client(server, "/s?page=3") as two:
            assert two.recv(PATIENCE) == "page"
        with client(server, "/s?page=3", additional_headers={"x-key": "1"}) as three:
            assert three.recv(PATIENCE) == "key"


def test_a_stub_may_refuse_with_status_headers_and_body(tmp_path: Path) -> None:
    stubs = (
        {
            "id": "no",
            "websocket": {
                "path": "/no",
                "refuse": {"status": 401, "headers": {"WWW-Authenticate": "Basic"}, "body": "who?"},
            },
        },
        {"id": "gone", "websocket": {"path": "/gone", "refuse": 410}},
    )
    with mocking(tmp_path, *stubs) as server:
        with pytest.raises(InvalidStatus) as refused, client(server, "/no"):
            pass
        response = refused.value.response
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"] == "Basic"
        assert response.body == b"who?"
        with pytest.raises(InvalidStatus, match="410"), client(server, "/gone"):
            pass
        entry = server.journal.recent(1)[0]
        assert (entry.source, entry.status) == ("stub:gone", 410)


@pytest.mark.shows("websocket.compression", "websocket.compression_window")
def test_compression_is_agreed_to_only_where_it_is_on(tmp_path: Path) -> None:
    offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"
    with mocking(tmp_path, ECHO) as server, raw(server) as plain:
        assert "sec-websocket-extensions" not in plain.open("/echo", offer)
    with mocking(tmp_path, ECHO, compression=True, compression_window=10) as server:
        with raw(server) as packed:
            agreed = packed.open("/echo", offer)["sec-websocket-extensions"]
            assert agreed == "permessage-deflate; client_max_window_bits=10"
        text = "over and over " * 5000
        with client(server, "/echo", compression="deflate") as packed_client:
            for _ in range(3):
                packed_client.send(text)
                assert packed_client.recv(PATIENCE) == text


@pytest.mark.parametrize(
    "offer",
    [
        {},
        {"client_max_window_bits": 9},
        {"client_max_window_bits": 15, "server_max_window_bits": 9},
        {"server_max_window_bits": 15},
        {"client_no_context_takeover": True, "server_no_context_takeover": True},
    ],
)
def test_whatever_a_client_offers_for_compression_works(
    tmp_path: Path, offer: dict[str, int | bool]
) -> None:
    text = "".join(f"{number * number % 7919:04x}" for number in range(40_000))
    factory = ClientPerMessageDeflateFactory(**offer)  # type: ignore[arg-type]
    with (
        mocking(tmp_path, ECHO, compression=True) as server,
        client(server, "/echo", extensions=[factory]) as packed,
    ):
        for _ in range(3):
            packed.send(text)
            assert packed.recv(PATIENCE) == text


def test_nonsense_about_compression_is_declined(tmp_path: Path) -> None:
    offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=many"
    with mocking(tmp_path, ECHO, compression=True) as server, raw(server) as odd:
        assert "sec-websocket-extensions" not in odd.open("/echo", offer)


def test_the_end_of_the_server_closes_with_1001(tmp_path: Path) -> None:
    with mocking(tmp_path, ECHO) as server:
        staying = client(server, "/echo")
        connection = staying.__enter__()
    with pytest.raises(ConnectionClosed) as closed:
        connection.recv(PATIENCE)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1001
    staying.__exit__(None, None, None)


def test_an_answer_may_have_headers_of_its_own(tmp_path: Path) -> None:
    stub = script("expect", answerHeaders={"Set-Cookie": "a=1"})
    with mocking(tmp_path, stub) as server, raw(server) as opener:
        assert opener.open("/s")["set-cookie"] == "a=1"
