"""Bytes of messages that calls keep for their scripts and stubs: counted for all of them together."""

from __future__ import annotations


class Holding:
    """At most ``limit`` bytes; ``refused`` counts the calls that were ended for more."""

    __slots__ = ("bytes", "limit", "refused")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.bytes = 0
        self.refused = 0

    def take(self, size: int) -> bool:
        """Count ``size`` more; whether that is within the limit. To be given back in either case."""
        self.bytes += size
        if self.bytes > self.limit:
            self.refused += 1
            return False
        return True

    def give(self, size: int) -> None:
        """``size`` bytes are kept no longer."""
        self.bytes -= size
