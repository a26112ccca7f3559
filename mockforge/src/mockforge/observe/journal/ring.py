"""The ring: the newest records, bounded by number and by bytes.

Ids are consecutive, so only the id of the oldest is kept. Every method may be called from any thread.
"""

from __future__ import annotations

from collections import deque
from itertools import islice
from threading import Lock

from mockforge.observe.journal.record import PROTOCOL, SIZE, STATUS, STRIPPED, Record
from mockforge.observe.journal.totals import Counts


class Ring:
    """At most ``max_entries`` records of together at most ``max_bytes``; adding evicts the oldest."""

    __slots__ = (
        "_cleared",
        "_counts",
        "_lock",
        "_records",
        "bytes",
        "max_bytes",
        "max_entries",
        "next_id",
        "stripped",
    )

    def __init__(self, max_entries: int, max_bytes: int) -> None:
        self.max_entries = max_entries
        self.max_bytes = max_bytes
        self.bytes = 0
        self.next_id = 1
        self.stripped = 0
        self._cleared = 0
        self._counts = Counts()
        self._records: deque[Record] = deque()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._records)

    @property
    def evicted(self) -> int:
        """Records pushed out by newer ones, or by smaller limits."""
        with self._lock:
            return self.next_id - 1 - len(self._records) - self._cleared

    def append(self, record: Record) -> int:
        """Keep ``record``; its id."""
        records = self._records
        with self._lock:
            entry_id = self.next_id
            self.next_id = entry_id + 1
            records.append(record)
            held = self.bytes + record[SIZE]
            # Written out rather than shared with resize(): a call here costs every request.
            while records and (held > self.max_bytes or len(records) > self.max_entries):
                held -= records.popleft()[SIZE]
            self.bytes = held
            if record[STRIPPED]:
                self.stripped += 1
            try:
                self._counts.cells[record[PROTOCOL]][record[STATUS]] += 1
            except KeyError:
                self._counts.add_new(record[PROTOCOL], record[STATUS])
        return entry_id

    def resize(self, max_entries: int, max_bytes: int) -> None:
        """Take on new limits; what no longer fits is evicted at once."""
        with self._lock:
            self.max_entries = max_entries
            self.max_bytes = max_bytes
            records = self._records
            while records and (self.bytes > max_bytes or len(records) > max_entries):
                self.bytes -= records.popleft()[SIZE]

    def clear(self) -> int:
        """Let all records go; how many there were. Ids go on counting."""
        with self._lock:
            # Taken out whole, so that the records are freed outside the lock.
            gone = list(self._records)
            self._records.clear()
            self._cleared += len(gone)
            self.bytes = 0
        return len(gone)

    def newest(self, count: int) -> list[tuple[int, Record]]:
        """The newest ``count`` records with their ids, newest first."""
        with self._lock:
            records = list(islice(reversed(self._records), count))
            top = self.next_id - 1
        return [(top - index, record) for index, record in enumerate(records)]

    def snapshot(self) -> tuple[int, list[Record]]:
        """The id of the oldest record, and all records, oldest first."""
        with self._lock:
            records = list(self._records)
            return self.next_id - len(records), records

    def get(self, entry_id: int) -> Record | None:
        """The record with ``entry_id``, or ``None`` if it is gone or was never given out."""
        with self._lock:
            index = entry_id - self.next_id
            if -len(self._records) <= index < 0:
                return self._records[index]
            return None

    def counts(self) -> Counts:
        """A copy of the counters by protocol and status."""
        with self._lock:
            copy = Counts()
            copy.since = self._counts.since
            copy.cells = self._counts.copy()
            return copy
