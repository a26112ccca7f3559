"""What a running generation carries along: randomness, budget, depth."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Final

from mockforge.mocking.data.model import DataLimits

Random01 = Callable[[], float]
"""``random.Random.random``: the one source of chance, a float in [0, 1)."""

ONE_DRAW: Final = 1 << 24
"""The widest range that one draw is fine enough for."""

FULL: Final = 0
SPARSE: Final = 1
BARE: Final = 2


class Context:
    """One run of a generator.

    ``nodes`` counts the values made and ``ceiling`` is how many the part under way may reach before
    what is optional is left out. ``mode`` is :data:`FULL` (all optional properties), :data:`SPARSE`
    (some) or :data:`BARE` (none): the later ones are for second attempts. ``misses`` counts values
    that are known to break a constraint. ``active`` counts, per recursive schema, the instances that
    are being made; ``levels`` is how many of one may stand inside each other. ``retries`` is what is
    left of second attempts, over the whole run.
    """

    __slots__ = (
        "active",
        "ceiling",
        "depth",
        "levels",
        "max_depth",
        "misses",
        "mode",
        "nodes",
        "random",
        "retries",
        "rng",
    )

    def __init__(self, rng: Random, limits: DataLimits, levels: int = 2) -> None:
        self.rng = rng
        self.random = rng.random
        self.nodes = 0
        self.ceiling = limits.max_nodes
        self.depth = 0
        self.max_depth = limits.max_depth
        self.levels = levels
        self.mode = FULL
        self.misses = 0
        self.retries = 600
        self.active: dict[object, int] = {}

    def between(self, low: int, high: int) -> int:
        """An integer from ``low`` to ``high``, both included; any size."""
        span = high - low + 1
        if span <= ONE_DRAW:
            return low + int(self.random() * span)
        return self.rng.randint(low, high)

    @property
    def tight(self) -> bool:
        """Whether the depth or the size allowed is used up."""
        return self.depth >= self.max_depth or self.nodes >= self.ceiling


Make = Callable[[Context], Any]
"""Makes one JSON value."""
