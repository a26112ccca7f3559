"""Clients that nobody here wrote hold the same conversation."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from mockforge.testing import MockServer
from tests.ws.making import mocking, script

STUB = script(
    {"send": "hello {{ request.query.name }}"},
    {"expect": {"json": {"type": "join"}}},
    {"send": {"base64": "AP8="}},
    {"expect": {"binary": {"base64": "AQI="}}},
    "echo",
    {"close": {"code": 4001, "reason": "bye"}},
    subprotocols=["chat"],
)
HEARD = ["chat", "hello rex", "00ff", "0102", 4001, "bye"]


@pytest.fixture(params=[False, True], ids=["plain", "compressed"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MockServer]:
    with mocking(tmp_path, STUB, compression=request.param) as running:
        yield running


def url(server: MockServer) -> str:
    return server.address("ws") + "/s?name=rex"


def test_websockets(server: MockServer) -> None:
    async def talk() -> list[Any]:
        async with connect(url(server), subprotocols=[Subprotocol("chat")]) as client:
            heard: list[Any] = [client.subprotocol, await client.recv()]
            await client.send('{"type": "join"}')
            heard.append(bytes(await client.recv(decode=False)).hex())
            await client.send(b"\x01\x02")
            heard.append(bytes(await client.recv(decode=False)).hex())
            await client.wait_closed()
            return [*heard, client.close_code, client.close_reason]

    assert asyncio.run(talk()) == HEARD


def test_aiohttp(server: MockServer) -> None:
    async def talk() -> list[Any]:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(url(server), protocols=["chat"], compress=15) as client,
        ):
            heard: list[Any] = [client.protocol, await client.receive_str()]
            await client.send_str('{"type": "join"}')
            heard.append((await client.receive_bytes()).hex())
            await client.send_bytes(b"\x01\x02")
            heard.append((await client.receive_bytes()).hex())
            last = await client.receive()
            return [*heard, last.data, last.extra]

    assert asyncio.run(talk()) == HEARD


NODE = """
const socket = new WebSocket(process.argv[1], ["chat"]);
socket.binaryType = "arraybuffer";
const heard = [];
socket.onopen = () => heard.push(socket.protocol);
socket.onmessage = (event) => {
  if (typeof event.data === "string") {
    heard.push(event.data);
    socket.send('{"type": "join"}');
  } else {
    heard.push(Buffer.from(event.data).toString("hex"));
    if (heard.length === 3) socket.send(new Uint8Array([1, 2]));
  }
};
socket.onclose = (event) => {
  heard.push(event.code, event.reason);
  console.log(JSON.stringify(heard));
};
"""


def test_node(server: MockServer) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed")
    # Built in since version 22, behind this flag before.
    done = subprocess.run(
        [node, "--experimental-websocket", "-e", NODE, url(server)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if "bad option" in done.stderr or "WebSocket is not defined" in done.stderr:
        pytest.skip("this Node has no WebSocket")
    assert done.stdout, done.stderr
    assert json.loads(done.stdout) == HEARD
