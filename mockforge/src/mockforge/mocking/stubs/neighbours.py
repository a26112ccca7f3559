"""Literal paths in order of text, to find those near one that is not there without looking at all."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from itertools import islice

from mockforge.nearest import nearest

_MANY = 16
"""From so many new paths on, sorting once is cheaper than inserting each."""
_HEADS = 200
"""First segments that are compared with a misspelt one."""


class Neighbours:
    """Kept by one thread at a time while others look up."""

    __slots__ = ("_heads", "_paths")

    def __init__(self) -> None:
        self._paths: list[str] = []
        self._heads: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._paths)

    def add(self, paths: Iterable[str]) -> None:
        """Take in paths that are not here yet."""
        new = list(paths)
        for path in new:
            head = _head(path)
            self._heads[head] = self._heads.get(head, 0) + 1
        if len(new) < _MANY:
            for path in new:
                insort(self._paths, path)
        else:
            self._paths = sorted([*self._paths, *new])

    def remove(self, paths: Iterable[str]) -> None:
        """Take out paths that are here."""
        gone = set(paths)
        for path in gone:
            head = _head(path)
            left = self._heads[head] - 1
            if left:
                self._heads[head] = left
            else:
                del self._heads[head]
        if len(gone) < _MANY:
            for path in gone:
                del self._paths[bisect_left(self._paths, path)]
        else:
            self._paths = [path for path in self._paths if path not in gone]

    def near(self, path: str, most: int) -> list[str]:
        """At most ``most`` paths that stand next to ``path`` in the order of text, its first segment taken
        for the nearest one that there is."""
        head = _head(path)
        if head not in self._heads:
            close = nearest(head, list(islice(self._heads, _HEADS)))
            if close is not None:
                path = "/" + close + path[1 + len(head) :]
        paths = self._paths
        at = bisect_left(paths, path)
        return paths[max(0, at - most // 2) : at + (most + 1) // 2]


def _head(path: str) -> str:
    return path[1:].partition("/")[0]
