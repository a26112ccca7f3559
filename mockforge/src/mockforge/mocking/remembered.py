"""What something meant, for what comes again: a bounded dictionary that lets in what is seen twice.

Clients repeat themselves: most heads a mock server gets are, byte for byte, heads it had before. Those
that never repeat (with a trace id or a time in them) leave a hash in a table of fixed size and nothing
else, so that they neither push out what repeats nor cost more than that.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_SEEN: Final = 1024
"""Places for hashes of keys seen once; a power of two."""


class Remembered(Generic[K, V]):
    """At most ``most`` values and ``most_bytes`` bytes of keys; when either is reached it starts over, and
    what is in use is back soon. Keys longer than ``longest`` are not kept.

    Look up in :attr:`known`, and :meth:`offer` what was not there.
    """

    __slots__ = ("_bytes", "_longest", "_most", "_most_bytes", "_seen", "known")

    def __init__(self, *, most: int, most_bytes: int, longest: int) -> None:
        self.known: dict[K, V] = {}
        self._bytes = 0
        self._most = most
        self._most_bytes = most_bytes
        self._longest = longest
        self._seen = [0] * _SEEN

    def offer(self, key: K, value: V, size: int) -> None:
        """Keep ``value`` if ``key``, of ``size`` bytes, was offered before, lately."""
        if size > self._longest:
            return
        number = hash(key)
        place = number & (_SEEN - 1)
        if self._seen[place] != number:
            self._seen[place] = number
            return
        if len(self.known) >= self._most or self._bytes + size > self._most_bytes:
            self.clear()
        self.known[key] = value
        self._bytes += size

    def clear(self) -> None:
        """Start over."""
        self.known.clear()
        self._bytes = 0

    @property
    def key_bytes(self) -> int:
        """Bytes of the keys kept."""
        return self._bytes
