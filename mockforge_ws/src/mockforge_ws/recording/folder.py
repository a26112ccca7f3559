"""A folder of recorded conversations. Those that were opened in the same way are played in their order."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

from mockforge.mocking.recording.folder import Definition, SequenceFolder
from mockforge.mocking.recording.names import path_words
from mockforge.mocking.recording.secrets import Secrets
from mockforge_ws.recording.definition import conversation_definition, opening_definition
from mockforge_ws.recording.transcript import Recorded


class ConversationFolder(SequenceFolder[Recorded]):
    """Writes stubs to ``folder``, at most ``max_stubs`` of them."""

    def __init__(self, folder: Path, max_stubs: int, secrets: Secrets) -> None:
        super().__init__(folder, max_stubs)
        self._secrets = secrets

    def define(self, item: Recorded) -> Definition:
        opening = opening_definition(item.opening, self._secrets)
        conversation, same = conversation_definition(item, self._secrets)
        return Definition(opening, same, {"websocket": opening | conversation})

    def name(self, item: Recorded) -> str:
        """``ws-chat``, of which the file ``ws-chat-3f9a1c2b04d7.yaml`` comes."""
        words = path_words(unquote(item.opening.path))
        return f"ws-{words}" if words else "ws"
