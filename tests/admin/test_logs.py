"""The journal over the API, read and followed."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.admin.making import Admin, admin
from tests.kernel.observe.waiting import wait_until


@pytest.fixture
def empty(fresh: Admin) -> Admin:
    fresh.ask("DELETE", "/logs").raise_for_status()
    return fresh


def targets(page: httpx.Response) -> list[str]:
    return [entry["target"] for entry in page.json()["entries"]]


def test_filters_apply_before_the_limit_and_pages_follow_each_other(empty: Admin) -> None:
    for number in range(6):
        empty.call(f"/pets/{number}")
        empty.call(f"/nothing/{number}")
    first = empty.get("/logs", params={"path": "/pets/*", "limit": 4})
    assert targets(first) == [f"/pets/{number}" for number in (5, 4, 3, 2)]
    rest = empty.get(
        "/logs", params={"path": "/pets/*", "limit": 4, "before_id": first.json()["next"]}
    )
    assert targets(rest) == ["/pets/1", "/pets/0"]
    assert rest.json()["next"] is None
    assert rest.json()["held"] == 12
    newest = first.json()["entries"][0]["id"]
    assert targets(empty.get("/logs", params={"after_id": newest})) == ["/nothing/5"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"status": "404"}, ["/nothing"]),
        ({"status": "4xx,200-299", "method": "get,head"}, ["/nothing", "/pets/1"]),
        ({"path": "/pets/{petId}"}, ["/pets/1"]),
        ({"source": "operation:*"}, ["/pets?limit=1", "/pets/1"]),
        ({"text": "LIMIT=1"}, ["/pets?limit=1"]),
        ({"protocol": "websocket"}, []),
        ({"since": "2999-01-01T00:00:00Z"}, []),
        ({"until": "1000"}, []),
    ],
)
def test_entries_are_chosen(empty: Admin, filters: dict[str, str], found: list[str]) -> None:
    empty.call("/pets/1")
    empty.call("/nothing")
    empty.call("/pets?limit=1", "POST", json={})
    assert targets(empty.get("/logs", params=filters)) == found


@pytest.mark.parametrize(
    "query",
    ["status=x", "since=yesterday", "limit=-1", "limit=10001", "limit=1&limit=2", "before_id=null",
     "colour=red", "last=2"],
)  # fmt: skip
def test_parameters_that_make_no_sense_are_refused(shared: Admin, query: str) -> None:
    answer = shared.get(f"/logs?{query}")
    assert answer.status_code in (400, 422)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_an_unknown_parameter_is_told_what_was_meant(shared: Admin) -> None:
    assert shared.get("/logs?metod=GET").json()["hint"] == "did you mean method?"


def test_one_entry_is_shown_and_totals_outlive_a_clearing(empty: Admin) -> None:
    empty.call("/pets/1", headers={"X-Seen": "yes"})
    listed = empty.get("/logs").json()
    entry = empty.get(f"/logs/{listed['entries'][0]['id']}").json()
    assert entry["status"] == 200
    assert ["X-Seen", "yes"] in entry["request_headers"] or "X-Seen" in str(entry)
    assert empty.ask("DELETE", "/logs").json() == {"cleared": 1}
    after = empty.get("/logs").json()
    assert (after["held"], after["total"]) == (0, listed["total"])
    for missing in (str(entry["id"]), "0", "x", "9" * 30, "-1"):
        assert empty.get(f"/logs/{missing}").status_code == 404


def test_entries_are_exported_a_line_each_oldest_first(empty: Admin) -> None:
    for number in range(3):
        empty.call(f"/pets/{number}")
    answer = empty.get("/logs/export")
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    lines = [json.loads(line)["target"] for line in answer.text.splitlines()]
    assert lines == ["/pets/0", "/pets/1", "/pets/2"]


def test_the_journal_is_a_ring_and_totals_go_on() -> None:
    small: dict[str, Any] = {"core.max_request_logs": 5}
    with admin(**small) as running:
        for number in range(9):
            running.call(f"/pets/{number}")
        shown = running.get("/logs").json()
        assert (shown["held"], shown["total"], shown["evicted"]) == (5, 9, 4)


# ---------------------------------------------------------------- following


class Tail:
    """A client that follows; blocks as (name, data)."""

    def __init__(self, response: httpx.Response) -> None:
        self._pieces = response.iter_raw()
        self._rest = b""

    def events(self) -> Iterator[tuple[str, Any]]:
        name = ""
        for line in self._lines():
            field, _, value = line.partition(b": ")
            if field == b"event":
                name = value.decode()
            elif field == b"data":
                yield name, json.loads(value)

    def _lines(self) -> Iterator[bytes]:
        # httpx ends lines at more characters than event streams do.
        while True:
            line, found, rest = self._rest.partition(b"\n")
            if found:
                self._rest = rest
                yield line
            else:
                piece = next(self._pieces, None)
                if piece is None:
                    return
                self._rest += piece

    def next(self) -> tuple[str, Any]:
        return next(self.events())


@contextmanager
def tail(running: Admin, query: str = "") -> Iterator[Tail]:
    url = f"/__mockforge/logs/stream{query}"
    with (
        httpx.Client(base_url=running.address, timeout=60) as client,
        client.stream("GET", url) as got,
    ):
        assert got.status_code == 200
        assert got.headers["Content-Type"] == "text/event-stream"
        yield Tail(got)


def tails(running: Admin) -> int:
    (server,) = (each for each in running.server.kernel.servers if each.name == "admin")
    count: int = server.tails  # type: ignore[attr-defined]
    return count


def test_entries_arrive_as_they_are_recorded_and_pass_the_filters(empty: Admin) -> None:
    empty.call("/pets/1")
    empty.call("/pets/2")
    with tail(empty, "?path=/pets/*&last=1") as follower:
        assert follower.next()[1]["target"] == "/pets/2"
        empty.call("/nothing")
        empty.call("/pets/3")
        name, entry = follower.next()
        assert (name, entry["target"]) == ("entry", "/pets/3")
    wait_until(lambda: tails(empty) == 0)


def test_what_is_logged_cannot_break_out_of_an_event(empty: Admin) -> None:
    evil = "x\r\n\r\nevent: dropped\ndata: {}\n\n\u2028"
    with tail(empty) as follower:
        empty.call("/pets/1", "PUT", content=evil.encode(), headers={"Content-Type": "text/plain"})
        name, entry = follower.next()
        assert (name, entry["target"]) == ("entry", "/pets/1")
        empty.call("/pets/2")
        assert follower.next()[1]["target"] == "/pets/2"


@pytest.mark.shows("admin.max_tails")
def test_no_more_clients_follow_than_may() -> None:
    with admin(max_tails=1) as running:
        with tail(running):
            wait_until(lambda: tails(running) == 1)
            refused = running.get("/logs/stream")
            assert refused.status_code == 503
            assert "admin.max_tails" in refused.json()["hint"]
        wait_until(lambda: tails(running) == 0)
        with tail(running):
            pass


@pytest.mark.shows("admin.tail_buffer")
def test_a_slow_reader_loses_entries_is_told_how_many_and_nothing_grows() -> None:
    with admin(tail_buffer=10) as running:
        parts = urlsplit(running.address)
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.settimeout(60)
            slow.connect((parts.hostname, parts.port))
            head = f"GET /__mockforge/logs/stream HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n"
            slow.sendall(head.encode())
            wait_until(lambda: tails(running) == 1)
            padding = "x" * 4000
            journal = running.server.kernel.journal
            with httpx.Client(base_url=running.server.url) as client:
                for number in range(1500):
                    client.get(f"/pets/1?n={number}&{padding}")
            wait_until(lambda: journal.totals().total == 1500)
            received = b""
            dropped = 0
            while b"n=1499&" not in received[-20_000:]:
                received += slow.recv(65536)
        entries = received.count(b"event: entry")
        for block in received.split(b"\n\n"):
            if b"event: dropped" in block:
                dropped += json.loads(block.partition(b"data: ")[2].splitlines()[0])["count"]
        assert dropped > 0
        assert entries + dropped == 1500


def test_the_end_of_the_server_ends_streams() -> None:
    ended = threading.Event()
    with admin() as running, tail(running) as follower:

        def read() -> None:
            for _ in follower.events():
                pass
            ended.set()

        reading = threading.Thread(target=read)
        reading.start()
        running.server.stop()
        reading.join(30)
        assert ended.is_set()
        running.server.start()


def test_a_stream_that_nobody_reads_holds_nothing(fresh: Admin) -> None:
    for _ in range(70):
        assert fresh.ask("HEAD", "/logs/stream").status_code == 200
    assert fresh.server.kernel.journal.stats().subscriptions == 0
    assert fresh.get("/logs/stream?status=ok").status_code == 422
