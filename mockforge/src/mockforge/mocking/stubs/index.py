"""The index of stubs: from a request to the one that answers it, at a cost that does not grow with the
number of stubs on other paths.

Order: lower priority first, then the more specific (path, then a given method, then more criteria), then
the newer. A *lane* is all stubs with one path and one priority; lanes sort by priority and path, so the
first lane that has a stub for the request has the answer. What is read while serving is replaced, never
changed in place: one thread at a time may write while another serves.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from typing import Any, Final, Generic, TypeAlias

from mockforge.mocking.remembered import Remembered
from mockforge.mocking.routing import Node, PathTemplate
from mockforge.mocking.stubs.criteria import F
from mockforge.mocking.stubs.crowd import Crowd
from mockforge.mocking.stubs.model import States, Stub
from mockforge.mocking.stubs.neighbours import Neighbours
from mockforge.mocking.stubs.paths import (
    PathPattern,
    StubPath,
    path_rank,
    plain_path,
    segments_of,
)

Found: TypeAlias = tuple[Stub[F], tuple[str, ...]]
"""The stub, and the decoded values of its path's parameters in the order of ``stub.path.names``."""

Lane: TypeAlias = Stub[F] | Crowd[F]
Lanes: TypeAlias = tuple[Lane[F], ...]
"""Lanes of one path by ascending priority."""
Plan: TypeAlias = tuple[tuple[Lane[F], tuple[str, ...]], ...]
"""Every lane that a path may lead to, in order, with the values of its parameters."""

_FEW: Final = 8
"""So many stubs are put in their place one by one; more are sorted in."""
_REMEMBERED: Final = 1024
"""Paths that come again whose plan is remembered."""
_REMEMBERED_BYTES: Final = 256 * 1024
_LONGEST_REMEMBERED: Final = 256


class Levels(Generic[F]):
    """The lanes of a literal path that has stubs of several priorities."""

    __slots__ = ("lanes",)

    def __init__(self, lanes: Lanes[F]) -> None:
        self.lanes = lanes

    def pick(self, method: str, facts: F, states: States | None) -> Stub[F] | None:
        """The first of the stubs that answers a request on their path."""
        for lane in self.lanes:
            stub = lane.pick(method, facts, states)
            if stub is not None:
                return stub
        return None


Place: TypeAlias = Lane[F] | Levels[F]


def lanes_at(place: Place[F] | None) -> Lanes[F]:
    """The lanes at a literal path."""
    if isinstance(place, Levels):
        return place.lanes
    return () if place is None else (place,)


class PatternPlace(Generic[F]):
    """The lanes of one pattern."""

    __slots__ = ("lanes", "pattern")

    def __init__(self, pattern: PathPattern, lanes: Lanes[F]) -> None:
        self.pattern = pattern
        self.lanes = lanes


class StubIndex(Generic[F]):
    """All enabled stubs of a protocol, by path."""

    def __init__(self, stubs: Iterable[Stub[F]] = ()) -> None:
        self.literal: dict[str, Place[F]] = {}
        self.templates: Node[Lanes[F]] = Node()
        self.patterns: dict[str, tuple[PatternPlace[F], ...]] = {}
        """By the pattern's literal beginning."""
        self.anywhere: Lanes[F] = ()
        self.neighbours = Neighbours()
        """The literal paths."""
        self._prefixes: Counter[int] = Counter()
        """How many beginnings of patterns have a length."""
        self._prefix_lengths: tuple[int, ...] = ()
        self._templated = 0
        self._only_literal = True
        self._count = 0
        self._plans = self._forgetful()
        self.update(add=stubs)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Stub[F]]:
        """All stubs, in no promised order."""
        for lanes in self._all_lanes():
            for lane in lanes:
                yield from lane

    # ---------------------------------------------------------------- selecting

    def find(
        self, method: str, path: str, facts: F, states: States | None = None
    ) -> Found[F] | None:
        """The stub that answers ``method`` at ``path`` (percent-encoded, no query), or ``None``. Nothing
        is counted; see :meth:`Stub.take`."""
        if self._only_literal and "%" not in path:
            place = self.literal.get(path)
            if place is None:
                return None
            stub = place.pick(method, facts, states)
            return None if stub is None else (stub, ())
        for lane, values in self.plan(path):
            stub = lane.pick(method, facts, states)
            if stub is not None:
                return stub, values
        return None

    def candidates(self, method: str, path: str) -> Iterator[Found[F]]:
        """Every stub for ``method`` at ``path`` in order, whatever its criteria."""
        for lane, values in self.plan(path):
            for stub in lane:
                if not stub.methods or method in stub.methods:
                    yield stub, values

    def plan(self, path: str) -> Plan[F]:
        """The lanes that ``path`` leads to."""
        # Taken before anything is read: a plan made from what a writer then replaced goes to a memory
        # that the writer has replaced as well.
        plans = self._plans
        found = plans.known.get(path)
        if found is None:
            found = self._plan(plain_path(path))
            plans.offer(path, found, len(path))
        return found

    def _plan(self, plain: str) -> Plan[F]:
        # Groups come in order of specificity; the sort by priority is stable.
        steps: list[tuple[Lane[F], tuple[str, ...]]] = [
            (lane, ()) for lane in lanes_at(self.literal.get(plain))
        ]
        if self._templated:
            for node, values in self.templates.ends(segments_of(plain)):
                found = tuple(reversed(values))
                steps += [(lane, found) for lane in node.value or ()]
        for length in self._prefix_lengths:
            if length > len(plain):
                continue
            places = [
                place
                for place in self.patterns.get(plain[:length], ())
                if place.pattern.matches(plain)
            ]
            lanes = [lane for place in places for lane in place.lanes]
            if len(places) > 1:
                # Equally specific: one order for the stubs of all of them.
                lanes = list(_changed((), (), [stub for lane in lanes for stub in lane]))
            steps += [(lane, ()) for lane in lanes]
        steps += [(lane, ()) for lane in self.anywhere]
        if len(steps) > 1:
            steps.sort(key=_priority_of)
        return tuple(steps)

    # ---------------------------------------------------------------- changing

    def add(self, stub: Stub[F]) -> None:
        """Take in a stub; its id must not be here yet."""
        self.update(add=(stub,))

    def remove(self, stub: Stub[F]) -> None:
        """Take out a stub that is here."""
        self.update(remove=(stub,))

    def update(self, *, add: Iterable[Stub[F]] = (), remove: Iterable[Stub[F]] = ()) -> None:
        """Take stubs out and in. For many at once much cheaper than one by one."""
        changes: dict[Hashable, tuple[StubPath, list[Stub[F]], list[Stub[F]]]] = {}
        for stub in remove:
            changes.setdefault(_slot(stub.path), (stub.path, [], []))[1].append(stub)
            self._count -= 1
        for stub in add:
            changes.setdefault(_slot(stub.path), (stub.path, [], []))[2].append(stub)
            self._count += 1
        appeared: list[str] = []
        vanished: list[str] = []
        for path, out, into in changes.values():
            if isinstance(path, str):
                before = self.literal.get(path)
                lanes = _changed(lanes_at(before), out, into)
                if lanes:
                    # Mostly one stub, which then stands here without anything around it.
                    self.literal[path] = lanes[0] if len(lanes) == 1 else Levels(lanes)
                    if before is None:
                        appeared.append(path)
                elif before is not None:
                    del self.literal[path]
                    vanished.append(path)
            elif isinstance(path, PathTemplate):
                self._change_template(path, out, into)
            elif isinstance(path, PathPattern):
                self._change_patterns(path.prefix, out, into)
            else:
                self.anywhere = _changed(self.anywhere, out, into)
        if appeared:
            self.neighbours.add(appeared)
        if vanished:
            self.neighbours.remove(vanished)
        if changes:
            self._only_literal = not (self._templated or self.patterns or self.anywhere)
            self._plans = self._forgetful()

    def _change_template(self, path: PathTemplate, out: list[Stub[F]], into: list[Stub[F]]) -> None:
        node = self.templates.at(path)
        before = node.value
        lanes = _changed(before or (), out, into)
        node.value = lanes or None
        self._templated += (node.value is not None) - (before is not None)
        if not lanes:
            self.templates.prune(path)

    def _change_patterns(self, prefix: str, out: list[Stub[F]], into: list[Stub[F]]) -> None:
        places = {place.pattern.key: place for place in self.patterns.get(prefix, ())}
        changes: dict[str, tuple[PathPattern, list[Stub[F]], list[Stub[F]]]] = {}
        for stubs, which in ((out, 1), (into, 2)):
            for stub in stubs:
                pattern = stub.path
                if isinstance(pattern, PathPattern):
                    found = changes.setdefault(pattern.key, (pattern, [], []))
                    (found[1] if which == 1 else found[2]).append(stub)
        for key, (pattern, gone, new) in changes.items():
            known = places.pop(key, None)
            lanes = _changed(known.lanes if known is not None else (), gone, new)
            if lanes:
                places[key] = PatternPlace(pattern, lanes)
        known_prefix = prefix in self.patterns
        if places:
            self.patterns[prefix] = tuple(places.values())
        else:
            self.patterns.pop(prefix, None)
        if known_prefix != bool(places):
            self._prefixes[len(prefix)] += 1 if places else -1
            lengths = (+self._prefixes).keys()
            self._prefix_lengths = tuple(sorted(lengths, reverse=True))

    def _all_lanes(self) -> Iterator[Lanes[F]]:
        yield from map(lanes_at, list(self.literal.values()))
        stack = [self.templates]
        while stack:
            node = stack.pop()
            if node.value is not None:
                yield node.value
            stack.extend(node.children())
        for places in list(self.patterns.values()):
            for place in places:
                yield place.lanes
        yield self.anywhere

    @staticmethod
    def _forgetful() -> Remembered[str, Plan[F]]:
        return Remembered(
            most=_REMEMBERED, most_bytes=_REMEMBERED_BYTES, longest=_LONGEST_REMEMBERED
        )


