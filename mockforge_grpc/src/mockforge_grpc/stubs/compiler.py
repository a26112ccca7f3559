"""gRPC's part of the format of stubs: what has the key ``grpc``."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from mockforge.mocking.matching import Subject
from mockforge.mocking.stubs import Compiled, Criterion, Key, Named, StubCompiler, StubSource
from mockforge.mocking.stubs.jsonkeys import json_keys
from mockforge_grpc.stubs.action import ORDERS, Order, StubAction
from mockforge_grpc.stubs.answer import Answer, key_of
from mockforge_grpc.stubs.answer import Key as AnswerKey
from mockforge_grpc.stubs.criteria import (
    WHICH_REQUESTS,
    MetadataProbe,
    RequestCriterion,
    RequestsCriterion,
    SomeRequestsCriterion,
)
from mockforge_grpc.stubs.facts import Facts
from mockforge_grpc.stubs.methods import compile_methods
from mockforge_grpc.stubs.response import ResponseCompiler
from mockforge_grpc.stubs.wanted import expected

if TYPE_CHECKING:
    from mockforge.structured import Part
    from mockforge_grpc.schema import Method
    from mockforge_grpc.stubs.kit import Kit

KEY: Final = "grpc"
KEYS: Final = ("method", "request", "requests", "metadata", "client", "authority")
PROTOCOL: Final = "grpc"
MOST_ANSWERS: Final = 10_000
"""Answers of one stub."""
MOST_REQUESTS: Final = 10_000
"""Predicates of ``requests``."""


class GrpcStubCompiler(StubCompiler[Facts]):
    """Makes a :class:`~mockforge_grpc.stubs.action.StubAction` of each definition."""

    protocol: ClassVar[str] = PROTOCOL
    key: ClassVar[str] = KEY
    keys: ClassVar[frozenset[str]] = frozenset({"response", "responses", "order"})

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    def compile(self, source: StubSource) -> Compiled[Facts] | None:
        return _Definition(source, self._kit).compile(source.definition[KEY])


class _Definition:
    """One definition; what is wrong goes to ``source``."""

    def __init__(self, source: StubSource, kit: Kit) -> None:
        self._source = source
        self._kit = kit

    def compile(self, spec: Any) -> Compiled[Facts] | None:
        source, kit = self._source, self._kit
        given = source.mapping(spec, (KEY,), KEYS)
        methods = compile_methods(
            given.get("method"), kit.schema, source, (KEY, "method"), kit.predicates
        )
        if methods is None:
            return None
        criteria = self._criteria(given, methods.methods)
        order = self._order()
        answers = self._answers(methods.methods)
        if source.problems:
            return None
        words = json.dumps([source.definition.get("response"), source.definition.get("responses")])
        return Compiled(
            path=methods.path,
            criteria=criteria,
            action=StubAction(
                answers, order, collects="requests" in words, tells="metadata" in words
            ),
        )

    # -------------------------------------------------------------- what is answered

    def _answers(self, methods: Sequence[Method]) -> dict[AnswerKey, list[Answer]]:
        """The answers, for each kind of method that the stub is for. Only the first mistake is reported:
        all others would be the same, of other methods."""
        source = self._source
        specs = self._specs()
        found: dict[AnswerKey, list[Answer]] = {}
        for method in methods:
            if key_of(method) in found or source.problems:
                continue
            compiler = ResponseCompiler(source, self._kit, method)
            made = [compiler.compile(spec, path) for spec, path in specs]
            found[key_of(method)] = [answer for answer in made if answer is not None]
        return found

    def _specs(self) -> list[tuple[Any, tuple[Part, ...]]]:
        source, definition = self._source, self._source.definition
        if "response" in definition and "responses" in definition:
            source.problem(
                "`response` and `responses` do not go together",
                ("responses",),
                hint="keep one of them",
            )
            return []
        if "response" in definition:
            return [(definition["response"], ("response",))]
        several: Any = definition.get("responses")
        if several is None:
            source.problem("there is no `response`", hint="`response: {message: {}}` is the least")
            return []
        if not isinstance(several, list) or not 0 < len(several) <= MOST_ANSWERS:
            source.problem(f"must be a list of 1 to {MOST_ANSWERS} responses", ("responses",))
            return []
        return [(item, ("responses", number)) for number, item in enumerate(several)]

    def _order(self) -> Order:
        source, definition = self._source, self._source.definition
        order = definition.get("order", "sequence")
        if "order" in definition and "responses" not in definition:
            source.problem("`order` is for `responses`", ("order",))
        if order not in ORDERS:
            source.problem(f"must be one of {', '.join(ORDERS)}", ("order",))
            return "sequence"
        found: Order = order
        return found

    # -------------------------------------------------------------- what it asks

    def _criteria(self, given: dict[str, Any], methods: Sequence[Method]) -> list[Criterion[Facts]]:
        source, custom = self._source, self._kit.predicates
        found: list[Criterion[Facts]] = []
        if "request" in given:
            spec = self._expected(given["request"], methods, (KEY, "request"))
            predicate = source.predicate(spec, (KEY, "request"), custom)
            if predicate is not None:
                found.append(RequestCriterion(predicate, json_keys(spec)))
        if "requests" in given:
            found += self._requests(given["requests"], methods)
        for name, wanted in self._named(given).items():
            predicate = source.predicate(wanted, (KEY, "metadata", name), custom)
            if predicate is not None:
                lower = str(name).lower()
                keys: tuple[Key[Facts], ...] = ()
                if predicate.exact is not None:
                    keys = (Key(MetadataProbe(lower), predicate.exact),)
                found.append(Named(f"metadata.{lower}", _reader(lower), predicate, keys))
        for key, read in _READ.items():
            if key in given:
                predicate = source.predicate(given[key], (KEY, key), custom)
                if predicate is not None:
                    found.append(Named(key, read, predicate))
        return found

    def _requests(self, spec: Any, methods: Sequence[Method]) -> list[Criterion[Facts]]:
        source, at = self._source, (KEY, "requests")
        if not any(method.client_streaming for method in methods):
            source.problem("only a client stream has several messages", at, hint="use `request`")
            return []
        if isinstance(spec, dict):
            return self._some_requests(spec, methods)
        if not isinstance(spec, list) or len(spec) > MOST_REQUESTS:
            source.problem(
                f"must be a list of up to {MOST_REQUESTS} predicates",
                at,
                hint=f"or a mapping of {', '.join(WHICH_REQUESTS)} to one",
            )
            return []
        predicates = [
            source.predicate(
                self._expected(each, methods, (*at, number)), (*at, number), self._kit.predicates
            )
            for number, each in enumerate(spec)
        ]
        return [RequestsCriterion([each for each in predicates if each is not None])]

    def _some_requests(
        self, spec: dict[str, Any], methods: Sequence[Method]
    ) -> list[Criterion[Facts]]:
        source, at = self._source, (KEY, "requests")
        found: list[Criterion[Facts]] = []
        for which, wanted in source.mapping(spec, at, WHICH_REQUESTS).items():
            here = (*at, which)
            predicate = source.predicate(
                self._expected(wanted, methods, here), here, self._kit.predicates
            )
            if predicate is not None and which in WHICH_REQUESTS:
                found.append(SomeRequestsCriterion(which, predicate))
        return found

    def _expected(self, spec: Any, methods: Sequence[Method], at: tuple[Part, ...]) -> Any:
        """``spec`` as messages will be compared with it, where all methods take the same type."""
        kinds = {method.input.full_name: method.input for method in methods}
        if len(kinds) != 1:
            return spec
        return expected(spec, next(iter(kinds.values())), self._source, at)

    def _named(self, given: dict[str, Any]) -> dict[str, Any]:
        value = given.get("metadata", {})
        if not isinstance(value, dict):
            self._source.problem("must be a mapping of names to predicates", (KEY, "metadata"))
            return {}
        return value


def _reader(name: str) -> Callable[[Facts], Sequence[Subject]]:
    return lambda facts: facts.values(name)


_READ: Final[dict[str, Callable[[Facts], Sequence[Subject]]]] = {
    "authority": lambda facts: facts.authorities,
    "client": lambda facts: facts.clients,
}
