"""What one connection said: the messages of a stream in the journal, together and in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from anyio import to_thread

from mockforge.observe.journal import Journal, JournalEntry

if TYPE_CHECKING:
    from datetime import datetime

SHOWN: Final = 200
"""Messages of a connection that are shown, the newest."""
_TEXT: Final = 2000
_BOTH: Final = "both"
_WAYS: Final = {"RECEIVE": "in", "SEND": "out", "CLOSE": "end", "GET": "start"}


class Frame(NamedTuple):
    """A message (``way`` is ``in`` or ``out``), the opening (``start``) or the end (``end``)."""

    entry: JournalEntry
    way: str
    text: str
    since: float
    """Seconds since the first that is shown."""


class Conversation(NamedTuple):
    """What is shown of a connection, and how many messages there are besides, older ones."""

    frames: list[Frame]
    left_out: int


async def conversation(journal: Journal, *, protocol: str, path: str, client: str) -> Conversation:
    """What the journal has of the connection of ``client`` (its address) to ``path``."""

    def find() -> list[JournalEntry]:
        found = journal.recent(None, protocol=protocol, path=path)
        return [entry for entry in found if entry.client == client]

    entries = await to_thread.run_sync(find)
    shown = entries[:SHOWN][::-1]
    start = shown[0].time if shown else None
    frames = [_frame(entry, start) for entry in shown]
    return Conversation(frames, len(entries) - len(shown))


def _frame(entry: JournalEntry, start: datetime | None) -> Frame:
    way = _WAYS.get(entry.method, _BOTH)
    body = entry.request_body if way == "in" else entry.response_body
    text = body if len(body) <= _TEXT else f"{body[:_TEXT]}…"
    since = 0.0 if start is None else (entry.time - start).total_seconds()
    return Frame(entry, way, text, since)
