"""What the journal and the request metrics are told of connections and their messages."""

from __future__ import annotations

from time import perf_counter_ns
from typing import TYPE_CHECKING, Final

from mockforge.mocking.exchange import Exchange, Request, Response

if TYPE_CHECKING:
    from mockforge.findings import Finding
    from mockforge.kernel import Kernel
    from mockforge_ws.wire import Data

PROTOCOL: Final = "websocket"
RECEIVE, SEND, CLOSE = "RECEIVE", "SEND", "CLOSE"
"""What entries have in place of an HTTP method; that of the opening is ``GET``."""
SWITCHED: Final = 101


class Notes:
    """``messages`` is whether each message has an entry (``websocket.log_messages``).

    Opening: method ``GET``, status 101 or that of the refusal. A message that came: ``RECEIVE``, the message
    as request body. One that was sent, by its script or by somebody else: ``SEND``, the message as response
    body. The end: ``CLOSE``, the close code as status, the reason as response body, the connection's life as
    duration.
    """

    __slots__ = ("_message", "_observe", "_record", "messages")

    def __init__(self, kernel: Kernel, *, messages: bool) -> None:
        self._record = kernel.journal.record
        self._message = kernel.journal.record_message
        self._observe = kernel.metrics.requests.observe
        self.messages = messages

    def opening(self, exchange: Exchange) -> None:
        """A connection was opened, or refused."""
        self._record(exchange)
        response = exchange.response
        self._observe(
            PROTOCOL,
            exchange.request.method,
            exchange.template,
            None if response is None else response.status,
            exchange.duration_ns,
            exchange.sent_bytes,
        )

    def received(
        self,
        opened: Exchange,
        data: Data,
        source: str | None = None,
        findings: tuple[Finding, ...] = (),
    ) -> None:
        """A message came on the connection that ``opened`` opened; ``source`` is what took it, in place of
        what took that."""
        self._message(opened, RECEIVE, _octets(data), source=source, findings=findings)

    def sent(self, opened: Exchange, data: Data, source: str | None = None) -> None:
        """A message was sent on the connection that ``opened`` opened."""
        self._message(opened, SEND, _octets(data), status=SWITCHED, source=source)

    def closed(self, opened: Exchange, code: int, reason: str) -> None:
        """The connection is over."""
        asked = opened.request
        note = Exchange(Request(CLOSE, asked.target, [], protocol=PROTOCOL, client=asked.client))
        note.source = opened.source
        note.template = opened.template
        octets = reason.encode("utf-8", "replace")
        note.response = Response(code, (), octets)
        note.sent_bytes = len(octets)
        note.duration_ns = perf_counter_ns() - opened.started_ns
        note.error = opened.error
        self._record(note)


def _octets(data: Data) -> bytes:
    return data.encode("utf-8", "replace") if isinstance(data, str) else data
