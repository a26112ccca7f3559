"""The responder that checks requests against their operation: it answers those that do not fit."""

from __future__ import annotations

from typing import ClassVar

from mockforge.contracts import Responder
from mockforge.mocking.exchange import Exchange, Response
from mockforge_http.operations.operation import Operation
from mockforge_http.operations.store import OperationSlot, OperationStore
from mockforge_http.routing import Match


class RequestCheck(Responder):
    """Refuses requests that the document forbids (mode ``enforce``) or notes what is wrong with them
    (``warn``).

    It stands after explicit stubs, which say what to do with any request, and before everything that
    answers on the document's behalf.
    """

    protocol: ClassVar[str] = "http"
    priority: ClassVar[int] = 150

    def __init__(self, store: OperationStore[Operation], *, max_findings: int) -> None:
        self._store = store
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
            exchange.findings = (*checked.denials, *checked.findings)
            if mode == "enforce":
                exchange.source = operation.source
                response = operation.refuse(exchange.request, match.values, checked)
        self._store.settle(slot)
        return response