def order_of(stub: Stub[F]) -> tuple[Any, ...]:
    """Sort key of a stub among all: the first that fits a request answers it."""
    return (stub.priority, path_rank(stub.path), *_order_in_lane(stub))


def _order_in_lane(stub: Stub[F]) -> tuple[bool, int, int]:
    return (not stub.methods, -len(stub.criteria), -stub.serial)


def _priority_of(step: tuple[Lane[F], tuple[str, ...]]) -> int:
    return step[0].priority


def _slot(path: StubPath) -> Hashable:
    """What tells apart the places that a change concerns."""
    if isinstance(path, PathTemplate):
        return tuple(segment.shape for segment in path.segments)
    if isinstance(path, PathPattern):
        return (PathPattern, path.prefix)
    return path


def _changed(lanes: Lanes[F], out: Iterable[Stub[F]], into: Iterable[Stub[F]]) -> Lanes[F]:
    """``lanes`` of one path without and with some stubs; those whose priority is not concerned stay."""
    gone: dict[int, set[int]] = {}
    new: dict[int, list[Stub[F]]] = {}
    for stub in out:
        gone.setdefault(stub.priority, set()).add(id(stub))
    for stub in into:
        new.setdefault(stub.priority, []).append(stub)
    if not lanes and len(new) == 1:
        return _lane(sorted(next(iter(new.values())), key=_order_in_lane))
    found: dict[int, Lanes[F]] = {lane.priority: (lane,) for lane in lanes}
    for priority in {*gone, *new}:
        leaving = gone.get(priority, ())
        stubs = [
            stub
            for lane in found.get(priority, ())
            for stub in lane
            if not leaving or id(stub) not in leaving
        ]
        coming = new.get(priority, [])
        if len(coming) <= _FEW:
            for stub in coming:
                insort(stubs, stub, key=_order_in_lane)
        else:
            stubs = sorted([*stubs, *coming], key=_order_in_lane)
        found[priority] = _lane(stubs)
    return tuple(lane for _, lanes in sorted(found.items()) for lane in lanes)


def _lane(stubs: list[Stub[F]]) -> Lanes[F]:
    """The lane of ``stubs``, which are in order and of one priority; nothing if there are none."""
    return (Crowd(tuple(stubs)),) if len(stubs) > 1 else tuple(stubs)
