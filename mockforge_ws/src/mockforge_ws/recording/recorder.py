"""Conversations that pass, on their way to files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mockforge.mocking.recording.queue import RecordingQueue, make_folder
from mockforge.mocking.recording.secrets import Secrets, kept_headers, matched_headers
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
        self._match = self.secrets.open_headers(settings.match_headers)

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
        opening = Opening(
            request.path, request.query, matched_headers(request, self._match), subprotocol, kept
        )
        return Transcript(self, opening)
