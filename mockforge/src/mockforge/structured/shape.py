"""The limits on depth and number of values, for formats whose parser knows no limits of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockforge.structured import Reading


def check_shape(value: Any, reading: Reading) -> None:
    """Raise if ``value`` is nested too deeply or holds too many values. ``value`` must be a tree."""
    level = [value]
    depth = count = 0
    while level:
        depth += 1
        count += len(level)
        if count > reading.limits.values:
            raise reading.failure(f"holds more than {reading.limits.values} values")
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
        if below and depth > reading.limits.depth:
            raise reading.too_deep()
        level = below
