"""Prepared operations, made on first use and bounded by bytes.

Routes point to an :class:`OperationSlot`; what was prepared for it hangs there until the total passes the
limit. Then the slots that were not used since the hand of the clock last passed lose theirs (the
second-chance algorithm): being used costs a request one attribute, not the upkeep of an ordered list.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from mockforge_http.operations.collector import collect_soon

if TYPE_CHECKING:
    from mockforge_http.documents import OperationRef

_WORTH_COLLECTING = 4 * 1024**2
"""Bytes below which a walk over all objects is not worth its milliseconds."""


class Sized(Protocol):
    """Something that knows about how many bytes it holds, and whether that changed (``grown``)."""

    size: int
    grown: bool


P = TypeVar("P", bound=Sized)


class OperationSlot(Generic[P]):
    """The place of one operation, ``ref`` in its document: ``make`` prepares it, ``prepared`` holds the
    result while it is kept."""

    __slots__ = ("counted", "make", "prepared", "ref", "used")

    def __init__(self, make: Callable[[], P], ref: OperationRef | None = None) -> None:
        self.make = make
        self.ref = ref
        self.prepared: P | None = None
        self.used = False
        self.counted = 0


class OperationStore(Generic[P]):
    """Keeps the total size of what hangs in the slots below ``limit`` bytes.

    One prepared operation is always kept, even if it is larger than the limit alone.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.held = 0
        self.evicted = 0
        self._kept: deque[OperationSlot[P]] = deque()
        self._dropped = 0

    def get(self, slot: OperationSlot[P]) -> P:
        """What is prepared for ``slot``, prepared now if need be."""
        prepared = slot.prepared
        if prepared is None:
            prepared = slot.prepared = slot.make()
            self._kept.append(slot)
            self._count(slot, prepared)
        slot.used = True
        return prepared

    def settle(self, slot: OperationSlot[P]) -> None:
        """Called after what hangs in ``slot`` was used: counts it anew if its size has changed."""
        prepared = slot.prepared
        if prepared is not None and prepared.grown:
            prepared.grown = False
            self._count(slot, prepared)

    def shed(self) -> None:
        """Let all go: they are prepared again when they are called."""
        for slot in self._kept:
            slot.prepared = None
            slot.used = False
            slot.counted = 0
        self._kept.clear()
        self.held = 0

    def _count(self, slot: OperationSlot[P], prepared: P) -> None:
        self.held += prepared.size - slot.counted
        slot.counted = prepared.size
        if self.held > self.limit:
            self._evict(slot)

    def __len__(self) -> int:
        return len(self._kept)

    def _evict(self, latest: OperationSlot[P]) -> None:
        while self.held > self.limit and len(self._kept) > 1:
            slot = self._kept.popleft()
            if slot is latest or slot.used:
                slot.used = False
                self._kept.append(slot)
                continue
            self.held -= slot.counted
            self._dropped += slot.counted
            slot.counted = 0
            slot.prepared = None
            self.evicted += 1
        # Compiled schemas refer to each other in circles, which only the collector takes apart; left
        # to itself it would wait until there is much more of it.
        if self._dropped > max(self.limit // 2, _WORTH_COLLECTING):
            self._dropped = 0
            collect_soon()
