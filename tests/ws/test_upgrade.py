"""WebSocket on the HTTP port: connections that the HTTP server hands over."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from mockforge.testing import MockServer
from tests.kernel.observe.waiting import wait_until
from tests.ws.making import ECHO, PATIENCE, RawClient, handshake, masked, mocking, script, value_of

BOTH = ("http", "ws")


def http_url(server: MockServer) -> str:
    return server.url.replace("http:", "ws:")


@pytest.mark.shows("websocket.upgrade")
def test_paths_with_a_stub_are_served_on_the_http_port(tmp_path: Path) -> None:
    with mocking(tmp_path, ECHO, only=BOTH) as server:
        with connect(http_url(server) + "/echo", compression=None) as client:
            client.send("hi")
            assert client.recv(PATIENCE) == "hi"
            assert value_of(server, "mockforge_ws_connections_active") == 1
        assert httpx.get(server.url + "/echo").status_code == 404
        with pytest.raises(InvalidStatus, match="404"), connect(http_url(server) + "/other"):
            pass
        wait_until(lambda: value_of(server, "mockforge_ws_connections_active") == 0)
        opened = [entry for entry in server.journal.recent() if entry.status == 101]
        assert [(entry.method, entry.protocol) for entry in opened] == [
            ("SEND", "websocket"),
            ("GET", "websocket"),
        ]
    with (
        mocking(tmp_path, ECHO, only=BOTH, upgrade=False) as server,
        pytest.raises(InvalidStatus, match="404"),
        connect(http_url(server) + "/echo"),
    ):
        pass


def test_the_opening_is_in_the_journal_before_what_is_said(tmp_path: Path) -> None:
    with mocking(tmp_path, script({"send": "hello"}), only=BOTH) as server:
        with connect(http_url(server) + "/s") as client:
            assert client.recv(PATIENCE) == "hello"
        found = [entry.method for entry in server.journal.recent()][::-1]
        assert found[:2] == ["GET", "SEND"]


def test_what_follows_the_request_at_once_is_not_lost(tmp_path: Path) -> None:
    with mocking(tmp_path, ECHO, only=BOTH) as server:
        client = RawClient(server.url)
        client.send(b"GET /none HTTP/1.1\r\nHost: a\r\n\r\n" + handshake("/echo") + masked(b"now"))
        status, headers = client.head()
        assert status == 404
        client.reader.read(int(headers["content-length"]))
        assert client.head()[0] == 101
        assert client.frame() == (0x81, b"now")
        client.close()


def test_refusals_and_limits_hold_there_too(tmp_path: Path) -> None:
    no = {"id": "no", "websocket": {"path": "/no", "refuse": {"status": 401, "body": "who?"}}}
    with mocking(tmp_path, ECHO, no, only=BOTH, max_connections=1) as server:
        with pytest.raises(InvalidStatus, match="401"), connect(http_url(server) + "/no"):
            pass
        with (
            connect(http_url(server) + "/echo"),
            pytest.raises(InvalidStatus, match="503"),
            connect(http_url(server) + "/echo"),
        ):
            pass
        statuses = [entry.status for entry in server.journal.recent() if entry.method == "GET"]
        assert sorted(statuses, key=str) == [101, 401, 503]


def test_connections_of_both_ports_meet_in_rooms(tmp_path: Path) -> None:
    stub = script({"forever": ["expect", {"broadcast": "{{ message }}"}]}, path="/room")
    with (
        mocking(tmp_path, stub, only=BOTH) as server,
        connect(http_url(server) + "/room") as one,
        connect(server.address("ws") + "/room") as two,
    ):
        one.send("from one")
        assert two.recv(PATIENCE) == "from one"
        two.send("from two")
        assert one.recv(PATIENCE) == "from two"


def test_the_end_of_the_server_closes_them_with_1001(tmp_path: Path) -> None:
    with mocking(tmp_path, ECHO, only=BOTH, timeouts__close=0.05) as server:
        client = RawClient(server.url)
        client.open("/echo")
    assert client.closed()[0] == 1001
    client.close()
