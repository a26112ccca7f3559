"""The other end of the WebSocket benchmarks, in a process of its own.

``python -m benchmarks.ws_client load PORT CONNECTIONS SECONDS`` keeps one message under way on each
connection and prints messages per second, and how many there were with the warm-up;
``hold PORT CONNECTIONS`` opens connections, prints how many are
open, and holds them until its standard input ends.
"""

from __future__ import annotations

import asyncio
import base64
import os
import resource
import sys
from time import perf_counter
from typing import Final, cast

import uvloop

PAYLOAD: Final = b"x" * 20
FRAME: Final = b"\x81\x94\0\0\0\0" + PAYLOAD
ANSWER: Final = 2 + len(PAYLOAD)
_AT_ONCE: Final = 200


class Client(asyncio.Protocol):
    """One connection; with ``talks`` it sends the next message when the last came back."""

    def __init__(self, opened: asyncio.Future[None], *, talks: bool) -> None:
        self.opened = opened
        self.talks = talks
        self.count = 0
        self._open = False
        self._rest = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        key = base64.b64encode(os.urandom(16))
        self.transport.write(
            b"GET /echo HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: %b\r\nSec-WebSocket-Version: 13\r\n\r\n" % key
        )

    def data_received(self, data: bytes) -> None:
        if not self._open:
            self._open = True
            if b" 101 " not in data:
                self.opened.set_exception(ConnectionError(data[:200].decode("latin-1")))
                return
            self.opened.set_result(None)
            if self.talks:
                self.transport.write(FRAME)
            return
        if self.talks:
            whole, self._rest = divmod(self._rest + len(data), ANSWER)
            self.count += whole
            self.transport.write(FRAME * whole)
        elif data[0] == 0x89:  # a ping
            self.transport.write(b"\x8a\x80\0\0\0\0")


async def _open(port: int, count: int, *, talks: bool) -> list[Client]:
    loop = asyncio.get_running_loop()
    clients: list[Client] = []
    for start in range(0, count, _AT_ONCE):
        waiting = []
        for _ in range(min(_AT_ONCE, count - start)):
            opened: asyncio.Future[None] = loop.create_future()
            client = Client(opened, talks=talks)
            await loop.create_connection(lambda client=client: client, "127.0.0.1", port)  # type: ignore[misc]
            clients.append(client)
            waiting.append(opened)
        await asyncio.gather(*waiting)
    return clients


async def _load(port: int, connections: int, seconds: float) -> None:
    clients = await _open(port, connections, talks=True)
    await asyncio.sleep(0.5)
    begun, before = perf_counter(), sum(client.count for client in clients)
    await asyncio.sleep(seconds)
    total = sum(client.count for client in clients)
    print((total - before) / (perf_counter() - begun), total, flush=True)
    for client in clients:
        client.transport.abort()


async def _hold(port: int, connections: int) -> None:
    clients = await _open(port, connections, talks=False)
    print(sum(client.opened.done() for client in clients), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    for client in clients:
        client.transport.abort()


def main() -> None:
    """The command line."""
    mode, port, connections = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if mode == "load":
        uvloop.run(_load(port, connections, float(sys.argv[4])))
    else:
        uvloop.run(_hold(port, connections))


if __name__ == "__main__":
    main()
