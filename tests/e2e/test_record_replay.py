"""A service recorded through the mock, switched off, and served from what was written."""

from __future__ import annotations

import gzip
import json
import os
import signal
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from mockforge.testing import MockServer
from tests.e2e.processes import serving
from tests.http.proxy.upstream import Received, Said, Upstream, upstream
from tests.kernel.observe.waiting import wait_until

JSON = ("Content-Type", "application/json")


class Ask(NamedTuple):
    method: str
    target: str
    headers: Mapping[str, str] = {}
    body: bytes = b""


Answers = dict[tuple[str, str], Callable[[Received], Said]]


def service() -> Callable[[Received], Said]:
    """A small API with all that is hard to keep: states, queries, bodies, odd bytes and sizes."""
    jobs = count()
    large = bytes(range(256)) * 800
    fixed: dict[str, Said] = {
        "/compact": Said(headers=(JSON,), body=b'{"id":1,"tags":["a","\xc3\xa9"],"none":null}'),
        "/spaced": Said(headers=(JSON,), body=b'{ "id": 1.50,\r\n\t"big": 12345678901234567890123 }\n'),
        "/text": Said(body=b"yes\n  two\n\nlines \n"),
        "/template": Said(body=b"{{ not.mine }} {% nor this %}"),
        "/binary": Said(headers=(("Content-Type", "image/png"),), body=b"\x89PNG\x00\xff"),
        "/large": Said(headers=(("Content-Type", "application/octet-stream"),), body=large),
        "/chunked": Said(headers=(JSON,), pieces=(b'{"pieces":', b"[1,2", b",3]}")),
        "/large-json": Said(headers=(JSON,), body=json.dumps(["x" * 100] * 1000).encode()),
        "/packed": Said(
            headers=(JSON, ("Content-Encoding", "gzip")), body=gzip.compress(b'{"a":1}', mtime=0)
        ),
        "/empty": Said(204, (), b""),
        "/untyped": Said(headers=(("ETag", '"1"'),), body=b"no type"),
        "/missing": Said(404, (("Content-Type", "application/problem+json"),), b'{"status":404}'),
        "/moved": Said(302, (("Location", "/compact"),), b""),
        "/odd%20path/%C3%A9/%7Bx%7D": Said(body=b"odd"),
        "/cookies": Said(
            headers=(("Content-Type", "text/plain"), ("Set-Cookie", "sid=s3cret; Path=/"), ("X-Keep", "1")),
            body=b"c",
        ),
    }  # fmt: skip

    def answer(received: Received) -> Said:
        path, _, query = received.target.partition("?")
        if path == "/job":
            state = ("queued", "queued", "running", "done")[min(next(jobs), 3)]
            return Said(headers=(JSON,), body=json.dumps({"state": state}).encode())
        if path == "/search":
            return Said(headers=(JSON,), body=json.dumps({"query": query}).encode())
        if path == "/echo":
            kind = received.header("content-type") or "none"
            return Said(201, (JSON,), json.dumps({"got": len(received.body), "as": kind}).encode())
        return fixed[path]

    return answer


ASKED = [
    *(Ask("GET", path) for path in ("/compact", "/spaced", "/text", "/template", "/binary", "/large")),
    *(Ask("GET", path) for path in ("/chunked", "/large-json", "/packed", "/empty", "/untyped")),
    *(Ask("GET", path) for path in ("/missing", "/moved", "/odd%20path/%C3%A9/%7Bx%7D", "/cookies")),
    *(Ask("GET", "/job") for _ in range(6)),
    Ask("HEAD", "/compact"),
    Ask("GET", "/search"),
    Ask("GET", "/search?q=cats"),
    Ask("GET", "/search?q=cats&page=2"),
    Ask("GET", "/search?q=cats&q=dogs"),
    Ask("GET", "/search?q=%26%20%C3%A9+x"),
    Ask("POST", "/echo", {"Content-Type": "application/json"}, b'{"a": [1, 2.5, null]}'),
    Ask("POST", "/echo", {"Content-Type": "application/json"}, b'{"a": [1, 2.5, null], "b": "no"}'),
    Ask("POST", "/echo", {"Content-Type": "text/plain"}, b"line\r\nline"),
    Ask("POST", "/echo", {"Content-Type": "application/x-www-form-urlencoded"}, b"a=1&b=x+y"),
    Ask("PUT", "/echo", {"Content-Type": "application/octet-stream"}, b"\x00\xff\xfe"),
    Ask("DELETE", "/echo"),
]  # fmt: skip


class Got(NamedTuple):
    status: int
    body: bytes
    headers: dict[str, str]


