"""From Python's parse of a regular expression to pieces that generate.

The parser is the standard library's own (``re._parser``), so that what is generated and what is
matched are read alike. Look-arounds and word boundaries make no text: they are noted, and the caller
checks what was made.
"""

from __future__ import annotations

import importlib
import re
import string
from collections.abc import Callable, Sequence
from typing import Any, Final

from mockforge.mocking.data.regex_cost import safe_length
from mockforge.mocking.data.regex_pieces import (
    UNBOUNDED,
    BackReference,
    Branch,
    Chars,
    Group,
    Literal,
    Piece,
    Repeat,
    Row,
)

# The standard library keeps its parser private and without annotations; its shape has been stable
# since Python 2 (3.11 only moved it from sre_parse).
_parser: Any = importlib.import_module("re._parser")

_PRINTABLE: Final = "".join(map(chr, range(0x20, 0x7F)))
_ASCII: Final = "".join(map(chr, range(0x80)))
_READABLE: Final = string.ascii_lowercase + string.digits
_ALNUM: Final = frozenset(string.ascii_letters + string.digits)
_CATEGORIES: Final[dict[str, Callable[[str], bool]]] = {
    "CATEGORY_DIGIT": lambda char: char in string.digits,
    "CATEGORY_NOT_DIGIT": lambda char: char not in string.digits,
    "CATEGORY_SPACE": lambda char: char in string.whitespace,
    "CATEGORY_NOT_SPACE": lambda char: char not in string.whitespace,
    "CATEGORY_WORD": lambda char: char in _ALNUM or char == "_",
    "CATEGORY_NOT_WORD": lambda char: not (char in _ALNUM or char == "_"),
}

Item = tuple[Any, Any]


class Tree:
    """A parsed pattern. ``root`` generates; ``starts`` and ``ends`` say whether the pattern is tied
    to the start and the end of the text; ``wants_check`` whether the pieces alone do not guarantee a
    match; ``insights`` are pieces that look-aheads ask for somewhere in the text; ``safe_length`` is
    how long a text may be for backtracking over it to stay cheap."""

    def __init__(self, translated: str, *, wide: bool) -> None:
        self._wide = wide
        self._widths: dict[int, Piece] = {}
        self.wants_check = False
        self.insights: list[Piece] = []
        self._looks: list[Piece] = []
        parsed = list(_parser.parse(translated, re.ASCII))
        self.starts = bool(parsed) and _is_anchor(parsed[0], "AT_BEGINNING")
        self.ends = bool(parsed) and _is_anchor(parsed[-1], "AT_END")
        inner = parsed[1 if self.starts else 0 : len(parsed) - (1 if self.ends else 0)]
        self.root: Piece = self._sequence(inner)
        self.safe_length = min(
            safe_length(piece, searched=not self.starts) for piece in (self.root, *self._looks)
        )

    def _sequence(self, items: Sequence[Item]) -> Piece:
        pieces = [piece for piece in map(self._piece, items) if piece is not None]
        return pieces[0] if len(pieces) == 1 else Row(pieces)

    def _piece(self, item: Item) -> Piece | None:
        build = _BUILDERS.get(str(item[0]))
        if build is None:
            self.wants_check = True
            return None
        return build(self, item[1])

    def _literal(self, code: int) -> Piece:
        return Literal(chr(code))

    def _not_literal(self, code: int) -> Piece:
        return self._chars(lambda char: char != chr(code))

    def _any(self, _: None) -> Piece:
        return self._chars(lambda char: char not in "\r\n")

    def _in(self, items: Sequence[Item]) -> Piece:
        negated = bool(items) and str(items[0][0]) == "NEGATE"
        tests = [_member(item) for item in items[negated:]]
        if negated:
            return self._chars(lambda char: not any(test(char) for test in tests))
        every = [char for char in _ASCII if any(test(char) for test in tests)]
        if not every:
            return Chars(_beyond_ascii(items), frozenset())
        return self._chars(lambda char: any(test(char) for test in tests))

    def _chars(self, belongs: Callable[[str], bool]) -> Piece:
        every = frozenset(char for char in _ASCII if belongs(char))
        printable = "".join(char for char in _PRINTABLE if char in every)
        readable = "".join(char for char in _READABLE if char in every)
        if not printable:
            return Chars("".join(sorted(every)) or "\u00e9", every)
        return Chars(printable if self._wide or len(readable) < 10 else readable, every)

    def _branch(self, argument: tuple[Any, Sequence[Sequence[Item]]]) -> Piece:
        return Branch([self._sequence(list(branch)) for branch in argument[1]])

    def _subpattern(self, argument: tuple[int | None, int, int, Sequence[Item]]) -> Piece:
        number, _, _, items = argument
        piece = self._sequence(list(items))
        if number is None:
            return piece
        self._widths[number] = piece
        return Group(number, piece)

    def _repeat(self, argument: tuple[int, int, Sequence[Item]]) -> Piece:
        least, most, items = argument
        return Repeat(self._sequence(list(items)), int(least), min(UNBOUNDED, int(most)))

    def _possessive(self, argument: tuple[int, int, Sequence[Item]]) -> Piece:
        self.wants_check = True
        return self._repeat(argument)

    def _atomic(self, items: Sequence[Item]) -> Piece:
        self.wants_check = True
        return self._sequence(list(items))

    def _back_reference(self, number: int) -> Piece:
        piece = self._widths[number]
        return BackReference(number, piece.low, piece.high)

    def _conditional(self, argument: tuple[int, Sequence[Item], Sequence[Item] | None]) -> Piece:
        self.wants_check = True
        return self._sequence(list(argument[1]))

    def _at(self, position: Any) -> None:
        self.wants_check = True

    def _assert(self, argument: tuple[int, Sequence[Item]]) -> None:
        direction, items = argument
        self._assert_not(argument)
        if direction > 0:
            wanted = [item for item in items if not _is_filler(item)]
            if wanted and len(wanted) < len(list(items)):
                self.insights.append(self._sequence(wanted))

    def _assert_not(self, argument: tuple[int, Sequence[Item]]) -> None:
        self.wants_check = True
        self._looks.append(self._sequence(list(argument[1])))


