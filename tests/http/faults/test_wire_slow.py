"""Bodies that come slowly, by a time that tests move on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from mockforge_http.wire import HttpListener
from tests.http.faults.answers import BODY, PIECES, Faulty, ask
from tests.http.faults.times import Steps, immediate
from tests.http.wire.harness import App, Client, Served, limits, listening, run

DRIBBLE = {"dribble": {"chunks": 3, "over": "3s"}}


@asynccontextmanager
async def slowly(fault: Any, pace: Any, **changes: float) -> AsyncIterator[Served]:
    app = App(Faulty(fault))
    async with listening(app, limits(**changes), pace=pace) as listener:
        served = Served(listener, app)
        try:
            yield served
        finally:
            for client in served.clients:
                client.writer.transport.abort()
                await client.close()


async def head(client: Client) -> bytes:
    return await client.reader.readuntil(b"\r\n\r\n")


@asynccontextmanager
async def begun(
    steps: Steps, fault: Any = DRIBBLE, data: bytes | None = None, **changes: float
) -> AsyncIterator[tuple[Served, Client]]:
    """A client that asked (for ``data``) and got the head of an answer that comes slowly."""
    async with slowly(fault, steps, **changes) as served:
        client = await served.connect()
        await client.send(ask() if data is None else data)
        await head(client)
        yield served, client


def test_a_dribbled_body_comes_in_pieces_spread_over_the_time() -> None:
    async def scenario() -> None:
        steps = Steps()
        async with slowly(DRIBBLE, steps) as served:
            client = await served.connect()
            await client.send(ask())
            assert b"Content-Length: 60\r\n" in await head(client)
            for number in range(3):
                assert await steps.step() == number + 1
                assert await client.reader.readexactly(20) == BODY[:20]
            assert steps.slept == [1, 1, 1]
            # and the connection goes on
            await client.send(ask("/plain"))
            assert (await client.answer()).body == b"plain"
            assert served.listener.stats.faults == {"dribble": 1}
            assert [exchange.error for exchange in served.app.over] == [None, None]
            assert served.app.over[0].sent_bytes == 60

    run(scenario)


def test_nothing_comes_before_its_time() -> None:
    async def scenario() -> None:
        steps = Steps()
        async with begun(steps) as (served, client):
            await steps.step()
            await client.reader.readexactly(20)
            reading = asyncio.ensure_future(client.reader.read(1))
            while steps.sleeping != 1:  # noqa: ASYNC110 - the server knows nothing of tests
                await asyncio.sleep(0)
            # whatever was written is on the way to this client before a second connection is served
            other = await served.connect()
            assert (await other.get("/plain")).body == b"plain"
            assert not reading.done()
            await steps.step()
            assert await reading == BODY[:1]

    run(scenario)


def test_bandwidth_is_bytes_by_second() -> None:
    async def scenario() -> None:
        steps = Steps()
        async with begun(steps, {"bandwidth": 40}) as (_, client):
            for number in range(30):
                assert await steps.step() == pytest.approx((number + 1) * 2 / 40)
                assert len(await client.reader.readexactly(2)) == 2
            assert steps.time == pytest.approx(60 / 40)

    run(scenario)


@pytest.mark.parametrize("fault", [DRIBBLE, {"bandwidth": 1000}])
def test_streams_come_slowly_too(fault: Any) -> None:
    async def scenario() -> None:
        async with slowly(fault, immediate()) as served:
            client = await served.connect()
            answer = await client.get("/stream")
            assert answer.whole
            assert answer.headers["transfer-encoding"] == "chunked"
            assert answer.body == b"".join(PIECES)

    run(scenario)


def test_each_piece_of_a_stream_is_held_back_by_a_dribble() -> None:
    async def scenario() -> None:
        steps = Steps()
        async with begun(steps, data=ask("/stream")) as (_, client):
            for piece in PIECES:
                await steps.step()
                line = await client.reader.readuntil(b"\r\n")
                assert int(line, 16) == len(piece)
                assert await client.reader.readexactly(len(piece) + 2) == piece + b"\r\n"
            assert steps.slept == [1, 1, 1]
            assert await client.reader.readexactly(5) == b"0\r\n\r\n"

    run(scenario)


@pytest.mark.parametrize(
    "data", [ask("/", "HEAD"), ask("/stream", "HEAD"), ask("/204"), ask("/empty")]
)
def test_an_answer_without_content_comes_at_once(data: bytes) -> None:
    async def scenario() -> None:
        async with slowly(DRIBBLE, Steps()) as served:
            client = await served.connect()
            await client.send(data)
            assert (await client.answer(head=data.startswith(b"HEAD"))).body == b""
            assert (await client.get("/plain")).body == b"plain"

    run(scenario)


def test_pipelined_answers_wait_behind_a_slow_one_and_keep_their_order() -> None:
    async def scenario() -> None:
        steps = Steps()
        async with slowly(DRIBBLE, steps) as served:
            client = await served.connect()
            await client.send(ask("/plain") + ask() + ask("/plain") + ask() + ask("/plain"))
            assert (await client.answer()).body == b"plain"
            for _ in range(2):
                answering = asyncio.ensure_future(client.answer())
                for _ in range(3):
                    await steps.step()
                assert (await answering).body == BODY
                assert (await client.answer()).body == b"plain"

    run(scenario)


def test_a_client_that_leaves_ends_the_dribble() -> None:
    async def scenario() -> None:
        steps = Steps()
        async with begun(steps) as (served, client):
            await steps.step()
            await client.close()
            await served.gone()
            await served.app.until(lambda: len(served.app.over) == 1)
            assert "the client closed the connection" in str(served.app.over[0].error)
            assert steps.sleeping == 0

    run(scenario)


def test_a_slow_answer_counts_as_a_connection() -> None:
    async def scenario() -> None:
        steps = Steps()
        async with begun(steps, max_connections=1) as (served, client):
            second = await served.connect()
            assert (await second.answer()).status == 503
            for _ in range(3):
                await steps.step()
            assert await client.reader.readexactly(60) == BODY

    run(scenario)


async def drain(listener: HttpListener) -> asyncio.Task[None]:
    draining = asyncio.ensure_future(listener.drain())
    await asyncio.sleep(0)
    return draining


def test_draining_lets_a_dribble_finish_and_closes_then() -> None:
    async def scenario() -> None:
        steps = Steps()
        async with begun(steps) as (served, client):
            draining = await drain(served.listener)
            for _ in range(3):
                assert not draining.done()
                await steps.step()
            assert await client.ended() == BODY
            await draining

    run(scenario)


def test_aborting_ends_a_dribble() -> None:
    async def scenario() -> None:
        steps = Steps()
        async with begun(steps) as (served, client):
            served.listener.abort()
            assert await client.ended() == b""
            await served.gone()
            assert steps.sleeping == 0

    run(scenario)


def test_a_client_that_does_not_read_is_dropped_as_ever() -> None:
    async def scenario() -> None:
        app = App(Faulty({"bandwidth": "1GiB"}, b"x" * 30_000_000))
        async with listening(
            app, limits(write_timeout=0.05, write_buffer=10_000), pace=immediate()
        ) as listener:
            served = Served(listener, app)
            client = await served.connect(receive_buffer=4096)
            client.writer.transport.pause_reading()  # type: ignore[attr-defined]
            await client.send(ask())
            await served.gone()
            assert listener.stats.timed_out == 1
            client.writer.transport.abort()
            await client.close()

    run(scenario)


def test_pipelining_behind_a_slow_answer_is_bounded() -> None:
    async def scenario() -> None:
        steps = Steps()
        async with begun(steps, data=ask() + ask("/plain") * 20, max_pipelined=5) as (
            served,
            client,
        ):
            await served.app.until(lambda: len(served.app.asked) == 5)
            for _ in range(3):
                await steps.step()
            assert await client.reader.readexactly(60) == BODY
            for _ in range(20):
                assert (await client.answer()).body == b"plain"

    run(scenario)
