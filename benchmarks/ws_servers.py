"""Echo servers to compare with: ``python -m benchmarks.ws_servers bare|websockets PORT``.

``bare`` is a loop of wsproto on an ``asyncio.Protocol`` and nothing else; ``websockets`` is the server of
that library. Both run on uvloop, as the mock does.
"""

from __future__ import annotations

import asyncio
import sys
from typing import cast

import uvloop
from websockets.asyncio.server import ServerConnection, serve
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Message, Ping, Request


class Bare(asyncio.Protocol):
    """Sends back what comes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.frames = WSConnection(ConnectionType.SERVER)

    def data_received(self, data: bytes) -> None:
        frames = self.frames
        frames.receive_data(data)
        for event in frames.events():
            if isinstance(event, Message):
                self.transport.write(frames.send(event))
            elif isinstance(event, Request):
                self.transport.write(frames.send(AcceptConnection()))
            elif isinstance(event, Ping):
                self.transport.write(frames.send(event.response()))
            elif isinstance(event, CloseConnection):
                self.transport.write(frames.send(event.response()))
                self.transport.close()


async def _bare(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Bare, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


async def _websockets(port: int) -> None:
    async def echo(connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    async with serve(echo, "127.0.0.1", port, compression=None) as server:
        await server.serve_forever()


def main() -> None:
    """Serve until a signal."""
    kind, port = sys.argv[1], int(sys.argv[2])
    uvloop.run(_bare(port) if kind == "bare" else _websockets(port))


if __name__ == "__main__":
    main()
