"""Requests passed on and answers passed back, as client and upstream server see them."""

from __future__ import annotations

import gzip
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockforge import hookimpl
from mockforge.mocking.exchange import Exchange, Response
from mockforge.testing import MockServer
from tests.e2e.raw import connected, get
from tests.http.server.documents import content, document
from tests.http.server.documents import get as get_operation
from tests.kernel.observe.waiting import wait_until

from .upstream import Received, Said, saying, settings, upstream


def passing(url: str, *documents: Any, plugins: Any = (), **given: Any) -> MockServer:
    """A server that passes on to ``url``; keys with a dot are settings of their own."""
    own = {key: given.pop(key) for key in list(given) if "." in key}
    return MockServer(
        *documents, settings={**settings(upstream=url, **given), **own}, plugins=plugins
    )


def test_a_request_arrives_as_it_was_sent() -> None:
    with upstream() as server, passing(server.url + "/base") as mock:
        httpx.put(mock.url + "/a%20b/c?x=1&x=%26", content=b"\x00body", headers={"X-One": "1"})
        received = server.next()
    assert (received.method, received.target) == ("PUT", "/base/a%20b/c?x=1&x=%26")
    assert received.body == b"\x00body"
    assert received.header("x-one") == "1"
    assert received.header("host") == f"127.0.0.1:{server.port}"
    assert received.header("content-length") == "5"
    assert (received.header("via") or "").startswith("1.1 mockforge-")


def test_an_answer_comes_back_as_it_was_given() -> None:
    packed = gzip.compress(b"x" * 1000, mtime=0)
    headers = (("Content-Type", "text/plain"), ("Content-Encoding", "gzip"), ("X-Odd", "caf\xe9"),
               ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Keep-Alive", "timeout=3"))  # fmt: skip
    with (
        upstream(lambda _: Said(203, headers, packed)) as server,
        passing(server.url) as mock,
        httpx.stream("GET", mock.url + "/") as answer,
    ):
        assert b"".join(answer.iter_raw()) == packed
    assert answer.status_code == 203
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert answer.headers["content-encoding"] == "gzip"
    assert dict(answer.headers.raw)[b"X-Odd"] == b"caf\xe9"
    assert "keep-alive" not in answer.headers


def test_the_request_log_names_the_upstream_server_and_has_small_bodies() -> None:
    with upstream() as server, passing(server.url) as mock:
        httpx.get(mock.url + "/x")
        (entry,) = mock.requests()
        assert entry.source == f"proxy:127.0.0.1:{server.port}"
        assert entry.response_body == "hello"


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "OPTIONS", "PATCH", "PURGE"])
def test_every_method_is_passed_on(method: str) -> None:
    def answer(_: Received) -> Said:
        return Said(body=b"x" * 10)

    with upstream(answer) as server, passing(server.url) as mock:
        answered = httpx.request(method, mock.url + "/")
        assert server.next().method == method
    assert answered.headers["content-length"] == "10"
    assert answered.content == (b"" if method == "HEAD" else b"x" * 10)


@pytest.mark.parametrize("status", [204, 304, 404, 500, 599])
def test_statuses_are_passed_back(status: int) -> None:
    said = Said(status, (("ETag", '"1"'),), b"")
    with upstream(lambda _: said) as server, passing(server.url) as mock:
        answer = httpx.get(mock.url + "/")
    assert (answer.status_code, answer.headers["etag"]) == (status, '"1"')


def test_redirects_are_not_followed_and_stay_at_the_mock() -> None:
    def answer(received: Received) -> Said:
        return Said(302, (("Location", f"{server.url}/base/there?x=1"),), b"")

    with upstream(answer) as server, passing(server.url + "/base") as mock:
        answered = httpx.get(mock.url + "/here")
    assert answered.headers["location"] == "/there?x=1"


def test_a_large_body_is_passed_back_piece_by_piece_while_it_comes() -> None:
    gate = threading.Event()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
    with (
        saying(head + b"data: 1\n\n", b"data: 2\n\n", gate=gate) as server,
        passing(server.url) as mock,
        httpx.stream("GET", mock.url + "/") as answer,
    ):
        pieces = answer.iter_raw()
        assert next(pieces) == b"data: 1\n\n"
        gate.set()  # only now is the rest sent
        assert b"".join(pieces) == b"data: 2\n\n"


