"""The stubs that came nearest to a request that none answered.

Bounded whatever the number of stubs: those on the same path, the neighbours of the path in order of
text, and what stands near it in the trie, a few hundred at most; the most promising are then compared
criterion by criterion.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice, zip_longest
from typing import Final
from urllib.parse import unquote

from mockforge.explanations import (
    MAX_CRITERIA,
    MAX_NEAR,
    CriterionResult,
    NearMiss,
    cut,
)
from mockforge.mocking.routing import PathTemplate, near_values
from mockforge.mocking.stubs.criteria import F
from mockforge.mocking.stubs.index import Lanes, StubIndex, lanes_at
from mockforge.mocking.stubs.model import States, Stub
from mockforge.mocking.stubs.paths import PathPattern, plain_path, segments_of

SCANNED: Final = 200
"""Stubs of each kind of neighbourhood that are looked at."""
COMPARED: Final = 12
"""Stubs whose criteria are explained."""
READ_BYTES: Final = 4 * 1024**2
"""Bytes of bodies that criteria of stubs may read before the most promising are known."""
_COSTLY: Final = 3
"""From this cost on a criterion reads the body."""
_ALIKE: Final = 0.4
"""A score below means that neither the path nor the body has much in common."""
_LONGEST: Final = 200
"""Characters of paths that are compared."""
_PATH_WEIGHT: Final = 4.0
_OTHER_PATH: Final = 0.25
"""The least distance of a path that does not match, so that a header weighs less."""
_METHOD_WEIGHT: Final = 1.0


def nearest(
    index: StubIndex[F],
    method: str,
    path: str,
    facts: F,
    *,
    most: int = MAX_NEAR,
    states: States | None = None,
    body: int = 0,
) -> tuple[NearMiss, ...]:
    """At most ``most`` stubs that almost answer ``method`` at ``path`` (percent-encoded, no query), the
    nearest first; those that have next to nothing in common with the request only where there is no other.
    ``body`` is the size of what costly criteria read, in bytes: the larger, the fewer stubs are asked.
    Nothing is counted."""
    plain = plain_path(path)
    closeness = Closeness(plain)
    ranked: dict[int, tuple[float, Stub[F]]] = {}
    readings = left = READ_BYTES // max(body, 1)
    for stub in _neighbourhood(index, method, path, plain, facts):
        if id(stub) in ranked:
            continue
        score = _PATH_WEIGHT * closeness.of(stub) + _METHOD_WEIGHT * _method_fits(stub, method)
        ranked[id(stub)] = (score + _matching(stub, facts, costly=left > 0), stub)
        left -= any(criterion.cost >= _COSTLY for criterion in stub.criteria)
    best = sorted(ranked.values(), key=lambda item: (-item[0], -item[1].serial))
    del best[max(most, min(COMPARED, readings)) :]
    misses = [_miss(stub, method, plain, facts, closeness, states) for _, stub in best]
    misses.sort(key=lambda miss: -miss.score)
    alike = [miss for miss in misses if miss.score >= _ALIKE]
    return tuple((alike or misses)[:most])


def _neighbourhood(
    index: StubIndex[F], method: str, path: str, plain: str, facts: F
) -> Iterator[Stub[F]]:
    """Stubs worth a look."""
    for lane, _ in islice(index.plan(path), SCANNED):
        yield from islice(lane.likely(method, facts), SCANNED)
    beside = index.neighbours.near(plain, SCANNED)
    yield from islice(_stubs(lanes_at(index.literal.get(text)) for text in beside), SCANNED)
    around = near_values(index.templates, segments_of(plain), SCANNED)
    yield from islice(_stubs(chain.from_iterable(around)), SCANNED)
    places = chain.from_iterable(list(islice(index.patterns.values(), SCANNED)))
    yield from islice(_stubs(place.lanes for place in places), SCANNED)


def _stubs(places: Iterable[Lanes[F]]) -> Iterator[Stub[F]]:
    for lanes in places:
        for lane in lanes:
            yield from lane


def _method_fits(stub: Stub[F], method: str) -> bool:
    return not stub.methods or method in stub.methods


def _matching(stub: Stub[F], facts: F, *, costly: bool) -> float:
    """How many of the criteria match, as a part of one; ``costly`` ones count only if they are asked."""
    criteria = stub.criteria[:MAX_CRITERIA]
    if not criteria:
        return 1.0
    asked = (each for each in criteria if costly or each.cost < _COSTLY)
    return sum(criterion.matches(facts) for criterion in asked) / len(criteria)


class Closeness:
    """How close stubs' paths are to one path: 0 to 1, where 1 is a match."""

    def __init__(self, plain: str) -> None:
        from difflib import SequenceMatcher

        self._plain = plain
        self._segments = plain[1:].split("/")
        self._matcher: SequenceMatcher[str] = SequenceMatcher(autojunk=False)
        self._matcher.set_seq2(plain[:_LONGEST])

    def of(self, stub: Stub[F]) -> float:
        """The closeness of a stub's path."""
        path = stub.path
        if path is None:
            return 1.0
        if isinstance(path, str):
            return self._alike(path)
        if isinstance(path, PathPattern):
            if path.matches(self._plain):
                return 1.0
            return 0.5 * self._plain.startswith(path.prefix)
        return self._alike("/" + "/".join(self._filled(path)))

    def _filled(self, template: PathTemplate) -> Iterator[str]:
        """The template's segments, with those of the path where they fit."""
        for given, segment in zip_longest(self._segments, template.segments):
            if segment is None:
                return
            if segment.literal is not None or given is None:
                yield segment.literal if segment.literal is not None else segment.text
            else:
                yield given if given and segment.match(unquote(given)) else segment.text

    def _alike(self, text: str) -> float:
        if text == self._plain:
            return 1.0
        self._matcher.set_seq1(text[:_LONGEST])
        return min(self._matcher.quick_ratio(), 0.95)


def _miss(
    stub: Stub[F],
    method: str,
    plain: str,
    facts: F,
    closeness: Closeness,
    states: States | None,
) -> NearMiss:
    results: list[CriterionResult] = []
    if stub.methods:
        fits = _method_fits(stub, method)
        results.append(_result("method", " or ".join(stub.methods), method, 1 - fits))
    close = closeness.of(stub)
    if stub.path is not None:
        distance = 0.0 if close == 1 else _OTHER_PATH + (1 - _OTHER_PATH) * (1 - close)
        results.append(_result("path", str(stub.path), plain, distance))
    results += [criterion.explain(facts) for criterion in stub.criteria[:MAX_CRITERIA]]
    weights = {"path": _PATH_WEIGHT}
    total = sum(weights.get(result.name, 1.0) for result in results)
    lost = sum(weights.get(result.name, 1.0) * min(result.distance, 1.0) for result in results)
    results.sort(key=lambda result: result.matched)
    return NearMiss(
        stub=stub.id,
        place=str(stub.place),
        score=round(1 - lost / total, 3) if total else 1.0,
        criteria=tuple(results[:MAX_CRITERIA]),
        note=_note(stub, states),
    )


def _result(name: str, expected: str, actual: str, distance: float) -> CriterionResult:
    return CriterionResult(name, cut(expected), cut(actual), distance == 0, round(distance, 3))


def _note(stub: Stub[F], states: States | None) -> str:
    if stub.times_left == 0:
        return f"its {stub.times} times are used up"
    scenario = stub.scenario
    if scenario is not None and scenario.when is not None and states is not None:
        state = states.state(scenario.name)
        if state != scenario.when:
            return f"scenario {scenario.name} is in state {state}, not {scenario.when}"
    return ""
