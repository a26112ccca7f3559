"""Faults that end a connection, byte by byte."""

from __future__ import annotations

from typing import Any

import pytest

from mockforge.mocking.exchange import Exchange, Response
from mockforge.mocking.faults import compile_fault
from mockforge_http.wire.faults import garbage
from tests.http.faults.answers import BODY, PIECES, Faulty, ask, pieces, seen, split
from tests.http.wire.harness import App, Served, run, serving

ENDING: list[Any] = ["reset", "empty", "garbage", "malformed_chunk", "truncate"]


def test_a_reset_sends_nothing_and_resets() -> None:
    async def scenario() -> None:
        async with serving(App(Faulty("reset"))) as served:
            for target in ("/", "/stream", "/empty", "/204"):
                assert await seen(served, ask(target)) == (b"", True)

    run(scenario)


def test_an_empty_reply_closes_in_peace() -> None:
    async def scenario() -> None:
        async with serving(App(Faulty("empty"))) as served:
            for target in ("/", "/stream", "/empty", "/204"):
                assert await seen(served, ask(target)) == (b"", False)

    run(scenario)


def test_garbage_is_no_http_and_the_same_for_the_same_request() -> None:
    async def scenario() -> None:
        async with serving(App(Faulty("garbage"))) as served:
            got, reset = await seen(served, ask("/a"))
            assert not reset
            assert len(got) == 256
            assert not got.startswith(b"HTTP")
            assert await seen(served, ask("/a")) == (got, False)
            assert (await seen(served, ask("/b")))[0] != got
            assert garbage(served.app.asked[0].request) == got

    run(scenario)


