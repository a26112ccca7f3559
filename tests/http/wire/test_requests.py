"""What a client may send and what comes back (RFC 9110, RFC 9112)."""

from __future__ import annotations

import asyncio
from email.utils import parsedate_to_datetime

import pytest
import uvloop

from mockforge.mocking.exchange import Exchange, Response
from tests.http.wire.harness import HOST, App, Later, run, serving


@pytest.mark.parametrize("runner", [uvloop.run, asyncio.run], ids=["uvloop", "asyncio"])
def test_a_connection_serves_many_requests_on_either_loop(runner: object) -> None:
    async def scenario() -> None:
        async with serving() as served:
            client = await served.connect()
            for number in range(3):
                answer = await client.get(f"/items/{number}?q={number}")
                assert answer.status == 200
                assert answer.json["target"] == f"/items/{number}?q={number}"
                assert "connection" not in answer.headers
            assert served.listener.connections == 1
            assert served.listener.stats.accepted == 1
            assert len(served.app.over) == 3

    runner(scenario())  # type: ignore[operator]


def test_the_request_is_handed_on_as_it_arrived() -> None:
    async def scenario() -> None:
        async with serving() as served:
            client = await served.connect()
            head = (
                b"PATCH /a%20b?x=1&y HTTP/1.1\r\nHost: h:1\r\nX-A:  one \t\r\nx-a: two\r\n"
                b"Content-Length: 3\r\n\r\n"
            )
            await client.send(head + b"abc")
            await client.answer()
            request = served.app.asked[0].request
            assert (request.method, request.path, request.query) == ("PATCH", "/a%20b", "x=1&y")
            assert request.raw_headers == [
                (b"Host", b"h:1"),
                (b"X-A", b"one"),
                (b"x-a", b"two"),
                (b"Content-Length", b"3"),
            ]
            assert request.fields[b"x-a"] == b"one, two"
            assert request.body == b"abc"
            assert request.head_size == len(head)
            assert request.version == "1.1"
            host, port = client.writer.get_extra_info("sockname")
            assert request.client == f"{host}:{port}"

    run(scenario)


def test_the_exchange_is_complete_when_the_application_is_told() -> None:
    async def scenario() -> None:
        shared = Response(201, [("X", "y")], b"made")
        async with serving(App(lambda exchange: shared)) as served:
            client = await served.connect()
            await client.get()
            exchange = served.app.over[0]
            assert exchange.response is shared
            assert exchange.sent_bytes == 4
            assert exchange.duration_ns > 0
            assert exchange.error is None

    run(scenario)


def test_every_answer_is_dated_and_framed() -> None:
    async def scenario() -> None:
        async with serving(App(lambda exchange: Response(200, (), b"four"))) as served:
            client = await served.connect()
            answer = await client.get()
            assert answer.headers["content-length"] == "4"
            assert parsedate_to_datetime(answer.headers["date"]).utcoffset() is not None

    run(scenario)


def test_mutating_the_headers_of_one_request_does_not_touch_the_next() -> None:
    def meddle(exchange: Exchange) -> Response:
        exchange.request.raw_headers.append((b"x", b"y"))
        return Response(200, (), str(len(exchange.request.raw_headers)).encode())

    async def scenario() -> None:
        async with serving(App(meddle)) as served:
            client = await served.connect()
            assert [(await client.get()).body for _ in range(3)] == [b"2", b"2", b"2"]

    run(scenario)


