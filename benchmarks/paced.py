"""Requests at a steady rate: ``python -m benchmarks.paced HOST PORT TARGET RATE SECONDS``.

A process of its own. wrk sends as fast as it is answered; this sends what is due every few milliseconds,
whether or not answers have come. Prints the answers per second, the 95th percentile of latencies in ms,
reckoned from when a request was due (a server that falls behind cannot hide it), and how many were lost.
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from itertools import cycle
from time import perf_counter
from typing import Final, cast

import uvloop

from .verdicts import percentile

_CONNECTIONS: Final = 32
_STEP: Final = 0.002
_PATIENCE: Final = 2.0
"""Seconds that the last answers may take."""


class Client(asyncio.Protocol):
    """One connection. Requests wait in line on it; answers are told apart by their status line."""

    def __init__(self, request: bytes, latencies: list[float]) -> None:
        self._request = request
        self._latencies = latencies
        self._due: deque[float] = deque()
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def send(self, due: float) -> None:
        """One request that was due then."""
        self._due.append(due)
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now = perf_counter()
        for _ in range(data.count(b"HTTP/1.1 200")):
            self._latencies.append(now - self._due.popleft())


async def _run(host: str, port: int, target: str, rate: float, seconds: float) -> None:
    latencies: list[float] = []
    request = f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    loop = asyncio.get_running_loop()
    clients = [
        (await loop.create_connection(lambda: Client(request, latencies), host, port))[1]
        for _ in range(_CONNECTIONS)
    ]
    turn = cycle(clients)
    begun = perf_counter()
    sent = 0
    while (now := perf_counter()) - begun < seconds:
        while sent < (now - begun) * rate:
            next(turn).send(begun + sent / rate)
            sent += 1
        await asyncio.sleep(_STEP)
    answered, took = len(latencies), perf_counter() - begun
    until = perf_counter() + _PATIENCE
    while len(latencies) < sent and perf_counter() < until:  # noqa: ASYNC110 - looked at in steps like the rest
        await asyncio.sleep(_STEP)
    print(answered / took, percentile(latencies, 0.95) * 1000, sent - len(latencies), flush=True)
    for client in clients:
        client.transport.abort()


if __name__ == "__main__":
    _host, _port, _target, _rate, _seconds = sys.argv[1:]
    uvloop.run(_run(_host, int(_port), _target, float(_rate), float(_seconds)))
