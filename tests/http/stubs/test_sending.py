"""Webhooks that cannot be made."""

from __future__ import annotations

from typing import Any

import pytest

from mockforge_http.callbacks.delivery import Delivery, Outcome
from mockforge_http.stubs.sending import WebhookSending
from tests.http.stubs.making import Serving


class Sender:
    """Takes down what became of deliveries."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []

    def conclude(self, delivery: Delivery, outcome: Outcome) -> None:
        self.outcomes.append(outcome)


def test_a_webhook_whose_template_fails_is_concluded_without_a_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sender: Any = Sender()
    webhook = {"url": "http://a.test/", "json": {"a": "{{ 1 // request.query.n | int }}"}}
    serving = Serving({"request": {}, "response": {}, "webhook": webhook})
    serving._responder._after = WebhookSending(sender).after
    serving.get("/?n=0")
    assert serving.exchange is not None
    assert serving.exchange.after is not None
    serving.exchange.after()
    (outcome,) = sender.outcomes
    assert outcome.result == "failed"
    assert "webhook.json.a" in outcome.reason
    assert not caplog.records
