"""The floor that speed is measured against: a bare llhttp loop that writes a constant.

Parses requests with httptools on an ``asyncio.Protocol`` under uvloop and answers each with the same
bytes; no limits, no checks, no request objects. Run ``python -m benchmarks.floor --port 8080`` and load
it; it stops on SIGINT or SIGTERM, or after ``--seconds``.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
from typing import cast

import httptools
import uvloop

ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n"
    b'Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n{"hello":"you"}'
)


class Floor(asyncio.Protocol):
    """Answers every request with :data:`ANSWER`."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.parser = httptools.HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self.transport.close()

    def on_message_complete(self) -> None:
        self.transport.write(ANSWER)


async def serve(host: str, port: int, seconds: float | None) -> None:
    """Serve until a signal or for ``seconds``; prints the address once it accepts."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    server = await loop.create_server(Floor, host, port, backlog=1024)
    print("http://{}:{}".format(*server.sockets[0].getsockname()[:2]), flush=True)
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        pass
    finally:
        server.close()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=None, help="stop by itself after so long")
    given = parser.parse_args()
    uvloop.run(serve(given.host, given.port, given.seconds))


if __name__ == "__main__":
    main()
