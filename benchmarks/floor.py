"""The floor: the least that an HTTP server in this language and on this machine has to do.

``python -m benchmarks.floor --port N`` parses requests with httptools on uvloop and answers each
with the same bytes. What the mock server does beyond that is what the ratios of
``benchmarks.http`` show.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
from collections.abc import Sequence
from typing import cast

import httptools
import uvloop

BODY = b'{"id":1,"name":"rex"}'
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY)
) + BODY


class Floor(asyncio.Protocol):
    """One connection; kept open, requests on it answered in order."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport and a parser of its own."""
        self.transport = cast("asyncio.Transport", transport)
        self.parser = httptools.HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        """Parse; what is no HTTP ends the connection."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self.transport.close()

    def on_message_complete(self) -> None:
        """A request is there: answer it."""
        self.transport.write(ANSWER)


async def serve(port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    done = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, done.set)
    server = await loop.create_server(Floor, "127.0.0.1", port)
    await done.wait()
    server.close()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the floor on the given port."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.floor", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    uvloop.run(serve(parser.parse_args(arguments).port))


if __name__ == "__main__":
    main()
