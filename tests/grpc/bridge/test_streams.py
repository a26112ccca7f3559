"""Streams over HTTP: their formats, back-pressure, deadlines, and clients that go away."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from mockforge.mocking.exchange import BrokenOffError, Response
from mockforge_grpc.bridge.answering import Pieces
from mockforge_grpc.bridge.front import Front
from mockforge_grpc.bridge.settings import BridgeSettings
from mockforge_grpc.status import Code, Status
from tests.grpc.bridge.making import (
    Heard,
    Scripted,
    answer_to,
    ask,
    book,
    fails,
    library,
    message,
    read,
    request_of,
    rpc,
    sends,
)

WATCH = "/v1/shelves/1/books:watch"
TWO = (book(name="a"), book(name="b"))
SAID = [{"name": "a"}, {"name": "b"}]
LOST = {"code": 15, "message": "lost", "details": []}


@pytest.mark.parametrize(
    ("accept", "media", "body"),
    [
        ("", "application/x-ndjson", b'{"name":"a"}\n{"name":"b"}\n'),
        ("*/*", "application/x-ndjson", b'{"name":"a"}\n{"name":"b"}\n'),
        (
            "application/x-ndjson, application/json",
            "application/x-ndjson",
            b'{"name":"a"}\n{"name":"b"}\n',
        ),
        ("application/json;q=0.9", "application/json", b'[{"name":"a"},\n{"name":"b"}]'),
        ("text/event-stream", "text/event-stream", b'data: {"name":"a"}\n\ndata: {"name":"b"}\n\n'),
    ],
)
def test_a_stream_is_written_as_the_client_accepts_it(accept: str, media: str, body: bytes) -> None:
    answered = ask(Scripted(sends(*TWO)), "GET", WATCH, headers={"Accept": accept})
    assert (answered.status, answered.headers["content-type"]) == (200, media)
    assert answered.body == body


@pytest.mark.parametrize(
    ("accept", "end"),
    [
        ("", json.dumps({"error": LOST}) + "\n"),
        ("application/json", ",\n" + json.dumps({"error": LOST}) + "]"),
        ("text/event-stream", "event: error\ndata: " + json.dumps(LOST) + "\n\n"),
    ],
)
def test_an_error_in_mid_stream_is_the_last_thing_in_it(accept: str, end: str) -> None:
    application = Scripted(sends(TWO[0], status=Status(Code.DATA_LOSS, "lost")))
    answered = ask(application, "GET", WATCH, headers={"Accept": accept})
    assert answered.status == 200
    text = answered.body.decode()
    assert json.dumps({"name": "a"}, separators=(",", ":")) in text
    assert text.endswith(end.replace(": ", ":").replace(", ", ",")) or text.replace(
        ": ", ":"
    ).replace(", ", ",").endswith(end.replace(": ", ":").replace(", ", ","))


@pytest.mark.parametrize("accept", ["", "application/json", "text/event-stream"])
def test_an_error_before_the_first_message_has_its_own_status(accept: str) -> None:
    answered = ask(Scripted(fails(Code.NOT_FOUND, "no")), "GET", WATCH, headers={"Accept": accept})
    assert (answered.status, answered.json["message"]) == (404, "no")


@pytest.mark.parametrize(
    ("accept", "body"), [("", b""), ("application/json", b"[]"), ("text/event-stream", b"")]
)
def test_a_stream_of_nothing_is_empty(accept: str, body: bytes) -> None:
    answered = ask(Scripted(sends()), "GET", WATCH, headers={"Accept": accept})
    assert (answered.status, answered.body) == (200, body)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-ndjson", b'{"name":"a"}\n\n{"name":"b"}\n'),
        ("application/json", b'[{"name":"a"},{"name":"b"}]'),
    ],
)
@pytest.mark.parametrize("target", ["/v1/books:import", rpc("ImportBooks"), rpc("Talk")])
def test_a_client_streams_lines_or_an_array(target: str, content_type: str, body: bytes) -> None:
    def answer(heard: Heard) -> None:
        books = [heard.json(position) for position in range(len(heard.messages))]
        name = "Book" if heard.call.path == rpc("Talk") else "ListBooksResponse"
        fields: dict[str, Any] = {"books": books} if name == "ListBooksResponse" else books[-1]
        heard.call.send(message(name, **fields))
        heard.call.finish(Status(Code.OK))

    application = Scripted(answer)
    ask(application, "POST", target, headers={"Content-Type": content_type}, body=body)
    assert [application.last.json(at) for at in range(2)] == SAID
    assert len(application.last.messages) == 2


def test_lines_that_are_no_json_are_refused() -> None:
    headers = {"Content-Type": "application/x-ndjson"}
    answered = ask(Scripted(), "POST", rpc("Talk"), headers=headers, body=b"{}\n{")
    assert (answered.status, answered.json["code"]) == (400, 3)


def test_an_empty_client_stream_has_no_messages() -> None:
    application = Scripted(sends(message("ListBooksResponse")))
    assert ask(application, "POST", rpc("ImportBooks")).status == 200
    assert application.last.messages == []
    assert application.last.half


def test_more_messages_than_a_request_may_hold_are_refused() -> None:
    settings = BridgeSettings(max_queued=3)
    headers = {"Content-Type": "application/x-ndjson"}
    fits = ask(
        Scripted(sends()), "POST", rpc("Talk"), headers=headers, body=b"{}\n" * 3, settings=settings
    )
    assert fits.status == 200
    answered = ask(
        Scripted(sends()), "POST", rpc("Talk"), headers=headers, body=b"{}\n" * 4, settings=settings
    )
    assert answered.status == 400


def test_what_the_receiver_holds_back_is_delivered_when_it_is_released() -> None:
    def each(heard: Heard) -> None:
        if len(heard.messages) == 1:
            heard.call.hold()
            heard.call.loop.call_later(0.001, release, heard)

    def release(heard: Heard) -> None:
        assert len(heard.messages) == 1
        assert not heard.half
        heard.call.release()
        assert len(heard.messages) == 1, "not within the call"

    application = Scripted(sends(*TWO), each)
    headers = {"Content-Type": "application/x-ndjson"}
    answered = ask(application, "POST", rpc("Talk"), headers=headers, body=b"{}\n{}\n{}\n")
    assert len(application.last.messages) == 3
    assert answered.lines == SAID


async def begun(
    application: Scripted,
    target: str = WATCH,
    settings: BridgeSettings | None = None,
    headers: dict[str, str] | None = None,
) -> Awaitable[Response] | Response:
    """An answer that may not be there yet."""
    front = Front(application, library(), settings or BridgeSettings())
    exchange = request_of("GET", target, headers)
    answer = front.respond(exchange, exchange.request.path)
    assert answer is not None
    return answer


def test_messages_are_streamed_as_they_come() -> None:
    async def run() -> None:
        application = Scripted()
        waiting = await begun(application)
        assert not isinstance(waiting, Response)
        call = application.last.call
        call.loop.call_soon(call.send, TWO[0])
        response = await waiting
        assert response.stream is not None
        assert json.loads(await anext(response.stream)) == SAID[0]
        task = asyncio.ensure_future(anext(response.stream))
        await asyncio.sleep(0)
        assert not task.done()
        call.send(TWO[1])
        call.finish(Status(Code.OK))
        assert json.loads(await task) == SAID[1]
        with pytest.raises(StopAsyncIteration):
            await anext(response.stream)

    asyncio.run(run())


def test_a_call_is_blocked_while_nobody_reads_and_told_when_it_is_not() -> None:
    async def run() -> None:
        application = Scripted()
        waiting = await begun(application, settings=BridgeSettings(write_buffer=1000))
        heard = application.last
        sent = 0
        while not heard.call.blocked:
            heard.call.send(TWO[0])
            sent += 1
        assert 1000 // 100 < sent < 1000 // 50
        response = await waiting if not isinstance(waiting, Response) else waiting
        assert response.stream is not None
        for _ in range(sent):
            assert heard.writables <= 1
            await anext(response.stream)
        assert heard.writables == 1
        assert not heard.call.blocked
        assert isinstance(response.stream, Pieces)
        await response.stream.aclose()

    asyncio.run(run())


def test_a_deadline_ends_the_call_that_is_open() -> None:
    application = Scripted()
    answered = ask(application, "GET", "/v1/book/x", headers={"Grpc-Timeout": "5m"})
    assert (answered.status, answered.json["code"]) == (504, Code.DEADLINE_EXCEEDED)
    assert application.last.end is not None
    assert application.last.end[1] == "deadline"


def test_a_deadline_within_a_stream_is_its_error() -> None:
    application = Scripted(lambda heard: heard.call.send(TWO[0]))
    answered = ask(application, "GET", WATCH, headers={"Grpc-Timeout": "5m"})
    assert answered.lines[0] == SAID[0]
    assert answered.lines[1]["error"]["code"] == Code.DEADLINE_EXCEEDED


async def _cancelled(waiting: Awaitable[Response]) -> None:
    task = asyncio.ensure_future(waiting)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


async def _cancelled_at_once(waiting: Awaitable[Response]) -> None:
    async def wait() -> Response:
        return await waiting

    task = asyncio.ensure_future(wait())
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


async def _never_awaited(waiting: Awaitable[Response]) -> None:
    await asyncio.sleep(0)


@pytest.mark.parametrize("leave", [_cancelled, _cancelled_at_once, _never_awaited])
@pytest.mark.parametrize("target", [WATCH, "/v1/book/x"])
def test_a_client_that_goes_away_ends_its_call(
    leave: Callable[[Awaitable[Response]], Awaitable[None]], target: str
) -> None:
    async def run() -> None:
        application = Scripted()
        waiting = await begun(application, target)
        assert not isinstance(waiting, Response)
        await leave(waiting)
        del waiting
        gc.collect()
        assert application.last.end is not None
        status, by = application.last.end
        assert (status.code, by) == (Code.CANCELLED, "client")

    asyncio.run(run())


@pytest.mark.parametrize("pieces", [0, 1])
def test_closing_a_stream_ends_its_call_also_before_the_first_piece(pieces: int) -> None:
    async def run() -> None:
        application = Scripted(lambda heard: heard.call.send(TWO[0]))
        response = await begun(application)
        assert isinstance(response, Response)
        assert response.stream is not None
        for _ in range(pieces):
            await anext(response.stream)
        assert application.last.end is None
        assert isinstance(response.stream, Pieces)
        await response.stream.aclose()
        assert application.last.end is not None
        assert application.last.end[1] == "client"

    asyncio.run(run())


def test_a_fault_in_mid_stream_breaks_the_answer_off() -> None:
    def answer(heard: Heard) -> None:
        heard.call.send(TWO[0])
        heard.call.reset()

    async def run() -> None:
        front = Front(Scripted(answer), library(), BridgeSettings())
        response = await answer_to(front, request_of("GET", WATCH))
        assert response is not None
        assert response.status == 200
        with pytest.raises(BrokenOffError):
            await read(response)

    asyncio.run(run())


def test_a_call_that_is_over_takes_nothing_more() -> None:
    def answer(heard: Heard) -> None:
        sends(TWO[0])(heard)
        heard.call.send(TWO[1])
        heard.call.send_metadata([("x-late", "1")])
        heard.call.finish(Status(Code.ABORTED))
        heard.call.reset()

    answered = ask(Scripted(answer), "GET", WATCH)
    assert answered.lines == SAID[:1]
    assert "grpc-metadata-x-late" not in answered.headers
