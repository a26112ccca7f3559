"""Rate limits, by the settings ``http.rate_limits``: token buckets for each client or for all."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from math import ceil
from time import monotonic
from typing import Final, NamedTuple

from mockforge.mocking.exchange import Exchange, Response
from mockforge_http.config_faults import RateLimit
from mockforge_http.faults.scope import Scope
from mockforge_http.problems import problem

ENTRY_BYTES: Final = 320
"""Estimate of what one bucket holds: key, address, number, its links in the order of use."""


class Quota(NamedTuple):
    """What a client has left by one limit after a request: ``remaining`` requests now, of ``limit`` at
    most; all of them again in ``reset`` seconds. A request that was not allowed may be tried again after
    ``wait`` seconds; 0 = it was."""

    limit: int
    remaining: int
    reset: float
    wait: float

    def headers(self) -> tuple[tuple[str, str], ...]:
        """As header fields (draft-ietf-httpapi-ratelimit-headers-07), times in whole seconds, rounded up."""
        told = (
            ("RateLimit-Limit", str(self.limit)),
            ("RateLimit-Remaining", str(self.remaining)),
            ("RateLimit-Reset", str(ceil(self.reset))),
        )
        # RFC 9110 section 10.2.3
        return (("Retry-After", str(max(1, ceil(self.wait)))), *told) if self.wait else told


class Buckets:
    """The buckets of all limits, at most ``most``; the ones longest unused go first, which are the
    fullest. ``evicted`` counts those that went and were not full again.

    A full bucket is the same as none. For each other one the time is kept at which it will be full (the
    generic cell rate algorithm, ITU-T I.371, which is the token bucket with one number).
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.evicted = 0
        self._full_at: OrderedDict[tuple[int, str], float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._full_at)

    def full_at(self, key: tuple[int, str]) -> float:
        """When the bucket will be full; 0 where it is."""
        return self._full_at.get(key, 0.0)

    def set(self, key: tuple[int, str], full_at: float, now: float) -> None:
        """Keep a bucket."""
        self._full_at[key] = full_at
        self._full_at.move_to_end(key)
        while len(self._full_at) > self.most:
            _, oldest = self._full_at.popitem(last=False)
            self.evicted += oldest > now

    def memory_bytes(self) -> int:
        """Estimate of what they hold."""
        return ENTRY_BYTES * len(self._full_at)

    def memory_limit(self) -> int:
        """The most that they may hold, by the same estimate."""
        return ENTRY_BYTES * self.most


class RateLimits:
    """All limits. A request must be within each that concerns it, and counts for all of them or, where it
    is not allowed, for none. ``refused`` counts those."""

    def __init__(
        self,
        settings: Sequence[RateLimit],
        most: int,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self.buckets = Buckets(most)
        self.refused = 0
        self._limits = [_Limit(number, limit) for number, limit in enumerate(settings)]
        self._now = now

    def take(self, exchange: Exchange) -> Quota | None:
        """Count ``exchange``: what the tightest limit leaves, ``None`` where none concerns it."""
        limits = [limit for limit in self._limits if limit.scope.takes(exchange)]
        if not limits:
            return None
        now = self._now()
        buckets = self.buckets
        keys = [limit.key(exchange) for limit in limits]
        quotas = [
            limit.after(buckets.full_at(key), now) for limit, key in zip(limits, keys, strict=True)
        ]
        refused = max(quotas, key=lambda quota: quota.wait)
        if refused.wait:
            self.refused += 1
            return refused
        for key, quota in zip(keys, quotas, strict=True):
            buckets.set(key, now + quota.reset, now)
        return min(quotas, key=lambda quota: quota.remaining)


class _Limit:
    """One limit with its numbers worked out: ``each`` is the time in which one request comes back,
    ``whole`` that in which all do."""

    def __init__(self, number: int, settings: RateLimit) -> None:
        self.scope = Scope(settings)
        self.burst = settings.requests if settings.burst is None else settings.burst
        self.each = settings.window / settings.requests
        self.whole = self.burst * self.each
        self._number = number
        self._shared = settings.per == "global"

    def key(self, exchange: Exchange) -> tuple[int, str]:
        """The bucket of ``exchange``."""
        if self._shared:
            return self._number, ""
        client = exchange.request.client
        return self._number, client.rpartition(":")[0] or client

    def after(self, full_at: float, now: float) -> Quota:
        """What one more request leaves of a bucket that will be full at ``full_at``."""
        missing = max(0.0, full_at - now) + self.each
        # A little more than nothing: times are sums of fractions that cannot be said exactly.
        over = missing - self.whole
        if over > self.each * 1e-6:
            return Quota(self.burst, 0, missing - self.each, over)
        left = int((self.whole - missing) / self.each + 1e-6)
        return Quota(self.burst, max(0, left), missing, 0.0)


def refusal(quota: Quota) -> Response:
    """The answer to a request that was not allowed."""
    seconds = max(1, ceil(quota.wait))
    return problem(
        429,
        "rate-limited",
        f"More requests than http.rate_limits allows: try again in {seconds} s.",
        headers=quota.headers(),
    )
