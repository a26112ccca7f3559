"""HTTP's part of the format of stubs: what has the key ``request``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from mockforge.mocking.stubs import Compiled, StubCompiler, StubSource
from mockforge_http.stubs.action import ORDERS, Order, StubAction
from mockforge_http.stubs.answer import StubAnswer
from mockforge_http.stubs.facts import Facts
from mockforge_http.stubs.kit import Kit
from mockforge_http.stubs.push import PushCompiler
from mockforge_http.stubs.request import RequestCompiler
from mockforge_http.stubs.response import ResponseCompiler
from mockforge_http.stubs.webhook import WebhookCompiler

MOST_ANSWERS: Final = 10_000
"""Answers of one stub."""


class HttpStubCompiler(StubCompiler[Facts]):
    """Makes a :class:`~mockforge_http.stubs.action.StubAction` of each definition."""

    protocol: ClassVar[str] = "http"
    key: ClassVar[str] = "request"
    keys: ClassVar[frozenset[str]] = frozenset(
        {"response", "responses", "order", "webhook", "webhooks", "push"}
    )

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    def compile(self, source: StubSource) -> Compiled[Facts] | None:
        request = RequestCompiler(source, self._kit).compile(source.definition["request"])
        answers = self._answers(source)
        order = self._order(source, answers)
        webhooks = WebhookCompiler(source, self._kit).compile()
        pushes = PushCompiler(source, self._kit).compile()
        if source.problems or not answers:
            return None
        action = StubAction(request.label, answers, order, webhooks, pushes)
        return Compiled(
            methods=request.methods, path=request.path, criteria=request.criteria, action=action
        )

    def _answers(self, source: StubSource) -> Sequence[StubAnswer]:
        definition = source.definition
        compiler = ResponseCompiler(source, self._kit)
        if "response" in definition and "responses" in definition:
            source.problem(
                "`response` and `responses` do not go together",
                ("responses",),
                hint="keep one of them",
            )
            return ()
        if "response" in definition:
            one = compiler.compile(definition["response"], ("response",))
            return () if one is None else (one,)
        several: Any = definition.get("responses")
        if several is None:
            source.problem("there is no `response`", hint="`response: {status: 204}` is the least")
            return ()
        if not isinstance(several, list) or not 0 < len(several) <= MOST_ANSWERS:
            source.problem(f"must be a list of 1 to {MOST_ANSWERS} responses", ("responses",))
            return ()
        made = [
            compiler.compile(item, ("responses", number)) for number, item in enumerate(several)
        ]
        return [answer for answer in made if answer is not None]

    def _order(self, source: StubSource, answers: Sequence[StubAnswer]) -> Order:
        order = source.definition.get("order", "sequence")
        if "order" in source.definition and "responses" not in source.definition:
            source.problem("`order` is for `responses`", ("order",))
        if order not in ORDERS:
            source.problem(f"must be one of {', '.join(ORDERS)}", ("order",))
            return "sequence"
        found: Order = order
        return found
