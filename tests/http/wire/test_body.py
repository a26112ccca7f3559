"""The chunked decoder against the one of llhttp, and against its own splits."""

from __future__ import annotations

import httptools
from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge_http.wire.body import ChunkedBody, CountedBody
from mockforge_http.wire.refusal import Refusal
from tests.http.wire.harness import limits

LIMITS = limits(max_body=10_000, max_head=2000)

PARTS = [
    b"0", b"1", b"2", b"a", b"A", b"00", b"\r\n", b"\r", b"\n", b";", b";x=y", b"x", b"xy", b" ",
    b"=", b'"', b"\\", b"0\r\n\r\n", b"1\r\nx\r\n", b"2;e\r\nxy\r\n", b"A: b\r\n",
]  # fmt: skip


class Llhttp:
    """llhttp's view of a chunked body: its content and whether it is complete, or an error."""

    def __init__(self, data: bytes) -> None:
        self.body = b""
        self.complete = False
        self.wrong = False
        parser = httptools.HttpRequestParser(self)
        parser.feed_data(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            for position in range(len(data)):
                if self.complete:
                    break
                parser.feed_data(data[position : position + 1])
                self.used = position + 1
        except httptools.HttpParserError:
            self.wrong = True

    def on_body(self, data: bytes) -> None:
        self.body += data

    def on_message_complete(self) -> None:
        self.complete = True


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(PARTS), max_size=12).map(b"".join))
def test_what_we_accept_llhttp_accepts_and_reads_alike(data: bytes) -> None:
    body = ChunkedBody(LIMITS)
    try:
        used = body.feed(data, 0)
    except Refusal:
        return
    reference = Llhttp(data)
    if body.complete:
        assert not reference.wrong
        assert reference.complete
        assert reference.used == used
        assert reference.body == body.received
    else:
        assert used == len(data)
        assert not reference.complete


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.binary(min_size=1, max_size=50), max_size=8),
    st.lists(st.integers(1, 20), min_size=1, max_size=50),
    st.binary(max_size=20),
)
def test_chunks_are_decoded_however_they_are_split(
    chunks: list[bytes], steps: list[int], after: bytes
) -> None:
    data = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    body = ChunkedBody(LIMITS)
    fed = position = 0
    stream = data + after
    for step in steps * len(stream):
        piece = stream[position : position + step]
        fed = body.feed(piece, 0)
        position += fed
        if body.complete or not piece:
            break
        assert fed == len(piece)
    assert body.complete
    assert position == len(data)
    assert body.received == b"".join(chunks)


@given(st.binary(max_size=100), st.integers(1, 50), st.integers(1, 7))
def test_counted_bodies_take_what_is_theirs(data: bytes, length: int, step: int) -> None:
    body = CountedBody(length, LIMITS)
    position = 0
    while position < len(data) and not body.complete:
        position += body.feed(data[: position + step], position) - position
    assert body.received == data[:position]
    assert body.complete == (len(data) >= length)
    assert position == min(len(data), length)
