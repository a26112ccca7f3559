"""Finished exchanges as a server would hand them to the journal, every object fresh."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mockforge.mocking.exchange import Exchange, Request, Response

HEADERS = [(b"Host", b"api.example.test"), (b"Accept", b"application/json")]


def exchange(
    method: str = "GET",
    target: str = "/pets/1",
    *,
    protocol: str = "http",
    status: int | None = 200,
    headers: Iterable[tuple[bytes, bytes]] = tuple(HEADERS),
    body: bytes = b"",
    answer_headers: Iterable[tuple[str, str]] = (("Content-Type", "application/json"),),
    answer: bytes = b'{"id":1}',
    sent_bytes: int | None = None,
    template: str | None = None,
    source: str = "none",
    received_ns: int | None = None,
    findings: tuple[Any, ...] = (),
    error: str | None = None,
    head_size: int | None = None,
    client: str = "127.0.0.1:50000",
) -> Exchange:
    raw = [(bytes(name), bytes(value)) for name, value in headers]
    if head_size is None:
        lines = sum(len(name) + len(value) + 4 for name, value in raw)
        head_size = len(method) + len(target) + 13 + lines
    request = Request(
        method,
        target,
        raw,
        body,
        protocol=protocol,
        client=client,
        head_size=head_size,
    )
    made = Exchange(request)
    if status is not None:
        made.response = Response(status, answer_headers, answer)
        made.sent_bytes = len(answer) if sent_bytes is None else sent_bytes
    made.template = template
    made.source = source
    made.findings = findings
    made.error = error
    made.duration_ns = 1_500_000
    if received_ns is not None:
        made.received_ns = received_ns
    return made
