"""Requests and answers held against their operation, on their way through the pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from mockforge.contracts import Responder
from mockforge.mocking.exchange import Exchange, Response
from mockforge.mocking.routing import Match
from mockforge_http.operations.responder import Routes
from mockforge_http.operations.store import OperationSlot, OperationStore
from mockforge_http.problems import method_not_allowed, problem

if TYPE_CHECKING:
    from mockforge_http.operations.operation import Operation
    from mockforge_http.validation.request import Checked


class RequestCheck(Responder):
    """Refuses requests that the document forbids (mode ``enforce``) or notes what is wrong with them
    (``warn``).

    It stands after explicit stubs, which say what to do with any request, and before everything that
    answers on the document's behalf.
    """

    protocol: ClassVar[str] = "http"
    priority: ClassVar[int] = 150

    def __init__(
        self, store: OperationStore[Operation], routes: Routes, *, max_findings: int
    ) -> None:
        self._store = store
        self._routes = routes
        self._most = max_findings

    def respond(self, exchange: Exchange) -> Response | None:
        match: Match[OperationSlot[Operation]] | None = exchange.operation
        if match is None:
            return None
        slot = match.route.target
        operation = self._store.get(slot)
        mode = operation.mode.current()
        if mode == "off":
            return None
        checked = operation.check(exchange.request, match.values, self._most)
        response = None
        if not checked.accepted:
            exchange.findings = checked.findings
            if checked.denial is not None:
                exchange.findings = (*checked.denials, *checked.findings)
            if mode == "enforce":
                response = self._astray(exchange, match, checked)
                if response is None:
                    exchange.source = operation.source
                    response = operation.refuse(exchange.request, match.values, checked)
        self._store.settle(slot)
        return response

    def _astray(
        self, exchange: Exchange, match: Match[OperationSlot[Operation]], checked: Checked
    ) -> Response | None:
        """405 for a path that its template was only tried for because the one it names, such as
        ``/pets/recent`` beside ``/pets/{id}``, lacks the method: the values do not fit the template."""
        for finding in checked.findings:
            if finding.location == "path":
                break
        else:
            return None
        request = exchange.request
        allowed = self._routes.preferred(request.path, match.route)
        if not allowed:
            return None
        exchange.source = "none"
        return method_not_allowed(request.method, request.path, allowed)


class AnswerCheck:
    """Holds answers against their operation (``http.validation.responses``): notes what does not fit, or,
    if it ``fails`` them, answers 500 in their place."""

    def __init__(self, store: OperationStore[Operation], *, max_findings: int, fails: bool) -> None:
        self._store = store
        self._most = max_findings
        self._fails = fails

    def __call__(self, exchange: Exchange, response: Response) -> Response:
        """The answer to send. A refusal is not looked at: it is not what was asked for anyway."""
        if exchange.source == "none":
            return response
        match: Match[OperationSlot[Operation]] = exchange.operation
        slot = match.route.target
        operation = self._store.get(slot)
        if exchange.findings and operation.mode.current() == "enforce":
            return response
        findings = operation.check_answer(response, self._most)
        self._store.settle(slot)
        if not findings:
            return response
        exchange.findings = (*exchange.findings, *findings)
        if not self._fails:
            return response
        detail = " ".join(finding.message for finding in findings[:3])
        return problem(
            500,
            "invalid-response",
            f"The answer by {exchange.source} does not fit the document. {detail}",
            findings=findings,
        )
