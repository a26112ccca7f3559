"""The ASGI front, driven by hand and by httpx."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import httpx
import pytest

from mockforge.mocking.exchange import Exchange, Response
from mockforge_http.asgi import create_asgi_app
from mockforge_http.asgi_faults import ABORT, OFFERED
from tests.http.wire.harness import App, echo, limits, run, until

Messages = list[dict[str, Any]]


def scope(**changes: Any) -> dict[str, Any]:
    """An ``http`` scope as hypercorn makes it."""
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "2",
        "method": "GET",
        "scheme": "https",
        "path": "/a b",
        "raw_path": b"/a%20b",
        "query_string": b"c=d",
        "headers": [(b"host", b"mock.test"), (b"x-a", b"1"), (b"x-a", b"2")],
        "client": ("::1", 5),
        "server": ("::1", 3443),
        "state": {},
        **changes,
    }


class Call:
    """One call of an application: what it is sent, and what it sends."""

    def __init__(self, *received: dict[str, Any], gone: bool = False) -> None:
        self.received = list(received) or [{"type": "http.request", "body": b""}]
        self.sent: Messages = []
        self.gone = asyncio.Event()
        if gone:
            self.gone.set()

    async def receive(self) -> dict[str, Any]:
        if self.received:
            return self.received.pop(0)
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.sent.append(dict(message))

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])

    @property
    def body(self) -> bytes:
        assert [message["more_body"] for message in self.sent[1:]] == [True] * (
            len(self.sent) - 2
        ) + [False]
        return b"".join(message["body"] for message in self.sent[1:])


def given(response: Response, exchange: Exchange) -> Response:
    """Answers with ``response``."""
    return response


async def call(app: App, *received: dict[str, Any], within: Any = None, **changes: Any) -> Call:
    made = Call(*received)
    await create_asgi_app(app, within or limits())(scope(**changes), made.receive, made.send)
    return made


def part(body: bytes, *, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def test_scope_becomes_request_and_response_becomes_messages() -> None:
    async def scenario() -> None:
        app = App(lambda exchange: Response(201, [("Content-Type", "text/plain")], b"made"))
        made = await call(app, part(b"ab"), part(b"c", more=False), method="POST")
        request = app.asked[0].request
        assert (request.method, request.target, request.body) == ("POST", "/a%20b?c=d", b"abc")
        assert (request.scheme, request.version, request.client) == ("https", "2", "[::1]:5")
        assert request.fields[b"x-a"] == b"1, 2"
        assert request.head_size > 0
        assert made.status == 201
        assert made.sent[0]["headers"] == [
            (b"content-type", b"text/plain"),
            (b"content-length", b"4"),
        ]
        assert made.body == b"made"
        assert app.over == app.asked
        assert app.over[0].sent_bytes == 4
        assert app.over[0].duration_ns > 0

    run(scenario)


def test_a_server_without_raw_path_or_client() -> None:
    async def scenario() -> None:
        app = App()
        await call(app, raw_path=None, path="/ä b", query_string=b"", client=None)
        assert app.asked[0].request.target == "/%C3%A4%20b"
        assert app.asked[0].request.client == "unix"

    run(scenario)


def test_fields_of_the_connection_are_not_sent() -> None:
    async def scenario() -> None:
        response = Response(
            200,
            [
                ("Connection", "close"),
                ("Keep-Alive", "x"),
                ("Upgrade", "y"),
                ("Date", "z"),
                ("X", "1"),
            ],
        )
        made = await call(App(lambda exchange: response))
        assert made.headers == {b"date": b"z", b"x": b"1", b"content-length": b"0"}
        made = await call(App(lambda exchange: response), http_version="1.1")
        assert made.headers[b"connection"] == b"close"

    run(scenario)


@pytest.mark.parametrize(
    ("method", "status", "length"), [("HEAD", 200, b"4"), ("GET", 204, None), ("GET", 304, None)]
)
def test_answers_without_content(method: str, status: int, length: bytes | None) -> None:
    async def scenario() -> None:
        app = App(lambda exchange: Response(status, (), b"four"))
        made = await call(app, method=method)
        assert made.headers.get(b"content-length") == length
        assert made.body == b""
        assert app.over[0].sent_bytes == 0

    run(scenario)


def test_large_bodies_are_sent_in_pieces() -> None:
    async def scenario() -> None:
        body = bytes(range(256)) * 2000
        app = App(lambda exchange: Response(200, (), body))
        made = await call(app)
        assert len(made.sent) > 5
        assert made.body == body
        assert app.over[0].sent_bytes == len(body)
        for size in (65536, 65537, 131072):
            made = await call(App(partial(given, Response(200, (), b"x" * size))))
            assert made.body == b"x" * size

    run(scenario)


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for each in parts:
        await asyncio.sleep(0)
        yield each


def test_streams_and_awaitables() -> None:
    async def scenario() -> None:
        async def later(exchange: Exchange) -> Response:
            await asyncio.sleep(0)
            return Response(200, stream=pieces(b"a", b"b"))

        def at_once(exchange: Exchange) -> Response:
            return Response(200, stream=pieces(b"a", b"b"))

        for handler in (later, at_once):
            app = App(handler)
            made = await call(app)
            assert b"content-length" not in made.headers
            assert b"transfer-encoding" not in made.headers
            assert made.body == b"ab"
            assert app.over[0].sent_bytes == 2
            made = await call(App(handler), method="HEAD")
            assert made.body == b""

    run(scenario)


@pytest.mark.parametrize(
    ("given", "changes", "received", "status", "code"),
    [
        ({"max_body": 2}, {"headers": [(b"content-length", b"3")]}, (), 413, "body-too-large"),
        ({"max_body": 2}, {}, (part(b"ab"), part(b"c", more=False)), 413, "body-too-large"),
        ({"max_bodies": 2}, {}, (part(b"ab"), part(b"c", more=False)), 503, "bodies-held"),
        ({"max_request_line": 8}, {}, (), 414, "request-line-too-long"),
        ({"max_head": 20}, {}, (), 431, "head-too-large"),
        ({}, {"raw_path": b"/\xff"}, (), 400, "bad-target"),
        ({}, {"query_string": b"a b"}, (), 400, "bad-target"),
        ({}, {"headers": [(b"host", b"a/b")]}, (), 400, "bad-host"),
        ({}, {"headers": [(b"host", b"a"), (b"host", b"b")]}, (), 400, "bad-host"),
    ],
)
def test_refusals(given: Any, changes: Any, received: Any, status: int, code: str) -> None:
    async def scenario() -> None:
        app = App()
        made = await call(app, *received, within=limits(**given), **changes)
        assert made.status == status
        assert made.headers[b"content-type"] == b"application/problem+json"
        assert code.encode() in made.body
        assert app.asked == []
        (exchange,) = app.over
        assert exchange.error is not None
        assert exchange.source == "none"
        assert exchange.response is not None

    run(scenario)


def test_the_rest_of_a_refused_body_is_taken_in_before_the_answer_ends() -> None:
    async def scenario() -> None:
        app = App()
        made = Call(part(b"abc"), part(b"d"), part(b"e", more=False), gone=True)
        await create_asgi_app(app, limits(max_body=2))(scope(), made.receive, made.send)
        assert made.received == []
        assert made.status == 413
        assert made.sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
        endless = Call(part(b"abc"))
        within = limits(max_body=2, idle_timeout=0.02)
        await create_asgi_app(app, within)(scope(), endless.receive, endless.send)
        assert endless.body.startswith(b"{")

    run(scenario)


def test_limits_are_met_exactly() -> None:
    async def scenario() -> None:
        made = await call(
            App(), part(b"ab"), part(b"cd", more=False), within=limits(max_body=4, max_bodies=4)
        )
        assert made.status == 200

    run(scenario)


def test_held_bodies_are_released() -> None:
    async def scenario() -> None:
        front = create_asgi_app(App(), limits(max_bodies=4))
        for _ in range(3):
            made = Call(part(b"abcd", more=False))
            await front(scope(), made.receive, made.send)
            assert made.status == 200
            made = Call(part(b"abcde", more=False))
            await front(scope(), made.receive, made.send)
            assert made.status == 503

    run(scenario)


def test_a_body_that_stops_gets_408() -> None:
    async def scenario() -> None:
        app = App()
        made = await call(app, part(b"a"), within=limits(body_timeout=0.02))
        assert made.status == 408
        assert b"http.timeouts.body" in made.body
        assert app.over[0].error is not None

    run(scenario)


def test_a_client_that_leaves_within_the_body_is_noted() -> None:
    async def scenario() -> None:
        app = App()
        made = await call(app, part(b"a"), {"type": "http.disconnect"})
        assert made.sent == []
        assert app.over[0].error is not None
        assert "within the request body" in app.over[0].error

    run(scenario)


def test_a_client_that_leaves_cancels_what_is_under_way() -> None:
    async def scenario() -> None:
        cancelled: list[str] = []

        async def never(exchange: Exchange) -> Response:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.append("answer")
                raise
            raise AssertionError

        async def endless() -> AsyncIterator[bytes]:
            try:
                while True:
                    yield b"x"
                    await asyncio.sleep(0)
            finally:
                cancelled.append("stream")

        def stream(exchange: Exchange) -> Response:
            return Response(200, stream=endless())

        for handler in (never, stream):
            app = App(handler)
            made = Call()
            task = asyncio.ensure_future(
                create_asgi_app(app, limits())(scope(), made.receive, made.send)
            )
            await app.until(partial(bool, app.asked))
            made.gone.set()
            await task
            assert app.over[0].error == "the client closed the connection before its answer"
        assert cancelled == ["answer", "stream"]

    run(scenario)


def test_a_server_that_stops_is_noted() -> None:
    async def scenario() -> None:
        async def never(exchange: Exchange) -> Response:
            await asyncio.Event().wait()
            raise AssertionError

        app = App(never)
        made = Call()
        task = asyncio.ensure_future(
            create_asgi_app(app, limits())(scope(), made.receive, made.send)
        )
        await until(lambda: bool(app.asked))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert app.over[0].error == "the server stopped before the answer"

    run(scenario)


async def broken() -> AsyncIterator[bytes]:
    yield b"begun"
    raise RuntimeError("source gone")


@pytest.mark.parametrize("abortable", [True, False])
def test_a_stream_that_breaks_ends_the_connection(
    abortable: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        aborted: list[Any] = []

        async def abort(dropped: Any) -> None:
            aborted.append(dropped["client"])

        state = {ABORT: abort} if abortable else {}
        app = App()
        app.handler = partial(given, Response(200, stream=broken()))
        made = Call()
        front = create_asgi_app(app, limits())
        if abortable:
            await front(scope(state=state), made.receive, made.send)
            assert aborted == [("::1", 5)]
        else:
            with pytest.raises(RuntimeError, match="source gone"):
                await front(scope(), made.receive, made.send)
        assert made.sent[-1]["more_body"]
        assert app.over[0].error == "RuntimeError: source gone"

    run(scenario)


def test_streams_keep_their_declared_length() -> None:
    async def scenario() -> None:
        for stream, why in ((pieces(b"short"), "ended before"), (pieces(b"x" * 20), "longer than")):
            app = App()
            app.handler = partial(given, Response(200, [("Content-Length", "10")], stream=stream))
            with pytest.raises(ValueError, match=why):
                await call(app)

    run(scenario)


def test_a_client_that_does_not_read_is_given_up() -> None:
    async def scenario() -> None:
        app = App()
        made = Call()
        aborted: list[Any] = []

        async def abort(dropped: Any) -> None:
            aborted.append(dropped["client"])

        async def stuck(message: Any) -> None:
            await asyncio.Event().wait()

        front = create_asgi_app(app, limits(write_timeout=0.02))
        await front(scope(state={ABORT: abort}), made.receive, stuck)
        assert aborted == [("::1", 5)]
        assert app.over[0].error is not None
        assert app.over[0].error.startswith("TimeoutError")

    run(scenario)


@pytest.mark.parametrize(
    "handler", [lambda exchange: 1 / 0, lambda exchange: Response(200, [("A", "b\nc")])]
)
def test_a_failing_application_is_a_500(handler: Any) -> None:
    async def scenario() -> None:
        app = App(handler)
        made = await call(app)
        assert made.status == 500
        assert app.over[0].error is not None

    run(scenario)


def test_lifespan_and_other_scopes() -> None:
    async def scenario() -> None:
        front = create_asgi_app(App(), limits())
        made = Call({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
        await front({"type": "lifespan"}, made.receive, made.send)
        assert [message["type"] for message in made.sent] == [
            "lifespan.startup.complete",
            "lifespan.shutdown.complete",
        ]
        with pytest.raises(ValueError, match="unknown ASGI scope"):
            await front({"type": "other"}, made.receive, made.send)

    run(scenario)


@pytest.mark.parametrize("offered", [None, True])
def test_a_websocket_is_answered_like_any_other_request(offered: bool | None) -> None:
    async def scenario() -> None:
        app = App(lambda exchange: Response(404, [], b"none"))
        asked = scope(type="websocket", scheme="wss", http_version="1.1")
        del asked["method"]
        if offered is not None:
            asked["state"] = {OFFERED: offered}
        front = create_asgi_app(app, limits())
        made = Call({"type": "websocket.connect"})
        await front(
            {**asked, "extensions": {"websocket.http.response": {}}}, made.receive, made.send
        )
        assert [message["type"] for message in made.sent] == [
            "websocket.http.response.start",
            "websocket.http.response.body",
        ]
        assert (made.status, made.body) == (404, b"none")
        assert (app.over[0].request.method, app.over[0].request.scheme) == ("GET", "https")
        made = Call({"type": "websocket.connect"})
        await front(asked, made.receive, made.send)
        assert made.sent == [{"type": "websocket.close", "code": 1008}]

    run(scenario)


def test_a_websocket_that_was_not_offered_elsewhere_is_told_where_it_would_be() -> None:
    async def scenario() -> None:
        app = App()
        asked = scope(type="websocket", scheme="wss", state={OFFERED: False})
        asked["extensions"] = {"websocket.http.response": {}}
        made = Call({"type": "websocket.connect"})
        front = create_asgi_app(app, limits(), elsewhere=lambda: "wss://127.0.0.1:3444")
        await front(asked, made.receive, made.send)
        assert made.status == 501
        assert b"connect anew, or to wss://127.0.0.1:3444." in made.body
        assert app.asked == []
        assert app.over[0].error is not None

    run(scenario)


def test_httpx_transport() -> None:
    async def scenario() -> None:
        front: Any = create_asgi_app(App(echo), limits())
        transport = httpx.ASGITransport(front)
        async with httpx.AsyncClient(transport=transport, base_url="http://mock.test") as client:
            told = (await client.post("/a?b=c", content=b"body")).json()
            assert told == {
                "method": "POST",
                "target": "/a?b=c",
                "body": "body",
                "version": "1.1",
                "host": "mock.test",
            }
            head = await client.head("/a")
            assert int(head.headers["content-length"]) > 0
            assert head.content == b""

    run(scenario)
