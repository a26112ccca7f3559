"""Delays: a fixed time, or one drawn from a distribution."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from random import Random
from typing import Any, Final

from mockforge.config.types import Duration
from mockforge.mocking.faults.spec import (
    FaultError,
    duration,
    number,
    section,
    shown,
    single,
    unwrapped,
)
from mockforge.structured import Part

LONGEST: Final = 86_400.0
"""Seconds that no delay exceeds, whatever was drawn."""

_MOST_SIGMA: Final = 10.0


class Delay(ABC):
    """How long something is held back. Written as ``80ms``, ``{fixed: 80ms}``, ``{uniform: {min, max}}``,
    ``{normal: {mean, stddev}}`` or ``{lognormal: {median, sigma}}``, the last two with ``max`` if need be.
    """

    @abstractmethod
    def sample(self, chance: Random) -> float:
        """One delay in seconds, from 0 to a day."""

    @abstractmethod
    def spec(self) -> Any:
        """The delay as it is written."""

    @classmethod
    def parse(cls, value: object) -> Delay:
        """What makes it a type for settings; :class:`FaultError` is a ValueError."""
        return compile_delay(value)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """What :func:`compile_delay` takes, as JSON Schema."""
        time = Duration.json_schema()
        sigma = {"type": "number", "minimum": 0, "maximum": _MOST_SIGMA}
        forms = {
            "fixed": time,
            "uniform": _mapping({"min": time, "max": time}),
            "normal": _mapping({"mean": time, "stddev": time}, {"max": time}),
            "lognormal": _mapping({"median": time, "sigma": sigma}, {"max": time}),
        }
        return {"anyOf": [time, *(_mapping({key: form}) for key, form in forms.items())]}

    def __str__(self) -> str:
        spec = self.spec()
        return spec if isinstance(spec, str) else json.dumps(spec)


@dataclass(frozen=True, slots=True)
class Fixed(Delay):
    """Always ``time``."""

    time: Duration

    def sample(self, chance: Random) -> float:
        return min(self.time, LONGEST)

    def spec(self) -> Any:
        return str(self.time)


@dataclass(frozen=True, slots=True)
class Uniform(Delay):
    """Any time from ``least`` to ``most``, all alike."""

    least: Duration
    most: Duration

    def sample(self, chance: Random) -> float:
        return min(self.least + (self.most - self.least) * chance.random(), LONGEST)

    def spec(self) -> Any:
        return {"uniform": {"min": str(self.least), "max": str(self.most)}}


@dataclass(frozen=True, slots=True)
class Normal(Delay):
    """The normal distribution; what falls below 0 is 0, what falls above ``most`` is that."""

    mean: Duration
    stddev: Duration
    most: Duration | None

    def sample(self, chance: Random) -> float:
        drawn = chance.gauss(self.mean, self.stddev)
        return max(0.0, min(drawn, LONGEST if self.most is None else self.most, LONGEST))

    def spec(self) -> Any:
        return _with_most("normal", {"mean": str(self.mean), "stddev": str(self.stddev)}, self.most)


@dataclass(frozen=True, slots=True)
class LogNormal(Delay):
    """The log-normal distribution: half of the draws below ``median``, and a long tail that grows with
    ``sigma``, the standard deviation of the logarithm. What falls above ``most`` is that."""

    median: Duration
    sigma: float
    most: Duration | None

    def sample(self, chance: Random) -> float:
        drawn = self.median * exp(chance.gauss(0.0, self.sigma))
        return min(drawn, LONGEST if self.most is None else self.most, LONGEST)

    def spec(self) -> Any:
        return _with_most("lognormal", {"median": str(self.median), "sigma": self.sigma}, self.most)


def compile_delay(spec: Any, path: Sequence[Part] = ()) -> Delay:
    """The delay that ``spec`` describes; :class:`FaultError` with the key path, below ``path``, of what
    is wrong with it."""
    spec = unwrapped(spec, path)
    if not isinstance(spec, Mapping):
        if not isinstance(spec, str | int | float) or isinstance(spec, bool):
            raise FaultError(
                f"expected a duration such as 80ms, or one of {', '.join(_MAKERS)}, "
                f"got {shown(spec)}",
                path=path,
            )
        return Fixed(duration(spec, path))
    name, given = single(spec, _MAKERS, path)
    return _MAKERS[name](given, (*path, name))


def _uniform(given: Any, path: Sequence[Part]) -> Delay:
    keys = section(given, path, required=("min", "max"))
    least, most = duration(keys["min"], (*path, "min")), duration(keys["max"], (*path, "max"))
    if least > most:
        raise FaultError(f"min is above max ({least} and {most})", path=(*path, "min"))
    return Uniform(least, most)


def _normal(given: Any, path: Sequence[Part]) -> Delay:
    keys = section(given, path, required=("mean", "stddev"), optional=("max",))
    return Normal(
        duration(keys["mean"], (*path, "mean")),
        duration(keys["stddev"], (*path, "stddev")),
        _most(keys, path),
    )


def _lognormal(given: Any, path: Sequence[Part]) -> Delay:
    keys = section(given, path, required=("median", "sigma"), optional=("max",))
    return LogNormal(
        duration(keys["median"], (*path, "median")),
        number(keys["sigma"], (*path, "sigma"), least=0, most=_MOST_SIGMA),
        _most(keys, path),
    )


def _most(keys: Mapping[str, Any], path: Sequence[Part]) -> Duration | None:
    return duration(keys["max"], (*path, "max")) if keys.get("max") is not None else None


_MAKERS: Final[dict[str, Callable[[Any, Sequence[Part]], Delay]]] = {
    "fixed": lambda given, path: Fixed(duration(given, path)),
    "uniform": _uniform,
    "normal": _normal,
    "lognormal": _lognormal,
}


def _with_most(name: str, spec: dict[str, Any], most: Duration | None) -> dict[str, Any]:
    return {name: spec if most is None else {**spec, "max": str(most)}}


def _mapping(
    required: Mapping[str, Any], optional: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }
