"""Answers held back, by the settings ``http.latency``."""

from __future__ import annotations

from typing import Final

from mockforge.mocking.data import Dice
from mockforge.mocking.exchange import Exchange
from mockforge.mocking.faults import Delay, compile_delay
from mockforge_http.config_faults import Latency
from mockforge_http.faults.scope import Rules, Scope

UNSAID: Final = compile_delay({"uniform": {"min": "30ms", "max": "70ms"}})
"""The delay where latency is switched on and no delay is given."""


class Delays:
    """The delay for each request. Every rule draws from a chance of its own, so that requests that others
    concern do not change what it draws."""

    def __init__(self, settings: Latency, seed: int) -> None:
        default = settings.default
        if default is None and not settings.overrides:
            default = UNSAID
        drawn = [
            (Scope(override), _Drawn(override.delay, f"latency:{seed}:{number}"))
            for number, override in enumerate(settings.overrides)
        ]
        whole = None if default is None else _Drawn(default, f"latency:{seed}")
        self._rules: Rules[_Drawn | None] = Rules(drawn, whole)

    @classmethod
    def of(cls, settings: Latency, seed: int) -> Delays | None:
        """``None`` where no answer is held back."""
        return cls(settings, seed) if settings.on else None

    def draw(self, exchange: Exchange) -> float:
        """Seconds to hold the answer to ``exchange`` back."""
        rule = self._rules.find(exchange)
        return 0.0 if rule is None else rule.delay.sample(rule.chance)


class _Drawn:
    """A delay and where its draws come from."""

    __slots__ = ("chance", "delay")

    def __init__(self, delay: Delay, seed: str) -> None:
        self.delay = delay
        self.chance = Dice(seed)
