"""Patterns of paths with ``*``, as settings write them."""

from __future__ import annotations


class Wildcard:
    """A pattern in which ``*`` stands for any text; takes time in proportion to the text."""

    __slots__ = ("_first", "_last", "_middle", "_plain")

    def __init__(self, pattern: str) -> None:
        first, *rest = pattern.split("*")
        self._plain = not rest
        self._first = first
        self._middle = [part for part in rest[:-1] if part]
        self._last = rest[-1] if rest else ""

    def matches(self, text: str) -> bool:
        """Whether the pattern fits the whole of ``text``."""
        if self._plain:
            return text == self._first
        end = len(text) - len(self._last)
        if end < len(self._first):
            return False
        if not (text.startswith(self._first) and text.endswith(self._last)):
            return False
        position = len(self._first)
        for part in self._middle:
            position = text.find(part, position, end)
            if position < 0:
                return False
            position += len(part)
        return True
