"""Paths: the grammar outside of filters, and :class:`JsonPath`, which users hold."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final, NamedTuple

from mockforge.mocking.matching.jsonpath import run as walk
from mockforge.mocking.matching.jsonpath.run import Run, Segment, Selector, SpentError
from mockforge.mocking.matching.jsonpath.scan import JsonPathError, Scanner
from mockforge.mocking.matching.jsonpath.suffixes import SUFFIXES, Suffix, suffix

LONGEST: Final = 4096
"""Characters of a path."""
MOST_NESTED: Final = 24
"""Filters and brackets inside of each other."""

_NAME: Final = re.compile(r"[^\s.\[\](){}'\"=!<>&|,*?~+/\\]+")
_SCRIPT: Final = re.compile(r"\(\s*@\.(?:length|size\(\)|length\(\))\s*-\s*([0-9]{1,15})\s*\)")


class Query(NamedTuple):
    """A parsed path: from ``$`` or (``relative``) from ``@``. ``definite`` if it leads to at most one node
    (a singular query, RFC 9535 section 2.3.5.1)."""

    segments: tuple[Segment, ...]
    relative: bool
    definite: bool
    suffix: Suffix | None = None

    def nodes(self, current: Any, run: Run) -> list[Any]:
        """What it leads to from ``current``."""
        nodes = [current if self.relative else run.root]
        for segment in self.segments:
            nodes = segment(nodes, run)
            if not nodes:
                break
        if self.suffix is not None:
            return self.suffix(nodes, self.definite)
        return nodes


class JsonPath:
    """A compiled path. ``definite`` if it leads to at most one node."""

    __slots__ = ("_query", "definite", "text")

    def __init__(self, text: str, query: Query) -> None:
        self.text = text
        self._query = query
        self.definite = query.definite or query.suffix is not None

    def find(self, value: Any) -> list[Any]:
        """All nodes that the path leads to in a decoded JSON value, in order. Never raises; a search that
        would look at more than 200,000 nodes finds nothing."""
        try:
            return self._query.nodes(value, Run(value))
        except (SpentError, RecursionError):
            return []

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=512)
def compile_jsonpath(text: str) -> JsonPath:
    """The path that ``text`` describes; :class:`JsonPathError` (a ValueError) says what is
    wrong and where."""
    if len(text) > LONGEST:
        raise JsonPathError(f"a path may have up to {LONGEST} characters", LONGEST)
    stripped = text.strip()
    if not stripped:
        raise JsonPathError("the path is empty", 0)
    if stripped[0] not in "$@":
        stripped = f"${stripped}" if stripped[0] == "[" else f"$.{stripped}"
    scanner = Scanner(stripped)
    query = read_query(scanner, 0)
    if not scanner.ended:
        raise scanner.error(f"`{scanner.text[scanner.at]}` makes no sense here")
    return JsonPath(text, query)


def read_query(scanner: Scanner, depth: int) -> Query:
    """The path that starts here, as far as it goes."""
    if depth > MOST_NESTED:
        raise scanner.error(f"nests more than {MOST_NESTED} levels deep")
    relative = scanner.text[scanner.at] == "@"
    scanner.at += 1
    segments: list[Segment] = []
    definite = True
    ending: Suffix | None = None
    while ending is None:
        before = scanner.at
        scanner.blank()
        if scanner.take(".."):
            segments.append(walk.descendants(_after_dots(scanner, depth)))
            definite = False
        elif scanner.take("."):
            ending, segment, single = _after_dot(scanner, depth)
            if segment is not None:
                segments.append(segment)
            definite = definite and single
        elif scanner.sees("["):
            selectors, single = _brackets(scanner, depth)
            segments.append(walk.children(selectors))
            definite = definite and single
        else:
            scanner.at = before
            break
    return Query(tuple(segments), relative, definite, ending)


def _after_dots(scanner: Scanner, depth: int) -> tuple[Selector, ...]:
    if scanner.sees("["):
        return _brackets(scanner, depth)[0]
    if scanner.take("*"):
        return (walk.every,)
    return (walk.by_name(_name(scanner)),)


def _after_dot(scanner: Scanner, depth: int) -> tuple[Suffix | None, Segment | None, bool]:
    if scanner.sees("["):  # $.['a'], as Jayway has it
        selectors, single = _brackets(scanner, depth)
        return None, walk.children(selectors), single
    if scanner.take("*"):
        return None, walk.children((walk.every,)), False
    start = scanner.at
    name = _name(scanner)
    if scanner.take("("):
        scanner.want(")")
        if name not in SUFFIXES:
            known = ", ".join(f"{known}()" for known in SUFFIXES)
            raise scanner.error(f"there is no function {name}(); known are {known}", start)
        return suffix(name), None, True
    return None, walk.child_by_name(name), True


def _name(scanner: Scanner) -> str:
    found = scanner.match(_NAME)
    if found is None:
        raise scanner.error("expected a name, `*` or `[`")
    return found[0]


def _brackets(scanner: Scanner, depth: int) -> tuple[tuple[Selector, ...], bool]:
    """The selectors in brackets, and whether they select one node at most."""
    scanner.want("[")
    selectors: list[Selector] = []
    single = True
    while True:
        scanner.blank()
        selector, one = _selector(scanner, depth)
        selectors.append(selector)
        single = single and one
        scanner.blank()
        if not scanner.take(","):
            break
    scanner.want("]")
    return tuple(selectors), single and len(selectors) == 1


def _selector(scanner: Scanner, depth: int) -> tuple[Selector, bool]:
    if scanner.take("*"):
        return walk.every, False
    if scanner.take("?"):
        from mockforge.mocking.matching.jsonpath.filters import read_test

        scanner.blank()
        bracketed = scanner.sees("(")
        test = read_test(scanner, depth + 1)
        return walk.by_test(test, itself=bracketed), False
    name = scanner.quoted()
    if name is not None:
        return walk.by_name(name), True
    script = scanner.match(_SCRIPT)
    if script is not None:
        return walk.by_index(-int(script[1]) if int(script[1]) else 2**53), True
    start = scanner.integer()
    scanner.blank()
    if not scanner.take(":"):
        if start is None:
            raise scanner.error("expected a name in quotes, an index, a slice, `*` or `?`")
        return walk.by_index(start), True
    scanner.blank()
    end = scanner.integer()
    scanner.blank()
    step: int | None = None
    if scanner.take(":"):
        scanner.blank()
        step = scanner.integer()
    return walk.by_slice(start, end, step), False
