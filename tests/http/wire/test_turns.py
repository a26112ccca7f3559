"""Answers that must be waited for: order, cancelling, streams, failures."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from mockforge.mocking.exchange import Exchange, Response
from tests.http.wire.harness import HOST, App, run, serving, until


class Gates:
    """Holds every answer until its gate is opened."""

    def __init__(self) -> None:
        self.gates: dict[str, asyncio.Future[None]] = {}
        self.cancelled: list[str] = []

    async def __call__(self, exchange: Exchange) -> Response:
        target = exchange.request.target
        gate = self.gates[target] = asyncio.get_running_loop().create_future()
        try:
            await gate
        except asyncio.CancelledError:
            self.cancelled.append(target)
            raise
        return Response(200, (), target.encode())

    def open(self, target: str) -> None:
        self.gates[target].set_result(None)


def requests(*lines: str) -> bytes:
    return b"".join(f"{line} HTTP/1.1\r\n".encode() + HOST + b"\r\n" for line in lines)


def test_answers_leave_in_the_order_of_their_requests() -> None:
    async def scenario() -> None:
        gates = Gates()
        async with serving(App(gates)) as served:
            client = await served.connect()
            await client.send(requests("GET /1", "HEAD /2", "OPTIONS /3", "GET /4"))
            await served.app.until(lambda: len(served.app.asked) == 4)
            await until(lambda: len(gates.gates) == 4)
            for target in ("/4", "/3", "/2"):
                gates.open(target)
            await client.send(requests("GET /5"))
            await served.app.until(lambda: len(served.app.asked) == 5)
            assert served.app.over == []
            gates.open("/1")
            assert (await client.answer()).body == b"/1"
            assert (await client.answer(head=True)).headers["content-length"] == "2"
            assert (await client.answer()).body == b"/3"
            assert (await client.answer()).body == b"/4"
            await until(lambda: "/5" in gates.gates)
            gates.open("/5")
            assert (await client.answer()).body == b"/5"
            assert [e.request.target for e in served.app.over] == ["/1", "/2", "/3", "/4", "/5"]

    run(scenario)


def test_answers_that_are_there_at_once_wait_for_those_before_them() -> None:
    async def scenario() -> None:
        gates = Gates()

        def handle(exchange: Exchange) -> object:
            if exchange.request.target == "/later":
                return gates(exchange)
            return Response(200, (), exchange.request.target.encode())

        async with serving(App(handle)) as served:
            client = await served.connect()
            await client.send(requests("GET /a", "GET /later", "GET /b", "GET /c"))
            assert (await client.answer()).body == b"/a"
            await served.app.until(lambda: len(served.app.asked) == 4)
            gates.open("/later")
            for expected in (b"/later", b"/b", b"/c"):
                assert (await client.answer()).body == expected
            assert (await client.get("/d")).body == b"/d"

    run(scenario)


def test_a_method_that_is_not_safe_runs_alone() -> None:
    async def scenario() -> None:
        gates = Gates()
        async with serving(App(gates)) as served:
            client = await served.connect()
            await client.send(requests("GET /1", "GET /2", "POST /3", "GET /4", "GET /5"))

            async def asked(*targets: str) -> None:
                await until(lambda: set(gates.gates) == set(targets))
                assert [e.request.target for e in served.app.asked] == list(targets)

            await asked("/1", "/2")
            gates.open("/2")
            gates.open("/1")
            await asked("/1", "/2", "/3")
            gates.open("/3")
            await asked("/1", "/2", "/3", "/4")
            gates.open("/4")
            await asked("/1", "/2", "/3", "/4", "/5")
            gates.open("/5")
            for number in range(1, 6):
                assert (await client.answer()).body == b"/%d" % number

    run(scenario)


def test_a_client_that_leaves_cancels_what_is_under_way() -> None:
    async def scenario() -> None:
        gates = Gates()
        async with serving(App(gates), idle_timeout=0.1) as served:
            client = await served.connect()
            await client.send(requests("GET /1", "GET /2", "POST /3"))
            await until(lambda: len(gates.gates) == 2)
            client.writer.transport.abort()
            await served.app.until(lambda: len(served.app.over) == 3)
            await served.gone()
            await until(lambda: len(gates.cancelled) == 2)
            assert gates.cancelled == ["/1", "/2"]
            assert len(served.app.asked) == 2
            for exchange in served.app.over:
                assert exchange.response is None
                assert exchange.error is not None
                assert "closed the connection" in exchange.error

    run(scenario)


def test_a_client_that_leaves_within_a_body_is_noted() -> None:
    async def scenario() -> None:
        async with serving() as served:
            client = await served.connect()
            await client.send(b"POST /x HTTP/1.1\r\n" + HOST + b"Content-Length: 9\r\n\r\nabc")
            hub = served.listener._hub
            assert hub is not None
            await until(lambda: hub.held == 3)
            client.writer.transport.abort()
            await served.app.until(lambda: len(served.app.over) == 1)
            assert served.app.over[0].request.target == "/x"
            assert served.app.over[0].error is not None
            assert served.listener.stats.errors == {"incomplete": 1}
            assert hub.held == 0

    run(scenario)


@pytest.mark.parametrize(
    "piece", [b"GET / HT", b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nab"]
)
def test_a_client_that_ends_within_a_request_gets_400(piece: bytes) -> None:
    async def scenario() -> None:
        async with serving() as served:
            client = await served.connect()
            await client.send(piece)
            client.writer.write_eof()
            answer = await client.answer()
            assert (answer.status, answer.code) == (400, "incomplete")
            assert await client.ended() == b""
            assert served.app.asked == []

    run(scenario)


# ---------------------------------------------------------------------- failures


async def _raise() -> Response:
    raise RuntimeError("broken")


async def _nothing() -> None:
    return None


async def _cancelled() -> Response:
    raise asyncio.CancelledError


def _sync_raise(exchange: Exchange) -> Response:
    raise RuntimeError("broken")


@pytest.mark.parametrize(
    "handler",
    [
        _sync_raise,
        lambda exchange: _raise(),
        lambda exchange: _nothing(),
        lambda exchange: _cancelled(),
        lambda exchange: None,
        lambda exchange: "text",
        lambda exchange: Response(200, [("A", "b\r\nEvil: c")]),
        lambda exchange: Response(200, [("A", "b\0")]),
        lambda exchange: Response(200, [("A b", "c")]),
        lambda exchange: Response(200, [("", "c")]),
        lambda exchange: Response(42),
        lambda exchange: Response(1000),
        lambda exchange: Response("200"),  # type: ignore[arg-type]
        lambda exchange: Response(200, (), "text"),  # type: ignore[arg-type]
    ],
)
def test_a_failing_application_costs_one_answer(
    handler: object, caplog: pytest.LogCaptureFixture
) -> None:
    def handle(exchange: Exchange) -> object:
        if exchange.request.target == "/bad":
            return handler(exchange)  # type: ignore[operator]
        return Response(200, (), b"fine")

    async def scenario() -> None:
        async with serving(App(handle)) as served:
            client = await served.connect()
            await client.send(requests("GET /a", "GET /bad", "GET /b"))
            assert (await client.answer()).body == b"fine"
            answer = await client.answer()
            assert (answer.status, answer.code) == (500, "answer-failed")
            assert "evil" not in answer.headers
            assert (await client.answer()).body == b"fine"
            assert served.app.over[1].error is not None
            assert served.app.over[1].response is not None
            assert served.app.over[1].response.status == 500

    with caplog.at_level(logging.ERROR, "mockforge.http"):
        run(scenario)
    assert "GET /bad failed" in caplog.text


def test_a_journal_that_fails_costs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    class Failing(App):
        def finished(self, exchange: Exchange) -> None:
            raise RuntimeError("disk full")

    async def scenario() -> None:
        async with serving(Failing()) as served:
            client = await served.connect()
            await client.send(requests("GET /a", "GET /b"))
            assert (await client.answer()).status == 200
            assert (await client.answer()).status == 200

    run(scenario)
    assert "disk full" in caplog.text


# ---------------------------------------------------------------------- streams


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        await asyncio.sleep(0)
        yield part


def test_streams_are_chunked_and_the_connection_goes_on() -> None:
    async def scenario() -> None:
        def handle(exchange: Exchange) -> Response:
            return Response(200, [("X", "y")], stream=pieces(b"a", b"", b"bc" * 1000))

        async with serving(App(handle)) as served:
            client = await served.connect()
            await client.send(requests("GET /1", "GET /2"))
            for _ in range(2):
                answer = await client.answer()
                assert answer.headers["transfer-encoding"] == "chunked"
                assert "content-length" not in answer.headers
                assert answer.body == b"a" + b"bc" * 1000
                assert answer.whole
            await served.app.until(lambda: len(served.app.over) == 2)
            assert served.app.over[0].sent_bytes == 2001

    run(scenario)


def test_a_stream_that_comes_from_an_awaitable() -> None:
    async def scenario() -> None:
        async def handle(exchange: Exchange) -> Response:
            await asyncio.sleep(0)
            return Response(200, stream=pieces(b"x", b"y"))

        async with serving(App(handle)) as served:
            client = await served.connect()
            await client.send(requests("GET /1", "GET /2"))
            assert (await client.answer()).body == b"xy"
            assert (await client.answer()).body == b"xy"

    run(scenario)


def test_a_stream_is_not_started_for_head() -> None:
    async def scenario() -> None:
        def handle(exchange: Exchange) -> Response:
            return Response(200, stream=pieces(b"never"))

        async with serving(App(handle)) as served:
            client = await served.connect()
            await client.send(requests("HEAD /"))
            answer = await client.answer(head=True)
            assert answer.headers["transfer-encoding"] == "chunked"
            assert (await client.get()).body == b"never"

    run(scenario)


class Source:
    """A stream that can be asked whether it was closed."""

    def __init__(self, *parts: bytes | BaseException, closing: Exception | None = None) -> None:
        self.parts = list(parts)
        self.closed = False
        self._closing = closing

    def __aiter__(self) -> Source:
        return self

    async def __anext__(self) -> bytes:
        if not self.parts:
            raise StopAsyncIteration
        part = self.parts.pop(0)
        if isinstance(part, BaseException):
            raise part
        return part

    async def aclose(self) -> None:
        self.closed = True
        if self._closing is not None:
            raise self._closing


@pytest.mark.parametrize(
    ("method", "status", "waits"),
    [("HEAD", 200, False), ("GET", 204, False), ("GET", 304, True), ("GET", 200, True)],
)
def test_streams_are_closed_whether_they_are_sent_or_not(
    method: str, status: int, waits: bool
) -> None:
    async def scenario() -> None:
        source = Source(b"content")

        async def later() -> Response:
            return Response(status, stream=source)

        def handle(exchange: Exchange) -> object:
            return later() if waits else Response(status, stream=source)

        async with serving(App(handle)) as served:
            client = await served.connect()
            await client.send(requests(f"{method} /"))
            answer = await client.answer(head=method == "HEAD")
            assert answer.body == (b"content" if (method, status) == ("GET", 200) else b"")
            await until(lambda: source.closed)

    run(scenario)


def test_a_stream_whose_turn_never_comes_is_closed() -> None:
    async def scenario() -> None:
        source = Source(b"content")
        gates = Gates()

        def handle(exchange: Exchange) -> object:
            if exchange.request.target == "/stream":
                return Response(200, stream=source)
            return gates(exchange)

        async with serving(App(handle), idle_timeout=0.1) as served:
            client = await served.connect()
            await client.send(requests("GET /gate", "GET /stream"))
            await served.app.until(lambda: len(served.app.asked) == 2)
            client.writer.transport.abort()
            await until(lambda: source.closed)
            assert source.parts == [b"content"], "it was never begun"

    run(scenario)


def test_a_source_that_fails_to_close_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        app = App(
            lambda exchange: Response(200, stream=Source(b"x", closing=RuntimeError("stuck")))
        )
        async with serving(app) as served:
            client = await served.connect()
            assert (await client.get()).body == b"x"
            assert (await client.get()).body == b"x"

    run(scenario)
    assert "stuck" in caplog.text


def test_a_source_that_is_cancelled_breaks_off() -> None:
    async def scenario() -> None:
        source = Source(b"x", asyncio.CancelledError())
        async with serving(App(lambda exchange: Response(200, stream=source))) as served:
            client = await served.connect()
            answer = await client.get()
            assert not answer.whole
            assert served.app.over[0].error == "the stream was cancelled"

    run(scenario)


def test_a_stream_with_a_length_is_not_chunked() -> None:
    async def scenario() -> None:
        def handle(exchange: Exchange) -> Response:
            return Response(200, [("content-length", "4")], stream=pieces(b"ab", b"cd"))

        async with serving(App(handle)) as served:
            client = await served.connect()
            for _ in range(2):
                answer = await client.get()
                assert answer.headers["content-length"] == "4"
                assert "transfer-encoding" not in answer.headers
                assert answer.body == b"abcd"

    run(scenario)


def test_http_1_0_gets_a_stream_that_ends_with_the_connection() -> None:
    async def scenario() -> None:
        def handle(exchange: Exchange) -> Response:
            return Response(200, stream=pieces(b"ab", b"cd"))

        async with serving(App(handle)) as served:
            answer, rest = await served.once(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            assert "transfer-encoding" not in answer.headers
            assert answer.headers["connection"] == "close"
            assert (answer.body, rest) == (b"abcd", b"")

    run(scenario)


async def _breaking() -> AsyncIterator[bytes]:
    yield b"begun"
    raise RuntimeError("source gone")


@pytest.mark.parametrize(
    ("headers", "stream", "why"),
    [
        ((), _breaking, "source gone"),
        ([("Content-Length", "9")], _breaking, "source gone"),
        ([("Content-Length", "9")], lambda: pieces(b"short"), "ended before"),
        ([("Content-Length", "3")], lambda: pieces(b"too", b"long"), "longer than"),
    ],
)
@pytest.mark.parametrize("version", ["1.1", "1.0"])
def test_a_stream_that_breaks_cuts_the_connection(
    headers: object, stream: object, why: str, version: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        def handle(exchange: Exchange) -> Response:
            return Response(200, headers, stream=stream())  # type: ignore[arg-type,operator]

        async with serving(App(handle)) as served:
            client = await served.connect()
            await client.send(
                f"GET / HTTP/{version}\r\n".encode() + HOST + b"\r\nGET /next HTTP/1.1\r\n\r\n"
            )
            try:
                answer = await client.answer()
                # One that got its declared length before the source said more looks whole.
                assert not answer.whole or answer.body == b"too"
            except (ConnectionError, asyncio.IncompleteReadError):
                assert (
                    version == "1.0"
                )  # there, only a reset tells a broken answer from a whole one
            await client.ended()
            await served.app.until(lambda: len(served.app.over) >= 1)
            error = served.app.over[0].error
            assert error is not None
            assert why in error

    run(scenario)
    assert "streaming GET / failed" in caplog.text


def test_a_client_that_leaves_closes_the_stream() -> None:
    async def scenario() -> None:
        closed = asyncio.Event()

        async def endless() -> AsyncIterator[bytes]:
            try:
                while True:
                    yield b"data: tick\n\n"
                    await asyncio.sleep(0.001)
            finally:
                closed.set()

        async with serving(App(lambda exchange: Response(200, stream=endless()))) as served:
            client = await served.connect()
            await client.send(requests("GET /"))
            await client.reader.readuntil(b"tick")
            client.writer.transport.abort()
            async with asyncio.timeout(10):
                await closed.wait()
            await served.gone()
            (exchange,) = served.app.over
            assert exchange.response is not None
            assert exchange.error is not None

    run(scenario)


def test_a_source_that_never_waits_leaves_room_for_others() -> None:
    async def scenario() -> None:
        async def busy() -> AsyncIterator[bytes]:
            while True:
                yield b"x"

        def handle(exchange: Exchange) -> Response:
            if exchange.request.target == "/busy":
                return Response(200, stream=busy())
            return Response(200, (), b"other")

        async with serving(App(handle)) as served:
            greedy, other = await served.connect(), await served.connect()
            await greedy.send(requests("GET /busy"))

            async def swallow() -> None:
                while await greedy.reader.read(1_000_000):
                    pass

            swallowing = asyncio.ensure_future(swallow())
            for _ in range(20):
                assert (await other.get()).body == b"other"
            swallowing.cancel()

    run(scenario)


def test_an_answer_that_closes_drops_the_turns_behind_it() -> None:
    async def scenario() -> None:
        gates = Gates()

        async def handle(exchange: Exchange) -> Response:
            response = await gates(exchange)
            return response.with_header("Connection", "close")

        async with serving(App(handle)) as served:
            client = await served.connect()
            await client.send(requests("GET /1", "GET /2"))
            await until(lambda: len(gates.gates) == 2)
            gates.open("/1")
            answer = await client.answer()
            assert (answer.body, answer.headers["connection"]) == (b"/1", "close")
            assert await client.ended() == b""
            assert [exchange.error is None for exchange in served.app.over] == [True, False]
            await until(lambda: gates.cancelled == ["/2"])

    run(scenario)
