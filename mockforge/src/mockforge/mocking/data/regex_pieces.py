"""The pieces a regular expression is generated from, each able to make text of a wanted length.

:mod:`~mockforge.mocking.data.regex_tree` builds them from Python's own parse of a pattern. Every
piece knows the least and the most code points it can make (``low``, ``high``) and makes text between
two wanted lengths, as near as it can: lengths are planned top down, so a ``.{0,5000}`` or a
``(a+)+`` costs what its text costs, and no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from mockforge.mocking.data.runtime import Random01

UNBOUNDED: Final = 1 << 31

Groups = dict[int, str]
"""What the capturing groups have made so far."""


class Piece(Protocol):
    """``make`` returns text of ``low`` to ``high`` code points where the piece can."""

    low: int
    high: int

    def make(self, random: Random01, low: int, high: int, groups: Groups) -> str: ...


class Chars:
    """One character out of ``alphabet``: what is likely to read well. ``every`` holds all ASCII
    characters it could be."""

    def __init__(self, alphabet: str, every: frozenset[str]) -> None:
        self.low = self.high = 1
        self.alphabet = alphabet
        self.every = every

    def make(self, random: Random01, low: int, high: int, groups: Groups) -> str:
        alphabet = self.alphabet
        return alphabet[int(random() * len(alphabet))]


class Literal:
    """Fixed text."""

    def __init__(self, text: str) -> None:
        self.low = self.high = len(text)
        self.text = text

    def make(self, random: Random01, low: int, high: int, groups: Groups) -> str:
        return self.text


class Row:
    """Pieces one after the other."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = tuple(pieces)
        self.low = sum(piece.low for piece in pieces)
        self.high = min(UNBOUNDED, sum(piece.high for piece in pieces))
        rest_low, rest_high = self.low, sum(piece.high for piece in pieces)
        self._plan: list[tuple[Piece, int, int]] = []
        for piece in pieces:
            rest_low -= piece.low
            rest_high -= piece.high
            self._plan.append((piece, rest_low, rest_high))

    def make(self, random: Random01, low: int, high: int, groups: Groups) -> str:
        made: list[str] = []
        for piece, rest_low, rest_high in self._plan:
            least = low - rest_high
            most = high - rest_low
            text = piece.make(
                random,
                max(piece.low, least),
                min(piece.high, most),
                groups,
            )
            made.append(text)
            low -= len(text)
            high -= len(text)
        return "".join(made)


class Repeat:
    """A piece, ``least`` to ``most`` times; without need for more, a readable number of times."""

    def __init__(self, piece: Piece, least: int, most: int) -> None:
        self.piece = piece
        self.least = least
        self.most = most
        self.low = min(UNBOUNDED, piece.low * least)
        self.high = min(UNBOUNDED, piece.high * most)
        usual = (3, 8) if isinstance(piece, Chars) else (0, 2)
        self._usual_low = max(least, min(most, usual[0]))
        self._usual_high = max(least, min(most, max(usual[1], least)))

    def make(self, random: Random01, low: int, high: int, groups: Groups) -> str:
        piece = self.piece
        least, most = self.least, self.most
        if piece.high and low > 0:
            least = min(most, max(least, -(-low // piece.high)))
        if piece.low:
            most = min(most, max(high, 0) // piece.low)
        most = max(least, most)
        first = min(max(self._usual_low, least), most)
        last = min(max(self._usual_high, first), most)
        count = first + int(random() * (last - first + 1))
        if isinstance(piece, Chars):
            alphabet = piece.alphabet
            size = len(alphabet)
            return "".join([alphabet[int(random() * size)] for _ in range(count)])
        made: list[str] = []
        for rest in range(count - 1, -1, -1):
            text = piece.make(
                random,
                max(piece.low, low - piece.high * rest),
                min(piece.high, high - piece.low * rest),
                groups,
            )
            made.append(text)
            low -= len(text)
            high -= len(text)
        return "".join(made)


class Branch:
    """One of several pieces, preferring those that can meet the wanted length."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = tuple(pieces)
        self.low = min(piece.low for piece in pieces)
        self.high = max(piece.high for piece in pieces)

    def make(self, random: Random01, low: int, high: int, groups: Groups) -> str:
        fitting = [piece for piece in self.pieces if piece.low <= high and piece.high >= low]
        pieces = fitting or self.pieces
        piece = pieces[int(random() * len(pieces))]
        return piece.make(random, max(low, piece.low), min(high, piece.high), groups)


class Group:
    """A capturing group: remembers its text for back references."""

    def __init__(self, number: int, piece: Piece) -> None:
        self.number = number
        self.piece = piece
        self.low, self.high = piece.low, piece.high

    def make(self, random: Random01, low: int, high: int, groups: Groups) -> str:
        text = groups[self.number] = self.piece.make(random, low, high, groups)
        return text


class BackReference:
    """The text of an earlier group again."""

    def __init__(self, number: int, low: int, high: int) -> None:
        self.number = number
        self.low, self.high = low, high

    def make(self, random: Random01, low: int, high: int, groups: Groups) -> str:
        return groups.get(self.number, "")
