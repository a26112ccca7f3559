"""The index of rules: a trie by segment, so that a look-up costs the length of the path.

Of several templates that match, a literal goes before ``*``, ``*`` before ``**``, at each segment from left
to right; a choice that leads nowhere for the method of the request is taken back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Generic, NamedTuple, TypeVar
from urllib.parse import unquote

from mockforge_grpc.bridge.rules.path import PathRule, Wildcard

T = TypeVar("T")

MAX_PATH_SEGMENTS: Final = 256
"""Segments of a path that are looked at; a longer one is nobody's."""


class Rule(NamedTuple, Generic[T]):
    """A target at a template."""

    path: PathRule
    target: T


class Found(NamedTuple, Generic[T]):
    """A rule, and the segments of the path, still encoded, for its variables."""

    rule: Rule[T]
    raw: list[str]


class _Ends(dict[str, Rule[T]]):
    """Rules that end at one place with one verb, by HTTP method (``*`` for any)."""


class _Node(Generic[T]):
    __slots__ = ("ends", "literals", "one", "rest")

    def __init__(self) -> None:
        self.literals: dict[str, _Node[T]] = {}
        self.one: _Node[T] | None = None
        self.ends: dict[str, _Ends[T]] = {}
        self.rest: dict[str, _Ends[T]] = {}


class RuleIndex(Generic[T]):
    """Rules by HTTP method and path. Built once, then only read."""

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, method: str, path: PathRule, target: T) -> Rule[T] | None:
        """Add a rule; the one that stands in its place already, if there is one: the first wins."""
        node = self._root
        ends = node.ends
        for segment in path.segments:
            if segment is Wildcard.REST:
                ends = node.rest
                break
            if segment is Wildcard.ONE:
                node.one = below = node.one or _Node()
            else:
                below = node.literals.setdefault(segment, _Node())
            node, ends = below, below.ends
        own = ends.setdefault(path.verb, _Ends())
        if method in own:
            return own[method]
        own[method] = Rule(path, target)
        self._count += 1
        return None

    def first_segments(self) -> frozenset[str] | None:
        """What a path that is found can start with, or ``None`` if that may be anything."""
        root = self._root
        return None if root.one is not None or root.rest else frozenset(root.literals)

    def find(self, method: str, path: str) -> Found[T] | None:
        """The rule for ``method`` at ``path`` (percent-encoded, no query); HEAD falls back to GET."""
        raw = path[1:].split("/")
        for wanted in (method, "GET") if method == "HEAD" else (method,):
            for ends, segments in self._ends(raw):
                rule = ends.get(wanted) or ends.get("*")
                if rule is not None:
                    return Found(rule, segments)
        return None

    def allowed(self, path: str) -> tuple[str, ...]:
        """The methods for which something is found at ``path``."""
        found: dict[str, None] = {}
        for ends, _ in self._ends(path[1:].split("/")):
            found.update(dict.fromkeys(ends))
        if "GET" in found:
            found["HEAD"] = None
        return tuple(sorted(found))

    def _ends(self, raw: list[str]) -> Iterator[tuple[_Ends[T], list[str]]]:
        while len(raw) > 1 and not raw[-1]:
            raw = raw[:-1]
        if len(raw) > MAX_PATH_SEGMENTS:
            return
        last, colon, verb = raw[-1].rpartition(":")
        if colon and verb:
            yield from _walk(self._root, [*raw[:-1], last], unquote(verb))
        yield from _walk(self._root, raw, "")


def _walk(root: _Node[T], raw: list[str], verb: str) -> Iterator[tuple[_Ends[T], list[str]]]:
    texts = [unquote(segment) for segment in raw]
    # A stack in place of recursion: what is preferred is pushed last. A negative position is the end of
    # a template in `**`, which waits there until all below it has been tried.
    stack: list[tuple[_Node[T], int]] = [(root, 0)]
    while stack:
        node, at = stack.pop()
        if at < 0:
            yield node.rest[verb], raw
            continue
        if verb in node.rest:
            stack.append((node, -1))
        if at == len(texts):
            if verb in node.ends:
                yield node.ends[verb], raw
            continue
        text = texts[at]
        if node.one is not None and text:
            stack.append((node.one, at + 1))
        literal = node.literals.get(text)
        if literal is not None:
            stack.append((literal, at + 1))