def ask_all(url: str, asked: list[Ask] = ASKED) -> list[Got]:
    """The answers in order; bodies as they came, not decoded."""
    got = []
    with httpx.Client(base_url=url) as client:
        for each in asked:
            with client.stream(
                each.method, each.target, headers=each.headers, content=each.body or None
            ) as answer:
                body = b"".join(answer.iter_raw())
                got.append(Got(answer.status_code, body, dict(answer.headers)))
    return got


def kept(got: Got) -> dict[str, str]:
    """The headers that a recording is to keep."""
    gone = {
        "date",
        "server",
        "content-length",
        "transfer-encoding",
        "connection",
        "via",
        "set-cookie",
    }
    return {name: value for name, value in got.headers.items() if name not in gone}


@pytest.mark.shows("mockforge record", "mockforge record --upstream", "mockforge record -o",
                   "mockforge record --output", "mockforge record --json")  # fmt: skip
def test_what_was_recorded_is_served_byte_for_byte_without_the_service(tmp_path: Path) -> None:
    with upstream(service()) as server:
        arguments = ("--upstream", server.url, "-o", "recorded")
        with serving(tmp_path, *arguments, command="record") as recording:
            live = ask_all(recording.url)
            errors = recording.stop()
        assert "recorded in recorded" in errors
    with serving(tmp_path, "--mocks", "recorded") as replaying:
        replayed = ask_all(replaying.url)
        replaying.stop()
    for each, one, other in zip(ASKED, live, replayed, strict=True):
        assert (other.status, other.body) == (one.status, one.body), each
        assert kept(other) == kept(one), each
    assert [got.status for got in live].count(200) > 20  # it was a service, not a row of errors
    text = "".join(path.read_text() for path in (tmp_path / "recorded").glob("*.yaml"))
    assert "s3cret" not in text
    assert "sid=redacted; Path=/" in text


@pytest.mark.shows("--proxy", "--record", "http.record.to", "http.proxy.upstream")
def test_serve_records_what_it_passes_on(tmp_path: Path) -> None:
    with (
        upstream() as server,
        serving(tmp_path, "--proxy", server.url, "--record", "stubs") as mock,
    ):
        assert mock.fetch("/x").body == b"hello"
        mock.stop()
    (file,) = (tmp_path / "stubs").glob("*.yaml")
    assert f"id: {file.stem}" in file.read_text()


@pytest.mark.shows("http.record.as")
def test_fixtures_are_recorded_and_served_byte_for_byte(tmp_path: Path) -> None:
    paths = ["/compact", "/spaced", "/large-json", "/text", "/binary", "/chunked"]
    asked = [Ask("GET", path) for path in paths]
    folder = tmp_path / "fixtures"
    with upstream(service()) as server:
        own = {
            "http.proxy.upstream": server.url,
            "http.record": {"to": str(folder), "as": "fixtures"},
        }
        with MockServer(settings=own) as mock:
            live = ask_all(mock.url, asked)
    with MockServer(settings={"http.fixtures": str(folder)}) as mock:
        replayed = ask_all(mock.url, asked)
    assert [got.body for got in replayed] == [got.body for got in live]


def test_what_was_written_before_a_kill_is_whole(tmp_path: Path) -> None:
    large = b"\xff" * 300_000
    with upstream(lambda _: Said(headers=(JSON,), body=large)) as server:
        arguments = ("--upstream", server.url, "-o", "recorded")
        with serving(tmp_path, *arguments, command="record") as recording:
            for number in range(20):
                assert httpx.get(f"{recording.url}/{number}").content == large
            folder = tmp_path / "recorded"
            wait_until(lambda: list(folder.glob("*.yaml")))
            os.kill(recording.child.pid, signal.SIGKILL)
            recording.child.wait(timeout=30)
    written = [path.stem.split("-")[1] for path in folder.glob("*.yaml")]
    with MockServer(settings={"http.mocks": [str(folder)]}) as mock:
        for name in written:
            assert httpx.get(f"{mock.url}/{name}").content == large


@pytest.mark.shows("mockforge record --only", "mockforge record --without", "mockforge record --config",
                   "mockforge record --profile")  # fmt: skip