@pytest.mark.parametrize("chunked", [True, False])
def test_ten_megabytes_pass_without_being_held(chunked: bool) -> None:
    piece = bytes(range(256)) * 4096
    said = Said(body=piece * 10) if not chunked else Said(pieces=(piece,) * 10)
    with upstream(lambda _: said) as server, passing(server.url) as mock:
        answer = httpx.get(mock.url + "/")
    assert answer.content == piece * 10
    assert ("content-length" in answer.headers) is not chunked


@pytest.mark.shows("http.proxy.preserve_host")
def test_the_host_of_the_client_can_be_kept() -> None:
    with upstream() as server, passing(server.url, preserve_host=True) as mock:
        httpx.get(mock.url + "/", headers={"Host": "shop.test"})
        assert server.next().header("host") == "shop.test"


@pytest.mark.shows("http.proxy.headers")
def test_headers_can_be_set() -> None:
    own = {"Authorization": "Bearer ours", "X-Env": "test"}
    with upstream() as server, passing(server.url, headers=own) as mock:
        httpx.get(mock.url + "/", headers={"Authorization": "Bearer mine"})
        received = server.next()
    assert (received.header("authorization"), received.header("x-env")) == ("Bearer ours", "test")


@pytest.mark.shows(
    "http.proxy.keep_alive", "mockforge_http_upstream_connections", "mockforge_http_proxied_total"
)
def test_connections_are_kept_for_the_next_request_and_counted() -> None:
    with upstream() as server, passing(server.url) as mock:
        for _ in range(5):
            httpx.get(mock.url + "/")
        text = mock.metrics.render()
        assert server.connections == 1
    assert 'mockforge_http_upstream_connections{state="idle"} 1' in text
    assert 'mockforge_http_upstream_connections{state="active"} 0' in text
    assert 'mockforge_http_proxied_total{outcome="passed"} 5' in text
    with upstream() as server, passing(server.url, keep_alive=0) as mock:
        for _ in range(5):
            httpx.get(mock.url + "/")
        assert server.connections == 5


def test_a_kept_connection_that_is_gone_is_no_error() -> None:
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    with saying(whole) as server, passing(server.url) as mock:  # says it keeps open, and closes
        for _ in range(5):
            assert httpx.get(mock.url + "/").text == "ok"


PETS = document({"/pets": get_operation(("200", content(json={"example": ["mock"]})))})


@pytest.mark.shows("http.proxy.when")
@pytest.mark.parametrize(
    ("when", "declared", "undeclared"),
    [("missing", "hello", "hello"), ("undeclared", '["mock"]', "hello")],
)
def test_what_a_document_declares_is_passed_on_or_not(
    when: str, declared: str, undeclared: str
) -> None:
    with upstream() as server, passing(server.url, PETS, when=when) as mock:
        assert httpx.get(mock.url + "/pets").text == declared
        assert httpx.get(mock.url + "/cats").text == undeclared


LIMITED = document(
    {
        "/pets": get_operation(
            ("200", content(json={"example": []})),
            parameters=[{"name": "limit", "in": "query", "schema": {"type": "integer"}}],
        )
    }
)


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 422),
        ({"http.validation.mode": "warn"}, 200),
        ({"http.validation.mode": "off"}, 200),
        ({"when": "always"}, 200),
    ],
)
def test_what_a_document_forbids_is_refused_before_it_is_passed_on(
    given: dict[str, Any], status: int
) -> None:
    with upstream() as server, passing(server.url, LIMITED, **given) as mock:
        assert httpx.get(mock.url + "/pets?limit=many").status_code == status
        assert server.requests.qsize() == (status == 200)


def test_a_stub_comes_before_the_upstream_server_even_where_a_document_forbids() -> None:
    with upstream() as server, passing(server.url, LIMITED) as mock:
        mock.stub({"request": {"path": "/pets"}, "response": {"text": "stub"}})
        assert httpx.get(mock.url + "/pets?limit=many").text == "stub"
        assert server.requests.empty()


