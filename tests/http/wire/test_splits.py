"""However bytes are split, and whatever they are, each request is answered once and in order."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockforge.mocking.exchange import Exchange, Response
from tests.http.wire.harness import App, limits
from tests.http.wire.memory import exchange_bytes, statuses

SMALL = limits(max_head=2000, max_request_line=300, max_body=3000, max_bodies=5000)


class Sent(NamedTuple):
    raw: bytes
    method: str
    target: str
    body: bytes


def quiet(exchange: Exchange) -> Response:
    """An answer with a length, also for HEAD."""
    return Response(200, [("Target", exchange.request.target)], b"")


tokens = st.text("!#$%&'*+-.^_`|~09azAZ", min_size=1, max_size=8)
targets = st.text("abz/?=&%2.~-", max_size=20).map(lambda text: "/" + text)
values = st.binary(max_size=20).map(
    lambda raw: bytes(byte for byte in raw if byte >= 0x20 and byte != 0x7F).strip()
)
bodies = st.binary(max_size=200) | st.just(b"GET /inside HTTP/1.1\r\nHost: x\r\n\r\n")
framings = st.sampled_from(["none", "length", "chunked"])


@st.composite
def requests(draw: st.DrawFn) -> Sent:
    method, target = draw(tokens), draw(targets)
    if method == "CONNECT":
        method = "GET"
    fields = draw(
        st.lists(st.tuples(tokens.map(lambda name: f"X-{name}".encode()), values), max_size=4)
    )
    lines = [b"Host: a.test", *(name + b":" + value for name, value in fields)]
    framing, body = draw(framings), draw(bodies)
    tail = b""
    if framing == "none":
        body = b""
    elif framing == "length":
        lines.insert(draw(st.integers(0, len(lines))), b"content-length: %d" % len(body))
        tail = body
    else:
        lines.insert(draw(st.integers(0, len(lines))), b"Transfer-Encoding: chunked")
        left = body
        while left:
            size = draw(st.integers(1, len(left)))
            extension = draw(st.sampled_from([b"", b";a", b';a="b"']))
            tail += b"%x%b\r\n%b\r\n" % (size, extension, left[:size])
            left = left[size:]
        tail += b"00\r\n" + draw(st.sampled_from([b"", b"A: b\r\n", b"A: b\r\nC:\r\n"])) + b"\r\n"
    empty = draw(st.sampled_from([b"", b"", b"\r\n", b"\r\n\r\n"]))
    head = f"{method} {target} HTTP/1.1\r\n".encode() + b"\r\n".join(lines) + b"\r\n\r\n"
    return Sent(empty + head + tail, method, target, body)


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({cut % (len(data) + 1) for cut in cuts})
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]


@settings(max_examples=300, deadline=None)
@given(st.lists(requests(), min_size=1, max_size=5), st.lists(st.integers(0, 10_000), max_size=30))
def test_valid_requests_are_answered_once_each_and_in_order(
    sent: list[Sent], cuts: list[int]
) -> None:
    app = App(quiet)
    data = b"".join(request.raw for request in sent)
    written, ended, hub = exchange_bytes(app, split(data, cuts), SMALL)
    assert statuses(written) == [200] * len(sent)
    assert not ended
    assert hub.held == 0
    heard = [(e.request.method, e.request.target, e.request.body) for e in app.asked]
    assert heard == [(request.method, request.target, request.body) for request in sent]
    assert app.over == app.asked


@settings(max_examples=30, deadline=None)
@given(st.lists(requests(), min_size=1, max_size=3))
def test_valid_requests_may_come_byte_by_byte(sent: list[Sent]) -> None:
    app = App(quiet)
    data = b"".join(request.raw for request in sent)
    written, _, _ = exchange_bytes(app, [data[n : n + 1] for n in range(len(data))], SMALL)
    assert statuses(written) == [200] * len(sent)


def check_sane(app: App, pieces: list[bytes]) -> tuple[list[int], list[str]]:
    """At most one refusal, as the last answer; everything asked was answered and reported once."""
    written, ended, hub = exchange_bytes(app, pieces, SMALL)
    found = statuses(written)
    for status in found[:-1]:
        assert status in (100, 200)
    refused = bool(found) and found[-1] >= 400
    if refused:
        assert ended
    answered = [status for status in found if status != 100]
    cut_off = hub.stats.errors.get("incomplete", 0)
    assert len(app.asked) == answered.count(200)
    assert len(app.over) == len(answered) + cut_off
    assert hub.held == 0
    return found, [exchange.request.target for exchange in app.asked]


HTTP = [
    b"GET ", b"POST ", b"/", b" HTTP/1.1", b" HTTP/1.0", b"\r\n", b"\n", b"\r", b" ", b"\t", b":",
    b"Host: a", b"Content-Length: 3", b"Transfer-Encoding: chunked", b"Connection: close",
    b"Expect: 100-continue", b"Upgrade: h2c", b"0", b"1", b"3", b"a", b";", b",", b"\0", b"\xff",
    b"\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"POST / HTTP/1.1\r\nHost: a\r\n",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.sampled_from(HTTP) | st.binary(max_size=10), max_size=30),
    st.lists(st.integers(0, 10_000), max_size=8),
)
@example([b"\r\n"] * 5, [])
@example([b"\r"], [])
@example([b"\r", b"x"], [1])
def test_random_bytes_are_refused_or_answered_but_never_twice(
    parts: list[bytes], cuts: list[int]
) -> None:
    data = b"".join(parts)
    whole = check_sane(App(quiet), [data])
    parted = check_sane(App(quiet), split(data, cuts))
    assert [status for status in whole[0] if status == 200] == [
        status for status in parted[0] if status == 200
    ]
    assert whole[1] == parted[1], "what is heard depends on how it was split"


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    data = bytearray(
        b"".join(request.raw for request in draw(st.lists(requests(), min_size=1, max_size=3)))
    )
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(data)))
        kind = draw(st.sampled_from(["insert", "delete", "change", "repeat"]))
        if kind == "insert":
            data[place:place] = draw(st.sampled_from(HTTP))
        elif kind == "delete":
            del data[place : place + draw(st.integers(1, 5))]
        elif kind == "change" and place < len(data):
            data[place] = draw(st.integers(0, 255))
        else:
            data[place:place] = data[max(0, place - draw(st.integers(1, 20))) : place]
    return bytes(data)


@settings(max_examples=400, deadline=None)
@given(mutations(), st.lists(st.integers(0, 10_000), max_size=8))
def test_mutated_requests_are_refused_or_answered_but_never_twice(
    data: bytes, cuts: list[int]
) -> None:
    whole = check_sane(App(quiet), [data])
    parted = check_sane(App(quiet), split(data, cuts))
    assert whole[1] == parted[1], "what is heard depends on how it was split"
