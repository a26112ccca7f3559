"""The ``pattern`` keyword: matching a text, and making one (any length bounds included).

Patterns that cannot be read (not even after :mod:`~mockforge.mocking.data.ecma`) are not enforced.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from mockforge.mocking.data.ecma import translate
from mockforge.mocking.data.regex_tree import Tree
from mockforge.mocking.data.runtime import Random01

_TRIES: Final = 60
_PADDING: Final = "abcdefghijklmnopqrstuvwxyz0123456789"


class Pattern:
    """A compiled pattern. Matching is a search, as JSON Schema has it (validation, section 6.3.3)."""

    def __init__(self, text: str) -> None:
        translated = translate(text)
        self.text = text
        self._search = re.compile(translated, re.ASCII).search
        self._translated = translated
        self.tree = Tree(translated, wide=False)
        self._wide: Tree | None = None

    def matches(self, value: str) -> bool:
        """Whether ``value`` matches. A value so long that backtracking over it could take seconds is
        taken to match."""
        return len(value) > self.tree.safe_length or self._search(value) is not None

    @property
    def low(self) -> int:
        """Fewest code points of a match."""
        return self.tree.root.low

    @property
    def high(self) -> int:
        """Most code points of a match."""
        return self.tree.root.high

    @property
    def whole(self) -> bool:
        """Whether the pattern is tied to both ends, so that a text is nothing but the match."""
        return self.tree.starts and self.tree.ends

    def make(self, random: Random01, low: int, high: int) -> str | None:
        """A text of ``low`` to ``high`` code points that matches; None if none was found."""
        for attempt in range(_TRIES):
            tree = self._tree(attempt)
            text = _padded(tree, tree.root.make(random, low, high, {}), random, low)
            if tree.insights and attempt % 8 != 7:
                text = _with_insights(tree, text, random, low, high)
            if low <= len(text) <= high and (not tree.wants_check or self.matches(text)):
                return text
        return None

    def _tree(self, attempt: int) -> Tree:
        """Readable characters first; if they do not do, all of them."""
        if attempt < _TRIES // 3:
            return self.tree
        if self._wide is None:
            self._wide = Tree(self._translated, wide=True)
        return self._wide


def _padded(tree: Tree, text: str, random: Random01, low: int) -> str:
    """``text`` brought up to ``low`` code points where the pattern leaves an end open."""
    missing = low - len(text)
    if missing <= 0 or (tree.starts and tree.ends):
        return text
    padding = "".join([_PADDING[int(random() * len(_PADDING))] for _ in range(missing)])
    return padding + text if tree.ends else text + padding


def _with_insights(tree: Tree, text: str, random: Random01, low: int, high: int) -> str:
    """``text`` with what the look-aheads want put over random places of it."""
    chars = list(text)
    taken: set[int] = set()
    for piece in tree.insights:
        wanted = piece.make(random, 0, max(1, len(chars)), {})
        room = len(chars) - len(wanted)
        if room < 0:
            if len(chars) + len(wanted) <= high:
                chars.extend(wanted)
            continue
        start = int(random() * (room + 1))
        for _ in range(8):
            if taken.isdisjoint(range(start, start + len(wanted))):
                break
            start = int(random() * (room + 1))
        taken.update(range(start, start + len(wanted)))
        chars[start : start + len(wanted)] = wanted
    return "".join(chars)


@lru_cache(maxsize=512)
def pattern(text: str) -> Pattern | None:
    """The compiled pattern; None if it cannot be read."""
    try:
        return Pattern(text)
    except (ValueError, re.error, OverflowError, RecursionError, KeyError):
        return None
