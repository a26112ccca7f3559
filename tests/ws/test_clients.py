"""Clients that nobody here wrote hold the same conversation, on every port, and see a refusal as an error."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from mockforge.testing import MockServer
from tests.kernel.observe.waiting import wait_until
from tests.ws.certificates import Certificates
from tests.ws.making import PATIENCE, script

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
REFUSED = {"id": "no", "websocket": {"path": "/no", "refuse": 401}}
PORTS: Final = ("ws", "http", "https")


class Mock:
    """A server that speaks on all ports. ``urls`` are where each of them is, as a WebSocket."""

    def __init__(self, server: MockServer, files: Certificates) -> None:
        self.server = server
        self.files = files
        self.urls = {port: server.address(port).replace("http", "ws") for port in PORTS}

    def tls(self, url: str) -> ssl.SSLContext | None:
        """What a client needs for ``url``."""
        return self.files.trusting() if url.startswith("wss:") else None


@contextmanager
def mocked(folder: Path, *, compression: bool = False) -> Iterator[Mock]:
    files = Certificates(folder)
    settings = {
        "http.tls.cert": str(files.cert),
        "http.tls.key": str(files.key),
        "websocket.compression": compression,
    }
    with MockServer(only=("http", "ws"), settings=settings) as server:
        for stub in (STUB, REFUSED):
            server.stub(stub)
        yield Mock(server, files)


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "compressed"])
def mock(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mock]:
    with mocked(tmp_path_factory.mktemp("mock"), compression=request.param) as running:
        yield running


# ------------------------------------------------------------------ Python


@pytest.mark.parametrize("port", PORTS)
def test_websockets(mock: Mock, port: str) -> None:
    url = mock.urls[port]

    async def talk() -> list[Any]:
        async with connect(
            f"{url}/s?name=rex", subprotocols=[Subprotocol("chat")], ssl=mock.tls(url)
        ) as client:
            heard: list[Any] = [client.subprotocol, await client.recv()]
            await client.send('{"type": "join"}')
            heard.append(bytes(await client.recv(decode=False)).hex())
            await client.send(b"\x01\x02")
            heard.append(bytes(await client.recv(decode=False)).hex())
            await client.wait_closed()
            return [*heard, client.close_code, client.close_reason]

    async def refused() -> int:
        with pytest.raises(InvalidStatus) as error:
            await connect(f"{url}/no", ssl=mock.tls(url))
        return error.value.response.status_code

    assert asyncio.run(talk()) == HEARD
    assert asyncio.run(refused()) == 401


# Not over TLS: there it lets go of connections before they are closed, and warns of that.
@pytest.mark.parametrize("port", ["ws", "http"])
def test_aiohttp(mock: Mock, port: str) -> None:
    url = mock.urls[port]

    async def talk() -> list[Any]:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{url}/s?name=rex", protocols=["chat"], compress=15) as client,
        ):
            heard: list[Any] = [client.protocol, await client.receive_str()]
            await client.send_str('{"type": "join"}')
            heard.append((await client.receive_bytes()).hex())
            await client.send_bytes(b"\x01\x02")
            heard.append((await client.receive_bytes()).hex())
            last = await client.receive()
            return [*heard, last.data, last.extra]

    async def refused() -> int:
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.WSServerHandshakeError) as error:
                await session.ws_connect(f"{url}/no")
            return error.value.status

    assert asyncio.run(talk()) == HEARD
    if (
        port != "https"
    ):  # over TLS it lets go of the connection before that is closed, and warns of it
        assert asyncio.run(refused()) == 401


# ------------------------------------------------------------------ JavaScript

TALK = """
const hex = (data) =>
  Array.from(new Uint8Array(data), (octet) => octet.toString(16).padStart(2, "0")).join("");

const talk = (url) => new Promise((resolve) => {
  const heard = [];
  const socket = new WebSocket(url + "/s?name=rex", ["chat"]);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => heard.push(socket.protocol);
  socket.onmessage = (event) => {
    if (typeof event.data === "string") {
      heard.push(event.data);
      socket.send('{"type": "join"}');
    } else {
      heard.push(hex(event.data));
      if (heard.length === 3) socket.send(new Uint8Array([1, 2]));
    }
  };
  socket.onclose = (event) => resolve([...heard, event.code, event.reason]);
});

const refused = (url) => new Promise((resolve) => {
  const socket = new WebSocket(url + "/no");
  socket.onopen = () => resolve("open");
  socket.onerror = () => resolve("error");
});

const all = async (urls) => {
  const seen = [];
  for (const url of urls) seen.push({heard: await talk(url), refused: await refused(url)});
  return seen;
};
"""
"""Scripts cannot see the status of a refusal, only that there is an error."""
SEEN: Final = {"heard": HEARD, "refused": "error"}
NODE = TALK + "all(process.argv.slice(1)).then((seen) => console.log(JSON.stringify(seen)));"


def test_node(mock: Mock) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed")
    # Built in since version 22, behind this flag before.
    done = subprocess.run(
        [node, "--experimental-websocket", "-e", NODE, *mock.urls.values()],
        env={**os.environ, "NODE_EXTRA_CA_CERTS": str(mock.files.ca)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if "bad option" in done.stderr or "WebSocket is not defined" in done.stderr:
        pytest.skip("this Node has no WebSocket")
    assert done.stdout, done.stderr
    assert json.loads(done.stdout) == [SEEN] * len(PORTS)


BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
PAGE = """<!doctype html><title>Talk</title><script>
%s
all(%s)
  .catch((error) => String(error))
  .then((seen) => fetch("/heard", {method: "POST", body: JSON.stringify(seen)}));
</script>
"""


@contextmanager
def browsing(browser: str, folder: Path, url: str) -> Iterator[None]:
    """A browser that has ``url`` open."""
    command = [
        browser,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--ignore-certificate-errors",
        f"--user-data-dir={folder}",
        url,
    ]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_browser(mock: Mock, tmp_path: Path, scheme: str) -> None:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("no Chromium is installed")
    server = mock.server
    urls = list(mock.urls.values())
    server.stub(
        {
            "id": "page",
            "request": {"method": "GET", "path": "/page"},
            "response": {
                "headers": {"Content-Type": "text/html; charset=utf-8"},
                "text": PAGE % (TALK, json.dumps(urls)),
                "template": False,
            },
        }
    )
    server.stub("POST", "/heard", status=204, id="heard")
    server.clear()
    with browsing(browser, tmp_path, f"{server.address(scheme)}/page"):
        wait_until(lambda: bool(server.requests("POST", "/heard")), timeout=60)
    (heard,) = server.requests("POST", "/heard")
    assert json.loads(heard.request_body) == [SEEN] * len(urls)
