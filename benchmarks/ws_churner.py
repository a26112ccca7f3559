"""Clients that come, converse and go in every way: ``python -m benchmarks.ws_churner PORT SECONDS``.

Prints, as JSON, how many went in which way.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import random
import socket
import struct
import sys
from collections import Counter
from collections.abc import Callable
from time import monotonic
from typing import Final, cast

import uvloop

AT_ONCE: Final = 32
PATIENCE: Final = 10.0
_ANY: Final = 65_536


def frame(payload: bytes, first: int = 0x81) -> bytes:
    """A short frame of a client, with a mask of zeros."""
    if len(payload) < 126:
        return bytes((first, 0x80 | len(payload))) + b"\0\0\0\0" + payload
    return struct.pack("!BBH", first, 0xFE, len(payload)) + b"\0\0\0\0" + payload


class Visitor:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def open(self, room: int) -> None:
        """The handshake, and the greeting."""
        key = base64.b64encode(os.urandom(16)).decode()
        self.writer.write(
            f"GET /chat?room={room} HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        await self.reader.readuntil(b"\r\n\r\n")
        await self.reader.read(_ANY)

    async def converse(self, rolls: random.Random) -> None:
        """A few messages; each is answered with something."""
        for _ in range(rolls.randint(1, 5)):
            said = rolls.choice((b"hello", b"later", b"shout", b"x" * rolls.randint(126, 4000)))
            self.writer.write(frame(said))
            await self.reader.read(_ANY)

    async def leave(self) -> None:
        """As one should."""
        self.writer.write(frame(struct.pack("!H", 1000), 0x88))
        await self.reader.read(-1)
        self.writer.close()

    async def drop(self) -> None:
        """Without a close."""
        self.writer.close()

    async def reset(self) -> None:
        """With a TCP reset."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def stop_midway(self) -> None:
        """In the middle of a message."""
        self.writer.write(frame(b"begun", 0x01) + b"\x80\xfe\x0f\xff\0\0\0\0" + b"y" * 2000)
        await self.writer.drain()
        await self.reset()

    async def stop_listening(self) -> None:
        """After having asked for much and read nothing of it."""
        cast("asyncio.ReadTransport", self.writer.transport).pause_reading()
        for _ in range(20):
            self.writer.write(frame(b"z" * 30_000))
        await asyncio.sleep(0.02)
        await self.reset()


WAYS: Final[tuple[tuple[Callable[[Visitor], object], int], ...]] = (
    (Visitor.leave, 2),
    (Visitor.drop, 3),
    (Visitor.reset, 3),
    (Visitor.stop_midway, 1),
    (Visitor.stop_listening, 1),
)
_KNOCKS: Final = 0.05
"""The share of those that leave before they have asked for anything."""


async def _visit(port: int, rolls: random.Random, counts: Counter[str]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    visitor = Visitor(reader, writer)
    if rolls.random() < _KNOCKS:
        writer.write(b"GET /chat HTTP/1.1\r\nHo")
        await visitor.drop()
        counts["knock"] += 1
        return
    await visitor.open(rolls.randint(1, 5))
    await visitor.converse(rolls)
    way = rolls.choices([way for way, _ in WAYS], [weight for _, weight in WAYS])[0]
    await way(visitor)  # type: ignore[misc] # each is a coroutine function
    counts[way.__name__] += 1


async def _stay(port: int, until: float, seed: int, counts: Counter[str]) -> None:
    rolls = random.Random(seed)  # noqa: S311 - of a benchmark
    while monotonic() < until:
        try:
            async with asyncio.timeout(PATIENCE):
                await _visit(port, rolls, counts)
        except (OSError, asyncio.IncompleteReadError):
            counts["refused"] += 1


async def _churn(port: int, seconds: float) -> None:
    counts: Counter[str] = Counter()
    until = monotonic() + seconds
    async with asyncio.TaskGroup() as tasks:
        for seed in range(AT_ONCE):
            tasks.create_task(_stay(port, until, seed, counts))
    print(json.dumps(counts), flush=True)


def main() -> None:
    """The command line."""
    uvloop.run(_churn(int(sys.argv[1]), float(sys.argv[2])))


if __name__ == "__main__":
    main()
