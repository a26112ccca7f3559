"""Conversations that pass, on their way to files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mockforge.mocking.recording.queue import RecordingQueue, make_folder
from mockforge.mocking.recording.secrets import Secrets, kept_headers
from mockforge_ws.recording.folder import ConversationFolder
from mockforge_ws.recording.transcript import Opening, Recorded, Transcript

if TYPE_CHECKING:
    from mockforge.mocking.exchange import Request
    from mockforge_ws.config_proxy import RecordSettings


class Recorder(RecordingQueue[Recorded]):
    """Records by ``settings``; ``redact`` are the names of secrets (``core.redact``).

    StartError: the folder cannot be made.
    """

    def __init__(self, settings: RecordSettings, redact: Iterable[str]) -> None:
        assert settings.to is not None  # noqa: S101 - made only where there is a folder
        make_folder(settings.to, "websocket.record.to (--record)")
        self.settings = settings
        self.secrets = Secrets(redact)
        self.unrecorded = 0
        """Messages that passed and are in no file, because of a limit."""
        folder = ConversationFolder(settings.to, settings.max_stubs, self.secrets)
        super().__init__(folder, settings.to, max_bytes=int(settings.max_bytes))
        self._match = frozenset(
            name.lower() for name in settings.match_headers if not self.secrets.is_header(name)
        )

    def describe(self, item: Recorded) -> str:
        return f"a conversation on {item.opening.path}"

    def begin(
        self,
        request: Request,
        subprotocol: str | None,
        headers: tuple[tuple[str, str], ...],
    ) -> Transcript:
        """A conversation was opened by ``request``, and answered with ``headers``."""
        kept = kept_headers(headers, self.secrets, frozenset())
        opening = Opening(request.path, request.query, self._matched(request), subprotocol, kept)
        return Transcript(self, opening)

    def _matched(self, request: Request) -> tuple[tuple[str, str], ...]:
        """The headers of ``request`` that its stub is to match, of repeated ones the first line."""
        found: dict[str, tuple[str, str]] = {}
        for raw_name, value in request.raw_headers if self._match else ():
            name = raw_name.decode("latin-1")
            if name.lower() in self._match:
                found.setdefault(name.lower(), (name, value.decode("latin-1")))
        return tuple(found.values())
