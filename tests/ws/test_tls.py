"""WebSocket over TLS."""

from __future__ import annotations

import asyncio
import json
import ssl
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from mockforge.errors import MockForgeError
from mockforge.testing import MockServer
from tests.ws.certificates import Certificates
from tests.ws.making import ECHO, PATIENCE


def serving(folder: Path, **tls: Path | int) -> MockServer:
    stubs = folder / "stubs.json"
    stubs.write_text(json.dumps(ECHO))
    given = {f"websocket.tls.{key}": str(value) for key, value in tls.items()}
    return MockServer(only=("ws",), settings={"websocket.scripts": [str(stubs)], **given})


def echo(server: MockServer, context: ssl.SSLContext) -> str:
    # Not the client with threads: two of them use one TLS connection at a time.
    async def talk() -> str:
        url = server.address("wss") + "/echo"
        async with connect(url, ssl=context, open_timeout=PATIENCE) as client:
            await client.send("hi")
            return str(await client.recv())

    return asyncio.run(talk())


@pytest.mark.shows("websocket.tls.port", "websocket.tls.cert", "websocket.tls.key")
def test_a_second_port_speaks_tls(tmp_path: Path) -> None:
    files = Certificates(tmp_path)
    with serving(tmp_path, cert=files.cert, key=files.key) as server:
        assert server.address("wss").startswith("wss://127.0.0.1:")
        assert server.address("ws").startswith("ws://")
        assert echo(server, files.trusting()) == "hi"
        entry = server.journal.recent()[-1]
        assert (entry.method, entry.status) == ("GET", 101)
        port = int(server.address("wss").rpartition(":")[2])
    with serving(tmp_path, cert=files.cert, key=files.key, port=port) as server:
        assert server.address("wss").endswith(f":{port}")


@pytest.mark.shows("websocket.tls.client_ca")
def test_clients_must_show_a_certificate(tmp_path: Path) -> None:
    files = Certificates(tmp_path)
    with serving(tmp_path, cert=files.cert, key=files.key, client_ca=files.ca) as server:
        assert echo(server, files.trusting(with_certificate=True)) == "hi"
        with pytest.raises((OSError, WebSocketException)):
            echo(server, files.trusting())


def test_a_certificate_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    files = Certificates(tmp_path)
    files.cert.write_text("nonsense")
    with (
        pytest.raises(MockForgeError, match="not usable as PEM") as error,
        serving(tmp_path, cert=files.cert, key=files.key),
    ):
        pass
    assert "websocket.tls.cert" in (error.value.hint or "")