def test_a_malformed_chunk_follows_one_that_is_well() -> None:
    async def scenario() -> None:
        async with serving(App(Faulty("malformed_chunk"))) as served:
            got, reset = await seen(served, ask())
            head, rest = split(got)
            assert not reset
            assert head.startswith(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n")
            assert b"Content-Length" not in head
            size, first, second, _ = rest.split(b"\r\n", 3)
            assert (int(size, 16), first) == (30, BODY[:30])
            with pytest.raises(ValueError, match="invalid literal"):
                int(second, 16)
            assert served.app.over[0].sent_bytes == 30

    run(scenario)


@pytest.mark.parametrize(("keep", "sent"), [(None, 30), (0, 0), (0.1, 6), (0.999, 59)])
def test_a_truncated_answer_announces_more_than_it_sends(keep: float | None, sent: int) -> None:
    fault = "truncate" if keep is None else {"truncate": {"keep": keep}}

    async def scenario() -> None:
        async with serving(App(Faulty(fault))) as served:
            got, reset = await seen(served, ask())
            head, rest = split(got)
            assert not reset
            assert b"\r\nContent-Length: 60\r\n" in head
            assert rest == BODY[:sent]
            assert served.app.over[0].sent_bytes == sent

    run(scenario)


def test_where_nothing_could_be_missing_something_is_announced() -> None:
    async def scenario() -> None:
        async with serving(App(Faulty("truncate"))) as served:
            head, rest = split((await seen(served, ask("/empty")))[0])
            assert b"\r\nContent-Length: 1\r\n" in head
            assert rest == b""

    run(scenario)


@pytest.mark.parametrize("fault", ["truncate", "malformed_chunk"])
def test_the_first_piece_of_a_stream_is_what_breaks_off(fault: str) -> None:
    closed = []

    async def source() -> Any:
        try:
            async for piece in pieces():
                yield piece
        finally:
            closed.append(True)

    def answer(exchange: Exchange) -> Response:
        return Response(200, (), stream=source(), fault=compile_fault(fault))

    async def scenario() -> None:
        async with serving(App(answer)) as served:
            got, _ = await seen(served, ask())
            assert PIECES[0][:5] in got
            assert PIECES[0] not in got
            assert PIECES[1] not in got
            assert closed == [True]

    run(scenario)


def test_a_stream_that_fails_before_its_fault_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def source() -> Any:
        raise OSError("the disk is gone")
        yield b""

    def answer(exchange: Exchange) -> Response:
        return Response(200, (), stream=source(), fault=compile_fault("truncate"))

    async def scenario() -> None:
        async with serving(App(answer)) as served:
            got, _ = await seen(served, ask())
            assert b"Content-Length: 1\r\n" in got
            assert served.app.over[0].error == "OSError: the disk is gone"

    run(scenario)
    assert "streaming GET / failed" in caplog.text


def test_a_declared_length_of_a_stream_is_announced() -> None:
    def answer(exchange: Exchange) -> Response:
        declared = [("Content-Length", "22")]
        return Response(200, declared, stream=pieces(), fault=compile_fault("truncate"))

    async def scenario() -> None:
        async with serving(App(answer)) as served:
            head, rest = split((await seen(served, ask()))[0])
            assert b"\r\nContent-Length: 22" in head
            assert rest == PIECES[0][:5]

    run(scenario)


@pytest.mark.parametrize("fault", ["truncate", "malformed_chunk"])
@pytest.mark.parametrize("data", [ask("/204"), ask("/", "HEAD"), ask("/stream", "HEAD")])
def test_an_answer_without_content_breaks_off_in_its_first_line(fault: str, data: bytes) -> None:
    async def scenario() -> None:
        async with serving(App(Faulty(fault))) as served:
            assert await seen(served, data) == (b"HTTP/1.1 2", False)

    run(scenario)


def test_http_1_0_knows_no_chunks_to_be_malformed() -> None:
    async def scenario() -> None:
        async with serving(App(Faulty("malformed_chunk"))) as served:
            head, rest = split((await seen(served, ask("/", version="1.0")))[0])
            assert b"chunked" not in head
            assert b"\r\nContent-Length: 60\r\n" in head
            assert rest == BODY[:30]

    run(scenario)


@pytest.mark.parametrize("fault", ENDING)
def test_answers_before_a_fault_are_sent_and_requests_behind_it_are_not_answered(
    fault: str,
) -> None:
    async def scenario() -> None:
        async with serving(App(Faulty(fault))) as served:
            got, reset = await seen(served, ask("/plain") * 3 + ask() + ask("/plain") * 2)
            assert got.count(b"\r\n\r\nplain") == 3
            assert reset is (fault == "reset")
            await served.gone()
            await served.app.until(lambda: len(served.app.over) == len(served.app.asked))
            errors = [exchange.error for exchange in served.app.over]
            assert errors[:4] == [None, None, None, f"fault: {fault}"]
            assert all(errors[4:])

    run(scenario)


def test_a_large_answer_before_a_reset_arrives_whole() -> None:
    size = 3_000_000
    reset = Faulty("reset")

    def answer(exchange: Exchange) -> Response:
        if exchange.request.path == "/large":
            return Response(200, (), b"x" * size)
        return reset(exchange)

    async def scenario() -> None:
        async with serving(App(answer), write_buffer=8_000_000) as served:
            client = await served.connect(receive_buffer=4096)
            await client.send(ask("/large") + ask())
            await served.app.until(lambda: len(served.app.asked) == 2)
            assert len((await client.answer()).body) == size
            assert await client.ended() == b""

    run(scenario)


def test_a_fault_waits_for_the_answers_before_it_that_are_being_made() -> None:
    async def scenario() -> None:
        import asyncio

        made: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        empty = Faulty("empty")

        def answer(exchange: Exchange) -> Any:
            return made if exchange.request.path == "/later" else empty(exchange)

        async with serving(App(answer)) as served:
            client = await served.connect()
            await client.send(ask("/later") + ask())
            await served.app.until(lambda: len(served.app.asked) == 2)
            made.set_result(Response(200, (), b"late"))
            assert (await client.answer()).body == b"late"
            assert await client.ended() == b""

    run(scenario)


def sees(served: Served) -> dict[str, int]:
    return served.listener.stats.faults


def test_faults_are_counted_by_name() -> None:
    async def scenario() -> None:
        async with serving(App(Faulty("garbage"))) as served:
            for _ in range(3):
                await seen(served, ask())
            await served.once(ask("/plain", version="1.0"))
            assert sees(served) == {"garbage": 3}

    run(scenario)


def test_what_was_not_sent_is_no_answer() -> None:
    async def scenario() -> None:
        for fault, status in (
            ("reset", None),
            ("empty", None),
            ("garbage", None),
            ("truncate", 200),
        ):
            async with serving(App(Faulty(fault))) as served:
                await seen(served, ask())
                (exchange,) = served.app.over
                answered = exchange.response
                assert (answered.status if answered is not None else None) == status

    run(scenario)


def test_answers_without_a_fault_share_their_rendered_head() -> None:
    plain = Response(200, (), b"plain")
    faulty = plain.with_fault(compile_fault("empty"))

    async def scenario() -> None:
        async with serving(App(lambda exchange: plain)) as served:
            await (await served.connect()).get()
            assert plain.prepared.simple
        async with serving(App(lambda exchange: faulty)) as served:
            await seen(served, ask())
            assert not faulty.prepared.simple

    run(scenario)


def test_copies_keep_the_fault() -> None:
    fault = compile_fault("reset")
    response = Response(200, (), b"body", fault=fault)
    assert response.with_body(b"other").fault is fault
    assert response.replace(status=201).fault is fault
    assert response.with_header("A", "b").fault is fault
    assert response.with_fault(None).fault is None
