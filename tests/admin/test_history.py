"""The last minutes: what is kept, how much of it, and what is made of it."""

from __future__ import annotations

import pytest

from mockforge.observe.metrics.instruments import DURATION_BUCKETS
from mockforge_admin.history import History, percentile
from tests.admin.making import Admin, admin
from tests.kernel.observe.waiting import wait_until


def counts(**at: int) -> list[int]:
    found = [0] * (len(DURATION_BUCKETS) + 1)
    for index, count in at.items():
        found[int(index.removeprefix("b"))] = count
    return found


def test_percentiles_lie_proportionally_in_their_bucket() -> None:
    low, high = DURATION_BUCKETS[1], DURATION_BUCKETS[2]
    assert percentile(counts(b2=10), 0.5) == pytest.approx(500 * (low + high), abs=0.001)
    assert percentile(counts(b2=10), 1.0) == pytest.approx(1000 * high, abs=0.001)
    mixed = percentile(counts(b0=90, b2=10), 0.95)
    assert mixed is not None
    assert 1000 * low < mixed < 1000 * high


def test_there_is_no_percentile_of_nothing_and_the_slowest_are_as_slow_as_is_known() -> None:
    assert percentile(counts(), 0.5) is None
    slowest = {f"b{len(DURATION_BUCKETS)}": 3}
    assert percentile(counts(**slowest), 0.5) == 1000 * DURATION_BUCKETS[-1]


def test_only_the_newest_moments_are_kept_and_their_bytes_are_reported(shared: Admin) -> None:
    history = History(shared.server.kernel, 5)
    for _ in range(3):
        history.take()
    held = history.memory_bytes()
    assert held > 0
    for _ in range(50):
        history.take()
    assert (len(history), history.most) == (5, 5)
    assert held < history.memory_bytes() < 2 * held
    assert len(history.stretches(100)) == 4
    assert len(history.stretches(2)) == 2


def test_a_stretch_tells_what_happened_in_it(shared: Admin) -> None:
    history = History(shared.server.kernel, 5)
    history.take()
    for _ in range(4):
        shared.call("/pets/1")
    shared.call("/no/such/path")
    history.take()
    (stretch,) = history.stretches(9)
    assert stretch.requests_per_second * stretch.seconds == pytest.approx(5)
    assert stretch.errors_per_second * stretch.seconds == pytest.approx(1)
    assert stretch.p50_ms is not None
    assert stretch.p99_ms is not None
    assert 0 < stretch.p50_ms <= stretch.p99_ms
    assert stretch.memory["journal"] == shared.server.kernel.journal.bytes
    assert set(stretch.connections) == {"http", "admin"}
    assert stretch.rss


@pytest.mark.shows("admin.history", "admin.history_interval")
def test_the_dashboard_tells_of_as_many_moments_as_are_kept_as_often_as_is_said() -> None:
    with admin(history=3, history_interval="100ms") as running:

        def stretches() -> list[float]:
            found = running.get("/dashboard").json()
            assert found["interval"] == 0.1
            return [each["time"] for each in found["stretches"]]

        wait_until(lambda: len(stretches()) == 2)
        first = stretches()
        wait_until(lambda: first[-1] not in stretches())
        assert len(stretches()) == 2
        assert len(running.get("/dashboard", params={"last": 1}).json()["stretches"]) == 1
        assert running.get("/dashboard").json()["over_budget"] is False