def test_record_takes_the_options_of_serve(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(
        "http: {source_header: true}\nprofiles: {loud: {http: {record: {as: fixtures}}}}\n"
    )
    with upstream() as server:
        given = (
            "--config",
            "own.yaml",
            "--profile",
            "loud",
            "--only",
            "http",
            "--without",
            "window",
        )
        with serving(tmp_path, "--upstream", server.url, *given, command="record") as mock:
            answer = mock.fetch("/window")  # that plugin is left out, so it is passed on as well
            assert answer.headers["x-mockforge-source"] == f"proxy:127.0.0.1:{server.port}"
            mock.stop()
    assert (tmp_path / "recorded/GET/window.txt").read_bytes() == b"hello"


def recording(server: Upstream, folder: Path, **settings: Any) -> MockServer:
    own = {f"http.record.{key}": value for key, value in settings.items()}
    own |= {"http.proxy.upstream": server.url, "http.record.to": str(folder)}
    return MockServer(settings=own)


def text_of(folder: Path) -> str:
    return "".join(path.read_text() for path in sorted(folder.glob("*.yaml")))


@pytest.mark.shows("http.record.match_headers", "http.record.drop_headers", "http.record.inline")
def test_what_a_recording_holds_can_be_chosen(tmp_path: Path) -> None:
    said = Said(headers=(("Content-Type", "text/plain"), ("X-Gone", "1"), ("X-Kept", "1")))
    chosen = {"match_headers": ["Accept"], "drop_headers": ["X-Gone"], "inline": 4}
    with upstream(lambda _: said) as server, recording(server, tmp_path, **chosen) as mock:
        httpx.get(mock.url, headers={"Accept": "text/plain"})
    written = text_of(tmp_path)
    assert "Accept: text/plain" in written
    assert "X-Kept" in written
    assert "X-Gone" not in written
    assert "file: __files/" in written


def test_whole_and_readable_answers_are_asked_for_while_recording(tmp_path: Path) -> None:
    asks = {
        "Accept-Encoding": "gzip",
        "Range": "bytes=0-1",
        "If-Range": '"a"',
        "If-None-Match": '"a"',
        "If-Modified-Since": "Tue, 01 Jan 2030 00:00:00 GMT",
        "X-Kept": "1",
    }
    with upstream() as server:
        with recording(server, tmp_path) as mock:
            httpx.get(mock.url, headers=asks)
        received = server.next()
        passed = {name: received.header(name) for name in asks}
        gone = dict.fromkeys(asks)
        assert passed == {**gone, "Accept-Encoding": "identity", "X-Kept": "1"}
        with MockServer(settings={"http.proxy.upstream": server.url}) as mock:
            httpx.get(mock.url, headers=asks)
        received = server.next()
        assert {name: received.header(name) for name in asks} == asks


def test_what_stubs_pass_on_is_recorded_and_what_they_answer_is_not(tmp_path: Path) -> None:
    with upstream() as server:
        own = {"http.proxy.allow": [f"127.0.0.1:{server.port}"], "http.record.to": str(tmp_path)}
        with MockServer(settings=own) as mock:
            mock.stub({"request": {"path": "/on"}, "response": {"proxy": server.url}})
            mock.stub({"request": {"path": "/own"}, "response": {"text": "own"}})
            assert httpx.get(mock.url + "/own").text == "own"
            assert httpx.get(mock.url + "/on").text == "hello"
    assert [path.stem.rpartition("-")[0] for path in tmp_path.glob("*.yaml")] == ["get-on"]


@pytest.mark.shows("http.record.max_body", "http.record.max_stubs", "http.record.max_responses",
                   "mockforge_http_recorded_total")  # fmt: skip
def test_a_recording_is_bounded(tmp_path: Path) -> None:
    calls = count()

    def answer(received: Received) -> Said:
        return Said(body=b"x" * 101 if received.target == "/large" else b"%d" % next(calls))

    limits = {"max_body": 100, "max_stubs": 2, "max_responses": 2}
    with upstream(answer) as server, recording(server, tmp_path, **limits) as mock:
        for target in ("/large", "/a", "/a", "/a", "/b", "/c"):
            httpx.get(mock.url + target)
        wait_until(
            lambda: 'mockforge_http_recorded_total{outcome="left_out"} 3' in mock.metrics.render()
        )
        assert 'mockforge_http_recorded_total{outcome="recorded"} 3' in mock.metrics.render()
    assert len(list(tmp_path.glob("*.yaml"))) == 2


@pytest.mark.shows("http.record.max_bytes")
def test_what_does_not_fit_into_memory_is_dropped_and_counted(tmp_path: Path) -> None:
    said = Said(pieces=(b"x" * 50_000,) * 10)
    with (
        upstream(lambda _: said) as server,
        recording(server, tmp_path, max_bytes="100KiB", max_stubs=2) as mock,
    ):
        assert len(httpx.get(mock.url).content) == 500_000
        text = mock.metrics.render()
        assert 'mockforge_dropped_total{component="http.record"} 1' in text
        # What waits, and two stubs that are remembered.
        assert 'mockforge_limit_bytes{component="http.record"} 103400' in text
    assert text_of(tmp_path) == ""
