"""Rate limits by a clock that stands still."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge.config.types import Duration
from mockforge.mocking.exchange import Exchange, Request
from mockforge_http.config_faults import RateLimit
from mockforge_http.faults.limits import ENTRY_BYTES, RateLimits, refusal


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def limited(*given_limits: dict[str, Any], most: int = 100) -> tuple[RateLimits, Clock]:
    clock = Clock()
    settings = [
        RateLimit(**{**keys, "window": Duration(keys.get("window", 60))}) for keys in given_limits
    ]
    return RateLimits(settings, most, clock), clock


def asked(client: str = "10.0.0.1:5000", path: str = "/") -> Exchange:
    return Exchange(Request("GET", path, [], client=client))


def allowed(limits: RateLimits, count: int, **changes: str) -> int:
    """How many of ``count`` requests are let through."""
    quotas = [limits.take(asked(**changes)) for _ in range(count)]
    return sum(quota is None or not quota.wait for quota in quotas)


def test_as_many_as_allowed_pass_and_then_one_by_one() -> None:
    limits, clock = limited({"requests": 3, "window": 30})
    assert allowed(limits, 10) == 3
    clock.now += 9.9
    assert allowed(limits, 10) == 0
    clock.now += 0.1
    assert allowed(limits, 10) == 1
    clock.now += 20
    assert allowed(limits, 10) == 2
    clock.now += 1000
    assert allowed(limits, 10) == 3
    assert limits.refused == 7 + 10 + 9 + 8 + 7


def test_headers_say_what_is_left_and_when() -> None:
    limits, clock = limited({"requests": 3, "window": 30})
    told = []
    for _ in range(4):
        quota = limits.take(asked())
        assert quota is not None
        told.append(dict(quota.headers()))
    assert told[0] == {
        "RateLimit-Limit": "3",
        "RateLimit-Remaining": "2",
        "RateLimit-Reset": "10",
    }
    assert [each["RateLimit-Remaining"] for each in told] == ["2", "1", "0", "0"]
    assert [each["RateLimit-Reset"] for each in told] == ["10", "20", "30", "30"]
    assert [each.get("Retry-After") for each in told] == [None, None, None, "10"]
    clock.now += 9.5
    quota = limits.take(asked())
    assert quota is not None
    assert dict(quota.headers())["Retry-After"] == "1"


def test_the_time_that_retry_after_names_is_enough() -> None:
    limits, clock = limited({"requests": 7, "window": 3})
    for _ in range(50):
        quota = limits.take(asked())
        assert quota is not None
        if quota.wait:
            clock.now += int(dict(quota.headers())["Retry-After"])
            again = limits.take(asked())
            assert again is not None
            assert not again.wait


def test_a_burst_may_be_smaller_or_larger_than_the_window() -> None:
    limits, clock = limited({"requests": 60, "window": 60, "burst": 2})
    assert allowed(limits, 10) == 2
    clock.now += 1
    assert allowed(limits, 10) == 1
    limits, clock = limited({"requests": 1, "window": 60, "burst": 5})
    assert allowed(limits, 10) == 5
    clock.now += 60
    assert allowed(limits, 10) == 1


def test_clients_have_limits_of_their_own_by_address() -> None:
    limits, _ = limited({"requests": 2})
    assert allowed(limits, 5, client="10.0.0.1:1000") == 2
    assert allowed(limits, 5, client="10.0.0.1:2000") == 0
    assert allowed(limits, 5, client="10.0.0.2:1000") == 2
    assert allowed(limits, 5, client="[::1]:1000") == 2
    assert allowed(limits, 5, client="[::1]:1001") == 0
    assert allowed(limits, 5, client="unix") == 2


def test_a_global_limit_counts_all_clients_together() -> None:
    limits, _ = limited({"requests": 2, "per": "global"})
    assert allowed(limits, 1, client="10.0.0.1:1") == 1
    assert allowed(limits, 5, client="10.0.0.2:1") == 1
    assert len(limits.buckets) == 1


def test_what_no_limit_concerns_passes_without_a_word() -> None:
    limits, _ = limited({"requests": 1, "path": "/limited*"})
    assert [limits.take(asked(path="/free")) for _ in range(3)] == [None] * 3
    assert allowed(limits, 3, path="/limited/1") == 1
    assert limits.refused == 2


def test_a_request_counts_for_all_limits_or_for_none() -> None:
    limits, clock = limited({"requests": 5, "window": 5}, {"requests": 2, "window": 20})
    assert allowed(limits, 10) == 2
    clock.now += 10
    # the eight that were refused have not used up the first limit
    quota = limits.take(asked())
    assert quota is not None
    assert (quota.limit, quota.remaining) == (2, 0)
    assert allowed(limits, 10) == 0


def test_the_tightest_limit_is_told() -> None:
    limits, _ = limited({"requests": 5}, {"requests": 100})
    quota = limits.take(asked())
    assert quota is not None
    assert quota.limit == 5


def test_clients_past_the_table_push_out_those_that_were_quiet_longest() -> None:
    limits, clock = limited({"requests": 1}, most=10)
    for number in range(25):
        clock.now += 0.001
        assert allowed(limits, 1, client=f"10.0.0.{number}:1") == 1
    assert len(limits.buckets) == 10
    assert limits.buckets.evicted == 15
    assert limits.buckets.memory_bytes() == limits.buckets.memory_limit() == 10 * ENTRY_BYTES
    assert allowed(limits, 1, client="10.0.0.24:1") == 0
    assert allowed(limits, 1, client="10.0.0.14:1") == 1  # was forgotten


def test_forgetting_a_client_that_has_all_its_requests_back_loses_nothing() -> None:
    limits, clock = limited({"requests": 1, "window": 1}, most=10)
    for number in range(25):
        clock.now += 1
        assert allowed(limits, 1, client=f"10.0.0.{number}:1") == 1
    assert limits.buckets.evicted == 0


def test_a_refusal_says_when_to_come_back() -> None:
    limits, _ = limited({"requests": 1, "window": 90})
    limits.take(asked())
    quota = limits.take(asked())
    assert quota is not None
    answer = refusal(quota)
    assert answer.status == 429
    assert answer.header("retry-after") == "90"
    assert answer.header("ratelimit-remaining") == "0"
    assert b"try again in 90 s" in answer.body


def test_a_window_of_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="window: expected more than no time"):
        RateLimit(requests=1, window=Duration(0))


@given(
    st.integers(1, 20),
    st.sampled_from([0.1, 1.0, 3.0, 7.0, 60.0]),
    st.integers(1, 20),
    st.lists(st.floats(0, 5), max_size=80),
)
@settings(max_examples=150, deadline=None)
def test_no_more_pass_than_a_token_bucket_lets(
    requests: int, window: float, burst: int, pauses: list[float]
) -> None:
    limits, clock = limited({"requests": requests, "window": window, "burst": burst})
    tokens, rate = float(burst), requests / window
    for pause in pauses:
        clock.now += pause
        tokens = min(burst, tokens + pause * rate)
        quota = limits.take(asked())
        assert quota is not None
        if abs(tokens - 1) > 1e-5:  # neither arithmetic is exact
            assert (not quota.wait) is (tokens >= 1)
        if not quota.wait:
            tokens = max(0.0, tokens - 1)
            assert quota.remaining == pytest.approx(tokens, abs=1.0001)
