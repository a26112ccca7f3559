"""What a TLS connection goes through before hypercorn gets it: a look at its first request.

Where that asks for another protocol (RFC 9110 section 7.8), the connection is offered to the servers that
speak it, as the plain listener does. hypercorn would give them messages and no transport, and so none of what
they do to the wire. Everything else goes on to hypercorn as it came.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from time import time_ns
from typing import Final, cast

from mockforge.mocking.exchange import Exchange
from mockforge.sockets import client_of
from mockforge.sweeping import new_id
from mockforge_http.wire.application import Upgrading, report
from mockforge_http.wire.head import HEAD_END, HeadReader
from mockforge_http.wire.limits import Limits
from mockforge_http.wire.refusal import Refusal

log = logging.getLogger("mockforge.http.tls")

_START: Final = b"GET "
"""What requests begin with that may ask for another protocol."""


class TlsClient:
    """A connection over TLS and TCP. ``offered`` is whether its first request asked for another protocol."""

    __slots__ = ("id", "offered", "opened_ns", "transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self.id = new_id()
        self.opened_ns = time_ns()
        self.transport = transport
        self.offered = False

    @property
    def state(self) -> str:
        """Hypercorn alone knows what it is doing."""
        return "closing" if self.transport.is_closing() else "open"

    @property
    def unread_bytes(self) -> int:
        """Bytes that wait because the client does not read."""
        return self.transport.get_write_buffer_size()

    def client(self) -> str:
        """Who it is."""
        return client_of(self.transport)

    def end(self) -> None:
        """Close once what was written is sent; answers under way are broken off."""
        self.transport.close()


class Hall:
    """Behind the doors of one listener. ``admit`` says whether one more connection may come in, ``enter``
    makes the protocol for one that hypercorn is to serve. ``waiting`` are those whose first request has not
    come, each for ``limits.idle_timeout`` at most."""

    def __init__(
        self,
        application: Upgrading | None,
        limits: Limits,
        admit: Callable[[], bool],
        enter: Callable[[TlsClient], asyncio.Protocol],
    ) -> None:
        self.application = application
        self.limits = limits
        self.admit = admit
        self.enter = enter
        self.heads = HeadReader(limits)
        self.waiting: dict[Door, TlsClient] = {}

    def door(self) -> Door:
        """The protocol for a new connection."""
        return Door(self)

    def close(self) -> None:
        """End all that wait."""
        for client in tuple(self.waiting.values()):
            client.transport.close()

    def abort(self) -> None:
        """Likewise, at once."""
        for client in tuple(self.waiting.values()):
            client.transport.abort()


class Door(asyncio.Protocol):
    """One connection until its first request has come."""

    __slots__ = ("_client", "_hall", "_head", "_timer")

    _client: TlsClient

    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        self._head = b""
        self._timer: asyncio.TimerHandle | None = None

    # ------------------------------------------------------------------ called by the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        hall = self._hall
        # uvloop's transports are not subclasses of asyncio's
        client = self._client = TlsClient(cast("asyncio.Transport", transport))
        if not hall.admit():
            client.transport.abort()
            return
        spoken = transport.get_extra_info("ssl_object").selected_alpn_protocol()
        if hall.application is None or spoken == "h2":
            self._pass_on()
            return
        hall.waiting[self] = client
        self._wait(hall.limits.idle_timeout, client.transport.close)

    def data_received(self, data: bytes) -> None:
        if self._timer is None:
            return
        begun = bool(self._head)
        head = self._head = self._head + data
        if not head.startswith(_START[: len(head)]):
            self._pass_on()
            return
        end = head.find(HEAD_END)
        if end >= 0:
            end += len(HEAD_END)
            if not self._hand_over(head[:end], head[end:]):
                self._pass_on()
        elif len(head) > self._hall.limits.max_head:
            self._pass_on()
        elif not begun:
            self._wait(self._hall.limits.head_timeout, self._pass_on)

    def eof_received(self) -> bool:
        if self._timer is not None and self._head:
            return bool(self._pass_on().eof_received())
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()

    # ------------------------------------------------------------------ where it goes

    def _hand_over(self, head: bytes, rest: bytes) -> bool:
        """Offer the connection to the application's upgrade; whether it was taken."""
        hall, client = self._hall, self._client
        application = hall.application
        if application is None or b"upgrade" not in head.lower():
            return False
        try:
            parsed = hall.heads.read(head)
        except Refusal:  # said by whoever answers
            return False
        if not parsed.upgrade:
            return False
        client.offered = True
        request = parsed.request(client.client())
        request.scheme = "https"
        exchange = Exchange(request)
        try:
            taken = application.upgrade(exchange, client.transport, rest)
        except Exception:
            log.exception("handing %s over failed", request.target)
            client.transport.abort()
            taken = True
        if taken:
            self._leave()
            if exchange.response is not None:
                report(application, exchange)
        return taken

    def _pass_on(self) -> asyncio.Protocol:
        self._leave()
        client = self._client
        protocol = self._hall.enter(client)
        client.transport.set_protocol(protocol)
        protocol.connection_made(client.transport)
        head, self._head = self._head, b""
        if head:
            protocol.data_received(head)
        return protocol

    def _wait(self, seconds: float, then: Callable[[], object]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, then)

    def _leave(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._hall.waiting.pop(self, None)
