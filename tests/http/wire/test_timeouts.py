"""Deadlines: each step of a connection has one, and no test waits longer than it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from mockforge.mocking.exchange import Exchange, Response
from mockforge.sweeping import check_all
from mockforge_http.wire.connection import Connection
from tests.http.wire.harness import HOST, App, Later, Served, run, serving, until

SHORT = 0.04


def own_time(served: Served) -> Callable[[float], None]:
    """Stop the listener's clock, until there is another connection; what is returned moves it on by so many
    seconds, after which deadlines are looked at."""
    hub = served.listener._hub
    assert hub is not None
    clock = hub.clock
    clock.stop()

    def pass_time(seconds: float) -> None:
        clock.now += seconds
        check_all(hub.connections, clock.now)

    return pass_time


async def arrived(served: Served, size: int) -> None:
    """Wait until the listener has got so many bytes."""
    await until(lambda: served.listener.stats.bytes_in == size)


def test_a_connection_that_sends_nothing_is_closed_silently() -> None:
    async def scenario() -> None:
        async with serving(head_timeout=SHORT) as served:
            client = await served.connect()
            assert await client.ended() == b""
            await served.gone()
            assert served.app.over == []
            assert served.listener.stats.timed_out == 1

    run(scenario)


def test_a_connection_between_requests_is_closed_silently() -> None:
    async def scenario() -> None:
        async with serving(idle_timeout=SHORT) as served:
            client = await served.connect()
            await client.get()
            assert await client.ended() == b""
            await served.gone()
            assert len(served.app.over) == 1
            assert served.listener.stats.timed_out == 0

    run(scenario)


def test_empty_lines_do_not_keep_a_connection_open() -> None:
    async def scenario() -> None:
        async with serving(idle_timeout=SHORT, head_timeout=SHORT) as served:
            client = await served.connect()
            ended = asyncio.ensure_future(client.ended())
            while not ended.done():
                client.writer.write(b"\r\n")
                await asyncio.sleep(0.005)
            assert ended.result() == b""

    run(scenario)


@pytest.mark.parametrize("drip", [False, True])
def test_a_slow_head_gets_408(drip: bool) -> None:
    async def scenario() -> None:
        async with serving(head_timeout=SHORT) as served:
            client = await served.connect()
            await client.send(b"GET /slow HTTP/1.1\r\n")
            answer_task = asyncio.ensure_future(client.answer())
            while drip and not answer_task.done():
                client.writer.write(b"a")
                await asyncio.sleep(0.005)
            answer = await answer_task
            assert answer.status == 408
            assert "http.timeouts.head" in answer.json["detail"]
            assert answer.headers["connection"] == "close"
            assert await client.ended() == b""
            assert served.app.over[0].request.target == "/slow"
            assert served.listener.stats.timed_out == 1
            assert served.listener.stats.errors == {"head-timeout": 1}

    run(scenario)


@pytest.mark.parametrize(
    "framing", [b"Content-Length: 5\r\n\r\nab", b"Transfer-Encoding: chunked\r\n\r\n5\r\nab"]
)
def test_a_body_that_stops_gets_408(framing: bytes) -> None:
    async def scenario() -> None:
        async with serving(body_timeout=SHORT) as served:
            client = await served.connect()
            await client.send(b"PUT /slow HTTP/1.1\r\n" + HOST + framing)
            answer = await client.answer()
            assert answer.status == 408
            assert "http.timeouts.body" in answer.json["detail"]
            assert await client.ended() == b""
            assert served.app.over[0].request.method == "PUT"
            hub = served.listener._hub
            assert hub is not None
            assert hub.held == 0

    run(scenario)


def test_a_body_that_goes_on_is_waited_for() -> None:
    async def scenario() -> None:
        async with serving(body_timeout=30) as served:
            client = await served.connect()
            head = b"PUT / HTTP/1.1\r\n" + HOST + b"Content-Length: 40\r\n\r\n"
            await client.send(head)
            await arrived(served, len(head))
            pass_time = own_time(served)
            for number in range(40):
                pass_time(20)
                await client.send(b"x")
                await arrived(served, len(head) + number + 1)
            assert (await client.answer()).status == 200
            assert served.listener.stats.timed_out == 0

    run(scenario)


def test_an_application_at_work_is_not_timed() -> None:
    async def scenario() -> None:
        later = Later(b"done")
        async with serving(
            App(later),
            head_timeout=SHORT,
            idle_timeout=SHORT,
            body_timeout=SHORT,
            write_timeout=SHORT,
        ) as served:
            client = await served.connect()
            await client.send(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
            await served.app.until(lambda: len(served.app.asked) == 1)
            # Those that came later and do nothing are timed out, one after the other.
            for number in range(3):
                assert await (await served.connect()).ended() == b""
                assert served.listener.stats.timed_out == number + 1
            later.release.set()
            assert (await client.answer()).body == b"done"

    run(scenario)


def test_a_slow_head_behind_a_pending_answer_gets_its_408_in_turn() -> None:
    async def scenario() -> None:
        later = Later(b"done")
        async with serving(App(later), head_timeout=SHORT) as served:
            client = await served.connect()
            await client.send(b"GET / HTTP/1.1\r\n" + HOST + b"\r\nGET")
            await until(lambda: "head-timeout" in served.listener.stats.errors)
            later.release.set()
            assert (await client.answer()).body == b"done"
            assert (await client.answer()).status == 408
            assert await client.ended() == b""

    run(scenario)


@pytest.mark.parametrize("size", [100_000, 50_000_000])
def test_a_client_that_does_not_read_is_cut_off(size: int) -> None:
    body = b"x" * size

    async def scenario() -> None:
        async with serving(
            App(lambda exchange: Response(200, (), body)), write_timeout=SHORT
        ) as served:
            client = await served.connect(receive_buffer=4096)
            client.writer.transport.pause_reading()  # type: ignore[attr-defined]
            requests = max(1, 60_000_000 // size)
            for _ in range(requests):
                client.writer.write(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
            await served.gone()
            assert served.listener.stats.timed_out == 1

    run(scenario)


def test_a_client_that_reads_slowly_but_steadily_is_not_cut_off() -> None:
    body = b"x" * 20_000_000

    async def scenario() -> None:
        async with serving(
            App(lambda exchange: Response(200, (), body)), write_timeout=100
        ) as served:
            client = await served.connect(receive_buffer=65_536)
            await client.send(b"GET / HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
            await served.app.until(lambda: len(served.app.asked) == 1)
            pass_time = own_time(served)
            received = reads = 0
            while piece := await client.reader.read(65_536):
                received += len(piece)
                reads += 1
                await asyncio.sleep(0)  # a turn for the server
                pass_time(1)
            assert received > len(body)
            assert reads > 2 * 100
            assert served.listener.stats.timed_out == 0

    run(scenario)


def test_a_stream_nobody_reads_is_ended() -> None:
    async def scenario() -> None:
        closed = asyncio.Event()

        async def endless() -> object:
            try:
                while True:
                    yield b"x" * 10_000
            finally:
                closed.set()

        def handle(exchange: Exchange) -> Response:
            return Response(200, stream=endless())  # type: ignore[arg-type]

        async with serving(App(handle), write_timeout=SHORT) as served:
            client = await served.connect(receive_buffer=4096)
            client.writer.transport.pause_reading()  # type: ignore[attr-defined]
            client.writer.write(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
            await served.gone()
            async with asyncio.timeout(10):
                await closed.wait()
            (exchange,) = served.app.over
            assert exchange.error is not None
            assert exchange.sent_bytes > 0

    run(scenario)


def test_a_refused_client_that_goes_on_sending_is_cut_off() -> None:
    async def scenario() -> None:
        async with serving(idle_timeout=SHORT) as served:
            client = await served.connect()
            await client.send(b"nonsense\r\n\r\n")
            assert (await client.answer()).status == 400

            async def go_on() -> None:
                while True:
                    await client.send(b"x" * 1000)
                    await asyncio.sleep(0.002)

            with pytest.raises(ConnectionError):
                await go_on()
            await served.gone()

    run(scenario)


def test_a_half_closed_client_is_not_waited_for_forever() -> None:
    async def scenario() -> None:
        cancelled = asyncio.Event()

        async def never() -> Response:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.set()
                raise
            raise AssertionError

        async with serving(App(lambda exchange: never()), idle_timeout=SHORT) as served:
            client = await served.connect()
            await client.send(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
            client.writer.write_eof()
            await client.ended()
            await served.gone()
            async with asyncio.timeout(10):
                await cancelled.wait()
            assert served.app.over[0].error is not None

    run(scenario)


def test_a_check_that_fails_does_not_end_the_sweeps(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = Connection.check
    failed: list[Connection] = []

    def check(self: Connection, now: float) -> None:
        if not failed or failed == [self]:
            failed[:] = [self]
            raise RuntimeError("broken check")
        real(self, now)

    monkeypatch.setattr(Connection, "check", check)

    async def scenario() -> None:
        async with serving(idle_timeout=SHORT) as served:
            clients = [await served.connect() for _ in range(2)]
            for client in clients:
                await client.get()
            for client in clients:
                assert await client.ended() == b""

    run(scenario)
    assert "broken check" in caplog.text


def test_no_timer_runs_while_there_are_no_connections() -> None:
    async def scenario() -> None:
        async with serving(idle_timeout=SHORT) as served:
            hub = served.listener._hub
            assert hub is not None
            assert hub.clock._timer is None
            client = await served.connect()
            await client.get()
            assert hub.clock._timer is not None
            await client.close()
            await served.gone()
            await until(lambda: hub.clock._timer is None)
            assert (await (await served.connect()).get()).status == 200

    run(scenario)
