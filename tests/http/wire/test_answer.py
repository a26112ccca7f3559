"""Answers as bytes."""

from __future__ import annotations

import pytest

from mockforge.mocking.exchange import Response
from mockforge_http.wire.answer import LARGE, Prepared, assemble, prepare, reason
from mockforge_http.wire.head import CLOSE, HEAD, OLD
from tests.http.wire.harness import HOST, App, run, serving

TAILS = tuple(b"<tail %d>" % flags for flags in range(8))


def rendered(response: Response, flags: int = 0) -> bytes:
    return assemble(prepare(response), flags, TAILS)[0]


def test_a_simple_answer_is_rendered_once() -> None:
    response = Response(200, [("Content-Type", "text/plain"), ("X", "ä")], b"body")
    prepared = prepare(response)
    assert response.prepared is prepared
    assert prepared.simple
    assert prepared.head == (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX: \xe4\r\nContent-Length: 4\r\n"
    )
    assert prepared.body == b"body"
    assert response.replace(body=b"other").prepared is None


def test_values_beyond_latin_1_are_sent_as_utf_8() -> None:
    assert "X: 猫\r\n".encode() in prepare(Response(200, [("X", "猫")])).head


def test_framing_fields_are_the_wires() -> None:
    response = Response(
        200,
        [
            ("Content-Length", "99"),
            ("Transfer-Encoding", "gzip"),
            ("Connection", "Upgrade"),
            ("Upgrade", "x"),
        ],
        b"four",
    )
    assert prepare(response).head == b"HTTP/1.1 200 OK\r\nUpgrade: x\r\nContent-Length: 4\r\n"


@pytest.mark.parametrize(
    ("flags", "tail"), [(0, 0), (OLD, 4), (CLOSE, 1), (OLD | CLOSE, 5), (HEAD, 2)]
)
def test_the_tail_follows_the_request(flags: int, tail: int) -> None:
    assert rendered(Response(200), flags).endswith(TAILS[tail])


def test_an_answer_with_a_date_keeps_it() -> None:
    response = Response(200, [("date", "Tue, 15 Nov 1994 08:12:31 GMT")])
    head = rendered(response)
    assert head.count(b"1994") == 1
    assert head.endswith(b"\r\n\r\n")
    assert rendered(response, CLOSE).endswith(b"Connection: close\r\n\r\n")

    async def scenario() -> None:
        async with serving(App(lambda exchange: response)) as served:
            client = await served.connect()
            assert (await client.get()).headers["date"].startswith("Tue, 15 Nov 1994")
            assert served.app.over[0].response is response

    run(scenario)


def test_large_bodies_are_not_copied_into_a_batch() -> None:
    assert prepare(Response(200, (), b"x" * (LARGE - 1))).simple
    large = prepare(Response(200, (), b"x" * LARGE))
    assert not large.simple

    async def scenario() -> None:
        def handle(exchange: object) -> Response:
            return Response(200, (), large.body)

        async with serving(App(handle)) as served:
            client = await served.connect()
            await client.send((b"GET / HTTP/1.1\r\n" + HOST + b"\r\n") * 2)
            for _ in range(2):
                assert (await client.answer()).body == large.body

    run(scenario)


def test_what_streams_say_about_their_length() -> None:
    async def source() -> object:
        yield b""

    chunked = prepare(Response(200, stream=source()))  # type: ignore[arg-type]
    head, flags = assemble(chunked, 0, TAILS)
    assert head == b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n<tail 0>"
    assert flags == 0
    head, flags = assemble(chunked, OLD, TAILS)
    assert head == b"HTTP/1.1 200 OK\r\n<tail 5>"
    assert flags == OLD | CLOSE
    sized = prepare(Response(200, [("Content-Length", "7")], stream=source()))  # type: ignore[arg-type]
    assert assemble(sized, OLD, TAILS) == (b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n<tail 4>", OLD)
    for status in (204, 205, 304):
        assert not prepare(Response(status, stream=source())).streamed  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "declared", "line"),
    [
        (304, None, b""),
        (304, "7", b"Content-Length: 7\r\n"),
        (204, "7", b""),
        (103, "7", b""),
        (205, "7", b"Content-Length: 0\r\n"),
    ],
)
def test_lengths_of_answers_without_content(status: int, declared: str | None, line: bytes) -> None:
    headers = [("Content-Length", declared)] if declared else []
    prepared = prepare(Response(status, headers, b"dropped"))
    assert prepared.body == b""
    first, _, rest = rendered(Response(status, headers, b"dropped")).partition(b"\r\n")
    assert first == f"HTTP/1.1 {status} {reason(status)}".encode()
    assert rest.rpartition(b"<")[0] == line


def test_reasons_are_those_of_rfc_9110() -> None:
    assert reason(413) == "Content Too Large"
    assert reason(414) == "URI Too Long"
    assert reason(422) == "Unprocessable Content"
    assert reason(418) != ""
    assert reason(299) == ""
    assert prepare(Response(299)).head.startswith(b"HTTP/1.1 299 \r\n")


def test_a_prepared_answer_is_small() -> None:
    assert Prepared.__slots__
    assert not hasattr(prepare(Response(200)), "__dict__")
