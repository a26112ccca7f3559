"""Chance that is cheap to seed: a server seeds it anew for every generated answer.

CPython's generator fills a state of 2.5 kB for each seed, which takes longer than all that a small answer
draws from it. Here the draws come from a hash of the seed and a counter, sixteen at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from itertools import chain, count
from random import Random
from struct import Struct
from typing import Final

_WORDS: Final = Struct("<16I").unpack
_UNIT: Final = 2.0**-32


class Dice(Random):
    """Pseudo-random draws of 32 bits, the same in every process for the same seed; no secrets.

    All of :class:`random.Random` works, wide ranges included (they put draws together).
    """

    def seed(self, a: object = 0, version: int = 2) -> None:
        """Start over from ``a``, which is told apart by its text form."""
        # Straight to the iterator's slot: a method of ours around it would double the cost of a draw.
        self.random = chain.from_iterable(_blocks(b"%a" % (a,))).__next__  # type: ignore[method-assign]
        self.gauss_next = None

    def getrandbits(self, k: int, /) -> int:
        """``k`` random bits."""
        if k < 0:
            raise ValueError("number of bits must be non-negative")
        number = 0
        for _ in range(0, k, 32):
            number = number << 32 | int(self.random() / _UNIT)
        return number >> -k % 32


class LateDice(Dice):
    """Dice that are seeded by the first draw, for those who seldom draw."""

    def seed_later(self, *parts: object) -> None:
        """Start over from ``parts``, told apart by their text forms, when the next draw comes."""
        self._parts: tuple[object, ...] | None = parts
        self.random = self._first  # type: ignore[method-assign]
        self.gauss_next = None

    def _first(self) -> float:
        # Whoever took hold of `random` before the first draw comes here again.
        parts, self._parts = self._parts, None
        if parts is not None:
            self.seed("/".join(map(str, parts)))
        return self.random()


def _blocks(seed: bytes) -> Iterator[list[float]]:
    for number in count():
        digest = blake2b(b"%d:%b" % (number, seed)).digest()
        yield [word * _UNIT for word in _WORDS(digest)]
