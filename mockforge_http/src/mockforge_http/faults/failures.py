"""Requests that fail by chance, by the settings ``http.failures``."""

from __future__ import annotations

from collections.abc import Sequence
from json import loads
from typing import Final

from mockforge.mocking.data import Dice
from mockforge.mocking.exchange import Exchange, Response
from mockforge.mocking.faults import Fault
from mockforge_http.config_faults import FailureOverride, Failures
from mockforge_http.faults.scope import Rules, Scope
from mockforge_http.problems import problem

UNSAID: Final = 0.1
"""The share that fails where failures are switched on and no rate is given."""

STATUSES: Final = (500, 502, 503, 504)
"""What is failed with where neither statuses nor faults are given."""

Outcome = Response | Fault
"""An answer in place of the mock's, or what is done to the mock's."""


class Chances:
    """What becomes of each request. Every rule draws from a chance of its own, so that requests that
    others concern do not change what it draws."""

    def __init__(self, settings: Failures, seed: int) -> None:
        rate = settings.rate
        if rate is None and not settings.overrides:
            rate = UNSAID
        self._rules: Rules[_Drawn | None] = Rules(
            [
                (Scope(override), _Drawn(override.rate, override, f"failures:{seed}:{number}"))
                for number, override in enumerate(settings.overrides)
            ],
            None if rate is None else _Drawn(rate, settings, f"failures:{seed}"),
        )

    @classmethod
    def of(cls, settings: Failures, seed: int) -> Chances | None:
        """``None`` where no request fails."""
        return cls(settings, seed) if settings.on else None

    def draw(self, exchange: Exchange) -> Outcome | None:
        """How ``exchange`` fails; ``None`` where it does not."""
        rule = self._rules.find(exchange)
        return None if rule is None else rule.draw()


class _Drawn:
    """A rate, the outcomes, and where draws come from."""

    __slots__ = ("_chance", "_outcomes", "_rate")

    def __init__(self, rate: float, said: Failures | FailureOverride, seed: str) -> None:
        statuses: Sequence[int] = said.statuses
        if not statuses and not said.faults:
            statuses = STATUSES
        self._rate = rate
        self._chance = Dice(seed)
        self._outcomes: list[Outcome] = [_answer(status, said.body) for status in statuses]
        self._outcomes += said.faults

    def draw(self) -> Outcome | None:
        chance = self._chance
        if chance.random() >= self._rate:
            return None
        return self._outcomes[int(chance.random() * len(self._outcomes))]


def _answer(status: int, body: str | None) -> Response:
    """The answer with ``status``; one for all requests."""
    if body is None:
        return problem(status, "injected-failure", "This failure was injected (http.failures).")
    try:
        loads(body)
    except (ValueError, RecursionError):
        media_type = "text/plain; charset=utf-8"
    else:
        media_type = "application/json"
    return Response(status, [("Content-Type", media_type)], body.encode())
