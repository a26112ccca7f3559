"""Totals count what happened, not what is still there."""

from __future__ import annotations

from datetime import UTC, datetime

from mockforge.observe.journal import Journal
from tests.kernel.observe.exchanges import exchange


def test_totals_go_on_counting_past_eviction_and_clearing() -> None:
    before = datetime.now(UTC)
    journal = Journal(max_entries=2)
    for _ in range(5):
        journal.record(exchange(status=200))
    journal.record(exchange(status=404))
    journal.record(exchange(protocol="grpc", status=0))
    journal.record(exchange(protocol="grpc", status=5))
    journal.record(exchange(protocol="websocket", status=None))
    journal.clear()
    totals = journal.totals()
    assert totals.total == 9
    assert totals.by_protocol == {"http": 6, "grpc": 2, "websocket": 1}
    assert totals.by_status_class == {"2xx": 5, "4xx": 1, "failed": 1, "none": 1, "ok": 1}
    assert totals.evicted == 7
    assert totals.stripped == totals.dropped == 0
    assert before <= totals.since <= datetime.now(UTC)


def test_made_up_protocols_and_statuses_do_not_make_it_grow() -> None:
    journal = Journal(max_entries=1)
    for number in range(200):
        journal.record(exchange(protocol=f"p{number}", status=200))
    for number in range(3000):
        journal.record(exchange(protocol="p0", status=10_000 + number))
    totals = journal.totals()
    assert totals.total == 3200
    assert len(totals.by_protocol) == 65
    assert totals.by_protocol["other"] == 136
    assert totals.by_protocol["p0"] == 3001
    assert totals.by_status_class == {"2xx": 200, "other": 3000}
    assert sum(map(len, journal._ring.counts().cells.values())) < 1100
