"""The wire alone: a trivial application that returns one shared answer, to be compared with the floor.

Run ``python -m benchmarks.wire --port 8080`` and load it as :mod:`benchmarks.floor`; the ratio of the two
is what the wire costs. It stops on SIGINT or SIGTERM, or after ``--seconds``.
"""

from __future__ import annotations

import argparse
import asyncio
import signal

import uvloop

from mockforge.mocking.exchange import Exchange, Response
from mockforge_http.config import HttpConfig
from mockforge_http.wire import HttpListener, Limits


class Trivial:
    """Answers every request with the same response."""

    def __init__(self) -> None:
        self.response = Response(200, [("Content-Type", "application/json")], b'{"hello":"you"}')

    def handle(self, exchange: Exchange) -> Response:
        """The shared response."""
        return self.response

    def finished(self, exchange: Exchange) -> None:
        """Nothing is noted."""


async def serve(host: str, port: int, seconds: float | None) -> None:
    """Serve until a signal or for ``seconds``; prints the address once it accepts."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    listener = HttpListener(Trivial(), Limits.of(HttpConfig()), host=host, port=port)
    await listener.start()
    print(listener.addresses()[0], flush=True)
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        pass
    finally:
        listener.abort()


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
