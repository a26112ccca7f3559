"""Following the journal live, from an event loop or from a thread.

A subscription has a buffer of its own, bounded in entries and in bytes. A reader that is too slow
loses the oldest entries and is told how many: nothing that reads can slow the servers or make the
process grow.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from threading import Event, Lock
from time import monotonic
from types import TracebackType
from typing import Final, Self

import msgspec

from mockforge.observe.journal.entry import JournalEntry
from mockforge.observe.journal.query import Selector
from mockforge.observe.journal.record import SIZE, Record

DEFAULT_BUFFER: Final = 256
"""Entries a subscription holds for its reader."""
DEFAULT_BUFFER_BYTES: Final = 1024**2
"""Bytes a subscription holds for its reader."""
_TURN: Final = 32
"""Entries an async reader takes before other tasks get a turn."""


class Dropped(msgspec.Struct, frozen=True):
    """Read in place of ``count`` entries that were lost because the reader was too slow. With a
    ``text`` filter, or a function as filter, some of them may not have matched it."""

    count: int


Item = JournalEntry | Dropped


class Subscription:
    """New entries as they are recorded; made by :meth:`Journal.subscribe`, for one reader.

    Read with ``async for`` in any event loop, with ``for`` in a thread, or with :meth:`get`. Both
    loops end once the subscription is closed and its buffer is empty. It is a context manager of both
    kinds; leave or :meth:`close` it, else it goes on filling its buffer.
    """

    def __init__(
        self,
        selector: Selector,
        build: Callable[[int, Record], JournalEntry],
        forget: Callable[[Subscription], None],
        *,
        buffer: int = DEFAULT_BUFFER,
        max_bytes: int = DEFAULT_BUFFER_BYTES,
    ) -> None:
        self.buffer = buffer
        self.max_bytes = max_bytes
        self.dropped = 0
        """Entries lost so far."""
        self._selector = selector
        self._build = build
        self._forget = forget
        self._queue: deque[tuple[int, Record]] = deque()
        self._bytes = 0
        self._missed = 0
        self._closed = False
        self._waker: Callable[[], None] | None = None
        self._taken = 0
        self._lock = Lock()

    @property
    def waiting(self) -> int:
        """Entries waiting to be read."""
        return len(self._queue)

    @property
    def bytes(self) -> int:
        """Bytes waiting to be read (most of them are in the journal's ring as well)."""
        return self._bytes

    @property
    def closed(self) -> bool:
        """Whether nothing more will come."""
        return self._closed

    # ---------------------------------------------------------------- the journal's side

    def put(self, entry_id: int, record: Record) -> Callable[[], None] | None:
        """Buffer a record if it is asked for. What is returned wakes the reader, and is to be called
        without locks held."""
        if not self._selector.sees(entry_id, record):
            return None
        with self._lock:
            if self._closed:
                return None
            queue = self._queue
            queue.append((entry_id, record))
            self._bytes += record[SIZE]
            while len(queue) > self.buffer or (self._bytes > self.max_bytes and len(queue) > 1):
                self._bytes -= queue.popleft()[1][SIZE]
                self._missed += 1
                self.dropped += 1
            waker, self._waker = self._waker, None
            return waker

    def stop(self) -> None:
        """Take nothing more; what is buffered can still be read."""
        with self._lock:
            self._closed = True
            waker, self._waker = self._waker, None
        if waker is not None:
            waker()

    def discard(self) -> int:
        """Throw away what is buffered, counted as dropped; how many that were."""
        with self._lock:
            gone = len(self._queue)
            self._queue.clear()
            self._bytes = 0
            self.dropped += gone
            return gone

    # ---------------------------------------------------------------- the reader's side

    def close(self) -> None:
        """End the subscription; a loop over it ends after what is buffered."""
        self._forget(self)
        self.stop()

    def get(self, timeout: float | None = None) -> Item | None:
        """The next item, waited for up to ``timeout`` seconds (``None``: without end) in this thread.

        ``None`` when the time is over, or nothing more will come.
        """
        deadline = None if timeout is None else monotonic() + timeout
        while True:
            closed = self._closed  # read first: what was put before the end is still returned
            item = self._take()
            if item is not None or closed:
                return item
            arrived = Event()
            left = None if deadline is None else deadline - monotonic()
            if self._park(arrived.set) and not arrived.wait(left):
                self._unpark()
                return self._take()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Item:
        item = self.get()
        if item is None:
            raise StopIteration
        return item

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Item:
        self._taken += 1
        if self._taken % _TURN == 0:
            await asyncio.sleep(0)
        while True:
            closed = self._closed
            item = self._take()
            if item is not None:
                return item
            if closed:
                raise StopAsyncIteration
            await self._arrival()

    async def _arrival(self) -> None:
        loop = asyncio.get_running_loop()
        arrived = loop.create_future()

        def resolve() -> None:
            if not arrived.done():
                arrived.set_result(None)

        def wake() -> None:
            try:
                loop.call_soon_threadsafe(resolve)
            except RuntimeError:  # the loop is closed: nobody is left to read
                self.close()

        if self._park(wake):
            try:
                await arrived
            finally:
                self._unpark()

    def _take(self) -> Item | None:
        while True:
            with self._lock:
                if self._missed:
                    missed, self._missed = self._missed, 0
                    return Dropped(missed)
                if not self._queue:
                    return None
                entry_id, record = self._queue.popleft()
                self._bytes -= record[SIZE]
            entry = self._build(entry_id, record)
            if self._selector.takes(entry):
                return entry

    def _park(self, waker: Callable[[], None]) -> bool:
        """Ask to be woken; false if there is something to read already."""
        with self._lock:
            if self._waker is not None:
                raise RuntimeError("a subscription has one reader; this one is being read already")
            if self._queue or self._missed or self._closed:
                return False
            self._waker = waker
            return True

    def _unpark(self) -> None:
        with self._lock:
            self._waker = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
