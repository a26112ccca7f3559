"""A folder of recorded conversations: one YAML file for each that differs from the others.

Conversations that were opened in the same way are played in their order: each but the last as often as it
came in a row (``times``), the last one from then on.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from mockforge.errors import MockForgeError
from mockforge.mocking.recording.conditions import key_of
from mockforge.mocking.recording.secrets import Secrets
from mockforge.mocking.recording.writing import write_file
from mockforge.structured import read_structured
from mockforge.structured.to_yaml import yaml_text
from mockforge_ws.recording.definition import conversation_definition, opening_definition
from mockforge_ws.recording.transcript import Recorded

_ENTRY_BYTES: Final = 500
_LONGEST_NAME: Final = 80
_ODD: Final = re.compile(r"[^A-Za-z0-9.]+")
_PRIORITY: Final = 5
"""That of a stub which says none."""


class _Entry:
    """What was opened in the same way: ``name`` is that of the first file, ``written`` has a digest of each
    conversation, ``last`` is that of the newest file, and ``repeats`` more like it came since."""

    __slots__ = ("last", "name", "repeats", "written")

    def __init__(self, name: str) -> None:
        self.name = name
        self.written: set[bytes] = set()
        self.last = b""
        self.repeats = 0

    def file(self, number: int) -> str:
        """The name of the file for the conversation of this number, from 1."""
        return self.name if number == 1 else f"{self.name}-{number}"


class ConversationFolder:
    """Writes stubs to ``folder``, at most ``max_stubs`` of them."""

    def __init__(self, folder: Path, max_stubs: int, secrets: Secrets) -> None:
        self._folder = folder
        self._max_stubs = max_stubs
        self._secrets = secrets
        self._entries: dict[bytes, _Entry] = {}
        self._count = 0

    @property
    def held(self) -> int:
        """About how many bytes are in memory."""
        return _ENTRY_BYTES * self._count

    @property
    def limit(self) -> int:
        """The most that there may be."""
        return _ENTRY_BYTES * self._max_stubs

    def add(self, recorded: Recorded) -> str:
        """Write it: ``recorded``, ``repeated`` where it adds nothing, ``left_out`` past the limit."""
        opening = opening_definition(recorded.opening, self._secrets)
        conversation, same = conversation_definition(recorded, self._secrets)
        key, digest = key_of(opening), key_of(same)
        entry = self._entries.get(key)
        if entry is not None and digest in entry.written:
            entry.repeats += digest == entry.last
            return "repeated"
        if self._count >= self._max_stubs:
            return "left_out"
        if entry is None:
            entry = _Entry(_name(recorded.opening.path, key))
            self._forget(entry)
        number = len(entry.written) + 1
        stub: dict[str, Any] = {"id": entry.file(number)}
        if number > 1:
            self._bound(entry, number - 1)
            stub["priority"] = _PRIORITY + number - 1
        self._write(stub | {"websocket": opening | conversation})
        self._entries[key] = entry
        self._count += 1
        entry.written.add(digest)
        entry.last, entry.repeats = digest, 0
        return "recorded"

    def _forget(self, entry: _Entry) -> None:
        """Take away what an earlier recording wrote of the same."""
        for path in self._folder.glob(f"{entry.name}-*.yaml"):
            path.unlink(missing_ok=True)

    def _bound(self, entry: _Entry, number: int) -> None:
        """Another conversation follows the one of this number; a file that is gone or broken stays so."""
        path = self._folder / f"{entry.file(number)}.yaml"
        try:
            stub = read_structured(path).value
        except (MockForgeError, OSError):
            return
        if isinstance(stub, dict):
            websocket = stub.pop("websocket", None)
            self._write({**stub, "times": 1 + entry.repeats, "websocket": websocket})

    def _write(self, stub: dict[str, Any]) -> None:
        write_file(self._folder / f"{stub['id']}.yaml", yaml_text(stub).encode())


def _name(path: str, key: bytes) -> str:
    """A name for files, unlike that of anything that is opened in another way: ``ws-chat-3f9a1c2b04d7``."""
    words = _ODD.sub("-", unquote(path)).strip("-.").lower()[:_LONGEST_NAME].rstrip("-.")
    return f"ws-{words}-{key.hex()[:12]}" if words else f"ws-{key.hex()[:12]}"