def test_an_upgrade_is_not_passed_on() -> None:
    asks = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    with upstream() as server, passing(server.url) as mock:
        assert httpx.get(mock.url + "/", headers=asks).text == "hello"
        received = server.next()
    assert received.header("upgrade") is None
    assert "upgrade" not in (received.header("connection") or "").lower()


def test_fixtures_come_before_the_upstream_server_unless_it_is_always_asked(tmp_path: Path) -> None:
    (tmp_path / "GET").mkdir()
    (tmp_path / "GET/a.txt").write_text("fixture")
    fixtures = {"http.fixtures": str(tmp_path)}
    with upstream() as server:
        with passing(server.url, **fixtures) as mock:
            assert httpx.get(mock.url + "/a").text == "fixture"
            assert httpx.get(mock.url + "/b").text == "hello"
        with passing(server.url, when="always", **fixtures) as mock:
            assert httpx.get(mock.url + "/a").text == "hello"


@pytest.mark.shows("http.proxy.paths")
def test_only_the_named_paths_are_passed_on() -> None:
    with upstream() as server, passing(server.url, paths=["/api/*", "/exact"]) as mock:
        statuses = {
            path: httpx.get(mock.url + path).status_code
            for path in ("/api/x/y", "/exact", "/apix", "/exact/not", "/")
        }
    assert statuses == {"/api/x/y": 200, "/exact": 200, "/apix": 404, "/exact/not": 404, "/": 404}


def test_pages_of_other_origins_may_read_answers_whatever_the_upstream_server_says() -> None:
    said = Said(headers=(("Access-Control-Allow-Origin", "https://prod.test"),))
    origin = {"Origin": "http://localhost:5173"}
    with upstream(lambda _: said) as server:
        with passing(server.url) as mock:
            answer = httpx.get(mock.url + "/", headers=origin)
        allowed = answer.headers.get_list("access-control-allow-origin")
        assert allowed == ["http://localhost:5173"]
        with passing(server.url, **{"http.cors.enabled": False}) as mock:
            answer = httpx.get(mock.url + "/", headers=origin)
        assert answer.headers["access-control-allow-origin"] == "https://prod.test"


class Replacing:
    """A plugin that answers something else."""

    @hookimpl
    def mockforge_transform_response(self, exchange: Exchange) -> Response | None:
        assert exchange.response is not None
        return exchange.response.replace(body=b"replaced")


def is_given_back(mock: MockServer) -> bool:
    """Whether no connection to an upstream server is in use."""
    return 'connections{state="active"} 0' in mock.metrics.render()


def test_an_answer_that_a_transformer_throws_away_gives_its_connection_back() -> None:
    said = Said(pieces=(b"x" * 1000,) * 100)
    with (
        upstream(lambda _: said) as server,
        passing(server.url, plugins=[Replacing()], max_connections=1) as mock,
    ):
        for _ in range(4):
            assert httpx.get(mock.url + "/", timeout=20).text == "replaced"
        wait_until(lambda: is_given_back(mock))


def test_a_client_that_leaves_ends_the_request_upstream() -> None:
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    with saying(head + b"first", hold=True) as server, passing(server.url) as mock:
        with connected(mock.url) as client:
            client.send(get("/"))
            server.heads.get(timeout=20)
        assert server.closed.wait(20)
        with connected(mock.url) as client:  # and so does one that waits for the head
            client.send(get("/"))
            server.heads.get(timeout=20)
        wait_until(lambda: is_given_back(mock))


def test_a_reload_lets_what_is_under_way_finish() -> None:
    gate = threading.Event()
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n"
    with (
        saying(head + b"x" * 100_000, b"y" * 100_000, gate=gate) as server,
        passing(server.url) as mock,
        httpx.stream("GET", mock.url + "/") as answer,
    ):
        pieces = answer.iter_raw()
        first = next(pieces)
        mock.reload()
        gate.set()
        assert len(first) + sum(map(len, pieces)) == 200_000
