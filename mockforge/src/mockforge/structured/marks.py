"""Where things stand in a file: a tree of marks as deep as the value it goes with."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Final

Part = str | int
"""A step of a path: a key, or an index into a list."""

_PLAIN: Final = re.compile(r"[A-Za-z_$][\w$-]*")


class Mark:
    """1-based ``line`` and ``column`` of a key or a list item, and the marks of what is below it:
    by key below a mapping, in order below a list."""

    __slots__ = ("children", "column", "line")

    def __init__(
        self, line: int, column: int, children: dict[str, Mark] | list[Mark] | None = None
    ) -> None:
        self.line = line
        self.column = column
        self.children = children


class LateMarks:
    """Marks that take a scan of the text: ``make`` makes them when the first is asked for. ``items``, where
    it is given, finds those of the items of a list at the top more cheaply."""

    __slots__ = ("items", "make")

    def __init__(
        self,
        make: Callable[[], Mark],
        items: Callable[[], list[tuple[int, int]]] | None = None,
    ) -> None:
        self.make = make
        self.items = items


def find_mark(mark: Mark, path: Sequence[Part]) -> Mark:
    """The mark at ``path`` below ``mark``, or the last one on the way there."""
    for part in path:
        below: Mark | None = None
        if isinstance(mark.children, dict) and isinstance(part, str):
            below = mark.children.get(part)
        elif isinstance(mark.children, list) and isinstance(part, int):
            below = mark.children[part] if 0 <= part < len(mark.children) else None
        if below is None:
            break
        mark = below
    return mark


def format_path(path: Sequence[Part]) -> str:
    """A path as messages show it: ``http.routes[2].status``; keys that are not plain words in
    quotes: ``paths["/pets"]``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN.fullmatch(part):
            text += f".{part}" if text else part
        else:
            quoted = part.replace("\\", "\\\\").replace('"', '\\"')
            text += f'["{quoted}"]'
    return text


class Lines:
    """Turns offsets into ``text`` into lines and columns."""

    __slots__ = ("_starts",)

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in _newlines(text))]

    def at(self, offset: int) -> tuple[int, int]:
        """1-based line and column of ``offset``."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def _newlines(text: str) -> Iterator[re.Match[str]]:
    return re.finditer(r"\n", text)
