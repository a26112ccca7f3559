"""Many stubs with one path and one priority: the one that answers is found through dictionaries.

Where criteria imply keys (a header equals a text, a value in a JSON body), the stubs are divided by the
probe that tells most of them apart, and the parts again. What cannot be told apart is asked one by one.
The division is made when the first request comes, and afresh after a change.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Final, Generic, TypeAlias

from mockforge.mocking.stubs.criteria import F, Key, Probe
from mockforge.mocking.stubs.model import States, Stub

FEW: Final = 8
"""So many are asked one by one without further ado."""
_DEEPEST: Final = 4
_GAIN: Final = 0.75
"""A division must leave less than this part of the stubs to be asked."""

Placed: TypeAlias = tuple[int, Stub[F]]
"""A stub with its position in the order of the crowd."""


class Crowd(Generic[F]):
    """At least two ``stubs`` in order, all with the same path and priority."""

    __slots__ = ("_by_method", "priority", "stubs")

    def __init__(self, stubs: tuple[Stub[F], ...]) -> None:
        self.stubs = stubs
        self.priority = stubs[0].priority
        self._by_method: dict[str, Part[F]] | None = None

    def __iter__(self) -> Iterator[Stub[F]]:
        return iter(self.stubs)

    def pick(self, method: str, facts: F, states: States | None) -> Stub[F] | None:
        """The first of the stubs that answers a request on their path."""
        parts = self._by_method or self._divided()
        found = parts.get(method, parts[""]).pick(method, facts, states)
        return None if found is None else found[1]

    def likely(self, method: str, facts: F) -> Iterator[Stub[F]]:
        """All stubs, those first that agree with the request in what tells them apart."""
        parts = self._by_method or self._divided()
        yield from parts.get(method, parts[""]).likely(facts)
        yield from self.stubs

    def _divided(self) -> dict[str, Part[F]]:
        """The stubs for each method that one names; those for any other method under ``""``."""
        placed = list(enumerate(self.stubs))
        methods = {method for stub in self.stubs for method in stub.methods}
        parts = {
            method: divide([item for item in placed if _accepts(item[1], method)])
            for method in methods
        }
        parts[""] = divide([item for item in placed if not item[1].methods])
        self._by_method = parts
        return parts


class Few(Generic[F]):
    """Stubs that are asked one by one."""

    __slots__ = ("first", "placed")

    def __init__(self, placed: Sequence[Placed[F]]) -> None:
        self.placed = tuple(placed)
        self.first = placed[0][0] if placed else 0

    def pick(self, method: str, facts: F, states: States | None) -> Placed[F] | None:
        """The first stub that answers, with its position."""
        for item in self.placed:
            if item[1].pick(method, facts, states) is not None:
                return item
        return None

    def likely(self, facts: F) -> Iterator[Stub[F]]:
        """All of them."""
        return (stub for _, stub in self.placed)


class Divided(Generic[F]):
    """Stubs by what ``probe`` has to read for them; ``rest`` are those that do not ask it."""

    __slots__ = ("by_value", "first", "probe", "rest")

    def __init__(
        self, probe: Probe[F], by_value: dict[Hashable, Part[F]], rest: Part[F] | None
    ) -> None:
        self.probe = probe
        self.by_value = by_value
        self.rest = rest
        self.first = min(part.first for part in (*by_value.values(), *((rest,) if rest else ())))

    def pick(self, method: str, facts: F, states: States | None) -> Placed[F] | None:
        """The first stub that answers, with its position."""
        best: Placed[F] | None = None
        for value in self.probe.read(facts):
            part = self.by_value.get(value)
            if part is not None and (best is None or part.first < best[0]):
                found = part.pick(method, facts, states)
                if found is not None and (best is None or found[0] < best[0]):
                    best = found
        rest = self.rest
        if rest is not None and (best is None or rest.first < best[0]):
            found = rest.pick(method, facts, states)
            if found is not None and (best is None or found[0] < best[0]):
                best = found
        return best

    def likely(self, facts: F) -> Iterator[Stub[F]]:
        """Those that agree with the request in what ``probe`` reads."""
        for value in self.probe.read(facts):
            part = self.by_value.get(value)
            if part is not None:
                yield from part.likely(facts)


Part: TypeAlias = Few[F] | Divided[F]


def divide(
    placed: Sequence[Placed[F]], *, without: frozenset[Probe[F]] = frozenset(), depth: int = 0
) -> Part[F]:
    """``placed``, which is in order, divided by what tells most apart."""
    if len(placed) <= FEW or depth == _DEEPEST:
        return Few(placed)
    probe = _most_telling(placed, without)
    if probe is None:
        return Few(placed)
    groups: dict[Hashable, list[Placed[F]]] = {}
    rest: list[Placed[F]] = []
    for item in placed:
        keys = [key.value for key in _keys(item[1]) if key.probe == probe]
        if keys:
            groups.setdefault(keys[0], []).append(item)
        else:
            rest.append(item)
    used = without | {probe}
    return Divided(
        probe,
        {value: divide(group, without=used, depth=depth + 1) for value, group in groups.items()},
        divide(rest, without=used, depth=depth + 1) if rest else None,
    )


def _most_telling(placed: Sequence[Placed[F]], without: frozenset[Probe[F]]) -> Probe[F] | None:
    """The probe that leaves the fewest stubs to be asked on average, if that is worth it."""
    values: dict[Probe[F], dict[Hashable, int]] = {}
    for _, stub in placed:
        seen: set[Probe[F]] = set()
        for probe, value in _keys(stub):
            if probe not in seen and probe not in without:
                seen.add(probe)
                counts = values.setdefault(probe, {})
                counts[value] = counts.get(value, 0) + 1
    best: Probe[F] | None = None
    least = _GAIN * len(placed)
    for probe, counts in values.items():
        covered = sum(counts.values())
        left = len(placed) - covered + covered / len(counts)
        if left < least:
            best, least = probe, left
    return best


def _keys(stub: Stub[F]) -> Iterator[Key[F]]:
    for criterion in stub.criteria:
        yield from criterion.keys


def _accepts(stub: Stub[F], method: str) -> bool:
    return not stub.methods or method in stub.methods
