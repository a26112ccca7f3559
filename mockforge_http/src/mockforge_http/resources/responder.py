"""The responder that answers for collections: after the check of requests, before fixtures and operations."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from mockforge.contracts import Responder
from mockforge.mocking.exchange import Exchange, Response
from mockforge.mocking.routing import Match
from mockforge_http.operations.prefer import preference
from mockforge_http.resources.table import NoCollection, ResourceTable

if TYPE_CHECKING:
    from mockforge_http.operations.operation import Operation
    from mockforge_http.operations.store import OperationSlot, OperationStore


class ResourceResponder(Responder):
    """Answers the operations of collections, and collections that no document has. Everything else, and a
    request that asks for a certain answer (``Prefer: code=404``), it passes on."""

    protocol: ClassVar[str] = "http"
    priority: ClassVar[int] = 170

    def __init__(
        self, table: ResourceTable, operations: OperationStore[Operation], *, max_findings: int
    ) -> None:
        self.table = table
        self._bindings = table.bindings
        self._prepared = table.prepared
        self._operations = operations
        self._most = max_findings

    def respond(self, exchange: Exchange) -> Response | None:
        match: Match[OperationSlot[Operation]] | None = exchange.operation
        if match is None:
            return self._plain(exchange) if len(self.table.plain) else None
        slot = match.route.target
        binding = self._bindings.get(slot)
        if binding is None:
            return None
        request = exchange.request
        if (b"prefer" in request.fields or "__" in request.query) and preference(request).code:
            return None
        collection = self._prepared.get(binding.slot)
        if isinstance(collection, NoCollection):
            return None
        from mockforge_http.resources.collection import Asked

        operation = self._operations.get(slot)
        checked = operation.check(request, match.values, self._most)
        asked = Asked(
            request,
            match.values,
            binding.depth,
            checked.parameters,
            checked.body.value,
            partial(operation.give, request, match.values),
        )
        response = collection.respond(binding.ref, asked)
        self._prepared.settle(binding.slot)
        self._operations.settle(slot)
        if response is not None:
            exchange.source = "none" if asked.is_foreign else f"resource:{binding.name}"
        return response

    def _plain(self, exchange: Exchange) -> Response | None:
        request = exchange.request
        plain = self.table.plain
        match = plain.find(request.method, request.path)
        if match is None:
            return None
        collection = match.route.target
        depth = collection.depth
        parents = match.values[:depth]
        id_text = match.values[depth] if len(match.values) > depth else None
        exchange.template = match.route.template
        exchange.source = f"resource:{collection.kept.name}"
        return collection.respond(request, parents, id_text)