@pytest.mark.parametrize("method", ["GET", "POST", "QUERY", "PURGE", "x-made_up!"])
def test_any_method_token_reaches_the_application(method: str) -> None:
    async def scenario() -> None:
        async with serving() as served:
            client = await served.connect()
            await client.send(f"{method} / HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert (await client.answer()).json["method"] == method

    run(scenario)


def test_pipelined_requests_are_answered_in_order_and_in_one_piece() -> None:
    async def scenario() -> None:
        async with serving() as served:
            client = await served.connect()
            many = b"".join(b"GET /%d HTTP/1.1\r\n%b\r\n" % (n, HOST) for n in range(200))
            await client.send(many)
            targets = [(await client.answer()).json["target"] for _ in range(200)]
            assert targets == [f"/{n}" for n in range(200)]
            assert [e.request.target for e in served.app.over] == targets

    run(scenario)


def test_empty_lines_before_a_request_are_ignored() -> None:
    async def scenario() -> None:
        async with serving() as served:
            client = await served.connect()
            await client.send(b"\r\n\r\n\r\nGET /a HTTP/1.1\r\n" + HOST + b"\r\n\r\n")
            assert (await client.answer()).json["target"] == "/a"
            await client.send(b"\r")
            await client.send(b"\nGET /b HTTP/1.1\r\n" + HOST + b"\r\n")
            assert (await client.answer()).json["target"] == "/b"

    run(scenario)


def test_head_gets_the_head_of_get_and_no_content() -> None:
    async def scenario() -> None:
        async with serving(App(lambda exchange: Response(200, (), b"content"))) as served:
            client = await served.connect()
            for _ in range(2):
                await client.send(b"HEAD / HTTP/1.1\r\n" + HOST + b"\r\n")
                answer = await client.answer(head=True)
                assert answer.headers["content-length"] == "7"
                assert served.app.over[-1].sent_bytes == 0
            assert (await client.get()).body == b"content"

    run(scenario)


def test_a_declared_length_without_content_counts_for_head_only() -> None:
    async def scenario() -> None:
        answer = Response(200, [("Content-Length", "1234")])
        async with serving(App(lambda exchange: answer)) as served:
            client = await served.connect()
            await client.send(b"HEAD / HTTP/1.1\r\n" + HOST + b"\r\n")
            assert (await client.answer(head=True)).headers["content-length"] == "1234"
            assert (await client.get()).headers["content-length"] == "0"

    run(scenario)


@pytest.mark.parametrize(("status", "length"), [(204, None), (304, None), (205, "0")])
def test_statuses_without_content_have_none(status: int, length: str | None) -> None:
    async def scenario() -> None:
        async with serving(App(lambda exchange: Response(status, (), b"dropped"))) as served:
            client = await served.connect()
            for _ in range(2):
                answer = await client.get()
                assert (answer.status, answer.body) == (status, b"")
                assert answer.headers.get("content-length") == length
            assert served.app.over[0].sent_bytes == 0

    run(scenario)


def test_an_interim_status_as_the_answer_ends_the_connection() -> None:
    async def scenario() -> None:
        async with serving(App(lambda exchange: Response(103, [("Link", "</a>")]))) as served:
            answer, rest = await served.once(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
            assert (answer.status, rest) == (103, b"")
            assert answer.headers["connection"] == "close"
            assert "content-length" not in answer.headers

    run(scenario)


@pytest.mark.parametrize("body", [b"", b"x", b"0123456789" * 50_000])
@pytest.mark.parametrize("chunk", [None, 1, 7, 100_000], ids=lambda size: f"chunks-{size}")
def test_bodies_arrive_whole(body: bytes, chunk: int | None) -> None:
    if chunk == 1:
        body = body[:2000]

    async def scenario() -> None:
        async with serving() as served:
            client = await served.connect()
            if chunk is None:
                framed = b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
            else:
                pieces = [body[n : n + chunk] for n in range(0, len(body), chunk)]
                framed = b"Transfer-Encoding: Chunked\r\n\r\n" + b"".join(
                    b"%X;name=value\r\n%b\r\n" % (len(piece), piece) for piece in pieces
                )
                framed += b"0\r\nX-Trailer: t\r\n\r\n"
            await client.send(b"POST / HTTP/1.1\r\n" + HOST + framed)
            assert (await client.answer()).json["body"] == body.decode()
            assert (await client.get("/next")).json["target"] == "/next"

    run(scenario)


def test_trailers_are_dropped() -> None:
    async def scenario() -> None:
        async with serving() as served:
            client = await served.connect()
            await client.send(
                b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
                b"1\r\na\r\n0\r\nX-Trailer: t\r\nAuthorization: sneaky\r\n\r\n"
            )
            assert (await client.answer()).status == 200
            assert b"authorization" not in served.app.asked[0].request.fields

    run(scenario)


def test_continue_is_sent_only_when_the_body_is_awaited() -> None:
    async def scenario() -> None:
        async with serving() as served:
            client = await served.connect()
            head = (
                b"PUT / HTTP/1.1\r\n" + HOST + b"Content-Length: 2\r\nExpect: 100-Continue\r\n\r\n"
            )
            await client.send(head)
            assert (await client.answer()).status == 100
            await client.send(b"ok")
            assert (await client.answer()).json["body"] == "ok"
            await client.send(head + b"ok")
            assert (await client.answer()).status == 200
            await client.send(head.replace(b"Length: 2", b"Length: 0"))
            assert (await client.answer()).status == 200

    run(scenario)


def test_continue_is_not_sent_before_earlier_answers() -> None:
    async def scenario() -> None:
        release = asyncio.Event()

        async def later() -> Response:
            await release.wait()
            return Response(200, (), b"first")

        def handle(exchange: Exchange) -> object:
            return later() if exchange.request.method == "GET" else Response(201)

        async with serving(App(handle)) as served:
            client = await served.connect()
            await client.send(
                b"GET / HTTP/1.1\r\n%bX: y\r\n\r\nPUT / HTTP/1.1\r\n%b"
                b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n" % (HOST, HOST)
            )
            await served.app.until(lambda: len(served.app.asked) == 1)
            release.set()
            assert (await client.answer()).body == b"first"
            assert (await client.answer()).status == 100
            await client.send(b"ok")
            assert (await client.answer()).status == 201

    run(scenario)


def test_http_1_0_closes_unless_asked_to_stay() -> None:
    async def scenario() -> None:
        async with serving() as served:
            answer, rest = await served.once(b"GET /a HTTP/1.0\r\n\r\n")
            assert answer.json["version"] == "1.0"
            assert answer.headers["connection"] == "close"
            assert rest == b""
            client = await served.connect()
            for _ in range(2):
                await client.send(b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
                answer = await client.answer()
                assert answer.headers["connection"] == "keep-alive"

    run(scenario)


def test_expectations_of_http_1_0_are_ignored() -> None:
    async def scenario() -> None:
        async with serving() as served:
            client = await served.connect()
            await client.send(
                b"POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n"
            )
            await client.send(b"x")
            assert (await client.answer()).json["body"] == "x"

    run(scenario)


def test_a_higher_minor_version_is_served_as_1_1() -> None:
    async def scenario() -> None:
        async with serving() as served:
            client = await served.connect()
            await client.send(b"GET / HTTP/1.7\r\n" + HOST + b"\r\n")
            assert (await client.answer()).json["version"] == "1.1"
            assert (await client.get()).status == 200

    run(scenario)


@pytest.mark.parametrize("option", [b"close", b"Close", b"x, close", b"keep-alive,\tclose"])
def test_close_is_honoured(option: bytes) -> None:
    async def scenario() -> None:
        async with serving() as served:
            request = b"GET / HTTP/1.1\r\n" + HOST + b"Connection: " + option + b"\r\n\r\n"
            answer, rest = await served.once(request * 2)
            assert answer.headers["connection"] == "close"
            assert rest == b""
            assert len(served.app.asked) == 1

    run(scenario)


def test_close_is_honoured_each_time() -> None:
    async def scenario() -> None:
        async with serving() as served:
            for _ in range(3):
                answer, rest = await served.once(
                    b"GET / HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
                )
                assert (answer.status, rest) == (200, b"")
            await served.gone()

    run(scenario)


def test_the_application_can_close_the_connection() -> None:
    async def scenario() -> None:
        app = App(lambda exchange: Response(200, [("Connection", "close")], b"bye"))
        async with serving(app) as served:
            answer, rest = await served.once(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
            assert (answer.body, answer.headers["connection"], rest) == (b"bye", "close", b"")

    run(scenario)


@pytest.mark.parametrize(
    ("line", "target", "host"),
    [
        ("GET http://other.test:81/a?b=c", "/a?b=c", "other.test:81"),
        ("GET HTTP://other.test", "/", "other.test"),
        ("GET https://[::1]:8/x", "/x", "[::1]:8"),
        ("GET http://other.test?q", "/?q", "other.test"),
        ("OPTIONS http://other.test", "*", "other.test"),
        ("OPTIONS *", "*", "mock.test"),
        ("GET //two/slashes", "//two/slashes", "mock.test"),
        ("CONNECT other.test:443", "other.test:443", "mock.test"),
    ],
)
def test_the_four_forms_of_targets(line: str, target: str, host: str) -> None:
    async def scenario() -> None:
        async with serving() as served:
            client = await served.connect()
            await client.send(f"{line} HTTP/1.1\r\n".encode() + HOST + b"\r\n")
            told = (await client.answer()).json
            assert (told["target"], told["host"]) == (target, host)
            raw = served.app.asked[0].request.raw_headers
            assert [value for name, value in raw if name.lower() == b"host"] == [host.encode()]

    run(scenario)


def test_what_follows_connect_is_never_a_request() -> None:
    async def scenario() -> None:
        async with serving() as served:
            answer, rest = await served.once(
                b"CONNECT a.test:1 HTTP/1.1\r\n" + HOST + b"\r\nGET / HTTP/1.1\r\n" + HOST + b"\r\n"
            )
            assert (answer.headers["connection"], rest) == ("close", b"")
            assert len(served.app.asked) == 1

    run(scenario)


def test_an_upgrade_nobody_takes_is_an_ordinary_request() -> None:
    async def scenario() -> None:
        async with serving() as served:
            client = await served.connect()
            upgrade = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
            assert (await client.get("/a", extra=upgrade)).json["target"] == "/a"
            assert (await client.get("/b")).json["target"] == "/b"

    run(scenario)


def test_a_client_that_shuts_its_sending_side_gets_its_answers() -> None:
    async def scenario() -> None:
        later = Later(b"late")
        async with serving(App(later)) as served:
            client = await served.connect()
            await client.send(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
            client.writer.write_eof()
            await served.app.until(lambda: len(served.app.asked) == 1)
            await asyncio.sleep(0)
            later.release.set()
            assert (await client.answer()).body == b"late"
            assert await client.ended() == b""

    run(scenario)


def test_large_answers_arrive_whole() -> None:
    async def scenario() -> None:
        body = bytes(range(256)) * 8192
        async with serving(App(lambda exchange: Response(200, (), body))) as served:
            client = await served.connect()
            await client.send((b"GET / HTTP/1.1\r\n" + HOST + b"\r\n") * 3)
            for _ in range(3):
                assert (await client.answer()).body == body

    run(scenario)


def test_counters_count_bytes_of_both_directions() -> None:
    async def scenario() -> None:
        async with serving() as served:
            request = b"GET / HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
            client = await served.connect()
            await client.send(request)
            received = await client.ended()
            assert served.listener.stats.bytes_in == len(request)
            assert served.listener.stats.bytes_out == len(received)

    run(scenario)
