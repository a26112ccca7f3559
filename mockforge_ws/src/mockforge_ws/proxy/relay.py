"""One connection passed on: what comes on one side is sent on the other, and a close as well.

Each side is a :class:`~mockforge_ws.wire.Connection` of its own, with all its limits, pings and deadlines;
a side whose other end does not read is not read from.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from wsproto.frame_protocol import CloseReason

from mockforge.mocking.exchange import Exchange
from mockforge_ws.proxy.calling import Agreed
from mockforge_ws.wire import Connection, Data

if TYPE_CHECKING:
    from mockforge_ws.notes import Notes
    from mockforge_ws.recording import Transcript

ABNORMAL: Final = 1006
BAD_GATEWAY: Final = 1014
"""The upstream server has gone without a close (close code registry)."""
RELAY_BYTES: Final = 1_000
"""Estimate of what a relay holds besides its two connections."""

OpenUpstream = Callable[[Agreed, Exchange, "UpstreamSide"], Connection]
"""Makes the connection of the upstream side."""


class _Side:
    """A session of the wire that sends what comes to the ``other``."""

    connection: Connection | None = None
    other: _Side | None = None

    def message(self, data: Data) -> None:
        """Pass ``data`` on."""
        to = None if self.other is None else self.other.connection
        if to is not None and to.is_open:
            to.send(data)
            if to.blocked and self.connection is not None:
                self.connection.hold()

    def writable(self) -> None:
        """What was passed on to here is gone: go on reading what comes on the other side."""
        if self.other is not None and self.other.connection is not None:
            self.other.connection.release()

    def memory_bytes(self) -> int:
        """What the relay holds, counted on one of its sides."""
        return RELAY_BYTES


class ClientSide(_Side):
    """The session of the client. ``transcript``, where there is one, is told of everything."""

    def __init__(
        self,
        exchange: Exchange,
        agreed: Agreed,
        open_upstream: OpenUpstream,
        notes: Notes,
        transcript: Transcript | None,
    ) -> None:
        self._exchange = exchange
        self._agreed: Agreed | None = agreed
        self._open_upstream = open_upstream
        self.notes = notes
        self.transcript = transcript

    def start(self, connection: Connection) -> None:
        """The client can be spoken to: take what the upstream server says."""
        self.connection = connection
        agreed, self._agreed = self._agreed, None
        assert agreed is not None  # noqa: S101 - a session starts once
        if agreed.transport.is_closing():
            self.upstream_gone(ABNORMAL, "")
            return
        side = self.other = UpstreamSide(self)
        upstream = side.connection = self._open_upstream(agreed, self._exchange, side)
        # What came with the answer is read first.
        upstream.hold()
        upstream.release()

    def message(self, data: Data) -> None:
        if self.notes.messages:
            self.notes.received(self._exchange, data)
        if self.transcript is not None:
            self.transcript.received(data)
        super().message(data)

    def pushed(self, data: Data) -> None:
        """Somebody else sent a message to the client."""
        if self.notes.messages:
            self.notes.sent(self._exchange, data)

    def came(self, data: Data) -> None:
        """The upstream server sent a message."""
        if self.notes.messages:
            self.notes.sent(self._exchange, data)
        if self.transcript is not None:
            self.transcript.sent(data)

    def upstream_gone(self, code: int, reason: str) -> None:
        """The upstream server has closed, or broken off."""
        connection = self.connection
        if connection is None or not connection.is_open:
            return
        transcript, self.transcript = self.transcript, None
        if transcript is not None:
            transcript.end(code, reason)
        if code == ABNORMAL:
            self._exchange.error = "the upstream server broke the connection off"
            connection.close(BAD_GATEWAY, self._exchange.error)
        else:
            connection.close(_said(code), reason)

    def closed(self, code: int, reason: str) -> None:
        """The client has gone, or was closed: so is the upstream server."""
        self.connection = None
        transcript, self.transcript = self.transcript, None
        if transcript is not None:
            transcript.end()
        if self._agreed is not None:  # nothing was ever passed on
            self._agreed.transport.abort()
            return
        self.notes.closed(self._exchange, code, reason)
        upstream = None if self.other is None else self.other.connection
        if upstream is None:
            return
        if code == ABNORMAL:
            upstream.abort()
        else:
            upstream.close(_said(code), reason)


class UpstreamSide(_Side):
    """The session of the connection to the upstream server."""

    def __init__(self, client: ClientSide) -> None:
        self.other = self._client = client

    def start(self, connection: Connection) -> None:
        """It is open already."""

    def message(self, data: Data) -> None:
        self._client.came(data)
        super().message(data)

    def pushed(self, data: Data) -> None:
        """Nobody else sends to the upstream server."""

    def closed(self, code: int, reason: str) -> None:
        """The upstream server has gone, or was closed: so is the client."""
        self.connection = None
        self._client.upstream_gone(code, reason)

    def memory_bytes(self) -> int:
        return 0


def _said(code: int) -> int:
    """``code`` as wsproto wants it: a close without one is a word of its own."""
    return CloseReason.NO_STATUS_RCVD if code == CloseReason.NO_STATUS_RCVD else code
