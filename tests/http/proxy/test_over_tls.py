"""Clients that speak TLS and HTTP/2 to the mock, which speaks HTTP/1.1 to the upstream server."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import trustme

from mockforge.testing import MockServer

from .upstream import Said, saying, settings, upstream


@contextmanager
def passing(folder: Path, url: str) -> Iterator[tuple[MockServer, httpx.Client]]:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    cert, key = folder / "cert.pem", folder / "key.pem"
    issued.cert_chain_pems[0].write_to_path(str(cert))
    issued.private_key_pem.write_to_path(str(key))
    own = {"http.tls.cert": str(cert), "http.tls.key": str(key), **settings(upstream=url)}
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with MockServer(settings=own) as mock, httpx.Client(http2=True, verify=context) as client:
        client.base_url = mock.address("https")
        yield mock, client


def test_small_and_large_answers_pass_and_have_one_date(tmp_path: Path) -> None:
    headers: tuple[tuple[str, str], ...] = (
        ("Content-Type", "text/plain"),
        ("Date", "Mon, 01 Jan 2024 00:00:00 GMT"),
    )
    bodies = {"/small": b"x", "/large": b"y" * 1_000_000}
    with (
        upstream(lambda received: Said(200, headers, bodies[received.target])) as server,
        passing(tmp_path, server.url) as (_, client),
    ):
        for path, body in bodies.items():
            answer = client.get(path)
            assert answer.http_version == "HTTP/2"
            assert answer.content == body
            assert answer.headers.get_list("date") == [headers[1][1]]
        assert client.post("/small", content=b"z" * 200_000).status_code == 200
        headers = headers[:1]
        assert len(client.get("/small").headers.get_list("date")) == 1
        posted = [server.next() for _ in range(3)][-1]
    assert len(posted.body) == 200_000
    assert (posted.header("via") or "").startswith("2 mockforge-")


def test_an_answer_that_breaks_off_breaks_off_for_the_client_too(tmp_path: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
    with (
        saying(head + b"x" * 70_000) as server,
        passing(tmp_path, server.url) as (_, client),
        pytest.raises(httpx.TransportError),
    ):
        client.get("/")
