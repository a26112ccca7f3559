"""What a client may make grow in the HTTP server, and how long it may take: each limit by its setting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mockforge.testing import MockServer
from tests.e2e.raw import connected, get, post
from tests.e2e.slow import Gate
from tests.http.server.documents import content, document
from tests.http.server.documents import get as get_operation
from tests.kernel.observe.waiting import wait_until

KILO = "x" * 1024


def text(size: int) -> dict[str, Any]:
    """A path item whose GET answers ``size`` KiB of text, and whose POST answers nothing."""
    return {
        **get_operation(("200", content(text={"example": KILO * size}))),
        "post": {"responses": {"204": {"description": "d"}}},
    }


DOCUMENT = document({"/": text(0), "/slow": text(1), "/large": text(64)})
HUGE = document({"/": text(8 * 1024)})


def serving(described: dict[str, Any] = DOCUMENT, **settings: Any) -> MockServer:
    """A server with these settings of ``http``, and no bodies in its journal."""
    given = {f"http.{key}": value for key, value in settings.items()}
    return MockServer(described, settings={**given, "core.max_logged_body": 0})


def count(server: MockServer, sample: str) -> int:
    """The value of one line of the metrics, 0 if it is not there."""
    for line in server.metrics.render().splitlines():
        name, _, value = line.rpartition(" ")
        if name == sample:
            return int(float(value))
    return 0


@pytest.fixture(scope="module")
def small() -> Iterator[MockServer]:
    with serving(max_request_line=100, max_head=1000, max_body=1000) as server:
        yield server


def padded(size: int) -> bytes:
    """A GET whose head has ``size`` bytes."""
    return get(extra=b"A: " + b"x" * (size - len(get(extra=b"A: \r\n"))) + b"\r\n")


@pytest.mark.parametrize(
    ("fits", "too_much", "status", "setting"),
    [
        pytest.param(
            get("/?" + "a" * (100 - len("GET /? HTTP/1.1"))),
            get("/?" + "a" * (101 - len("GET /? HTTP/1.1"))),
            414,
            "http.max_request_line",
            marks=pytest.mark.shows("http.max_request_line"),
        ),
        pytest.param(
            padded(1000),
            padded(1001),
            431,
            "http.max_head",
            marks=pytest.mark.shows("http.max_head"),
        ),
        pytest.param(
            post("/", b"x" * 1000),
            post("/", b"x" * 1001),
            413,
            "http.max_body",
            marks=pytest.mark.shows("http.max_body"),
        ),
    ],
    ids=["request line", "head", "body"],
)
def test_what_fits_is_answered_and_one_byte_more_is_refused_by_name(
    small: MockServer, fits: bytes, too_much: bytes, status: int, setting: str
) -> None:
    with connected(small.url) as client:
        assert client.ask(fits).status in (200, 204)
        refused = client.ask(too_much)
        assert refused.status == status
        assert setting in refused.detail
        assert client.ended() == b""
    with serving() as server, connected(server.url) as client:
        assert client.ask(too_much).status in (200, 204)  # by default there is room


@pytest.mark.shows("http.max_connections")
def test_one_connection_too_many_gets_503_and_there_is_room_again_when_one_goes() -> None:
    with serving(max_connections=2) as server, connected(server.url) as first:
        assert first.ask(get()).status == 200
        with connected(server.url) as second:
            assert second.ask(get()).status == 200
            with connected(server.url) as third:
                refused = third.answer()
                assert refused is not None
                assert refused.status == 503
                assert "http.max_connections" in refused.detail
                assert third.ended() == b""
        wait_until(lambda: count(server, 'mockforge_connections_active{protocol="http"}') == 1)
        with connected(server.url) as fourth:
            assert fourth.ask(get()).status == 200


@pytest.mark.shows("http.max_bodies", "mockforge_http_bytes_total")
def test_bodies_of_all_connections_together_are_limited() -> None:
    with (
        serving(max_bodies=1000) as server,
        connected(server.url) as one,
        connected(server.url) as two,
    ):
        one.send(post("/", b"x" * 700, length=800))
        wait_until(lambda: count(server, 'mockforge_http_bytes_total{direction="in"}') > 700)
        refused = two.ask(post("/", b"x" * 700, length=800))
        assert refused.status == 503
        assert "http.max_bodies" in refused.detail
        assert one.ask(b"x" * 100).status == 204
        with connected(server.url) as three:  # what the first two held is free again
            three.send(post("/", b"x" * 700, length=800))
            assert three.ask(b"x" * 100).status == 204


@pytest.mark.shows("http.max_pipelined")
@pytest.mark.parametrize(("limit", "at_a_time"), [(2, 2), (64, 10)])
def test_requests_behind_those_that_wait_are_not_read(limit: int, at_a_time: int) -> None:
    gate = Gate()
    server = MockServer(DOCUMENT, plugins=[gate], settings={"http.max_pipelined": limit})
    with server, connected(server.url) as client, connected(server.url) as other:
        client.send(get("/slow") * 10)
        wait_until(lambda: gate.waiting == at_a_time)
        for _ in range(3):  # what was sent before is looked at by now
            assert other.ask(get()).status == 200
        assert gate.waiting == at_a_time
        gate.open()
        for _ in range(10):
            answer = client.answer()
            assert answer is not None
            assert answer.status == 200
    assert gate.most == at_a_time


@pytest.mark.shows("http.write_buffer")
def test_a_client_that_does_not_read_is_answered_no_further_than_the_buffer_goes() -> None:
    def answered_unread(buffer: str, wanted: int) -> int:
        """How many of 300 requests for 64 KiB are answered before the client reads anything."""
        with (
            serving(write_buffer=buffer) as server,
            connected(server.url, receive_buffer=4096) as client,
            connected(server.url) as other,
        ):
            client.send(get("/large") * 300)
            wait_until(lambda: len(server.requests(path="/large")) >= wanted)
            for _ in range(3):
                assert other.ask(get()).status == 200
            answered = len(server.requests(path="/large"))
            for _ in range(300):
                answer = client.answer()
                assert answer is not None
                assert answer.whole
            return answered

    assert answered_unread("64KiB", 1) < 150
    assert answered_unread("1GiB", 300) == 300


# ------------------------------------------------------------------ how long it may take

SHORT = "80ms"


@pytest.mark.shows("http.timeouts.head")
def test_a_head_must_come_in_time() -> None:
    with serving(timeouts={"head": SHORT}) as server, connected(server.url) as client:
        assert client.ask(get()).status == 200
        refused = client.ask(b"GET / HTTP/1.1\r\n")
        assert refused.status == 408
        assert "http.timeouts.head" in refused.detail
        assert client.ended() == b""


@pytest.mark.shows("http.timeouts.body")
def test_a_body_must_go_on_coming() -> None:
    with serving(timeouts={"body": SHORT}) as server, connected(server.url) as client:
        refused = client.ask(post("/", b"x", length=2))
        assert refused.status == 408
        assert "http.timeouts.body" in refused.detail
        assert client.ended() == b""


@pytest.mark.shows("http.timeouts.idle")
def test_a_connection_without_requests_is_closed_without_a_word() -> None:
    with serving(timeouts={"idle": SHORT}) as server, connected(server.url) as client:
        assert client.ask(get()).status == 200
        assert client.ended() == b""


@pytest.mark.shows("http.timeouts.write", "mockforge_http_connections_total")
def test_a_client_that_reads_nothing_is_dropped_and_counted() -> None:
    timed_out = 'mockforge_http_connections_total{outcome="timed_out"}'
    with (
        serving(HUGE, timeouts={"write": SHORT}) as server,
        connected(server.url, receive_buffer=4096) as client,
    ):
        client.send(get())
        wait_until(lambda: count(server, timed_out) == 1)
        wait_until(lambda: count(server, 'mockforge_connections_active{protocol="http"}') == 0)
        answer = client.answer()
        assert answer is None or not answer.whole
