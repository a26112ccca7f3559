"""One report per interval, and a count of the others."""

from __future__ import annotations

from mockforge.observe.throttle import Throttle


def test_reports_are_let_through_once_per_interval_with_a_count() -> None:
    now = [100.0]
    throttle = Throttle(10, clock=lambda: now[0])
    assert throttle.ready() == 0
    assert [throttle.ready() for _ in range(5)] == [None] * 5
    now[0] = 109.9
    assert throttle.ready() is None
    now[0] = 110.0
    assert throttle.ready() == 6
    now[0] = 120.0
    assert throttle.ready() == 0
