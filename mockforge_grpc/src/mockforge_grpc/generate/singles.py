"""Numbers of 32 bits: what rounding makes of them must still be within the rules."""

from __future__ import annotations

import math
from collections.abc import Mapping
from struct import Struct
from typing import Any, Final

from mockforge.mocking.data.runtime import Context, Make

_SINGLE: Final = Struct("<f")
_BITS: Final = Struct("<i")


def single(make: Make, rules: Mapping[str, Any]) -> Make:
    """``make`` with its values rounded to 32 bits, towards the inside of the bounds."""
    low = max((rules[name] for name in ("gt", "gte") if name in rules), default=-math.inf)
    high = min((rules[name] for name in ("lt", "lte") if name in rules), default=math.inf)
    if low == -math.inf and high == math.inf:
        return make
    open_low, open_high = rules.get("gt") == low, rules.get("lt") == high

    def rounded(context: Context) -> float:
        value: float = _SINGLE.unpack(_SINGLE.pack(make(context)))[0]
        if low > high:
            return value
        if value < low or (open_low and value == low):
            value = _next(value, 1)
        elif value > high or (open_high and value == high):
            value = _next(value, -1)
        return value

    return rounded


def _next(value: float, direction: int) -> float:
    """The next number of 32 bits above or below ``value``."""
    if value == 0:
        return direction * 1.401298464324817e-45
    bits = _BITS.unpack(_SINGLE.pack(value))[0]
    step = direction if value > 0 else -direction
    following: float = _SINGLE.unpack(_BITS.pack(bits + step))[0]
    return following