_BUILDERS: Final[dict[str, Callable[[Tree, Any], Piece | None]]] = {
    "LITERAL": Tree._literal,
    "NOT_LITERAL": Tree._not_literal,
    "ANY": Tree._any,
    "IN": Tree._in,
    "BRANCH": Tree._branch,
    "SUBPATTERN": Tree._subpattern,
    "MAX_REPEAT": Tree._repeat,
    "MIN_REPEAT": Tree._repeat,
    "POSSESSIVE_REPEAT": Tree._possessive,
    "ATOMIC_GROUP": Tree._atomic,
    "GROUPREF": Tree._back_reference,
    "GROUPREF_EXISTS": Tree._conditional,
    "AT": Tree._at,
    "ASSERT": Tree._assert,
    "ASSERT_NOT": Tree._assert_not,
}


def _is_anchor(item: Item, kind: str) -> bool:
    return str(item[0]) == "AT" and str(item[1]) in (kind, f"{kind}_STRING")


def _is_filler(item: Item) -> bool:
    """Whether this is the ``.*`` by which a look-ahead says "somewhere"."""
    return str(item[0]) in ("MAX_REPEAT", "MIN_REPEAT") and item[1][0] == 0


def _member(item: Item) -> Callable[[str], bool]:
    name, argument = str(item[0]), item[1]
    if name == "LITERAL":
        return lambda char: ord(char) == argument
    if name == "RANGE":
        low, high = argument
        return lambda char: low <= ord(char) <= high
    return _CATEGORIES[str(argument)]


def _beyond_ascii(items: Sequence[Item]) -> str:
    """Some characters of a class that has none in ASCII."""
    found: list[str] = []
    for kind, argument in items:
        if str(kind) == "LITERAL":
            found.append(chr(argument))
        elif str(kind) == "RANGE":
            low, high = argument
            found.extend(map(chr, range(low, min(high, low + 25) + 1)))
        if len(found) > 50:
            break
    return "".join(found)
