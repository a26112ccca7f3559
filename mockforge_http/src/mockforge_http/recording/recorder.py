"""From answers on their way to a client into files, without keeping either waiting.

The recorder watches in the event loop, bounded in bytes; what is complete waits in a queue, and one worker
writes it in a thread.
"""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterable
from typing import Final, Protocol

import anyio
from anyio import to_thread

from mockforge.errors import StartError
from mockforge.mocking.exchange import Request, Response
from mockforge_http.config_proxy import RecordSettings
from mockforge_http.recording.exchanged import COST, Exchanged, Secrets, kept_headers
from mockforge_http.wire.streaming import close_stream

log = logging.getLogger("mockforge.http.record")

OUTCOMES: Final = ("recorded", "repeated", "left_out", "dropped", "failed")
_MOST_SAID: Final = 100
"""Reasons that are logged."""
_PARTIAL: Final = frozenset({206, 304})
"""Answers that are about what the client had already."""


class Folder(Protocol):
    """Where exchanges are written; called in a thread, one exchange at a time."""

    def add(self, exchanged: Exchanged) -> str:
        """Write it; one of ``recorded``, ``repeated`` (nothing new) and ``left_out``. OSError: it cannot
        be written."""

    @property
    def held(self) -> int:
        """About how many bytes it keeps in memory."""

    @property
    def limit(self) -> int:
        """The most that it keeps."""


class Recorder:
    """Records by ``settings``; ``redact`` are the names of secrets (``core.redact``).

    StartError: the folder cannot be made. :meth:`run` must run for anything to be written.
    """

    def __init__(self, settings: RecordSettings, redact: Iterable[str]) -> None:
        self.settings = settings
        self.counts: Counter[str] = Counter()
        """Exchanges by what became of them (:data:`OUTCOMES`)."""
        self.held = 0
        """Bytes of exchanges that are being watched or wait to be written."""
        self.secrets = Secrets(redact)
        self._drop = frozenset(name.lower() for name in settings.drop_headers)
        self._match = frozenset(
            name.lower() for name in settings.match_headers if not self.secrets.is_header(name)
        )
        self._queue: deque[tuple[Exchanged, int]] = deque()
        self._wake = anyio.Event()
        self._ending = False
        self._warned: set[str] = set()
        self._folder = self._open()

    def memory_bytes(self) -> int:
        """About how many bytes there are in memory."""
        return self.held + self._folder.held

    def memory_limit(self) -> int:
        """The most that there may be."""
        return int(self.settings.max_bytes) + self._folder.limit

    def _open(self) -> Folder:
        assert self.settings.to is not None  # noqa: S101 - made only where there is a folder
        try:
            self.settings.to.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StartError(
                f"the folder {self.settings.to} cannot be made: {(error.strerror or str(error)).lower()}",
                hint="point http.record.to (--record) at another one",
            ) from error
        if self.settings.as_ == "fixtures":
            from mockforge_http.recording.fixtures import FixtureFolder

            return FixtureFolder(self.settings.to)
        from mockforge_http.recording.stubs import StubFolder

        return StubFolder(self.settings, self.settings.to, self.secrets)

    # ------------------------------------------------------------------ in the event loop

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
        exchanged = Exchanged(
            request.method,
            request.path,
            request.query,
            fields.get(b"content-type", b"").decode("latin-1"),
            self._matched(request),
            # Stubs compare what a body says, not how it was compressed.
            b"" if b"content-encoding" in fields else request.body,
            response.status,
            kept_headers(request.method, response.headers, self.secrets, self._drop),
            answer,
        )
        self._queue.append((exchanged, size))
        self._wake.set()

    def _matched(self, request: Request) -> tuple[tuple[str, str], ...]:
        """The headers of ``request`` that its stub is to match, of repeated ones the first line."""
        found: dict[str, tuple[str, str]] = {}
        for raw_name, value in request.raw_headers if self._match else ():
            name = raw_name.decode("latin-1")
            if name.lower() in self._match:
                found.setdefault(name.lower(), (name, value.decode("latin-1")))
        return tuple(found.values())

    def give_up(self, outcome: str, why: str) -> None:
        """Count an exchange that is not recorded; the first of its kind is logged."""
        self.counts[outcome] += 1
        if self._is_news(why):
            log.warning("not everything is recorded: %s", why)

    def _is_news(self, why: str) -> bool:
        """Whether ``why`` is to be logged: once, and a hundred different ones at most."""
        if why in self._warned or len(self._warned) >= _MOST_SAID:
            return False
        self._warned.add(why)
        return True

    # ------------------------------------------------------------------ writing

    async def run(self) -> None:
        """Write until :meth:`finish`, and then what still waits."""
        while True:
            while self._queue:
                exchanged, size = self._queue.popleft()
                try:
                    self.counts[await to_thread.run_sync(self._folder.add, exchanged)] += 1
                except OSError as error:
                    self.give_up("failed", (error.strerror or str(error)).lower())
                except Exception as error:
                    # Whatever one exchange makes go wrong, the next ones are still written.
                    self.counts["failed"] += 1
                    if self._is_news(str(error)):
                        log.exception("recording %s %s failed", exchanged.method, exchanged.path)
                finally:
                    self.held -= size
            if self._ending:
                break
            await self._wake.wait()
            self._wake = anyio.Event()
        log.info(
            "recorded in %s: %s",
            self.settings.to,
            ", ".join(
                f"{self.counts[outcome]} {outcome.replace('_', ' ')}" for outcome in OUTCOMES
            ),
        )

    def finish(self) -> None:
        """Have :meth:`run` end when everything that waits is written."""
        self._ending = True
        self._wake.set()


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
