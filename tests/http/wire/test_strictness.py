"""Requests that two parsers could understand in two ways are refused, and nothing after them is read.

Sources: RFC 9112 sections 2.2, 3, 5, 6 and 7, RFC 9110 sections 5.5 and 7.2, and the usual vectors of
request smuggling (CL.TE, TE.CL, TE.TE, CL.0, bare LF, obs-fold, chunk extensions).
"""

from __future__ import annotations

import pytest

from mockforge_http.wire.fields import parse_block
from tests.http.wire.harness import HOST, run, serving

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: evil.test\r\n\r\n"

L = b"GET / HTTP/1.1\r\n"
P = b"POST / HTTP/1.1\r\n"
TE = b"Transfer-Encoding: chunked\r\n"
END = b"0\r\n\r\n"

VECTORS: dict[str, tuple[int, bytes]] = {
    # request line
    "no version": (400, b"GET /\r\n\r\n"),
    "http/0.9 with fields": (400, b"GET /\r\n" + HOST + b"\r\n"),
    "no target": (400, b"GET HTTP/1.1\r\n" + HOST + b"\r\n"),
    "two spaces before the target": (400, b"GET  / HTTP/1.1\r\n" + HOST + b"\r\n"),
    "two spaces before the version": (400, b"GET /  HTTP/1.1\r\n" + HOST + b"\r\n"),
    "tab as separator": (400, b"GET\t/\tHTTP/1.1\r\n" + HOST + b"\r\n"),
    "space after the version": (400, b"GET / HTTP/1.1 \r\n" + HOST + b"\r\n"),
    "space before the method": (400, b" GET / HTTP/1.1\r\n" + HOST + b"\r\n"),
    "vertical tab in the line": (400, b"GET /\x0b HTTP/1.1\r\n" + HOST + b"\r\n"),
    "space in the target": (400, b"GET /a b HTTP/1.1\r\n" + HOST + b"\r\n"),
    "fragment": (400, b"GET /a#b HTTP/1.1\r\n" + HOST + b"\r\n"),
    "raw utf-8 in the target": (400, "GET /ü HTTP/1.1\r\n".encode() + HOST + b"\r\n"),
    "nul in the target": (400, b"GET /\0 HTTP/1.1\r\n" + HOST + b"\r\n"),
    "del in the target": (400, b"GET /\x7f HTTP/1.1\r\n" + HOST + b"\r\n"),
    "colon in the method": (400, b"GE:T / HTTP/1.1\r\n" + HOST + b"\r\n"),
    "brackets in the method": (400, b"G(E)T / HTTP/1.1\r\n" + HOST + b"\r\n"),
    "lower-case http": (400, b"GET / http/1.1\r\n" + HOST + b"\r\n"),
    "version with two digits": (400, b"GET / HTTP/1.10\r\n" + HOST + b"\r\n"),
    "version without minor": (400, b"GET / HTTP/1\r\n" + HOST + b"\r\n"),
    "http/2 preface": (505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "http/2 version": (505, b"GET / HTTP/2.0\r\n" + HOST + b"\r\n"),
    "http/0.9 version": (505, b"GET / HTTP/0.9\r\n" + HOST + b"\r\n"),
    # targets
    "relative target": (400, b"GET a HTTP/1.1\r\n" + HOST + b"\r\n"),
    "asterisk with get": (400, b"GET * HTTP/1.1\r\n" + HOST + b"\r\n"),
    "authority with get": (400, b"GET a.test:80 HTTP/1.1\r\n" + HOST + b"\r\n"),
    "connect with a path": (400, b"CONNECT /a HTTP/1.1\r\n" + HOST + b"\r\n"),
    "connect without a port": (400, b"CONNECT a.test HTTP/1.1\r\n" + HOST + b"\r\n"),
    "absolute with user name": (400, b"GET http://u@a.test/ HTTP/1.1\r\n" + HOST + b"\r\n"),
    "absolute without host": (400, b"GET http:///a HTTP/1.1\r\n" + HOST + b"\r\n"),
    "absolute with only a port": (400, b"GET http://:80/a HTTP/1.1\r\n" + HOST + b"\r\n"),
    "absolute with another scheme": (400, b"GET ftp://a.test/ HTTP/1.1\r\n" + HOST + b"\r\n"),
    "query only": (400, b"GET ?a HTTP/1.1\r\n" + HOST + b"\r\n"),
    # line ends
    "bare lf after the line": (400, b"GET / HTTP/1.1\n" + HOST + b"\r\n"),
    "bare lf after a field": (400, L + b"Host: x\n\r\n"),
    "bare lf between fields": (400, L + b"Host: x\nA: b\r\n\r\n"),
    "bare lf ends the head": (400, L + b"Host: x\r\n\n"),
    "only bare lf": (400, b"GET / HTTP/1.1\nHost: x\n\n"),
    "bare cr in a value": (400, L + HOST + b"A: b\rC: d\r\n\r\n"),
    "bare cr before crlf": (400, L + HOST + b"A: b\r\r\n\r\n"),
    "bare cr in the line": (400, b"GET / HTTP/1.1\rA: b\r\n" + HOST + b"\r\n"),
    "cr in the method": (400, b"GE\rT / HTTP/1.1\r\n" + HOST + b"\r\n"),
    "cr before a name": (400, L + HOST + b"\rA: b\r\n\r\n"),
    # fields
    "folded with space": (400, L + HOST + b"A: b\r\n c\r\n\r\n"),
    "folded with tab": (400, L + HOST + b"A: b\r\n\tc\r\n\r\n"),
    "folded transfer-encoding": (400, P + HOST + b"Transfer-Encoding:\r\n chunked\r\n\r\n" + END),
    "space before the first field": (400, L + b" Host: x\r\n\r\n"),
    "space before the colon": (400, L + b"Host : x\r\n\r\n"),
    "tab before the colon": (400, L + HOST + b"A\t: x\r\n\r\n"),
    "no colon": (400, L + HOST + b"A\r\n\r\n"),
    "empty name": (400, L + HOST + b": x\r\n\r\n"),
    "bracket in a name": (400, L + HOST + b"A(b: x\r\n\r\n"),
    "space in a name": (400, L + HOST + b"A b: x\r\n\r\n"),
    "utf-8 in a name": (400, L + HOST + "ä: x\r\n\r\n".encode()),
    "nul in a name": (400, L + HOST + b"A\0: x\r\n\r\n"),
    "nul in a value": (400, L + HOST + b"A: x\0y\r\n\r\n"),
    "control in a value": (400, L + HOST + b"A: x\x01y\r\n\r\n"),
    "vertical tab in a value": (400, L + HOST + b"A: x\x0by\r\n\r\n"),
    "del in a value": (400, L + HOST + b"A: x\x7fy\r\n\r\n"),
    # host
    "no host": (400, L + b"A: b\r\n\r\n"),
    "no fields at all": (400, L + b"\r\n"),
    "two hosts": (400, L + HOST + HOST + b"\r\n"),
    "two different hosts": (400, L + HOST + b"Host: b\r\n\r\n"),
    "host with a path": (400, L + b"Host: a/b\r\n\r\n"),
    "host with a user": (400, L + b"Host: u@a\r\n\r\n"),
    "host with a space": (400, L + b"Host: a b\r\n\r\n"),
    "host with a list": (400, L + b"Host: a, b\r\n\r\n"),
    "host with a bad port": (400, L + b"Host: a:b\r\n\r\n"),
    "host with two ports": (400, L + b"Host: a:1:2\r\n\r\n"),
    "host with obs-text": (400, L + b"Host: a\xff\r\n\r\n"),
    "host with a bad escape": (400, L + b"Host: a%2\r\n\r\n"),
    "two hosts in http/1.0": (400, b"GET / HTTP/1.0\r\n" + HOST + HOST + b"\r\n"),
    # content-length
    "lengths differ": (400, P + HOST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
    "length twice": (400, P + HOST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
    "length list": (400, P + HOST + b"Content-Length: 5, 5\r\n\r\nhello"),
    "length with plus": (400, P + HOST + b"Content-Length: +5\r\n\r\nhello"),
    "length with minus": (400, P + HOST + b"Content-Length: -5\r\n\r\nhello"),
    "length in hex": (400, P + HOST + b"Content-Length: 0x5\r\n\r\nhello"),
    "length with underscore": (400, P + HOST + b"Content-Length: 1_0\r\n\r\nhello67890"),
    "length with space": (400, P + HOST + b"Content-Length: 5 5\r\n\r\nhello"),
    "length with point": (400, P + HOST + b"Content-Length: 5.0\r\n\r\nhello"),
    "length empty": (400, P + HOST + b"Content-Length:\r\n\r\n"),
    "length in other digits": (400, P + HOST + b"Content-Length: \xd9\xa5\r\n\r\n"),
    "length beyond 64 bits": (400, P + HOST + b"Content-Length: 18446744073709551621\r\n\r\nhello"),
    "length of 19 digits": (400, P + HOST + b"Content-Length: 1000000000000000000\r\n\r\nhello"),
    # transfer-encoding
    "cl.te": (400, P + HOST + b"Content-Length: 6\r\n" + TE + b"\r\n" + END + b"G"),
    "te.cl": (400, P + HOST + TE + b"Content-Length: 4\r\n\r\n5c\r\n"),
    "te with length 0": (400, P + HOST + TE + b"Content-Length: 0\r\n\r\n" + END),
    "te twice": (400, P + HOST + TE + TE + b"\r\n" + END),
    "te chunked, chunked": (400, P + HOST + b"Transfer-Encoding: chunked, chunked\r\n\r\n" + END),
    "te chunked not last": (400, P + HOST + b"Transfer-Encoding: chunked, gzip\r\n\r\n" + END),
    "te chunked, identity": (400, P + HOST + b"Transfer-Encoding: chunked, identity\r\n\r\n" + END),
    "te with an empty item": (400, P + HOST + b"Transfer-Encoding: , chunked\r\n\r\n" + END),
    "te with a trailing comma": (400, P + HOST + b"Transfer-Encoding: chunked,\r\n\r\n" + END),
    "te empty": (400, P + HOST + b"Transfer-Encoding:\r\n\r\n" + END),
    "te with vertical tab": (400, P + HOST + b"Transfer-Encoding: \x0bchunked\r\n\r\n" + END),
    "te with nul": (400, P + HOST + b"Transfer-Encoding: chunked\0\r\n\r\n" + END),
    "te with a colon too many": (501, P + HOST + b"Transfer-Encoding:: chunked\r\n\r\n" + END),
    "te space before the colon": (400, P + HOST + b"Transfer-Encoding : chunked\r\n\r\n" + END),
    "te gzip": (501, P + HOST + b"Transfer-Encoding: gzip\r\n\r\n" + END),
    "te gzip, chunked": (501, P + HOST + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + END),
    "te identity": (501, P + HOST + b"Transfer-Encoding: identity\r\n\r\n" + END),
    "te xchunked": (501, P + HOST + b"Transfer-Encoding: xchunked\r\n\r\n" + END),
    "te quoted": (501, P + HOST + b'Transfer-Encoding: "chunked"\r\n\r\n' + END),
    "te with a parameter": (501, P + HOST + b"Transfer-Encoding: chunked;q=1\r\n\r\n" + END),
    "te two fields, gzip first": (
        501,
        P + HOST + b"Transfer-Encoding: gzip\r\n" + TE + b"\r\n" + END,
    ),
    "te two fields, chunked first": (
        400,
        P + HOST + TE + b"Transfer-Encoding: gzip\r\n\r\n" + END,
    ),
    "te in http/1.0": (400, b"POST / HTTP/1.0\r\n" + TE + b"\r\n" + END),
    "te in http/1.0 kept alive": (
        400,
        b"POST / HTTP/1.0\r\nConnection: keep-alive\r\n" + TE + b"\r\n" + END,
    ),
    # chunks
    "chunk size not hex": (400, P + HOST + TE + b"\r\nxyz\r\n"),
    "chunk size empty": (400, P + HOST + TE + b"\r\n\r\n"),
    "chunk size with 0x": (400, P + HOST + TE + b"\r\n0x1\r\na\r\n" + END),
    "chunk size negative": (400, P + HOST + TE + b"\r\n-1\r\na\r\n" + END),
    "chunk size with plus": (400, P + HOST + TE + b"\r\n+1\r\na\r\n" + END),
    "chunk size with underscore": (400, P + HOST + TE + b"\r\n1_0\r\n"),
    "chunk size with a space before": (400, P + HOST + TE + b"\r\n 1\r\na\r\n" + END),
    "chunk size with a space after": (400, P + HOST + TE + b"\r\n1 \r\na\r\n" + END),
    "chunk size of 17 digits": (400, P + HOST + TE + b"\r\n10000000000000001\r\na\r\n" + END),
    "chunk line ends with lf": (400, P + HOST + TE + b"\r\n1\na\r\n" + END),
    "chunk extension with lf": (400, P + HOST + TE + b"\r\n1;a\nb\r\na\r\n" + END),
    "chunk extension with cr": (400, P + HOST + TE + b"\r\n1;a\rb\r\na\r\n" + END),
    "chunk extension with nul": (400, P + HOST + TE + b"\r\n1;\0\r\na\r\n" + END),
    "chunk extension without semicolon": (400, P + HOST + TE + b"\r\n1a=b\r\na\r\n" + END),
    "chunk data too long": (400, P + HOST + TE + b"\r\n1\r\nab\r\n" + END),
    "chunk data ends with lf": (400, P + HOST + TE + b"\r\n1\r\na\n" + END),
    "chunk data ends with cr": (400, P + HOST + TE + b"\r\n1\r\na\r0\r\n\r\n"),
    "chunk data without end": (400, P + HOST + TE + b"\r\n1\r\na" + END),
    "last chunk with lf": (400, P + HOST + TE + b"\r\n0\n\n"),
    "trailer without colon": (400, P + HOST + TE + b"\r\n0\r\nA\r\n\r\n"),
    "trailer folded": (400, P + HOST + TE + b"\r\n0\r\nA: b\r\n c\r\n\r\n"),
    "trailer with lf": (400, P + HOST + TE + b"\r\n0\r\nA: b\nC: d\r\n\r\n"),
    "trailer with nul": (400, P + HOST + TE + b"\r\n0\r\nA: \0\r\n\r\n"),
    # the rest
    "expectation": (417, P + HOST + b"Expect: 200-ok\r\nContent-Length: 1\r\n\r\na"),
    "expectation list": (417, P + HOST + b"Expect: 100-continue, x\r\nContent-Length: 1\r\n\r\na"),
    "tls handshake": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
    "binary": (400, b"\x80\xff\x00\x01\r\n\r\n"),
}


each_vector = pytest.mark.parametrize(("status", "vector"), VECTORS.values(), ids=VECTORS)


@each_vector
def test_refused_closed_and_nothing_after_it_is_read(status: int, vector: bytes) -> None:
    async def scenario() -> None:
        async with serving() as served:
            answer, rest = await served.once(vector + SMUGGLED)
            assert answer.status == status
            assert answer.headers["connection"] == "close"
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json["status"] == status
            assert answer.json["detail"].endswith(".")
            assert rest == b""
            assert served.app.asked == []
            (exchange,) = served.app.over
            assert exchange.error == answer.json["detail"]
            assert exchange.source == "none"
            assert exchange.response is not None
            assert exchange.response.status == status
            assert served.listener.stats.errors == {answer.code: 1}

    run(scenario)


@each_vector
def test_refused_also_when_it_comes_byte_by_byte(status: int, vector: bytes) -> None:
    async def scenario() -> None:
        async with serving() as served:
            client = await served.connect()
            data = vector + SMUGGLED
            for position in range(len(data)):
                client.writer.write(data[position : position + 1])
                if position % 4 == 0:
                    await client.writer.drain()
            answer = await client.answer()
            assert answer.status == status
            assert await client.ended() == b""
            assert served.app.asked == []
            assert len(served.app.over) == 1

    run(scenario)


@each_vector
def test_refused_behind_a_good_request_which_is_answered_first(status: int, vector: bytes) -> None:
    async def scenario() -> None:
        async with serving() as served:
            client = await served.connect()
            await client.send(b"GET /good HTTP/1.1\r\n" + HOST + b"\r\n" + vector + SMUGGLED)
            assert (await client.answer()).json["target"] == "/good"
            assert (await client.answer()).status == status
            assert await client.ended() == b""
            assert [exchange.request.target for exchange in served.app.asked] == ["/good"]

    run(scenario)


@pytest.mark.parametrize(
    "start",
    [
        b"GET /\r\n",
        b"GET / HTTP/2.0\r\n",
        b"GET / HTTP/1.1\n",
        b"GET / HTTP/1.1\r\nA: b\n",
        b"GET / HTTP/1.1\r\nA: b\rc",
        b"\x16\x03\x01",
        b"{",
        b" ",
        b"\n",
        b"\rG",
    ],
    ids=repr,
)
def test_what_cannot_become_a_request_is_refused_before_its_end(start: bytes) -> None:
    async def scenario() -> None:
        async with serving() as served:
            client = await served.connect()
            await client.send(start)
            assert (await client.answer()).status in (400, 505)
            assert await client.ended() == b""

    run(scenario)


def test_a_refused_head_request_gets_no_content() -> None:
    async def scenario() -> None:
        async with serving() as served:
            answer, rest = await served.once(b"HEAD / HTTP/1.1\r\n\r\n" + SMUGGLED)
            assert (answer.status, rest) == (400, b"")
            assert int(answer.headers["content-length"]) > 0
            assert served.app.over[0].sent_bytes == 0

    run(scenario)


def test_the_journal_gets_method_and_target_as_far_as_they_can_be_told() -> None:
    async def scenario() -> None:
        async with serving() as served:
            await served.once(b"GET /where HTTP/1.1\r\nA b\r\n\r\n")
            await served.once(b"\x80\x81\r\n\r\n")
            first, second = served.app.over
            assert (first.request.method, first.request.target) == ("GET", "/where")
            assert (second.request.method, second.request.target) == ("", "")
            assert first.request.client.startswith("127.0.0.1:")

    run(scenario)


def test_refused_blocks_are_not_remembered() -> None:
    async def scenario() -> None:
        async with serving() as served:
            for _ in range(3):
                answer, _ = await served.once(L + b"A b: c\r\n\r\n")
                assert answer.status == 400

    run(scenario)


def test_fields_that_look_odd_but_are_fine() -> None:
    block = parse_block(
        b"\r\nHost:\r\nA:\r\nB: \t x y \t\r\n!#$%&'*+-.^_`|~: \x80\xff\r\nContent-Length: 007\r\n\r\n"
    )
    assert block.raw == [
        (b"Host", b""),
        (b"A", b""),
        (b"B", b"x y"),
        (b"!#$%&'*+-.^_`|~", b"\x80\xff"),
        (b"Content-Length", b"007"),
    ]
    assert block.length == 7
