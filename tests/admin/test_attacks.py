"""What is tried against an admin, and does not work."""

from __future__ import annotations

import http.client
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from tests.admin.making import Admin, admin
from tests.e2e.processes import serving
from tests.kernel.observe.waiting import wait_until

TOKEN = "correct horse battery staple"
MARKUP = "<script>alert(1)</script>"


def over_unix(path: Path, target: str, headers: dict[str, str]) -> int:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(60)
        client.connect(str(path))
        connection = http.client.HTTPConnection("localhost")
        connection.sock = client
        connection.request("GET", target, headers=headers)
        return connection.getresponse().status


def test_a_token_is_asked_for_on_a_unix_socket_too(tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    with admin_on_socket(path):
        health = "/__mockforge/health"
        assert over_unix(path, health, {}) == 401
        assert over_unix(path, health, {"Authorization": f"Bearer {TOKEN}"}) == 200
        assert (
            over_unix(path, health, {"Authorization": f"Bearer {TOKEN}", "Host": "evil.example"})
            == 403
        )
    assert not path.exists()


def admin_on_socket(path: Path) -> Any:
    from mockforge.testing import MockServer

    return MockServer(
        only=("admin",), settings={"admin.host": f"unix:{path}", "admin.token": TOKEN}
    )


def test_an_upload_of_100_megabytes_is_refused_and_nothing_grows(tmp_path: Path) -> None:
    (tmp_path / "fixtures").mkdir()
    with serving(tmp_path, "--fixtures", "fixtures", "--only", "http,admin") as server:
        parts = urlsplit(server.ready["admin"])
        assert parts.hostname is not None
        process = psutil.Process(server.child.pid)
        head = (
            "PUT /__mockforge/fixtures/large.bin HTTP/1.1\r\n"
            f"Host: {parts.netloc}\r\nContent-Length: {100 * 1024**2}\r\n\r\n"
        )
        with socket.create_connection((parts.hostname, parts.port), timeout=60) as client:
            client.sendall(
                b"GET /__mockforge/health HTTP/1.1\r\nHost: " + parts.netloc.encode() + b"\r\n\r\n"
            )
            assert client.recv(65536).startswith(b"HTTP/1.1 200")
            before = process.memory_info().rss
            client.sendall(head.encode())
            assert _sent(client, b"x" * 65536, 1600) < 1600 or client.recv(12) == b"HTTP/1.1 413"
        chunked = (
            "PUT /__mockforge/fixtures/large.bin HTTP/1.1\r\n"
            f"Host: {parts.netloc}\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        with socket.create_connection((parts.hostname, parts.port), timeout=60) as client:
            client.sendall(chunked.encode())
            sent = _sent(client, b"10000\r\n" + b"x" * 65536 + b"\r\n", 1600)
            assert sent < 1600 or client.recv(12) == b"HTTP/1.1 413"
        assert process.memory_info().rss < before + 40 * 1024**2
        assert list((tmp_path / "fixtures").iterdir()) == []


def _sent(client: socket.socket, piece: bytes, most: int) -> int:
    """Pieces that were taken before the server closed."""
    for number in range(most):
        try:
            client.sendall(piece)
        except OSError:
            return number
    return most


@pytest.mark.shows("admin.request_timeout")
def test_a_request_that_never_ends_is_given_up() -> None:
    with admin(request_timeout=0.2) as running:
        parts = urlsplit(running.address)
        with socket.create_connection((parts.hostname, parts.port), timeout=60) as client:
            head = "POST /__mockforge/stubs HTTP/1.1\r\nContent-Length: 10\r\n"
            client.sendall(f"{head}Host: {parts.netloc}\r\n\r\n{{".encode())
            assert client.recv(65536).startswith(b"HTTP/1.1 408")


def test_markup_that_was_logged_is_never_of_a_type_that_is_run(fresh: Admin) -> None:
    fresh.ask("DELETE", "/logs").raise_for_status()
    fresh.call("/pets/1", headers={"X-Evil": MARKUP}, params={"q": MARKUP})
    fresh.call("/orders", "POST", content=MARKUP, headers={"Content-Type": "text/html"})
    for path in ("/logs", "/logs/export", "/explain", f"/{MARKUP}", f"/stubs/{MARKUP}"):
        answer = fresh.get(path)
        assert answer.headers["Content-Type"].partition(";")[0] in (
            "application/json", "application/x-ndjson", "application/problem+json",
        )  # fmt: skip
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert MARKUP in fresh.get("/logs").text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "path", ["/stubs/x", "/reload", "/state/reset", "/fixtures/a.json", "/logs"]
)
def test_no_page_of_another_site_changes_anything(fresh: Admin, method: str, path: str) -> None:
    for headers in (
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"},
        {"Host": "evil.example"},
    ):
        # What a form can send without being asked first.
        answer = fresh.ask(
            method, path, headers={**headers, "Content-Type": "text/plain"}, content=b"{}"
        )
        assert answer.status_code == 403


def test_heads_without_end_are_refused(shared: Admin) -> None:
    parts = urlsplit(shared.address)
    with socket.create_connection((parts.hostname, parts.port), timeout=60) as client:
        client.sendall(b"GET / HTTP/1.1\r\nX-Long: ")
        sent = _sent(client, b"x" * 16384, 200)
        assert sent < 200
    assert shared.get("/health").status_code == 200


def test_bodies_that_nest_without_end_are_an_error_of_the_client(shared: Admin) -> None:
    for body in (b"[" * 200_000, b'{"request":' * 50_000, b'{"a":' + b"9" * 10_000 + b"}"):
        assert shared.ask("POST", "/stubs", content=body).status_code in (400, 422)
    for text in (b"[" * 100_000, b"a: &a [*a, *a]\n", b"- " * 50_000):
        assert shared.ask("POST", "/stubs/import", content=text).status_code == 422


def test_connections_that_are_let_go_leave_nothing(shared: Admin) -> None:
    parts = urlsplit(shared.address)
    for piece in (
        b"",
        b"GET",
        b"GET / HTTP/1.1\r\n",
        b"\x00\xff\x16\x03\x01",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ):
        for _ in range(10):
            with socket.create_connection((parts.hostname, parts.port), timeout=60) as client:
                client.sendall(piece)
    (server,) = (each for each in shared.server.kernel.servers if each.name == "admin")
    wait_until(lambda: server.connections() <= 1)
    assert shared.get("/health").status_code == 200
