"""A client that sends more than it reads cannot make the server hold more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from mockforge.mocking.exchange import Exchange, Response
from mockforge_http.wire.connection import Connection
from tests.http.wire.harness import HOST, PATIENCE, App, Client, Served, run, serving, until

REQUEST = b"GET /%d HTTP/1.1\r\n" + HOST + b"\r\n"


async def flood(client: Client, count: int) -> asyncio.Task[None]:
    """Pipeline ``count`` requests without reading any answer."""
    client.writer.transport.pause_reading()  # type: ignore[attr-defined]

    async def send() -> None:
        for number in range(count):
            client.writer.write(REQUEST % number)
            await client.writer.drain()

    return asyncio.ensure_future(send())


TURNS = 100
"""Turns of the event loop, in which a server that could go on would."""


async def stopped(served: Served, progress: Callable[[], int]) -> Connection:
    """Wait until the one connection holds back, and ``progress`` stays what it is from turn to turn."""
    hub = served.listener._hub
    assert hub is not None
    await until(lambda: len(hub.connections) == 1)
    (connection,) = hub.connections
    assert isinstance(connection, Connection)
    seen, same = -1, 0
    async with asyncio.timeout(PATIENCE):
        while not connection.write_paused or same < TURNS:
            same = same + 1 if progress() == seen else 0
            seen = progress()
            await asyncio.sleep(0)
    return connection


@pytest.mark.parametrize("size", [100, 15_000, 40_000, 3_000_000])
def test_pipelining_without_reading_stops_the_server_reading(size: int) -> None:
    body = b"x" * size
    count = 60_000_000 // size if size > 1000 else 40_000

    async def scenario() -> None:
        async with serving(
            App(lambda exchange: Response(200, (), body)), write_buffer=100_000
        ) as served:
            client = await served.connect(receive_buffer=4096)
            sending = await flood(client, count)
            connection = await stopped(served, lambda: len(served.app.asked))
            assert len(served.app.asked) < count
            unsent = connection.transport.get_write_buffer_size()
            # the buffer, one batch or one answer beyond it
            assert unsent <= 100_000 + max(32 * (16 * 1024 + 200), size + 200)
            assert connection.memory_bytes() < unsent + 300_000
            client.writer.transport.resume_reading()  # type: ignore[attr-defined]
            for _ in range(count):
                answer = await client.answer()
                assert len(answer.body) == size
            await sending
            assert len(served.app.over) == count

    run(scenario)


def test_turns_are_not_written_to_a_client_that_does_not_read() -> None:
    body = b"x" * 200_000

    async def scenario() -> None:
        async def later(exchange: Exchange) -> Response:
            await asyncio.sleep(0)
            return Response(200, (), body)

        async with serving(App(later), write_buffer=100_000, max_pipelined=8) as served:
            client = await served.connect(receive_buffer=4096)
            sending = await flood(client, 500)
            connection = await stopped(served, lambda: len(served.app.asked))
            assert len(served.app.asked) < 500
            assert connection.transport.get_write_buffer_size() < 100_000 + 200_200
            client.writer.transport.resume_reading()  # type: ignore[attr-defined]
            for _ in range(500):
                assert len((await client.answer()).body) == len(body)
            await sending

    run(scenario)


def test_a_stream_waits_for_its_reader() -> None:
    async def scenario() -> None:
        given = 0

        async def endless() -> object:
            nonlocal given
            while True:
                given += 50_000
                yield b"x" * 50_000

        def handle(exchange: Exchange) -> Response:
            return Response(200, stream=endless())  # type: ignore[arg-type]

        async with serving(App(handle), write_buffer=100_000) as served:
            client = await served.connect(receive_buffer=4096)
            client.writer.transport.pause_reading()  # type: ignore[attr-defined]
            client.writer.write(REQUEST % 1)
            connection = await stopped(served, lambda: given)
            seen = given
            assert connection.transport.get_write_buffer_size() < 250_000
            client.writer.transport.resume_reading()  # type: ignore[attr-defined]
            await client.reader.readuntil(b"\r\n\r\n")
            received = 0
            while received < 5_000_000:
                received += len(await client.reader.read(100_000))
            assert given > seen

    run(scenario)
