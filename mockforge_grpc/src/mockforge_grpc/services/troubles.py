"""Calls held back or failed by the settings ``grpc.latency`` and ``grpc.failures``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from mockforge.errors import ConfigError
from mockforge.mocking.data.chance import Dice
from mockforge.mocking.faults import Delay, compile_delay
from mockforge_grpc.status import Code, Status

if TYPE_CHECKING:
    from random import Random

    from mockforge_grpc.config import GrpcConfig
    from mockforge_grpc.config_faults import FailureOverride, Failures, Latency

UNSAID_DELAY: Final = compile_delay({"uniform": {"min": "30ms", "max": "70ms"}})
"""The delay where latency is switched on and no delay is given."""
UNSAID_RATE: Final = 0.1
"""The share that fails where failures are switched on and no rate is given."""
_MESSAGE: Final = "This failure was injected (grpc.failures)."


class Trouble(NamedTuple):
    """What is done to the calls of one method."""

    slow: _Slow | None
    failing: _Failing | None

    def delay(self) -> float:
        """Seconds to hold a call back."""
        slow = self.slow
        return 0.0 if slow is None else slow.delay.sample(slow.chance)

    def failure(self) -> Status | None:
        """What a call fails with; ``None`` where it does not."""
        return None if self.failing is None else self.failing.draw()


class _Slow(NamedTuple):
    delay: Delay
    chance: Random


class _Failing:
    """A rate, the statuses, and where draws come from."""

    __slots__ = ("_chance", "_rate", "_statuses")

    def __init__(self, rate: float, statuses: Sequence[Status], chance: Random) -> None:
        self._rate = rate
        self._statuses = statuses
        self._chance = chance

    def draw(self) -> Status | None:
        chance = self._chance
        if chance.random() >= self._rate:
            return None
        return self._statuses[int(chance.random() * len(self._statuses))]


class Troubles:
    """What the settings say. Every rule draws from a chance of its own, so that calls that others concern do
    not change what it draws. ConfigError: no such status code."""

    def __init__(self, config: GrpcConfig, seed: int) -> None:
        self._slow = _slow_rules(config.latency, seed)
        self._failing = _failing_rules(config.failures, seed)

    def of(self, full_name: str) -> Trouble | None:
        """What is done to calls of a method; ``None`` for nothing."""
        slow = next((rule for fits, rule in self._slow if fits.fullmatch(full_name)), None)
        failing = next((rule for fits, rule in self._failing if fits.fullmatch(full_name)), None)
        return None if slow is None and failing is None else Trouble(slow, failing)


def _slow_rules(latency: Latency, seed: int) -> list[tuple[re.Pattern[str], _Slow]]:
    if not latency.on:
        return []
    rules = [
        (_pattern(each.method), _Slow(each.delay, Dice(f"latency:{seed}:{number}")))
        for number, each in enumerate(latency.overrides)
    ]
    rules.reverse()
    default = latency.default
    if default is None and not latency.overrides:
        default = UNSAID_DELAY
    if default is not None:
        rules.append((_pattern("*"), _Slow(default, Dice(f"latency:{seed}"))))
    return rules


def _failing_rules(failures: Failures, seed: int) -> list[tuple[re.Pattern[str], _Failing]]:
    if not failures.on:
        return []
    rules = [
        (_pattern(each.method), _failing(each.rate, each, f"failures:{seed}:{number}", number))
        for number, each in enumerate(failures.overrides)
    ]
    rules.reverse()
    rate = failures.rate
    if rate is None and not failures.overrides:
        rate = UNSAID_RATE
    if rate is not None:
        rules.append((_pattern("*"), _failing(rate, failures, f"failures:{seed}", None)))
    return rules


def _failing(
    rate: float, said: Failures | FailureOverride, seed: str, number: int | None
) -> _Failing:
    message = _MESSAGE if said.message is None else said.message
    statuses = [Status(_code(name, number), message) for name in said.codes]
    return _Failing(rate, statuses or [Status(Code.UNAVAILABLE, message)], Dice(seed))


def _code(name: str, number: int | None) -> Code:
    where = "grpc.failures" if number is None else f"grpc.failures.overrides[{number}]"
    try:
        code = Code.named(name)
    except ValueError as error:
        raise ConfigError(f"{where}.codes: {error}") from None
    if code is Code.OK:
        raise ConfigError(f"{where}.codes: OK is no failure")
    return code


def _pattern(method: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, method.lstrip("/").split("*"))))
