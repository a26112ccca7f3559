"""How long a text may be before backtracking over a pattern could take long.

An estimate from the pieces of a pattern (:mod:`~mockforge.mocking.data.regex_pieces`), on the safe
side for the usual traps: ``(a+)+``, ``(a|a)*`` are exponential, ``.*.*.*`` is polynomial.
"""

from __future__ import annotations

from typing import Final

from mockforge.mocking.data.regex_pieces import (
    UNBOUNDED,
    Branch,
    Chars,
    Group,
    Literal,
    Piece,
    Repeat,
    Row,
)

_EXPONENTIAL_LENGTH: Final = 18
_STEPS: Final = 10**7
"""Steps of the matcher that may be spent on one text: tens of milliseconds."""

_MANY: Final = 8
"""Turns from which on a repetition counts as open."""


def safe_length(root: Piece, *, searched: bool) -> int:
    """The most code points to match; ``searched`` if the match may start anywhere."""
    if _exponential(root):
        return _EXPONENTIAL_LENGTH
    degree = _degree(root) + searched
    return UNBOUNDED if degree <= 1 else int(_STEPS ** (1 / degree))


def _inside(piece: Piece) -> tuple[Piece, ...]:
    if isinstance(piece, Row | Branch):
        return piece.pieces
    if isinstance(piece, Repeat | Group):
        return (piece.piece,)
    return ()


def _exponential(piece: Piece) -> bool:
    """Whether something is repeated of which the same text can be taken in several ways."""
    if isinstance(piece, Repeat) and piece.most > _MANY:
        body = piece.piece
        while isinstance(body, Group):
            body = body.piece
        if body.low != body.high and not _delimited(body):
            return True
        if any(map(_ambiguous, _branches(body))):
            return True
    return any(map(_exponential, _inside(piece)))


def _delimited(body: Piece) -> bool:
    """Whether a fixed part of ``body`` tells where one turn ends."""
    parts = body.pieces if isinstance(body, Row) else (body,)
    varying = frozenset[str]().union(
        *(_ascii(part) for part in parts if not isinstance(part, Literal | Chars))
    )
    return any(isinstance(part, Literal | Chars) and not _ascii(part) & varying for part in parts)


def _branches(piece: Piece) -> list[Branch]:
    """The branches that ``piece`` itself decides on in each turn."""
    found = [piece] if isinstance(piece, Branch) else []
    for part in _inside(piece):
        found.extend(_branches(part))
    return found


def _ambiguous(branch: Branch) -> bool:
    """Whether the same text can be taken by two alternatives, judged by how they begin."""
    if sum(piece.low == 0 for piece in branch.pieces) > 1:
        return True
    seen: frozenset[str] = frozenset()
    for piece in branch.pieces:
        first = frozenset(piece.text[:1]) if isinstance(piece, Literal) else _ascii(piece)
        if first & seen and not all(isinstance(other, Literal) for other in branch.pieces):
            return True
        seen |= first
    return False


def _degree(piece: Piece) -> int:
    """The longest row of open repetitions with nothing between them that tells them apart."""
    longest = max(map(_degree, _inside(piece)), default=0)
    row = 0
    before: frozenset[str] = frozenset()
    for unit in _units(piece):
        alphabet = _ascii(unit)
        if row and unit.low and not alphabet & before:
            row = 0
        if _open(unit):
            row += 1
            before = alphabet
            longest = max(longest, row)
    return longest


def _units(piece: Piece) -> list[Piece]:
    """The parts of a sequence in a row, groups opened."""
    if isinstance(piece, Group):
        return _units(piece.piece)
    if isinstance(piece, Row):
        return [unit for part in piece.pieces for unit in _units(part)]
    return [piece]


def _open(piece: Piece) -> bool:
    if isinstance(piece, Repeat):
        return piece.most - piece.least > _MANY
    return any(map(_open, _inside(piece)))


def _ascii(piece: Piece) -> frozenset[str]:
    """The ASCII characters that can occur in what ``piece`` makes."""
    if isinstance(piece, Chars):
        return piece.every
    if isinstance(piece, Literal):
        return frozenset(piece.text)
    return frozenset[str]().union(*map(_ascii, _inside(piece)))
