"""Criteria of gRPC stubs: metadata, the request, all requests of a client stream, who calls.

The method is the path of a stub, and needs none.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Final

import msgspec

from mockforge.explanations import CriterionResult, cut
from mockforge.mocking.matching import Content, Predicate, Subject
from mockforge.mocking.stubs import Criterion, Key, Named
from mockforge.mocking.stubs.requests import result
from mockforge_grpc.stubs.facts import Facts

NO_MESSAGE, FIRST_MESSAGE, ALL_MESSAGES = 0, 1, 2
"""How much of a client's messages a stub has to see before it can be chosen."""
BODY_COST: Final = 3


class MetadataProbe(msgspec.Struct, frozen=True):
    """Reads metadata for the index."""

    name: str

    def read(self, facts: Facts) -> Iterable[Hashable]:
        """The values."""
        return facts.values(self.name)


class RequestCriterion(Named[Facts]):
    """A predicate on the JSON form of the first message."""

    __slots__ = ()

    def __init__(self, predicate: Predicate, keys: tuple[Key[Facts], ...]) -> None:
        super().__init__("request", _first, predicate, keys)
        self.cost = max(self.cost, BODY_COST)


def _first(facts: Facts) -> Sequence[Subject]:
    content = facts.content
    return (None,) if content is None else (content,)


class RequestsCriterion(Criterion[Facts]):
    """Predicates on all messages of a client stream, in order; there have to be as many."""

    __slots__ = ("_predicates",)

    name = "requests"
    cost = BODY_COST
    keys = ()

    def __init__(self, predicates: Sequence[Predicate]) -> None:
        self._predicates = tuple(predicates)

    def matches(self, facts: Facts) -> bool:
        predicates = self._predicates
        return len(facts.messages) == len(predicates) and all(
            predicate.matches(content)
            for predicate, content in zip(predicates, facts.contents, strict=False)
        )

    def explain(self, facts: Facts) -> CriterionResult:
        for number, (predicate, content) in enumerate(
            zip(self._predicates, facts.contents, strict=False)
        ):
            if not predicate.matches(content):
                return result(f"requests[{number}]", predicate, (content,))
        wanted, came = len(self._predicates), len(facts.messages)
        matched = wanted == came
        return CriterionResult(
            "requests",
            cut(f"{wanted} messages"),
            cut(f"{came} messages"),
            matched,
            0.0 if matched else 0.5,
        )


class SomeRequestsCriterion(Criterion[Facts]):
    """One predicate on messages of a client stream: on ``each``, on ``any``, on the ``first`` or ``last``.
    Without messages nothing matches."""

    __slots__ = ("_predicate", "_which", "name")

    cost = BODY_COST
    keys = ()

    def __init__(self, which: str, predicate: Predicate) -> None:
        self.name = f"requests.{which}"
        self._which = which
        self._predicate = predicate

    def matches(self, facts: Facts) -> bool:
        found = self._chosen(facts)
        if not found:
            return False
        matches = self._predicate.matches
        if self._which == "any":
            return any(matches(content) for content in found)
        return all(matches(content) for content in found)

    def _chosen(self, facts: Facts) -> Sequence[Content]:
        contents = facts.contents
        if self._which == "first":
            return contents[:1]
        return contents[-1:] if self._which == "last" else contents

    def explain(self, facts: Facts) -> CriterionResult:
        found = self._chosen(facts)
        if not found:
            return CriterionResult(self.name, str(self._predicate), "no message", False, 1.0)
        if self._which == "any":
            return min(
                (result(self.name, self._predicate, (each,)) for each in found),
                key=lambda one: one.distance,
            )
        wrong = next((each for each in found if not self._predicate.matches(each)), found[0])
        return result(self.name, self._predicate, (wrong,))


WHICH_REQUESTS: Final = ("each", "any", "first", "last")
"""Messages that ``requests`` may ask one predicate about."""


def needs(criteria: Iterable[Criterion[Facts]]) -> int:
    """How much of a client's messages ``criteria`` look at."""
    most = NO_MESSAGE
    for criterion in criteria:
        if isinstance(criterion, RequestsCriterion | SomeRequestsCriterion):
            return ALL_MESSAGES
        if isinstance(criterion, RequestCriterion):
            most = FIRST_MESSAGE
    return most
