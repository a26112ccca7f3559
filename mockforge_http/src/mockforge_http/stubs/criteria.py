"""Criteria of HTTP stubs: one for each thing that ``request:`` speaks of.

The values of a name that comes several times (``a=1&a=2``, repeated header lines) are asked one by one, see
:meth:`mockforge.mocking.matching.Predicate.among`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from mockforge.explanations import CriterionResult, cut
from mockforge.mocking.matching import Content, Predicate
from mockforge.mocking.stubs import Criterion, Key, Named, plain_path
from mockforge.observe.throttle import Throttle
from mockforge_http.stubs.facts import Facts

if TYPE_CHECKING:
    from mockforge.mocking.templating import Template
    from mockforge_http.stubs.kit import Kit

log = logging.getLogger("mockforge.http.stubs")


class FieldProbe(msgspec.Struct, frozen=True):
    """Reads a header, query parameter or cookie for the index."""

    kind: str
    name: str

    def read(self, facts: Facts) -> Iterable[Hashable]:
        """The values as text."""
        if self.kind == "headers":
            return facts.header(self.name.encode("latin-1"))
        fields = facts.query if self.kind == "query" else facts.cookies
        return fields.get(self.name, ())


class OperationProbe(msgspec.Struct, frozen=True):
    """Reads which operation of a document the request is for."""

    def read(self, facts: Facts) -> Iterable[Hashable]:
        """The place of the operation, by identity."""
        match = facts.exchange.operation
        return () if match is None else (id(match.route.target),)


class ExactHeader(Named[Facts]):
    """A header that is plainly equal to a text: compared as bytes."""

    __slots__ = ("_header", "_raw")

    def __init__(self, header: str, predicate: Predicate, keys: tuple[Key[Facts], ...]) -> None:
        name = self._header = header.lower().encode("latin-1")
        super().__init__(f"headers.{header}", lambda facts: facts.header(name), predicate, keys)
        try:
            self._raw: bytes | None = (predicate.exact or "").encode("latin-1")
        except UnicodeEncodeError:  # read as ISO 8859-1, no header is this text
            self._raw = None

    def matches(self, facts: Facts) -> bool:
        value = facts.request.fields.get(self._header)
        if value is None:
            return False
        if b", " not in value:
            return value == self._raw
        return self.predicate.among(self.read(facts))


class BodyCriterion(Named[Facts]):
    """A predicate on the body. A request without one has none: only what may be absent matches, and
    equality with an empty text."""

    __slots__ = ()

    def __init__(self, predicate: Predicate, keys: tuple[Key[Facts], ...]) -> None:
        empty = (Content(b""),) if predicate.exact == "" else (None,)
        super().__init__(
            "body",
            lambda facts: empty if (content := facts.content) is None else (content,),
            predicate,
            keys,
        )


class MethodCriterion(Criterion[Facts]):
    """The method, inside ``anyOf``, ``allOf`` and ``not``; empty means any."""

    __slots__ = ("_methods",)

    name = "method"
    cost = 0
    keys = ()

    def __init__(self, methods: Sequence[str]) -> None:
        self._methods = tuple(methods)

    def matches(self, facts: Facts) -> bool:
        return not self._methods or facts.request.method in self._methods

    def explain(self, facts: Facts) -> CriterionResult:
        matched = self.matches(facts)
        expected = " or ".join(self._methods) or "any"
        return CriterionResult(
            "method", expected, facts.request.method, matched, 0.0 if matched else 1.0
        )


class PathCriterion(Criterion[Facts]):
    """The path, inside ``anyOf``, ``allOf`` and ``not``."""

    __slots__ = ("_expected", "_holds")

    name = "path"
    cost = 1
    keys = ()

    def __init__(self, expected: str, holds: Callable[[str], bool]) -> None:
        self._expected = expected
        self._holds = holds

    def matches(self, facts: Facts) -> bool:
        return self._holds(plain_path(facts.request.path))

    def explain(self, facts: Facts) -> CriterionResult:
        matched = self.matches(facts)
        return CriterionResult(
            "path",
            cut(self._expected),
            cut(facts.request.path),
            matched,
            0.0 if matched else 1.0,
        )


class OperationCriterion(Criterion[Facts]):
    """The operation of a document that the request was found to be for. ``slots`` are the places it has:
    one for each document that declares it."""

    __slots__ = ("_expected", "keys", "slots")

    name = "operation"
    cost = 0

    def __init__(self, expected: str, slots: Sequence[Any]) -> None:
        self._expected = expected
        self.slots = tuple(slots)
        self.keys = (Key(OperationProbe(), id(slots[0])),) if len(slots) == 1 else ()

    def matches(self, facts: Facts) -> bool:
        match = facts.exchange.operation
        return match is not None and any(match.route.target is slot for slot in self.slots)

    def explain(self, facts: Facts) -> CriterionResult:
        match = facts.exchange.operation
        matched = self.matches(facts)
        actual = "no operation" if match is None else f"{match.route.method} {match.route.template}"
        return CriterionResult(
            "operation", self._expected, cut(actual), matched, 0.0 if matched else 1.0
        )


class TemplateCriterion(Criterion[Facts]):
    """A template that is rendered for the request and has to come to ``true``; one that fails does not."""

    __slots__ = ("_kit", "_source", "_template", "_throttle")

    name = "where.template"
    cost = 4
    keys = ()

    def __init__(self, source: str, template: Template, kit: Kit) -> None:
        self._source = source
        self._template = template
        self._kit = kit
        self._throttle = Throttle()

    def matches(self, facts: Facts) -> bool:
        return self._made(facts) == "true"

    def explain(self, facts: Facts) -> CriterionResult:
        made = self._made(facts)
        matched = made == "true"
        expected = cut(f"{self._source} comes to true")
        return CriterionResult(self.name, expected, cut(made), matched, 0.0 if matched else 0.5)

    def _made(self, facts: Facts) -> str:
        from mockforge.mocking.templating import TemplateError, request_context

        context = request_context(facts.request, content=facts.content)
        context["state"] = self._kit.state
        try:
            return self._template.render(context, self._kit.chance("where", 0)).strip()
        except TemplateError as error:
            if self._throttle.ready() is not None:
                log.warning("%s; taken as no match", error)
            return str(error)


class AnyOf(Criterion[Facts]):
    """One of several groups of criteria has to match whole."""

    __slots__ = ("_groups", "cost", "name")

    keys = ()

    def __init__(self, groups: Sequence[Sequence[Criterion[Facts]]], name: str = "anyOf") -> None:
        self._groups = tuple(tuple(sorted(group, key=_cost)) for group in groups)
        self.cost = max((each.cost for group in groups for each in group), default=0)
        self.name = name

    def matches(self, facts: Facts) -> bool:
        return any(all(each.matches(facts) for each in group) for group in self._groups)

    def explain(self, facts: Facts) -> CriterionResult:
        best: CriterionResult | None = None
        for group in self._groups:
            found = whole(self.name, group, facts)
            if best is None or found.distance < best.distance:
                best = found
        return best or CriterionResult(self.name, "one of none", "nothing")


class NotAll(Criterion[Facts]):
    """A group of criteria must not match whole."""

    __slots__ = ("_group", "cost")

    name = "not"
    keys = ()

    def __init__(self, group: Sequence[Criterion[Facts]]) -> None:
        self._group = tuple(sorted(group, key=_cost))
        self.cost = max((each.cost for each in group), default=0)

    def matches(self, facts: Facts) -> bool:
        return not all(each.matches(facts) for each in self._group)

    def explain(self, facts: Facts) -> CriterionResult:
        found = whole("not", self._group, facts)
        matched = not found.matched
        return CriterionResult(
            "not", cut(f"not ({found.expected})"), found.actual, matched, 0.0 if matched else 0.5
        )


def whole(name: str, group: Sequence[Criterion[Facts]], facts: Facts) -> CriterionResult:
    """What to say of a group: all of it if it matches, else what is wrong with it."""
    results = [each.explain(facts) for each in group]
    wrong = [each for each in results if not each.matched]
    shown = wrong or results
    expected = " and ".join(f"{each.name} {each.expected}" for each in shown)
    actual = ", ".join(f"{each.name}: {each.actual}" for each in shown)
    distance = sum(each.distance for each in results) / len(results) if results else 0.0
    return CriterionResult(name, cut(expected), cut(actual), not wrong, distance)


def _cost(criterion: Criterion[Facts]) -> int:
    return criterion.cost
