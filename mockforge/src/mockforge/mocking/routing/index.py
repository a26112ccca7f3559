"""The index of routes: a trie by segment, so that a look-up costs the length of the path and nothing
for the number of routes.

Where several templates match, the trie's order of preference decides; a choice that leads nowhere further
right is taken back. Matching is exact first; if that finds nothing, a trailing slash too many or too few
is forgiven.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from itertools import islice
from typing import Final, Generic, Literal, NamedTuple, TypeAlias, TypeVar
from urllib.parse import unquote

from mockforge.mocking.pairs import query_fields
from mockforge.mocking.remembered import Remembered
from mockforge.mocking.routing.template import Condition, PathTemplate
from mockforge.mocking.routing.trie import Node, near_values

T = TypeVar("T")

_ROUTE_BYTES: Final = 950
"""A route with its slot and its share of the trie, measured on the GitHub document."""
_FOUND: Final = 1024
"""Paths that come again whose route, or that they have none, is remembered."""
_FOUND_BYTES: Final = 256 * 1024
_LONGEST_FOUND: Final = 256
_MATCH_BYTES: Final = 400
"""A key and a match without their text."""


class _Nothing(Enum):
    """Stands for no route where that is remembered."""

    NOTHING = 0


_NOTHING: Final = _Nothing.NOTHING


class Route(Generic[T]):
    """A target reachable by one method at one template.

    ``alternatives`` are the routes of the same method and path that are told apart by conditions, this
    one among them; ``None`` in the usual case that there is only this one.
    """

    __slots__ = ("alternatives", "conditions", "method", "names", "target", "template")

    def __init__(self, method: str, template: PathTemplate, target: T) -> None:
        self.method = method
        self.template = template.text
        self.names = template.names
        self.conditions = template.conditions
        self.alternatives: list[Route[T]] | None = None
        self.target = target

    def choose(self, query: str, fields: Mapping[bytes, bytes]) -> Route[T]:
        """The alternative for a request: of those whose conditions hold the one with most of them, else
        the one without conditions, else the first of which most hold."""
        if self.alternatives is None:
            return self
        values = query_fields(query)
        for field, text in fields.items():
            values.setdefault(field.decode("latin-1"), []).append(text.decode("latin-1"))

        def holds(condition: Condition) -> bool:
            name, wanted = condition
            present = values.get(name) or values.get(name.lower())
            return present is not None and (wanted is None or wanted in present)

        def rank(route: Route[T]) -> tuple[int, int]:
            held = sum(map(holds, route.conditions))
            return held - len(route.conditions), held

        return max(self.alternatives, key=rank)


class Match(NamedTuple, Generic[T]):
    """A route, and the decoded values of its path parameters in the order of ``route.names``."""

    route: Route[T]
    values: tuple[str, ...]


class Miss(NamedTuple):
    """Why nothing matched: ``allowed`` methods if the path exists (405), else ``near`` templates (404)."""

    allowed: tuple[str, ...]
    near: tuple[str, ...]


_Node: TypeAlias = Node[dict[str, Route[T]]]


class RouteIndex(Generic[T]):
    """All routes of a server. Built once, then only read; a reload builds a new one."""

    def __init__(self) -> None:
        self._root: _Node[T] = Node()
        self._literal: dict[str, dict[str, Route[T]]] = {}
        self._count = 0
        self._memory: Remembered[tuple[str, str], Match[T] | Literal[_Nothing.NOTHING]] = (
            Remembered(most=_FOUND, most_bytes=_FOUND_BYTES, longest=_LONGEST_FOUND)
        )
        self._found = self._memory.known

    def __len__(self) -> int:
        return self._count

    def add(self, method: str, template: PathTemplate, target: T) -> Route[T]:
        """Add a route and return it, or return the one that already stands there: the first wins."""
        node = self._root.at(template)
        routes = node.value
        if routes is None:
            routes = node.value = {}
        first = routes.get(method)
        known = [] if first is None else (first.alternatives or [first])
        for route in known:
            if set(route.conditions) == set(template.conditions):
                return route
        route = Route(method, template, target)
        if first is None:
            routes[method] = route
        else:
            first.alternatives = [*known, route]
        self._count += 1
        self._memory.clear()
        if template.is_literal and "%" not in template.path:
            self._literal[template.path] = routes
        return route

    def find(self, method: str, path: str) -> Match[T] | None:
        """The route for ``method`` at ``path`` (percent-encoded, no query), or ``None``. Where it has
        alternatives, :meth:`Route.choose` takes the rest of the request into account.

        HEAD falls back to GET (RFC 9110 section 9.3.2).
        """
        found: Match[T] | Literal[_Nothing.NOTHING] | None = self._found.get((method, path))
        if found is None:
            found = self._find(method, path)
            self._memory.offer((method, path), _NOTHING if found is None else found, len(path))
        return None if found is _NOTHING else found

    def memory_bytes(self) -> int:
        """Estimate of what is held for the routes, and remembered of paths that come again."""
        return (
            _ROUTE_BYTES * self._count
            + _MATCH_BYTES * len(self._found)
            + 2 * self._memory.key_bytes
        )

    def _find(self, method: str, path: str) -> Match[T] | None:
        routes = self._literal.get(path)
        if routes is not None and method in routes:
            return Match(routes[method], ())
        segments = path[1:].split("/")
        if "%" in path:
            segments = [unquote(segment) for segment in segments]
        wanted = (method, "GET") if method == "HEAD" else (method,)
        for candidate in wanted:
            found = _walk(self._root, segments, 0, candidate)
            if found is None:
                found = _walk(self._root, _toggled(segments), 0, candidate)
            if found is not None:
                return Match(found[0], tuple(reversed(found[1])))
        return None

    def miss(self, path: str, *, options: bool = True) -> Miss:
        """What to say when :meth:`find` gave ``None``: methods allowed at ``path``, else near templates.
        ``options``: OPTIONS is answered where a path has other methods."""
        segments = [unquote(segment) for segment in path[1:].split("/")]
        allowed: dict[str, None] = {}
        for spelling in (segments, _toggled(segments)):
            for node, _ in self._root.ends(spelling):
                allowed.update(dict.fromkeys(node.value or ()))
            if allowed:
                break
        if allowed:
            return Miss(_with_implied(allowed, options=options), ())
        return Miss((), tuple(_near(self._root, segments)))

    def preferred(self, path: str, route: Route[T]) -> tuple[str, ...]:
        """Methods declared by the templates for ``path`` that go before the one of ``route``, which was
        found for it; empty if that is the first."""
        segments = [unquote(segment) for segment in path[1:].split("/")]
        allowed: dict[str, None] = {}
        for node, _ in self._root.ends(segments):
            own = (node.value or {}).get(route.method)
            if own is not None and (own is route or route in (own.alternatives or ())):
                break
            allowed.update(dict.fromkeys(node.value or ()))
        else:
            return ()
        return _with_implied(allowed) if allowed else ()

    def routes(self) -> Iterator[Route[T]]:
        """All routes, in no promised order."""
        stack = [self._root]
        while stack:
            node = stack.pop()
            for route in (node.value or {}).values():
                yield from route.alternatives or (route,)
            stack.extend(node.children())


def _with_implied(methods: Iterable[str], *, options: bool = True) -> tuple[str, ...]:
    """``methods`` in order, with those that come by themselves."""
    allowed = {*methods, "OPTIONS"} if options else {*methods}
    if "GET" in allowed:
        allowed.add("HEAD")
    return tuple(sorted(allowed))


def _toggled(segments: list[str]) -> list[str]:
    """The same path with its trailing slash taken away, or with one added."""
    if segments[-1] == "" and len(segments) > 1:
        return segments[:-1]
    return [*segments, ""]


def _walk(
    node: _Node[T], segments: list[str], at: int, method: str
) -> tuple[Route[T], list[str]] | None:
    """Depth-first in order of preference; parameter values are collected in reverse on the way back."""
    while True:
        if at == len(segments):
            if node.value is not None and method in node.value:
                return node.value[method], []
            return None
        text = segments[at]
        literal = node.literals.get(text)
        if literal is not None:
            if not node.mixed and node.whole is None:
                node = literal
                at += 1
                continue
            found = _walk(literal, segments, at + 1, method)
            if found is not None:
                return found
        for segment, child in node.mixed:
            values = segment.match(text)
            if values is not None:
                found = _walk(child, segments, at + 1, method)
                if found is not None:
                    found[1].extend(reversed(values))
                    return found
        if node.whole is None or not text:
            return None
        found = _walk(node.whole, segments, at + 1, method)
        if found is not None:
            found[1].append(text)
        return found


_NEAR = 3
_NEAR_SCAN = 200


def _near(root: _Node[T], segments: list[str]) -> list[str]:
    """Templates that share the longest beginning with the path, the most alike first.

    Bounded: at the node where the path leaves the trie, at most ``_NEAR_SCAN`` routes are compared.
    """
    from difflib import SequenceMatcher

    wanted = "/" + "/".join(segments)
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted[:200])
    for below in near_values(root, segments, _NEAR_SCAN):
        scored: dict[str, float] = {}
        for template in islice(_templates(below), _NEAR_SCAN):
            if template not in scored:
                matcher.set_seq1(template[:200])
                scored[template] = matcher.quick_ratio()
        if scored:
            best = sorted(scored, key=lambda template: (-scored[template], template))
            return [template for template in best[:_NEAR] if scored[template] > 0.4] or best[:1]
    return []


def _templates(ends: Iterable[dict[str, Route[T]]]) -> Iterator[str]:
    for routes in ends:
        for route in routes.values():
            yield route.template
