"""Streams of all kinds with cancelled and broken clients for some minutes, on each engine: what is open and
what is resident returns to where it was. The mode ``--mixed`` of :mod:`benchmarks.grpc`."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic
from typing import Any, Final

from .grpc import Mocked, mocked
from .grpc_stubs import HELLO, SLOW, WORLD, settings
from .load import LoadError
from .verdicts import Report, megabytes

MOST_GROWTH: Final = 5e6
"""Bytes of RSS between the end of the warm-up and the end."""
WORKERS: Final = 24
ENGINES: Final = ("http2", "grpcio")

_WARM_UP: Final = 0.25
"""Share of the time after which every buffer has met what it will hold."""
_PATIENCE: Final = 30.0
_PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"
_PATH: Final = b"/helloworld.Greeter/Repeat"
_OPENING: Final = (
    b"\x83\x86"  # POST, http
    + (b"\x04%c%b\x01\x01a" % (len(_PATH), _PATH))
    + b"\x0f\x10\x10application/grpc\x00\x02te\x08trailers"
)
"""A header block without Huffman codes or the dynamic table (RFC 7541)."""


def _opening(stream: int) -> bytes:
    return len(_OPENING).to_bytes(3) + b"\1\4" + stream.to_bytes(4) + _OPENING


def _data(stream: int, payload: bytes, *, end: bool) -> bytes:
    return len(payload).to_bytes(3) + (b"\0\1" if end else b"\0\0") + stream.to_bytes(4) + payload


def _reset(stream: int) -> bytes:
    return b"\0\0\4\3\0" + stream.to_bytes(4) + b"\0\0\0\x08"


_ASKED: Final = b"\0" + len(WORLD).to_bytes(4) + WORLD


class Clients:
    """Workers, each with a channel of its own, and connections that break the rules. ``done`` counts what was
    done, by its name."""

    def __init__(self, port: int, seed: int = 1) -> None:
        self._port = port
        self._random = random.Random(seed)  # noqa: S311 - which client comes next is no secret
        self.done: Counter[str] = Counter()

    async def run(self, seconds: float) -> None:
        """Go on for so long."""
        until = monotonic() + seconds
        await asyncio.gather(*(self._work(until) for _ in range(WORKERS)))

    async def _work(self, until: float) -> None:
        import grpc.aio

        whole = [self.unary, self.late, self.repeated, self.collected, self.chat]
        cut = [self.cancelled, self.cancelled_chat]
        raw = [self.garbage, self.vanishing, self.half_a_message, self.stalled, self.resets]
        while monotonic() < until:
            async with grpc.aio.insecure_channel(
                f"127.0.0.1:{self._port}", options=[("grpc.use_local_subchannel_pool", 1)]
            ) as channel:
                for _ in range(20):
                    action: Any = self._random.choice(self._random.choice((whole, whole, cut)))
                    await action(channel)
                    self.done[action.__name__] += 1
            broken: Any = self._random.choice(raw)
            await broken()
            self.done[broken.__name__] += 1

    # -------------------------------------------------------------- calls as they should be

    async def unary(self, channel: Any) -> None:
        _expect(await channel.unary_unary(HELLO)(WORLD, timeout=_PATIENCE) == WORLD)

    async def late(self, channel: Any) -> None:
        import grpc

        try:
            await channel.unary_unary(HELLO)(SLOW, timeout=0.02)
        except grpc.aio.AioRpcError as error:
            _expect(error.code() is grpc.StatusCode.DEADLINE_EXCEEDED)

    async def repeated(self, channel: Any) -> None:
        call = channel.unary_stream("/helloworld.Greeter/Repeat")(WORLD, timeout=_PATIENCE)
        _expect(len([message async for message in call]) == 50)

    async def collected(self, channel: Any) -> None:
        call = channel.stream_unary("/helloworld.Greeter/Collect")
        _expect(await call(_messages(20), timeout=_PATIENCE) == WORLD)

    async def chat(self, channel: Any) -> None:
        call = channel.stream_stream("/helloworld.Greeter/Chat")(timeout=_PATIENCE)
        for _ in range(10):
            await call.write(WORLD)
            _expect(await call.read() == WORLD)
        await call.done_writing()

    # -------------------------------------------------------------- calls that are cancelled

    async def cancelled(self, channel: Any) -> None:
        call = channel.unary_stream("/helloworld.Greeter/Repeat")(WORLD)
        await call.read()
        call.cancel()

    async def cancelled_chat(self, channel: Any) -> None:
        call = channel.stream_stream("/helloworld.Greeter/Chat")()
        for _ in range(self._random.randrange(1, 4)):
            await call.write(WORLD)
            await call.read()
        call.cancel()

    # -------------------------------------------------------------- connections that break the rules

    async def _raw(self, octets: bytes, *, pause: float = 0.0, polite: bool = True) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(octets)
        await asyncio.sleep(pause)
        if polite:
            writer.close()
        else:
            writer.transport.abort()

    async def garbage(self) -> None:
        await self._raw(self._random.randbytes(self._random.randrange(1, 2000)))

    async def vanishing(self) -> None:
        streams = range(1, 2 * self._random.randrange(1, 20), 2)
        octets = b"".join(_opening(stream) + _data(stream, _ASKED, end=False) for stream in streams)
        await self._raw(_PREFACE + octets, pause=0.01, polite=False)

    async def half_a_message(self) -> None:
        message = b"\0\0\x10\0\0" + bytes(self._random.randrange(10_000))
        await self._raw(_PREFACE + _opening(1) + _data(1, message, end=False), pause=0.01)

    async def stalled(self) -> None:
        """Streams whose answers are never read."""
        streams = range(1, 200, 2)
        octets = b"".join(_opening(stream) + _data(stream, _ASKED, end=True) for stream in streams)
        await self._raw(_PREFACE + octets, pause=0.3, polite=False)

    async def resets(self) -> None:
        streams = range(1, 200, 2)
        octets = b"".join(_opening(stream) + _reset(stream) for stream in streams)
        await self._raw(_PREFACE + octets, pause=0.05)


async def _messages(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield WORLD


def _expect(holds: bool) -> None:
    if not holds:
        raise LoadError("a call was not answered as it should be")


def mixed(report: Report, seconds: float) -> None:
    """So long on each engine."""
    for engine in ENGINES:
        with (
            tempfile.TemporaryDirectory() as folder,
            mocked(settings(Path(folder), engine=engine)) as server,
        ):
            _mixed(report, engine, server, seconds)


def _mixed(report: Report, engine: str, server: Mocked, seconds: float) -> None:
    clients = Clients(server.port)
    asyncio.run(clients.run(seconds * _WARM_UP))
    _settle(server)
    before = server.rss()
    print(f"{engine}: RSS {megabytes(before)} after the warm-up", flush=True)
    asyncio.run(clients.run(seconds * (1 - _WARM_UP)))
    left = _settle(server)
    growth = server.rss() - before
    done = ", ".join(f"{name} {count:,}" for name, count in sorted(clients.done.items()))
    report.figure(
        f"mixed {engine}",
        {"rss": before, "growth": growth, "left": left, **clients.done},
        f"{engine}: {left['begun']:,.0f} calls, {left['cancelled']:,.0f} of them cancelled ({done})",
    )
    report.verdict(
        f"on {engine} nothing stays open",
        holds=not left["calls"] and not left["connections"],
        measured=f"{left['calls']:.0f} calls, {left['connections']:.0f} connections",
    )
    report.verdict(
        f"on {engine} RSS grows by less than {megabytes(MOST_GROWTH)}",
        holds=growth < MOST_GROWTH,
        measured=f"{growth / 1e6:+.1f} MB",
    )


def _settle(server: Mocked) -> dict[str, float]:
    """What is open once nothing ends any more, for at most a minute."""
    until = monotonic() + 60
    while True:
        found = server.open()
        if monotonic() > until or not (found["calls"] or found["connections"]):
            return found
