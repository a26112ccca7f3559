"""Searching what the ring of a journal holds: entries are built of records only where they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Final

from mockforge.observe.journal.entry import JournalEntry
from mockforge.observe.journal.query import Selector
from mockforge.observe.journal.record import Record
from mockforge.observe.journal.ring import Ring

Build = Callable[[int, Record], JournalEntry]
"""What makes the entry with an id of its record."""
_SLICE: Final = 200
"""Records that are looked at before others get a turn: some milliseconds."""


def scan(
    ring: Ring, limit: int | None, selector: Selector, build: Build
) -> Generator[None, None, list[JournalEntry]]:
    """The newest ``limit`` entries (``None``: all) that ``selector`` takes, newest first; stops
    after every :data:`_SLICE` records."""
    if selector.selects_all:
        most = len(ring) if limit is None else limit
        entries: list[JournalEntry] = []
        for number, (entry_id, record) in enumerate(ring.newest(most), 1):
            entries.append(build(entry_id, record))
            if number % _SLICE == 0:
                yield
        return entries
    found: list[JournalEntry] = []
    first_id, records = ring.snapshot()
    for index in range(len(records) - 1, -1, -1):
        if limit is not None and len(found) >= limit:
            break
        if selector.sees(first_id + index, records[index]):
            entry = build(first_id + index, records[index])
            if selector.takes(entry):
                found.append(entry)
        if index % _SLICE == 0:
            yield
    return found


def find(ring: Ring, selector: Selector, build: Build) -> list[JournalEntry]:
    """All entries that ``selector`` takes, in the order they happened."""
    first_id, records = ring.snapshot()
    entries = (
        build(entry_id, record)
        for entry_id, record in enumerate(records, first_id)
        if selector.sees(entry_id, record)
    )
    return [entry for entry in entries if selector.takes(entry)]


def count(ring: Ring, selector: Selector, build: Build) -> int:
    """How many entries ``selector`` takes; they are built only if it has to see them whole."""
    first_id, records = ring.snapshot()
    return sum(
        selector.sees(entry_id, record)
        and (not selector.entry_tests or selector.takes(build(entry_id, record)))
        for entry_id, record in enumerate(records, first_id)
    )
