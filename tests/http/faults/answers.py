"""An application whose answers have faults, and what a client sees of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from mockforge.mocking.exchange import Exchange, Response
from mockforge.mocking.faults import compile_fault
from tests.http.wire.harness import PATIENCE, Served

BODY = b"0123456789" * 6
PIECES = (b"first-piece", b"second", b"third")


async def pieces() -> AsyncIterator[bytes]:
    for piece in PIECES:
        yield piece


class Faulty:
    """Answers ``/plain`` without fault, and everything else with ``fault``: ``/stream`` by a stream,
    ``/empty`` with an empty body, ``/204`` without one."""

    def __init__(self, fault: Any, body: bytes = BODY) -> None:
        self.fault = compile_fault(fault)
        self.body = body

    def __call__(self, exchange: Exchange) -> Response:
        path = exchange.request.path
        if path == "/plain":
            return Response(200, (), b"plain")
        if path == "/stream":
            return Response(200, (), stream=pieces(), fault=self.fault)
        if path == "/204":
            return Response(204, fault=self.fault)
        return Response(200, (), b"" if path == "/empty" else self.body, fault=self.fault)


def ask(target: str = "/", method: str = "GET", version: str = "1.1") -> bytes:
    return f"{method} {target} HTTP/{version}\r\nHost: mock.test\r\n\r\n".encode()


async def seen(served: Served, data: bytes) -> tuple[bytes, bool]:
    """Everything that comes until the end of a new connection on which ``data`` was sent, and whether the
    end was a reset."""
    client = await served.connect()
    await client.send(data)
    got = b""
    try:
        async with asyncio.timeout(PATIENCE):
            while piece := await client.reader.read(65_536):
                got += piece
    except ConnectionResetError:
        return got, True
    return got, False


def split(answer: bytes) -> tuple[bytes, bytes]:
    """Head and what follows it."""
    head, _, rest = answer.partition(b"\r\n\r\n")
    return head, rest
