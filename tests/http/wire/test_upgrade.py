"""The seam for protocols that take a connection over (RFC 9110 section 7.8), with a toy one."""

from __future__ import annotations

import asyncio

import pytest

from mockforge.mocking.exchange import Exchange, Response
from tests.http.wire.harness import HOST, App, Later, UpgradingApp, run, serving, until

UPGRADE = b"GET /toy HTTP/1.1\r\n" + HOST + b"Connection: upgrade\r\nUpgrade: toy\r\n\r\n"
SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: toy\r\n\r\n"


class Shout(asyncio.Protocol):
    """Sends back what it gets, in capitals, until ``bye``."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        self.lost = False

    def data_received(self, data: bytes) -> None:
        self.transport.write(data.upper())
        if data.endswith(b"bye"):
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True


class Taker:
    def __init__(self) -> None:
        self.protocols: list[Shout] = []

    def __call__(self, exchange: Exchange, transport: asyncio.Transport, buffered: bytes) -> bool:
        if exchange.request.fields[b"upgrade"] != b"toy":
            return False
        protocol = Shout(transport)
        self.protocols.append(protocol)
        transport.set_protocol(protocol)
        transport.write(SWITCHED)
        exchange.response = Response(101)
        if buffered:
            protocol.data_received(buffered)
        return True


@pytest.mark.parametrize("together", [True, False])
def test_a_connection_is_taken_over(together: bool) -> None:
    async def scenario() -> None:
        taker = Taker()
        async with serving(UpgradingApp(taker), idle_timeout=0.05) as served:
            client = await served.connect()
            if together:
                await client.send(b"GET /a HTTP/1.1\r\n" + HOST + b"\r\n" + UPGRADE + b"hello")
                assert (await client.answer()).json["target"] == "/a"
            else:
                await client.send(UPGRADE)
            assert await client.reader.readexactly(len(SWITCHED)) == SWITCHED
            if not together:
                await client.send(b"hello")
            assert await client.reader.readexactly(5) == b"HELLO"
            assert served.listener.connections == 0
            assert served.app.over[-1].response is not None
            assert served.app.over[-1].response.status == 101
            await served.listener.drain()  # does not wait for what was handed over
            await client.send(b"GET / HTTP/1.1\r\n\r\nbye")
            assert await client.ended() == b"GET / HTTP/1.1\r\n\r\nBYE"
            await until(lambda: taker.protocols[0].lost)
            assert len(served.app.asked) == int(together)

    run(scenario)


def test_earlier_answers_go_first() -> None:
    async def scenario() -> None:
        later = Later(b"first")
        taker = Taker()
        async with serving(UpgradingApp(taker, later)) as served:
            client = await served.connect()
            await client.send(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n" + UPGRADE + b"hello")
            await served.app.until(lambda: len(served.app.asked) == 1)
            assert taker.protocols == []
            later.release.set()
            assert (await client.answer()).body == b"first"
            assert await client.reader.readexactly(len(SWITCHED)) == SWITCHED
            assert await client.reader.readexactly(5) == b"HELLO"
            taker.protocols[0].transport.abort()

    run(scenario)


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\n" + HOST + b"Connection: upgrade\r\nUpgrade: other\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"Upgrade: toy\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"Connection: upgrade\r\n\r\n",
        b"GET / HTTP/1.0\r\nConnection: upgrade, keep-alive\r\nUpgrade: toy\r\n\r\n",
        b"POST / HTTP/1.1\r\n"
        + HOST
        + b"Connection: upgrade\r\nUpgrade: toy\r\nContent-Length: 2\r\n\r\nab",
    ],
)
def test_what_is_not_taken_over_is_an_ordinary_request(head: bytes) -> None:
    async def scenario() -> None:
        async with serving(UpgradingApp(Taker())) as served:
            client = await served.connect()
            for _ in range(2):
                await client.send(head)
                assert (await client.answer()).status == 200

    run(scenario)


def test_an_upgrade_that_fails_is_a_500(caplog: pytest.LogCaptureFixture) -> None:
    def fail(exchange: Exchange, transport: asyncio.Transport, buffered: bytes) -> bool:
        raise RuntimeError("no")

    async def scenario() -> None:
        async with serving(UpgradingApp(fail)) as served:
            answer, rest = await served.once(UPGRADE + b"x")
            assert (answer.status, rest) == (500, b"")
            assert answer.headers["connection"] == "close"
            assert len(served.app.over) == 1

    run(scenario)
    assert "RuntimeError: no" in caplog.text


def test_nothing_is_taken_over_while_draining() -> None:
    async def scenario() -> None:
        later = Later(b"")
        taker = Taker()
        async with serving(UpgradingApp(taker, later)) as served:
            busy, client = await served.connect(), await served.connect()
            get = b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"
            await busy.send(get)
            await client.send(UPGRADE[:-2])
            sent = len(get) + len(UPGRADE) - 2
            await until(lambda: served.listener.stats.bytes_in == sent)
            draining = asyncio.ensure_future(served.listener.drain())
            await asyncio.sleep(0)
            await client.send(b"\r\n")
            await served.app.until(lambda: len(served.app.asked) == 2)
            later.release.set()
            assert (await client.answer()).headers["connection"] == "close"
            await draining
            assert taker.protocols == []

    run(scenario)


def test_an_application_without_upgrade_needs_no_method() -> None:
    async def scenario() -> None:
        async with serving(App()) as served:
            client = await served.connect()
            await client.send(UPGRADE)
            assert (await client.answer()).status == 200

    run(scenario)
