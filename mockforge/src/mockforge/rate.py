"""How often a connection may do something; for the listeners of protocols."""

from __future__ import annotations


class Rate:
    """A bucket that holds ``most`` and is refilled with as many in each second; full at first."""

    __slots__ = ("_at", "_left", "_most")

    def __init__(self, most: int, now: float) -> None:
        self._most = most
        self._left = float(most)
        self._at = now

    def admits(self, now: float) -> bool:
        """Whether one more may come, which is counted."""
        self._left = min(self._most, self._left + (now - self._at) * self._most)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
