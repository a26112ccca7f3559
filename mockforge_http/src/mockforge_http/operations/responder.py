"""The responder that answers as the document says: the last to be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from mockforge.contracts import Responder
from mockforge.mocking.exchange import Exchange, Response
from mockforge.mocking.routing import Match, RouteIndex
from mockforge_http.operations.store import OperationSlot, OperationStore

if TYPE_CHECKING:
    from mockforge_http.operations.operation import Operation

Routes = RouteIndex["OperationSlot[Operation]"]
"""Routes lead to the places of operations."""


class OperationResponder(Responder):
    """Answers an exchange whose route was found from that route's operation."""

    protocol: ClassVar[str] = "http"
    priority: ClassVar[int] = 400

    def __init__(self, store: OperationStore[Operation]) -> None:
        self._store = store

    def respond(self, exchange: Exchange) -> Response | None:
        match: Match[OperationSlot[Operation]] | None = exchange.operation
        if match is None:
            return None
        slot = match.route.target
        operation = self._store.get(slot)
        exchange.source = operation.source
        response = operation.respond(exchange.request, match.values)
        self._store.settle(slot)
        return response
