"""The pipeline with what goes wrong on purpose around it.

rate limits (429) -> failures (an answer in place of the mock's) -> the pipeline -> latency -> a fault
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

from mockforge.mocking.exchange import Exchange, Response
from mockforge.mocking.faults import Fault
from mockforge_http.faults.failures import Chances
from mockforge_http.faults.latency import Delays
from mockforge_http.faults.limits import Quota, RateLimits, refusal
from mockforge_http.pipeline import Answer, Pipeline

if TYPE_CHECKING:
    from mockforge_http.faults.configured import ConfiguredFaults


class FaultyPipeline(Pipeline):
    """Made in the place of :class:`~mockforge_http.pipeline.Pipeline` where any of this is configured."""

    def __init__(
        self,
        *,
        limits: RateLimits | None,
        failures: Chances | None,
        delays: Delays | None,
        counts: ConfiguredFaults,
        **parts: Any,
    ) -> None:
        super().__init__(**parts)
        self._limits = limits
        self._failures = failures
        self._delays = delays
        self._counts = counts
        self._waiting = counts.waiting

    def _ask(self, exchange: Exchange, start: int) -> Answer:
        if start:  # what had to wait goes on
            return super()._ask(exchange, start)
        quota = self._limits.take(exchange) if self._limits is not None else None
        if quota is not None and quota.wait:
            exchange.response = refusal(quota)
            return self._share(exchange)
        outcome = self._failures.draw(exchange) if self._failures is not None else None
        seconds = self._delays.draw(exchange) if self._delays is not None else 0.0
        fault: Fault | None = None
        if isinstance(outcome, Response):
            self._counts.failed += 1
            exchange.response = outcome
            answer: Answer = self._share(exchange)
        else:
            fault = outcome
            answer = super()._ask(exchange, 0)
        if isinstance(answer, Response):
            answer = _finished(exchange, answer, fault, quota)
            return self._waiting.hold(answer, seconds) if seconds else answer
        return self._later(exchange, answer, seconds, fault, quota)

    async def _later(
        self,
        exchange: Exchange,
        answer: Awaitable[Response],
        seconds: float,
        fault: Fault | None,
        quota: Quota | None,
    ) -> Response:
        response = _finished(exchange, await answer, fault, quota)
        return await self._waiting.hold(response, seconds) if seconds else response


def _finished(
    exchange: Exchange, response: Response, fault: Fault | None, quota: Quota | None
) -> Response:
    """``response`` with what was drawn for it; a fault that it has already stays."""
    if quota is not None:
        response = response.replace(headers=(*response.headers, *quota.headers()))
    if fault is not None and response.fault is None:
        response = response.with_fault(fault)
    exchange.response = response
    return response
