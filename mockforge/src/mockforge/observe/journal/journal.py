"""The journal: every finished exchange goes in, and what fits the limits can be asked for.

Servers call :meth:`Journal.record` once per exchange; the admin API, the command line, test helpers
and request loggers read. All methods may be called from any thread and any event loop.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, Unpack, cast

import msgspec

from mockforge.errors import ConfigError, MockForgeError
from mockforge.observe.journal.built import SharedEntries
from mockforge.observe.journal.entry import BodyReader, JournalEntry, build_entry
from mockforge.observe.journal.filters import Filters, criteria
from mockforge.observe.journal.following import Followed
from mockforge.observe.journal.query import Query, compile_query
from mockforge.observe.journal.record import Record, make_message, make_record
from mockforge.observe.journal.redaction import DEFAULT_REDACT, Redaction
from mockforge.observe.journal.ring import Ring
from mockforge.observe.journal.searching import count, find, scan
from mockforge.observe.journal.sequence import SequenceResult, find_sequence
from mockforge.observe.journal.totals import Totals, sum_totals

if TYPE_CHECKING:
    from mockforge.mocking.exchange import Exchange

DEFAULT_MAX_ENTRIES: Final = 1000
DEFAULT_MAX_BYTES: Final = 16 * 1024**2
DEFAULT_MAX_BODY: Final = 8 * 1024


class JournalStats(msgspec.Struct, frozen=True):
    """How full the journal is."""

    entries: int
    bytes: int
    max_entries: int
    max_bytes: int
    max_body: int
    evicted: int
    stripped: int
    subscriptions: int
    subscription_bytes: int
    dropped: int


class Journal(Followed):
    """The newest exchanges: at most ``max_entries``, and at most ``max_bytes`` together.

    Whichever limit is met first evicts the oldest; 0 for either keeps nothing, while totals,
    subscriptions and loggers go on. Of each body the first ``max_body`` bytes are kept. ``redact``
    names header fields and query parameters whose values nobody gets to see.
    """

    def __init__(
        self,
        max_entries: int = DEFAULT_MAX_ENTRIES,
        max_bytes: int = DEFAULT_MAX_BYTES,
        max_body: int = DEFAULT_MAX_BODY,
        redact: Iterable[str] = DEFAULT_REDACT,
    ) -> None:
        _check(max_entries=max_entries, max_bytes=max_bytes, max_body=max_body)
        self._ring = Ring(max_entries, max_bytes)
        self._max_body = max_body
        self._strip_above = max_bytes or sys.maxsize
        self._redaction = Redaction(redact)
        self._readers: dict[str, BodyReader] = {}
        super().__init__(SharedEntries(self._build))

    # ---------------------------------------------------------------- recording

    def record(self, exchange: Exchange) -> None:
        """Take in a finished exchange. The request and response are not to change afterwards."""
        record = make_record(exchange, self._max_body, self._strip_above)
        if self._subscriptions:
            self._publish(record)
        else:
            self._ring.append(record)

    def record_message(
        self,
        opened: Exchange,
        method: str,
        data: bytes,
        *,
        status: int | None = None,
        source: str | None = None,
        findings: tuple[Any, ...] = (),
    ) -> None:
        """Take in one message of the stream that ``opened`` opened: an entry with its target, client, path
        template and ``source`` (or another), and ``method``. With a ``status`` the message was sent: the
        response body; without one it came: the request body. There may be any number of them, so this
        costs half of :meth:`record`."""
        record = make_message(
            opened,
            method,
            data,
            self._max_body,
            self._strip_above,
            status=status,
            source=source or opened.source,
            findings=findings,
        )
        if self._subscriptions:
            self._publish(record)
        else:
            self._ring.append(record)

    def read_with(self, protocol: str, reader: BodyReader) -> None:
        """Have the bodies of ``protocol``, recorded as they were sent, read by ``reader`` when an entry is
        asked for: that costs nothing where nobody asks."""
        self._readers[protocol] = reader

    def _publish(self, record: Record) -> None:
        # Appending and handing over under one lock: every reader gets the entries in order of id.
        with self._subscriptions_lock:
            entry_id = self._ring.append(record)
            wakers = [each.put(entry_id, record) for each in self._subscriptions]
        for wake in wakers:
            if wake is not None:
                wake()

    # ---------------------------------------------------------------- limits

    def configure(
        self,
        *,
        max_entries: int | None = None,
        max_bytes: int | None = None,
        max_body: int | None = None,
        redact: Iterable[str] | None = None,
    ) -> None:
        """Change what is given. Smaller limits evict at once; ``max_body`` holds for new entries;
        ``redact`` holds for everything read from now on."""
        ring = self._ring
        new_entries = ring.max_entries if max_entries is None else max_entries
        new_bytes = ring.max_bytes if max_bytes is None else max_bytes
        new_body = self._max_body if max_body is None else max_body
        _check(max_entries=new_entries, max_bytes=new_bytes, max_body=new_body)
        if redact is not None:
            self._redaction = Redaction(redact)
            self._shared.share(among=len(self._subscriptions))
        self._max_body = new_body
        self._strip_above = new_bytes or sys.maxsize
        ring.resize(new_entries, new_bytes)

    def clear(self) -> int:
        """Forget all entries; how many there were. Totals and ids go on counting."""
        return self._ring.clear()

    @property
    def bytes(self) -> int:
        """Bytes held by the entries."""
        return self._ring.bytes

    @property
    def max_bytes(self) -> int:
        """The limit for the entries."""
        return self._ring.max_bytes

    def __len__(self) -> int:
        return len(self._ring)

    def __bool__(self) -> bool:
        # An empty journal is a journal: `get_global_logger() or ...` must not pass it over.
        return True

    # ---------------------------------------------------------------- asking

    def recent(self, limit: int | None = None, **filters: Unpack[Filters]) -> list[JournalEntry]:
        """The newest ``limit`` entries (``None``: all) of those that pass the filters, newest first.

        See :class:`Criteria` for the filters; :class:`QueryError` if one makes no sense.
        """
        if limit is not None and limit < 0:
            raise MockForgeError(f"limit is {limit}", hint="give 0 or more, or leave it out")
        looked = scan(self._ring, limit, compile_query(criteria(filters)), self._build)
        while True:
            try:
                next(looked)
            except StopIteration as end:
                return cast("list[JournalEntry]", end.value)

    async def search(
        self, limit: int | None = None, **filters: Unpack[Filters]
    ) -> list[JournalEntry]:
        """:meth:`recent` for an event loop that has others to serve: they get a turn every some records."""
        looked = scan(self._ring, limit, compile_query(criteria(filters)), self._build)
        while True:
            try:
                next(looked)
            except StopIteration as end:
                return cast("list[JournalEntry]", end.value)
            await asyncio.sleep(0)

    def get(self, entry_id: int) -> JournalEntry | None:
        """The entry with this id; ``None`` if it is not (or no longer) there."""
        record = self._ring.get(entry_id)
        return None if record is None else self._build(entry_id, record)

    def find(self, query: Query) -> list[JournalEntry]:
        """All entries that ``query`` takes, in the order they happened."""
        return find(self._ring, compile_query(query), self._build)

    def count(self, query: Query | None = None) -> int:
        """How many entries ``query`` takes. Counts what is still held: see :meth:`totals` for all
        that happened."""
        return count(self._ring, compile_query(query), self._build)

    def sequence(self, queries: Sequence[Query]) -> SequenceResult:
        """Whether there are entries for all ``queries``, each after the one before (others may lie
        between)."""
        selectors = [compile_query(query) for query in queries]
        first_id, records = self._ring.snapshot()
        return find_sequence(selectors, first_id, records, self._build)

    def totals(self) -> Totals:
        """Counts since the start, taken when each exchange was recorded."""
        counts = self._ring.counts()
        return sum_totals(
            counts.cells,
            counts.since,
            evicted=self._ring.evicted,
            stripped=self._ring.stripped,
            dropped=self._dropped(),
        )

    def stats(self) -> JournalStats:
        """How full the journal is, against its limits."""
        ring = self._ring
        return JournalStats(
            entries=len(ring),
            bytes=ring.bytes,
            max_entries=ring.max_entries,
            max_bytes=ring.max_bytes,
            max_body=self._max_body,
            evicted=ring.evicted,
            stripped=ring.stripped,
            subscriptions=len(self._subscriptions),
            subscription_bytes=self.subscription_bytes,
            dropped=self._dropped(),
        )

    def _build(self, entry_id: int, record: Record) -> JournalEntry:
        return build_entry(entry_id, record, self._redaction, self._readers)

    # ---------------------------------------------------------------- the reference API

    async def get_recent_logs(self, limit: int | None = None) -> list[JournalEntry]:
        """:meth:`recent`."""
        return self.recent(limit)

    async def get_logs_by_protocol(
        self, protocol: str, limit: int | None = None
    ) -> list[JournalEntry]:
        """:meth:`recent` of one protocol."""
        return self.recent(limit, protocol=protocol)

    async def clear_logs(self) -> None:
        """:meth:`clear`."""
        self.clear()

    async def get_request_counts_by_protocol(self) -> dict[str, int]:
        """:meth:`totals` by protocol: since the start, whatever the ring still holds."""
        return self.totals().by_protocol


def _check(**limits: int) -> None:
    for name, value in limits.items():
        if value < 0:
            raise ConfigError(f"{name} is {value}", hint="give 0 or more")
