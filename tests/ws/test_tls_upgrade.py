"""WebSocket on the TLS port of HTTP: the first request of a connection decides."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import h2.config
import h2.connection
import h2.events
import h2.settings
import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from mockforge.testing import MockServer
from tests.e2e.h3 import fetch_h3
from tests.kernel.observe.waiting import wait_until
from tests.ws.certificates import Certificates
from tests.ws.making import ECHO, PATIENCE, RawClient, handshake, masked, script, value_of

RESET = script({"send": "soon"}, "disconnect", path="/reset")
ROOM = script({"forever": ["expect", {"broadcast": "{{ message }}"}]}, path="/room")
NO = {"id": "no", "websocket": {"path": "/no", "refuse": {"status": 401, "body": "who?"}}}


class Secure:
    """A mock with a TLS port of HTTP; ``context`` is a client's."""

    def __init__(self, server: MockServer, files: Certificates) -> None:
        self.server = server
        self.files = files
        self.context = files.trusting()
        self.url = server.address("https").replace("https", "wss")

    def raw(self, context: ssl.SSLContext | None = None) -> RawClient:
        """A client that speaks octets."""
        client = RawClient(self.url)
        client.reader.close()
        client.socket = (context or self.context).wrap_socket(
            client.socket, server_hostname="127.0.0.1"
        )
        client.reader = client.socket.makefile("rb")
        return client

    def refused(self, path: str, **options: Any) -> tuple[int, bytes]:
        """Status and body of a refusal, to a client that others wrote."""

        async def ask() -> tuple[int, bytes]:
            with pytest.raises(InvalidStatus) as error:
                await connect(self.url + path, ssl=self.context, open_timeout=PATIENCE, **options)
            response = error.value.response
            return response.status_code, bytes(response.body or b"")

        return asyncio.run(ask())


@contextmanager
def secure(folder: Path, **settings: Any) -> Iterator[Secure]:
    files = Certificates(folder)
    stubs = folder / "stubs.json"
    stubs.write_text(json.dumps([ECHO, RESET, ROOM, NO]))
    given = {
        "websocket.scripts": [str(stubs)],
        "http.tls.cert": str(files.cert),
        "http.tls.key": str(files.key),
        **{key.replace("__", "."): value for key, value in settings.items()},
    }
    with MockServer(only=("http", "ws"), settings=given) as server:
        yield Secure(server, files)


def is_over(client: RawClient) -> bool:
    """Whether the server ends the connection of ``client`` without another word."""
    try:
        return client.socket.recv(1) == b""
    except (ssl.SSLError, ConnectionError):
        return True


@pytest.fixture
def mock(tmp_path: Path) -> Iterator[Secure]:
    with secure(tmp_path) as running:
        yield running


def test_paths_with_a_stub_are_served_there(mock: Secure) -> None:
    async def talk() -> list[Any]:
        async with connect(mock.url + "/echo", ssl=mock.context) as client:
            await client.send("x" * 100_000)
            long = await client.recv()
            await client.send(b"\x00\xff")
            return [long, await client.recv()]

    assert asyncio.run(talk()) == ["x" * 100_000, b"\x00\xff"]
    (opened,) = mock.server.requests("GET", "/echo")
    assert (opened.status, opened.protocol, opened.source) == (101, "websocket", "stub:echo")
    wait_until(lambda: mock.server.connections() == [])
    # Everything else is answered as before, over HTTP/1.1 and HTTP/2.
    for http2 in (False, True):
        with httpx.Client(verify=mock.context, http2=http2) as client:
            answer = client.get(mock.server.address("https") + "/echo")
            assert answer.status_code == 404
            assert answer.http_version == ("HTTP/2" if http2 else "HTTP/1.1")


def test_connections_of_all_ports_meet_and_are_no_longer_those_of_http(mock: Secure) -> None:
    async def talk() -> list[Any]:
        async with (
            connect(mock.url + "/room", ssl=mock.context) as one,
            connect(mock.server.address("ws") + "/room") as two,
        ):
            await one.send("from one")
            heard = [await two.recv()]
            await two.send("from two")
            infos = mock.server.connections()
            return [*heard, await one.recv(), [info.protocol for info in infos]]

    assert asyncio.run(talk()) == ["from one", "from two", ["websocket", "websocket"]]


def test_refusals_come_as_they_do_elsewhere(tmp_path: Path) -> None:
    with secure(tmp_path, websocket__max_connections=1) as mock:
        assert mock.refused("/no") == (401, b"who?")
        status, body = mock.refused("/other")
        assert (status, json.loads(body)["status"]) == (404, 404)
        held = mock.raw()
        held.open("/echo")
        status, body = mock.refused("/echo")
        assert status == 503
        assert b"websocket.max_connections" in body
        held.close()
    with secure(tmp_path, websocket__upgrade=False) as mock:
        assert mock.refused("/echo")[0] == 404


def test_what_follows_the_request_at_once_or_comes_in_pieces_is_not_lost(mock: Secure) -> None:
    eager = mock.raw()
    eager.send(handshake("/echo") + masked(b"now"))
    assert eager.head()[0] == 101
    assert eager.frame() == (0x81, b"now")
    eager.close()
    slow = mock.raw()
    for octet in handshake("/echo"):
        slow.send(bytes([octet]))
    assert slow.head()[0] == 101
    slow.send(masked(b"later"))
    assert slow.frame() == (0x81, b"later")
    slow.close()


