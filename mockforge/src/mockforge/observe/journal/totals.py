"""Counts of everything recorded since the start, independent of what the ring still holds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import msgspec

OTHER: Final = "other"
_OTHER_STATUS: Final = -1
_MAX_PROTOCOLS: Final = 64
_MAX_STATUSES: Final = 1000


class Totals(msgspec.Struct, frozen=True):
    """Exchanges recorded since ``since``. Neither eviction nor :meth:`Journal.clear` changes them."""

    since: datetime
    total: int
    by_protocol: dict[str, int]
    by_status_class: dict[str, int]
    """``2xx`` ..., ``none`` for no answer; gRPC codes count as ``ok`` (0) or ``failed`` (1-99)."""
    evicted: int
    """Recorded, and since pushed out of the ring by newer ones."""
    stripped: int
    """Recorded without bodies or headers, being too large alone."""
    dropped: int
    """Entries that slow subscribers and request loggers missed."""


def status_class(status: int | None) -> str:
    """The class that ``status`` counts in."""
    if status is None:
        return "none"
    if 100 <= status <= 599:
        return f"{status // 100}xx"
    if 0 <= status <= 99:
        return "failed" if status else "ok"
    return OTHER


class Counts:
    """Counters by protocol and status. The ring counts in ``cells``, holding its lock, and calls
    :meth:`add_new` where there is no cell yet."""

    __slots__ = ("cells", "since")

    def __init__(self) -> None:
        self.since = datetime.now(UTC)
        self.cells: dict[str, dict[int | None, int]] = {}

    def add_new(self, protocol: str, status: int | None) -> None:
        """Count one exchange in a new cell, or past the bounds in the cell for all others."""
        if protocol not in self.cells and len(self.cells) >= _MAX_PROTOCOLS:
            protocol = OTHER
        statuses = self.cells.setdefault(protocol, {})
        if status not in statuses and len(statuses) >= _MAX_STATUSES:
            status = _OTHER_STATUS
        statuses[status] = statuses.get(status, 0) + 1

    def copy(self) -> dict[str, dict[int | None, int]]:
        """The cells as they are now."""
        return {protocol: dict(statuses) for protocol, statuses in self.cells.items()}


def sum_totals(
    cells: dict[str, dict[int | None, int]],
    since: datetime,
    *,
    evicted: int,
    stripped: int,
    dropped: int,
) -> Totals:
    """Add ``cells`` up by protocol and by status class."""
    by_class: dict[str, int] = {}
    for statuses in cells.values():
        for status, count in statuses.items():
            key = status_class(status)
            by_class[key] = by_class.get(key, 0) + count
    by_protocol = {protocol: sum(statuses.values()) for protocol, statuses in cells.items()}
    return Totals(
        since=since,
        total=sum(by_protocol.values()),
        by_protocol=by_protocol,
        by_status_class=dict(sorted(by_class.items())),
        evicted=evicted,
        stripped=stripped,
        dropped=dropped,
    )
