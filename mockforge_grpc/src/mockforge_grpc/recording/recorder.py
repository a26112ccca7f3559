"""Calls that pass, on their way to files."""

from __future__ import annotations

from collections.abc import Iterable
from time import perf_counter
from typing import TYPE_CHECKING

from mockforge.mocking.recording.queue import RecordingQueue, make_folder
from mockforge.mocking.recording.secrets import Secrets
from mockforge_grpc.recording.definition import Recorded, Said, definition_of
from mockforge_grpc.recording.folder import CallFolder
from mockforge_grpc.schema import MessageError

if TYPE_CHECKING:
    from mockforge_grpc.config_proxy import RecordSettings
    from mockforge_grpc.services.session import Session
    from mockforge_grpc.status import Status
    from mockforge_grpc.transport.call import Metadata

_CALL_BYTES = 4_000
"""About what a call takes besides its messages."""
_MESSAGE_BYTES = 150
"""The same for a message."""


class Recorder(RecordingQueue[Recorded]):
    """Records by ``settings``; ``redact`` are the names of secrets (``core.redact``).

    StartError: the folder cannot be made.
    """

    def __init__(self, settings: RecordSettings, redact: Iterable[str]) -> None:
        assert settings.to is not None  # noqa: S101 - made only where there is a folder
        make_folder(settings.to, "grpc.record.to (--record)")
        self.settings = settings
        self.secrets = Secrets(redact)
        super().__init__(
            CallFolder(settings.to, settings.max_stubs),
            settings.to,
            max_bytes=int(settings.max_bytes),
        )
        self.matched = self.secrets.open_headers(settings.match_metadata)

    def describe(self, item: Recorded) -> str:
        return f"a call of {item.method}"

    def begin(self, session: Session) -> Transcript:
        """A call is being passed on."""
        return Transcript(self, session)


class Transcript:
    """What was said on one call."""

    __slots__ = ("_begun", "_recorder", "_said", "_session", "_size")

    def __init__(self, recorder: Recorder, session: Session) -> None:
        self._recorder: Recorder | None = recorder
        self._session = session
        self._begun = perf_counter()
        self._said: list[Said] = []
        self._size = _CALL_BYTES
        recorder.held += self._size

    def came(self, data: bytes) -> None:
        """The client sent a message."""
        self._add(True, data)

    def said(self, data: bytes) -> None:
        """The upstream server did."""
        self._add(False, data)

    def _add(self, came: bool, data: bytes) -> None:
        recorder = self._recorder
        if recorder is None:
            return
        size = len(data) + _MESSAGE_BYTES
        self._said.append(Said(came, data, perf_counter() - self._begun))
        self._size += size
        recorder.held += size
        settings = recorder.settings
        if len(self._said) > settings.max_messages:
            self._give_up("left_out", "calls with more messages than grpc.record.max_messages")
        elif self._size > settings.max_call:
            self._give_up("left_out", "calls larger than grpc.record.max_call")
        elif recorder.held > settings.max_bytes:
            self._give_up("dropped", "more than grpc.record.max_bytes wait to be written")

    def _give_up(self, outcome: str, why: str) -> None:
        recorder = self._recorder
        self.forget()
        if recorder is not None:
            recorder.give_up(outcome, why)

    def end(self, status: Status, metadata: Metadata, trailers: Metadata) -> None:
        """The upstream server ended the call."""
        recorder = self._recorder
        if recorder is None:
            return
        session = self._session
        asked = tuple(
            (name, value)
            for name, value in session.call.metadata
            if name in recorder.matched and isinstance(value, str)
        )
        ended = perf_counter() - self._begun
        try:
            recorded = definition_of(
                session.method,
                session.world.schema,
                self._said,
                (status, metadata, trailers, ended),
                asked,
                recorder,
            )
        except MessageError as error:
            self._give_up("left_out", f"a message cannot be written down: {error.message}")
            return
        self._recorder = None
        recorder.put(recorded, self._size)

    def forget(self) -> None:
        """It will not be recorded."""
        recorder, self._recorder = self._recorder, None
        if recorder is not None:
            recorder.held -= self._size
            self._said = []