def test_what_is_done_to_the_wire_is_done_there(mock: Secure) -> None:
    client = mock.raw()
    client.open("/reset")
    assert client.frame() == (0x81, b"soon")
    assert client.frame() == (0, b"")
    client.close()


def test_a_later_request_is_told_to_connect_anew(tmp_path: Path) -> None:
    files = Certificates(tmp_path)
    tls = {"websocket__tls__cert": str(files.cert), "websocket__tls__key": str(files.key)}
    for more in ({}, tls):
        with secure(tmp_path, **more) as mock:
            client = mock.raw()
            client.send(b"GET /none HTTP/1.1\r\nHost: a\r\n\r\n")
            status, headers = client.head()
            client.reader.read(int(headers["content-length"]))
            assert status == 404
            client.send(handshake("/echo"))
            status, problem = client.refused()
            assert status == 501
            assert "connect anew" in problem["detail"]
            if more:
                assert mock.server.address("wss") in problem["detail"]
            client.close()


def test_clients_of_http_2_are_not_told_of_websockets_and_get_none(mock: Secure) -> None:
    context = mock.context
    context.set_alpn_protocols(["h2"])
    client = mock.raw(context)
    config = h2.config.H2Configuration(client_side=True, validate_outbound_headers=False)
    connection = h2.connection.H2Connection(config)
    connection.initiate_connection()
    asked = {
        ":method": "CONNECT",
        ":protocol": "websocket",
        ":scheme": "https",
        ":path": "/echo",
        ":authority": "mock.test",
        "sec-websocket-version": "13",
    }
    connection.send_headers(1, asked.items())
    client.send(connection.data_to_send())
    events: list[h2.events.Event] = []
    while not any(isinstance(event, h2.events.DataReceived) for event in events):
        events += connection.receive_data(client.socket.recv(65536))
    (told,) = (each for each in events if isinstance(each, h2.events.RemoteSettingsChanged))
    codes = h2.settings.SettingCodes
    assert codes.ENABLE_CONNECT_PROTOCOL not in told.changed_settings
    assert codes.MAX_CONCURRENT_STREAMS in told.changed_settings
    (answer,) = (each for each in events if isinstance(each, h2.events.ResponseReceived))
    assert dict(answer.headers)[b":status"] == b"501"
    client.close()


def test_over_http_3_there_are_none(tmp_path: Path) -> None:
    pytest.importorskip("aioquic")
    with secure(tmp_path, http__tls__http3=True) as mock:
        port = int(mock.url.rpartition(":")[2])
        files = mock.files
        status, body = asyncio.run(fetch_h3(port, files.ca, "/echo", connect_to="websocket"))
        assert status == 501
        assert b"connect anew" in body


def test_connections_that_say_nothing_count_and_end(tmp_path: Path) -> None:
    with secure(tmp_path, http__timeouts__idle="200ms", http__max_connections=1) as mock:
        silent = mock.raw()
        wait_until(lambda: len(mock.server.connections("http")) == 1)
        assert [info.state for info in mock.server.connections("http")] == ["open"]
        with closing(mock.raw()) as second:
            assert is_over(second)
        assert silent.reader.read() == b""
        silent.close()
        wait_until(lambda: mock.server.connections() == [])
        refused = value_of(mock.server, "mockforge_http_connections_total", outcome="refused")
        assert refused == 1


def test_connections_of_the_port_are_listed_and_closed_from_outside(mock: Secure) -> None:
    with closing(mock.raw()) as silent, closing(mock.raw()) as kept:
        kept.send(b"GET /none HTTP/1.1\r\nHost: a\r\n\r\n")
        status, headers = kept.head()
        kept.reader.read(int(headers["content-length"]))
        assert status == 404
        for client in (silent, kept):
            (info,) = (
                each
                for each in mock.server.connections("http")
                if each.client == f"127.0.0.1:{client.socket.getsockname()[1]}"
            )
            assert mock.server.close_connection(info.id)
            assert is_over(client)
        wait_until(lambda: mock.server.connections() == [])


def test_the_end_of_the_server_ends_them_all(tmp_path: Path) -> None:
    with secure(tmp_path, websocket__timeouts__close=0.05) as mock:
        silent, half, talking = mock.raw(), mock.raw(), mock.raw()
        half.send(b"GET /echo HTTP/1.1\r\n")
        talking.open("/echo")
        wait_until(lambda: len(mock.server.connections()) == 3)
    assert talking.closed()[0] == 1001
    for client in (silent, half, talking):
        assert is_over(client)
        client.close()


def test_one_that_leaves_before_it_says_what_it_wants_is_forgotten(mock: Secure) -> None:
    client = mock.raw()
    client.send(b"GET ")
    wait_until(lambda: len(mock.server.connections()) == 1)
    client.socket.shutdown(socket.SHUT_RDWR)
    client.close()
    wait_until(lambda: mock.server.connections() == [])
    assert mock.server.journal.recent() == []
