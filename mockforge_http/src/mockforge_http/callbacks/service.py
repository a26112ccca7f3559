"""Between the server and the queue: which callbacks an exchange calls for, and webhooks by name."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from mockforge.errors import MockForgeError
from mockforge.mocking.exchange import Exchange
from mockforge_http.bodies.decoder import decode_body
from mockforge_http.callbacks.delivery import Delivery, Outcome, Sender
from mockforge_http.callbacks.expressions import ExpressionError, Facts, evaluate
from mockforge_http.callbacks.message import make_request
from mockforge_http.validation.specs import ShapeResolver, content_specs

if TYPE_CHECKING:
    from mockforge_http.config import CallbackSettings
    from mockforge_http.mock import Mock
    from mockforge_http.operations.answering import Answering
    from mockforge_http.operations.operation import Operation

log = logging.getLogger("mockforge.http.callbacks")


class Callbacks:
    """Sends the callbacks of operations that were answered, and webhooks when asked to."""

    def __init__(self, settings: CallbackSettings) -> None:
        self.sender = Sender(settings)

    def after(self, exchange: Exchange, mock: Mock) -> None:
        """Have the callbacks sent that a finished ``exchange`` calls for; never raises. Only the address is
        worked out here: the exchange is not kept."""
        response = exchange.response
        match = exchange.operation
        if not self.sender.settings.enabled:  # any more, since a reload
            return
        if match is None or response is None or not 200 <= response.status < 300:
            return
        try:
            operation: Operation = mock.store.get(match.route.target)
            if operation.has_callbacks:
                path = dict(zip(match.route.names, match.values, strict=False))
                facts = Facts(exchange.request, response, path, _request_body(operation, exchange))
                self._offer(operation, facts)
        except Exception:
            # The answer is out: what goes wrong here must not take its connection down.
            log.exception("the callbacks of %s cannot be sent", exchange.template)
            self.sender.counts["failed"] += 1

    def _offer(self, operation: Operation, facts: Facts) -> None:
        for name, refs in operation.view.callbacks.items():
            for ref in refs:
                make = partial(make_request, operation.answering, ref)
                label = f"callback {name} of {operation.view.method} {operation.view.template}"
                try:
                    url = evaluate(ref.template, facts)
                except ExpressionError as error:
                    delivery = Delivery(label, ref.template, make)
                    self.sender.conclude(delivery, Outcome("refused", reason=str(error)))
                    continue
                self.sender.offer(Delivery(label, url, make))

    async def send_webhook(
        self, documents: Iterable[Answering], name: str, url: str, method: str | None = None
    ) -> Outcome:
        """Send the webhook ``name`` to ``url`` and wait for what becomes of it. ``method`` chooses among the
        operations it declares; default: the first. MockForgeError: no document declares it."""
        known: list[str] = []
        for answering in documents:
            for ref in answering.webhooks():
                known.append(ref.template)
                if ref.template == name and method in (None, ref.method):
                    make = partial(make_request, answering, ref)
                    delivery = Delivery(f"webhook {name}", url, make)
                    self.sender.offer(delivery)
                    await delivery.done.wait()
                    assert delivery.outcome is not None  # noqa: S101 - set before `done`
                    return delivery.outcome
        declared = ", ".join(dict.fromkeys(known)) or "none"
        what = name if method is None else f"{method} {name}"
        raise MockForgeError(
            f"no document declares the webhook {what}", hint=f"declared: {declared}"
        )


def _request_body(operation: Operation, exchange: Exchange) -> Any:
    """The decoded body of the request; ``UNSET`` if there is none that can be read."""
    request, declared = exchange.request, operation.view.request_body
    if not request.body or declared is None:
        return UNSET
    every = operation.view.callbacks.values()
    if not any("$request.body" in ref.template for refs in every for ref in refs):
        return UNSET
    specs = content_specs(declared.content, ShapeResolver(operation.answering.schemas))
    fields = request.fields
    decoded = decode_body(
        fields.get(b"content-type"), fields.get(b"content-encoding"), request.body, specs
    )
    return decoded.value
