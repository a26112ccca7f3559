"""What the settings say shall go wrong, and what came of it: made with each mock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockforge_http.faults.waiting import Waiting
from mockforge_http.pipeline import Pipeline

if TYPE_CHECKING:
    from mockforge_http.config import HttpConfig
    from mockforge_http.faults.limits import RateLimits
    from mockforge_http.wire.pace import Pace


class ConfiguredFaults:
    """Makes the pipeline, and keeps the counters of what is done on purpose: ``waiting`` those of answers
    held back, ``failed`` errors answered in the mock's place, ``refused`` requests over a limit."""

    def __init__(self, config: HttpConfig, seed: int, pace: Pace | None = None) -> None:
        self.waiting = Waiting(pace)
        self.failed = 0
        self._config = config
        self._seed = seed
        self._limits: RateLimits | None = None
        self._refused_before = 0
        self._forgotten_before = 0

    def pipeline(self, **parts: Any) -> Pipeline:
        """The pipeline of ``parts``, with what is configured around it."""
        config = self._config
        if not self._any():
            return Pipeline(**parts)
        from mockforge_http.faults.failures import Chances
        from mockforge_http.faults.latency import Delays
        from mockforge_http.faults.limits import RateLimits
        from mockforge_http.faults.pipeline import FaultyPipeline

        if config.rate_limits:
            self._limits = RateLimits(config.rate_limits, config.max_limited_clients)
        return FaultyPipeline(
            counts=self,
            limits=self._limits,
            failures=Chances.of(config.failures, self._seed),
            delays=Delays.of(config.latency, self._seed),
            **parts,
        )

    def _any(self) -> bool:
        config = self._config
        return bool(config.latency.on or config.failures.on or config.rate_limits)

    @property
    def refused(self) -> int:
        """Requests refused by rate limits."""
        return self._refused_before + (self._limits.refused if self._limits is not None else 0)

    @property
    def forgotten(self) -> int:
        """Clients that rate limits forgot before they had all their requests back."""
        own = self._limits.buckets.evicted if self._limits is not None else 0
        return self._forgotten_before + own

    def memory_bytes(self) -> int:
        """Estimate of what rate limits hold."""
        return self._limits.buckets.memory_bytes() if self._limits is not None else 0

    def memory_limit(self) -> int:
        """The most that they may hold by that estimate."""
        return self._limits.buckets.memory_limit() if self._limits is not None else 0

    def take_over(self, old: ConfiguredFaults) -> None:
        """Go on with the counters of ``old``: they never fall."""
        self.waiting.count += old.waiting.count
        self.waiting.seconds += old.waiting.seconds
        self.failed += old.failed
        self._refused_before += old.refused
        self._forgotten_before += old.forgotten
