"""Webhooks on their way: made when the answer is out, held back where they have a delay, and handed to the
queue that callbacks of operations go through as well (retries, allow-list, limits)."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from mockforge.errors import MockForgeError
from mockforge_http.callbacks.client import Outgoing, user_agent
from mockforge_http.callbacks.delivery import TOO_MANY, TOO_MUCH, Delivery, Outcome

if TYPE_CHECKING:
    from mockforge_http.callbacks.delivery import Sender
    from mockforge_http.stubs.turn import Turn
    from mockforge_http.stubs.webhook import Outbound

log = logging.getLogger("mockforge.http.callbacks")


class WebhookSending:
    """Those that wait for their delay count against ``http.callbacks.max_queue`` on their own, and against
    ``http.callbacks.max_bytes`` together with all others."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._waiting: dict[Delivery, asyncio.TimerHandle] = {}

    def after(self, turn: Turn) -> None:
        """Send the webhooks of an answer; never raises."""
        for number, webhook in enumerate(turn.stub.action.webhooks):
            label = f"webhook of stub {turn.stub.id}"
            try:
                outbound = webhook.make(turn, number)
            except Exception as error:
                # The answer is out: what goes wrong here must not take its connection down.
                if not isinstance(error, MockForgeError):
                    log.exception("the %s cannot be made", label)
                text = webhook.url if isinstance(webhook.url, str) else webhook.url.source
                delivery = Delivery(label, text, _unmade)
                self._sender.conclude(delivery, Outcome("failed", reason=str(error)))
                continue
            self._offer(_delivery(label, outbound), outbound.delay)

    def close(self) -> None:
        """Give up what waits for its delay."""
        for delivery, timer in self._waiting.items():
            timer.cancel()
            self._sender.held -= delivery.size
            self._sender.conclude(delivery, Outcome("dropped", reason="the server stopped"))
        self._waiting.clear()

    def _offer(self, delivery: Delivery, delay: float) -> None:
        if delay <= 0:
            self._sender.offer(delivery)
        elif len(self._waiting) >= self._sender.settings.max_queue:
            self._sender.conclude(delivery, TOO_MANY)
        elif not self._sender.fits(delivery):
            self._sender.conclude(delivery, TOO_MUCH)
        else:
            self._sender.held += delivery.size
            loop = asyncio.get_running_loop()
            self._waiting[delivery] = loop.call_later(delay, self._due, delivery)

    def _due(self, delivery: Delivery) -> None:
        del self._waiting[delivery]
        self._sender.held -= delivery.size
        self._sender.offer(delivery)


def _delivery(label: str, outbound: Outbound) -> Delivery:
    headers = outbound.headers
    if not any(name.lower() == "user-agent" for name, _ in headers):
        headers = (("User-Agent", user_agent()), *headers)
    kept = tuple(
        (name, value) for name, value in headers if name.lower() not in ("host", "content-length")
    )
    outgoing = Outgoing(outbound.method, kept, outbound.body)
    return Delivery(label, outbound.url, lambda url: (url, outgoing), content=len(outbound.body))


def _unmade(url: str) -> tuple[str, Outgoing]:
    raise RuntimeError(url)  # concluded already
