"""Entries that were built for one follower of the journal, for the others that follow it.

Building is most of what a follower costs: several of the same journal share what one of them had built.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from mockforge.observe.journal.entry import JournalEntry
from mockforge.observe.journal.record import SIZE, Record

SLOTS: Final = 256
"""Entries that are kept."""
MOST: Final = 4096
"""Bytes of the largest record whose entry is kept: all together hold some 2 MiB at most."""

Build = Callable[[int, Record], JournalEntry]


class SharedEntries:
    """The newest entries that ``build`` made, each in the slot of its id: threads need no lock for it."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._slots: list[tuple[Record, JournalEntry] | None] = []

    def build(self, entry_id: int, record: Record) -> JournalEntry:
        """The entry of ``record``."""
        slots = self._slots
        if not slots or record[SIZE] > MOST:
            return self._build(entry_id, record)
        slot = entry_id % SLOTS
        kept = slots[slot]
        if kept is not None and kept[0] is record:
            return kept[1]
        entry = self._build(entry_id, record)
        slots[slot] = (record, entry)
        return entry

    def share(self, *, among: int) -> None:
        """Keep entries if there are several followers; forget those there are."""
        self._slots = [None] * SLOTS if among > 1 else []
