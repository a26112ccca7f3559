"""From answers on their way to a client into files, without keeping either waiting.

The recorder watches in the event loop, bounded in bytes; what is complete waits in a queue, and one worker
writes it in a thread.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Final

from mockforge.mocking.exchange import Request, Response
from mockforge.mocking.recording.queue import Folder, RecordingQueue, make_folder
from mockforge.mocking.recording.secrets import Secrets, kept_headers, matched_headers
from mockforge_http.config_proxy import RecordSettings
from mockforge_http.recording.exchanged import COST, Exchanged
from mockforge_http.wire.streaming import close_stream

_PARTIAL: Final = frozenset({206, 304})
"""Answers that are about what the client had already."""


class Recorder(RecordingQueue[Exchanged]):
    """Records by ``settings``; ``redact`` are the names of secrets (``core.redact``).

    StartError: the folder cannot be made.
    """

    def __init__(self, settings: RecordSettings, redact: Iterable[str]) -> None:
        self.settings = settings
        self.secrets = Secrets(redact)
        assert settings.to is not None  # noqa: S101 - made only where there is a folder
        super().__init__(self._open(settings.to), settings.to, max_bytes=int(settings.max_bytes))
        self._drop = frozenset(name.lower() for name in settings.drop_headers)
        self._match = self.secrets.open_headers(settings.match_headers)

    def _open(self, to: Path) -> Folder[Exchanged]:
        make_folder(to, "http.record.to (--record)")
        if self.settings.as_ == "fixtures":
            from mockforge_http.recording.fixtures import FixtureFolder

            return FixtureFolder(to)
        from mockforge_http.recording.stubs import StubFolder

        return StubFolder(self.settings, to, self.secrets)

    def describe(self, item: Exchanged) -> str:
        return f"{item.method} {item.path}"

    def watch(self, request: Request, response: Response) -> Response:
        """``response``, or one like it whose body is recorded while it is sent."""
        if response.status in _PARTIAL or len(request.body) > self.settings.max_body:
            self.counts["left_out"] += 1
            return response
        watched = _Watched(self, request, response)
        if response.stream is None:
            watched.add(response.body)
            watched.end()
            return response
        return response.replace(stream=_Tap(response.stream, watched))

    def note(self, request: Request, response: Response, answer: bytes, size: int) -> None:
        """A whole exchange, counted with ``size`` bytes until it is written."""
        fields = request.fields
        # The length of a body is the wire's to write, but HEAD has none that it could be taken from.
        drop = self._drop if request.method == "HEAD" else self._drop | {"content-length"}
        exchanged = Exchanged(
            request.method,
            request.path,
            request.query,
            fields.get(b"content-type", b"").decode("latin-1"),
            matched_headers(request, self._match),
            # Stubs compare what a body says, not how it was compressed.
            b"" if b"content-encoding" in fields else request.body,
            response.status,
            kept_headers(response.headers, self.secrets, drop),
            answer,
        )
        self.put(exchanged, size)


class _Watched:
    """One exchange whose answer is being collected."""

    __slots__ = ("_body", "_recorder", "_request", "_response", "_size")

    def __init__(self, recorder: Recorder, request: Request, response: Response) -> None:
        self._recorder: Recorder | None = recorder
        self._request = request
        self._response = response
        self._body = bytearray()
        self._size = COST + len(request.body)
        recorder.held += self._size

    def add(self, piece: bytes) -> None:
        recorder = self._recorder
        if recorder is None:
            return
        self._body += piece
        self._size += len(piece)
        recorder.held += len(piece)
        if len(self._body) > recorder.settings.max_body:
            self.forget()
            recorder.give_up("left_out", "bodies larger than http.record.max_body")
        elif recorder.held > recorder.settings.max_bytes:
            self.forget()
            recorder.give_up("dropped", "more than http.record.max_bytes wait to be written")

    def end(self) -> None:
        """The answer is whole."""
        recorder, self._recorder = self._recorder, None
        if recorder is not None:
            recorder.note(self._request, self._response, bytes(self._body), self._size)

    def forget(self) -> None:
        """It will not be whole, or not be recorded."""
        recorder, self._recorder = self._recorder, None
        if recorder is not None:
            recorder.held -= self._size
            self._body = bytearray()

    def broken(self) -> None:
        """The answer ended too early."""
        if self._recorder is not None:
            self._recorder.counts["left_out"] += 1
            self.forget()


class _Tap(AsyncIterator[bytes]):
    """A stream whose pieces are collected as they pass."""

    __slots__ = ("_stream", "_watched")

    def __init__(self, stream: AsyncIterator[bytes], watched: _Watched) -> None:
        self._stream = stream
        self._watched = watched

    async def __anext__(self) -> bytes:
        try:
            piece = await self._stream.__anext__()
        except StopAsyncIteration:
            self._watched.end()
            raise
        except BaseException:
            self._watched.broken()
            raise
        self._watched.add(piece)
        return piece

    async def aclose(self) -> None:
        """Close the stream; what was not read to its end is not recorded."""
        self._watched.broken()
        await close_stream(self._stream)

    def __del__(self) -> None:
        self._watched.broken()
