"""Connections that are passed on to another server."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.sync.server import ServerConnection
from websockets.typing import Subprotocol

from mockforge.cli import run
from mockforge.errors import MockForgeError
from mockforge.testing import MockServer
from tests.e2e.processes import serving
from tests.kernel.observe.waiting import wait_until
from tests.ws.certificates import Certificates
from tests.ws.making import ECHO, PATIENCE, RawClient, client, handshake, masked, raw, value_of
from tests.ws.upstream import passing, saying, upstream

PASSED = "mockforge_ws_proxied_total"


def problem(server: MockServer, path: str = "/x") -> dict[str, Any]:
    """The problem document that refuses a connection."""
    with pytest.raises(InvalidStatus) as caught, client(server, path):
        pass
    response = caught.value.response
    found: dict[str, Any] = json.loads(response.body or b"")
    assert found["status"] == response.status_code
    return found


def closing(code: int, reason: str) -> Callable[[ServerConnection], None]:
    def talk(connection: ServerConnection) -> None:
        connection.close(code, reason)

    return talk


def close_of(server: MockServer) -> tuple[int | None, str | None]:
    """How a connection ends that says nothing."""
    with client(server, "/x") as talker:
        with pytest.raises(ConnectionClosed):
            talker.recv(PATIENCE)
        return talker.close_code, talker.close_reason


@pytest.mark.shows("websocket.proxy.upstream", "mockforge_ws_proxied_total",
                   "mockforge_ws_upstream_connections")  # fmt: skip
def test_what_no_stub_answers_is_passed_on(tmp_path: Path) -> None:
    stubs = tmp_path / "stubs.json"
    stubs.write_text(json.dumps(ECHO))
    with upstream() as server, passing(f"{server.url}/api", scripts=[str(stubs)]) as mock:
        with client(mock, "/chat?name=rex&x=%20") as talker:
            for message in ("hello", "", b"\x00\xff", "ü" * 100_000, b"x" * 1_000_000):
                talker.send(message)
                assert talker.recv(PATIENCE) == message
            assert value_of(mock, "mockforge_ws_upstream_connections") == 1
        with client(mock, "/echo") as talker:
            talker.send("mock")
            assert talker.recv(PATIENCE) == "mock"
        assert server.target() == "/api/chat?name=rex&x=%20"
        assert len(server.opened) == 1
        wait_until(lambda: value_of(mock, "mockforge_ws_upstream_connections") == 0)
        assert value_of(mock, PASSED, outcome="passed") == 1
        wait_until(lambda: mock.requests(path="/chat", method="CLOSE"))
        found = mock.requests(path="/chat")[:3]
        assert {entry.source for entry in found} == {f"proxy:{server.authority}"}
        assert [entry.method for entry in found] == ["GET", "RECEIVE", "SEND"]


@pytest.mark.shows("websocket.proxy.when", "--ws-proxy")
def test_everything_may_be_passed_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stubs = tmp_path / "stubs.json"
    stubs.write_text(json.dumps(ECHO))
    with (
        upstream(lambda connection: connection.send("the real one")) as server,
        passing(server.url, scripts=[str(stubs)], proxy__when="always") as mock,
        client(mock, "/echo") as talker,
    ):
        assert talker.recv(PATIENCE) == "the real one"
    assert run(["config", "show", "--only", "ws"]) == 0
    assert "websocket.proxy.when" in capsys.readouterr().out
    assert run(["serve", "--only", "ws", "--ws-proxy", "http://x"]) == 2
    assert "such as ws://localhost:9000" in capsys.readouterr().err


@pytest.mark.shows("websocket.proxy.headers")
def test_headers_subprotocols_and_the_answers_headers_pass() -> None:
    def answer(connection: ServerConnection, _: object, response: Any) -> Any:
        response.headers["X-From"] = "there"
        return response

    with (
        upstream(subprotocols=[Subprotocol("b")], process_response=answer) as server,
        passing(server.url, proxy__headers={"Authorization": "Bearer ours"}) as mock,
        client(
            mock,
            "/x",
            subprotocols=[Subprotocol("a"), Subprotocol("b")],
            additional_headers={"X-Mine": "1", "Authorization": "theirs", "Te": "gzip"},
            origin="http://page",
        ) as talker,
    ):
        assert talker.subprotocol == "b"
        assert talker.response is not None
        assert talker.response.headers["X-From"] == "there"
        got = {name.lower(): value for name, value in server.headers()}
        assert got["host"] == server.authority
        assert got["authorization"] == "Bearer ours"
        assert (got["x-mine"], got["origin"]) == ("1", "http://page")
        assert got["via"].startswith("1.1 mockforge-")
        assert "te" not in got
        names = [name.lower() for name, _ in server.headers()]
        assert sorted(set(names)) == sorted(names)


def test_pages_from_elsewhere_are_refused_here() -> None:
    with upstream() as server, passing(server.url, origins=["http://ours"]) as mock:
        with pytest.raises(InvalidStatus, match="403"), client(mock, "/x", origin="http://page"):
            pass
        assert server.opened == []


@pytest.mark.parametrize(
    ("code", "reason"), [(1000, ""), (1001, "restart"), (1013, "later"), (4321, "so long")]
)
def test_a_close_of_the_upstream_server_reaches_the_client(code: int, reason: str) -> None:
    with upstream(closing(code, reason)) as server, passing(server.url) as mock:
        assert close_of(mock) == (code, reason)
        wait_until(lambda: mock.requests(method="CLOSE"))
        assert mock.requests(method="CLOSE")[0].status == code


def test_a_close_without_a_code_passes_as_such() -> None:
    with upstream() as server, passing(server.url) as mock, raw(mock) as talker:
        talker.open("/x")
        talker.send(masked(b"", 0x88))
        assert talker.frame() == (0x88, b"")
        wait_until(lambda: server.opened and server.opened[0].close_code == 1005)


@pytest.mark.parametrize("code", [1000, 1003, 4000])
def test_a_close_of_the_client_reaches_the_upstream_server(code: int) -> None:
    with upstream() as server, passing(server.url) as mock:
        with client(mock, "/x") as talker:
            talker.close(code, "enough")
        wait_until(lambda: server.opened and server.opened[0].close_code == code)
        assert server.opened[0].close_reason == "enough"


def test_a_client_that_vanishes_leaves_no_connection_behind() -> None:
    with upstream() as server, passing(server.url) as mock:
        with raw(mock) as talker:
            talker.open("/x")
            wait_until(lambda: value_of(mock, "mockforge_ws_upstream_connections") == 1)
        wait_until(lambda: value_of(mock, "mockforge_ws_upstream_connections") == 0)
        wait_until(lambda: server.opened[0].close_code == 1006)
        assert value_of(mock, "mockforge_ws_connections_active") == 0


def test_an_upstream_server_that_breaks_off_is_a_bad_gateway() -> None:
    def cut(connection: ServerConnection) -> None:
        connection.send("last words")
        connection.socket.shutdown(socket.SHUT_RDWR)

    with upstream(cut) as server, passing(server.url) as mock:
        with client(mock, "/x") as talker:
            assert talker.recv(PATIENCE) == "last words"
            with pytest.raises(ConnectionClosed):
                talker.recv(PATIENCE)
            assert talker.close_code == 1014
        wait_until(lambda: mock.requests(method="CLOSE"))
        assert "broke" in (mock.requests(method="CLOSE")[0].error or "")


def test_pings_are_answered_on_each_side_for_itself() -> None:
    pinged = threading.Event()

    def talk(connection: ServerConnection) -> None:
        if connection.ping().wait(PATIENCE):
            pinged.set()
        for message in connection:
            connection.send(message)

    with upstream(talk) as server, passing(server.url) as mock, client(mock, "/x") as talker:
        assert talker.ping().wait(PATIENCE)
        assert pinged.wait(PATIENCE)
        talker.send("x")
        assert talker.recv(PATIENCE) == "x"


# ------------------------------------------------------------------ where there is no answer


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with passing(f"ws://127.0.0.1:{port}") as mock:
        found = problem(mock)
        assert (found["status"], found["type"][-20:]) == (502, "upstream-unreachable")
        assert value_of(mock, PASSED, outcome="unreachable") == 1
        assert mock.requests()[0].source == "none"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: 1\r\n\r\n",
        b"HTTP/1.1 404 Not Found\r\nX: " + b"x" * 300_000,
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 10\r\n\r\nhalf",
    ],
    ids=["nothing", "other", "accept", "large", "half"],
)
def test_no_answer_to_a_handshake(answer: bytes) -> None:
    with saying(answer) as url, passing(url) as mock:
        found = problem(mock)
        assert (found["status"], found["type"][-15:]) == (502, "upstream-broken")
        assert value_of(mock, PASSED, outcome="failed") == 1


@pytest.mark.shows("websocket.proxy.timeout")
def test_no_answer_in_time() -> None:
    with saying(None) as url, passing(url, proxy__timeout="50ms") as mock:
        found = problem(mock)
        assert (found["status"], found["type"][-16:]) == (504, "upstream-timeout")
        assert value_of(mock, PASSED, outcome="timeout") == 1


def test_a_refusal_of_the_upstream_server_is_passed_on() -> None:
    answer = (
        b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\nContent-Length: 5\r\n\r\nlogin"
    )
    with saying(answer) as url, passing(url) as mock:
        with pytest.raises(InvalidStatus) as caught, client(mock, "/x"):
            pass
        response = caught.value.response
        assert (response.status_code, response.body) == (401, b"login")
        assert response.headers["WWW-Authenticate"] == "Bearer"
        assert value_of(mock, PASSED, outcome="declined") == 1


def test_a_loop_is_broken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with passing(f"ws://127.0.0.1:{port}", port=port) as mock:
        found = problem(mock)
        assert (found["status"], found["type"][-10:]) == (508, "proxy-loop")


def test_a_client_that_leaves_before_there_is_an_answer_is_let_go() -> None:
    with saying(None) as url, passing(url) as mock:
        with raw(mock) as talker:
            talker.send(handshake("/x"))
            wait_until(lambda: value_of(mock, "mockforge_ws_connections_active") == 1)
        wait_until(lambda: value_of(mock, "mockforge_ws_connections_active") == 0)
        assert mock.requests() == []


def test_what_a_client_says_before_there_is_an_answer_is_not_lost() -> None:
    held = threading.Event()

    def wait(connection: ServerConnection, request: object) -> None:
        held.wait(PATIENCE)

    with (
        upstream(process_request=wait) as server,
        passing(server.url) as mock,
        raw(mock) as talker,
    ):
        talker.send(handshake("/x") + masked(b"first"))
        talker.send(masked(b"second"))
        large = b"x" * 60_000
        talker.send(masked(large))
        held.set()
        assert talker.head()[0] == 101
        assert [talker.frame()[1] for _ in range(3)] == [b"first", b"second", large]


# ------------------------------------------------------------------ limits


def test_a_side_that_does_not_read_stops_the_other() -> None:
    piece = b"x" * 50_000
    total = 2_000
    sent: list[int] = []

    def flood(connection: ServerConnection) -> None:
        for number in range(total):
            connection.send(piece)
            sent.append(number)

    with upstream(flood) as server, passing(server.url, write_buffer="64KiB") as mock:
        talker = RawClient(mock.address("ws"), receive_buffer=4096)
        talker.open("/x")
        seen = -1
        while seen != len(sent) or not seen:  # until it stands still
            seen = len(sent)
            threading.Event().wait(0.2)
        assert len(sent) < total
        for _ in range(total):
            assert len(talker.frame()[1]) == len(piece)
        assert len(sent) == total
        talker.close()


def test_messages_of_the_upstream_server_are_bounded_too() -> None:
    with (
        upstream(lambda connection: connection.send("x" * 2000)) as server,
        passing(server.url, max_message="1KiB", max_frame="1KiB") as mock,
    ):
        assert close_of(mock)[0] == 1009
        wait_until(lambda: server.opened[0].close_code == 1009)
        assert value_of(mock, "mockforge_ws_limits_total", limit="frame") == 1


def test_the_server_ends_with_connections_passed_on() -> None:
    with upstream() as server:
        with passing(server.url) as mock:
            talker = RawClient(mock.address("ws"))
            talker.open("/x")
            talker.send(masked(b"x"))
            assert talker.frame() == (0x81, b"x")
            ending = threading.Thread(target=mock.stop)
            ending.start()
            assert talker.closed()[0] == 1001
            talker.send(masked((1001).to_bytes(2), 0x88))
            ending.join(PATIENCE)
        wait_until(lambda: server.opened[0].close_code == 1001)
        talker.close()


def test_a_reload_leads_elsewhere(tmp_path: Path) -> None:
    config = tmp_path / "mockforge.json"

    def write(url: str) -> None:
        config.write_text(json.dumps({"websocket": {"port": 0, "proxy": {"upstream": url}}}))

    def told(connection: ServerConnection) -> None:
        connection.send("two")
        connection.recv()

    def heard() -> str:
        with connect(f"{running.ready['ws']}/x", compression=None) as after:
            after.send("one")
            return str(after.recv(PATIENCE))

    with upstream() as one, upstream(told) as two:
        write(one.url)
        with (
            serving(tmp_path) as running,
            connect(f"{running.ready['ws']}/x", compression=None) as before,
        ):
            write(two.url)
            running.reload()
            wait_until(lambda: heard() == "two")
            before.send("still there")
            assert before.recv(PATIENCE) == "still there"


# ------------------------------------------------------------------ other ways in and out


def test_connections_of_the_http_port_are_passed_on() -> None:
    with upstream() as server, passing(server.url, only=("http", "ws")) as mock:
        with connect(mock.url.replace("http:", "ws:") + "/x", compression=None) as talker:
            talker.send("hi")
            assert talker.recv(PATIENCE) == "hi"
        wait_until(lambda: mock.requests(method="CLOSE"))
        assert [entry.method for entry in mock.requests()] == ["GET", "RECEIVE", "SEND", "CLOSE"]
        assert mock.requests()[0].status == 101
    with saying(b"") as url, passing(url, only=("http", "ws")) as mock:
        with (
            pytest.raises(InvalidStatus, match="502"),
            connect(mock.url.replace("http:", "ws:") + "/x"),
        ):
            pass
        assert [entry.status for entry in mock.requests()] == [502]


@pytest.mark.shows("websocket.proxy.tls.ca", "websocket.proxy.tls.verify")
def test_certificates_of_the_upstream_server_are_checked(tmp_path: Path) -> None:
    files = Certificates(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.cert, files.key)
    with upstream(context=context) as server:
        with passing(server.url) as mock:
            assert "certificate" in problem(mock)["detail"].lower()
        trusting: list[dict[str, Any]] = [
            {"proxy__tls__ca": str(files.ca)},
            {"proxy__tls__verify": False},
        ]
        for trust in trusting:
            with passing(server.url, **trust) as mock, client(mock, "/x") as talker:
                talker.send("hi")
                assert talker.recv(PATIENCE) == "hi"
    with pytest.raises(MockForgeError, match=r"websocket\.proxy\.tls\.ca"):
        passing("wss://x", proxy__tls__ca=str(tmp_path / "none.pem")).start()


@pytest.mark.shows("websocket.proxy.tls.cert", "websocket.proxy.tls.key")
def test_a_client_certificate_is_shown(tmp_path: Path) -> None:
    files = Certificates(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.cert, files.key)
    context.load_verify_locations(files.ca)
    context.verify_mode = ssl.CERT_REQUIRED
    cert, key = tmp_path / "client.pem", tmp_path / "client-key.pem"
    files.client.cert_chain_pems[0].write_to_path(str(cert))
    files.client.private_key_pem.write_to_path(str(key))
    own: dict[str, Any] = {"proxy__tls__ca": str(files.ca)}
    with upstream(context=context) as server:
        with passing(server.url, **own) as mock:
            assert problem(mock)["status"] == 502
        own |= {"proxy__tls__cert": str(cert), "proxy__tls__key": str(key)}
        with passing(server.url, **own) as mock, client(mock, "/x") as talker:
            talker.send("hi")
            assert talker.recv(PATIENCE) == "hi"
    with pytest.raises(MockForgeError, match=r"without websocket\.proxy\.tls\.cert"):
        passing("wss://x", proxy__tls__key=str(key)).start()
