"""Exchanges and recorders to test with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import anyio

from mockforge.mocking.exchange import Request, Response
from mockforge.structured import read_structured
from mockforge_http.config_proxy import RecordSettings
from mockforge_http.recording import Recorder

JSON = ("Content-Type", "application/json")
REDACT = ("authorization", "cookie", "set-cookie", "x-api-key", "password")

Pair = tuple[Request, Response]


def request(
    method: str = "GET",
    target: str = "/",
    headers: Iterable[tuple[str, str]] = (),
    body: bytes = b"",
) -> Request:
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return Request(method, target, raw, body)


def recorder(folder: Path, **settings: Any) -> Recorder:
    return Recorder(RecordSettings(to=folder, **settings), REDACT)


async def drain(response: Response) -> bytes:
    """The body as a client gets it."""
    if response.stream is None:
        return response.body
    pieces = [piece async for piece in response.stream]
    await response.stream.aclose()  # type: ignore[attr-defined]
    return b"".join(pieces)


def record(recorder: Recorder, *pairs: Pair) -> dict[str, int]:
    """Have ``pairs`` pass and be written; the counts."""

    async def run() -> None:
        async with anyio.create_task_group() as tasks:
            for asked, answered in pairs:
                await drain(recorder.watch(asked, answered))
            recorder.finish()
            tasks.start_soon(recorder.run)

    anyio.run(run)
    assert recorder.held == 0
    return {name: count for name, count in recorder.counts.items() if count}


def stubs(folder: Path) -> list[dict[str, Any]]:
    """The stubs in ``folder``, in order of name."""
    return [read_structured(path).value for path in sorted(folder.glob("*.yaml"))]


def stub(folder: Path) -> dict[str, Any]:
    """The one stub in ``folder``."""
    (only,) = stubs(folder)
    return only


class Pieces(AsyncIterator[bytes]):
    """A stream of ``pieces`` that fails after them if told to."""

    def __init__(self, *pieces: bytes, error: Exception | None = None) -> None:
        self._pieces = list(pieces)
        self._error = error
        self.closed = False

    async def __anext__(self) -> bytes:
        if self._pieces:
            return self._pieces.pop(0)
        if self._error is not None:
            raise self._error
        raise StopAsyncIteration

    async def aclose(self) -> None:
        self.closed = True
