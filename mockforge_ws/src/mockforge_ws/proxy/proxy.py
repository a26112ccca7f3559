"""Connections that are passed on, by ``websocket.proxy``: what is asked of the upstream server, and what of
its answer reaches the client."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, cast

import msgspec
from wsproto.events import Request as Asked

from mockforge.mocking.exchange import Exchange, RawHeaders, Request, Response
from mockforge.upstreams.address import Origin
from mockforge.upstreams.fields import field_value, of_the_connection
from mockforge.upstreams.tls import UpstreamTls, client_context
from mockforge_ws.proxy.calling import Agreed, Declined, call
from mockforge_ws.proxy.errors import CallError
from mockforge_ws.proxy.relay import ClientSide, UpstreamSide
from mockforge_ws.wire import Accept, Accepted, Application, Connection, Hub, Limits, WireStats

if TYPE_CHECKING:
    from ssl import SSLContext

    from mockforge_ws.config_proxy import ProxySettings
    from mockforge_ws.notes import Notes
    from mockforge_ws.recording import Recorder

OUTCOMES: Final = ("passed", "declined", "refused", "unreachable", "timeout", "failed")
_SECTION: Final = "websocket.proxy.tls"
_WRITTEN_HERE: Final = frozenset({b"content-length", b"expect", b"host", b"via"})
_HANDSHAKE: Final = b"sec-websocket-"


class Proxy:
    """Passes connections on by ``settings`` (``websocket.proxy``), where they name an upstream server.

    ConfigError: a file of ``settings.tls`` cannot be used. ``recorder``, where there is one, is shown every
    conversation.
    """

    def __init__(
        self, settings: ProxySettings, limits: Limits, notes: Notes, recorder: Recorder | None
    ) -> None:
        self.stats = WireStats()
        self.counts: Counter[str] = Counter()
        """What became of connections, by :data:`OUTCOMES`."""
        self._notes = notes
        self._recorder = recorder
        self._via = f"mockforge-{secrets.token_hex(4)}".encode()
        self._hub: Hub | None = None
        self.follow(settings, limits)

    def follow(self, settings: ProxySettings, limits: Limits) -> None:
        """Go by ``settings`` and ``limits`` from now on. ConfigError: as when it is made; nothing changes."""
        # That of the default takes 10 ms to make, so it is made where it is needed.
        own = settings.tls != UpstreamTls()
        context = client_context(settings.tls, section=_SECTION) if own else None
        self._context: SSLContext | None = context
        self.settings = settings
        self._limits = _for_upstream(limits)
        if self._hub is not None:
            self._hub.follow(self._limits)

    def takes(self, *, answered: bool) -> bool:
        """Whether a connection is passed on; ``answered`` is whether a stub would answer it."""
        settings = self.settings
        return settings.upstream is not None and (not answered or settings.when == "always")

    # -------------------------------------------------------------- one connection

    async def open(self, exchange: Exchange, subprotocols: tuple[str, ...]) -> Accept | Response:
        """Connect to the upstream server as ``exchange.request`` asks for; what it answers if it declines, or
        a problem document (502, 504, 508) where there is no answer. ``exchange.source`` says who answered
        (``proxy:<host>``, or ``none``)."""
        upstream = self.settings.upstream
        assert upstream is not None  # noqa: S101 - it takes none otherwise
        origin = upstream.origin
        exchange.source = f"proxy:{origin.authority}"
        try:
            asked = self._asked(exchange.request, origin, subprotocols)
            answer = await call(origin, asked, self._tls(origin), float(self.settings.timeout))
        except CallError as error:
            self.counts[error.outcome] += 1
            exchange.error = str(error)
            exchange.source = "none"
            return error.response
        headers = _answer_headers(answer.headers)
        if isinstance(answer, Declined):
            self.counts["declined"] += 1
            return Response(answer.status, headers, answer.body)
        self.counts["passed"] += 1
        recorder = self._recorder
        transcript = (
            None
            if recorder is None
            else recorder.begin(exchange.request, answer.subprotocol, headers)
        )
        session = ClientSide(exchange, answer, self._connection, self._notes, transcript)
        return Accept(session, answer.subprotocol, headers)

    def _asked(self, request: Request, origin: Origin, subprotocols: tuple[str, ...]) -> Asked:
        """The handshake to send: the client's fields, in its order and spelling, without those of its
        connection and its handshake."""
        before = request.fields.get(b"via")
        if before is not None and self._via in before:
            raise CallError(
                508,
                "proxy-loop",
                f"{origin.authority} passes connections on to this server: a loop.",
                "refused",
            )
        ours = {
            name.lower().encode("latin-1"): (name.encode("latin-1"), field_value(value))
            for name, value in self.settings.headers.items()
        }
        gone = of_the_connection(request.fields.get(b"connection", b"")) | _WRITTEN_HERE | {*ours}
        fields: RawHeaders = [
            (name, value)
            for name, value in request.raw_headers
            if (key := name.lower()) not in gone and not key.startswith(_HANDSHAKE)
        ]
        host = ours.pop(b"host", (b"", origin.authority.encode("ascii")))[1]
        fields += ours.values()
        via = b"%b %b" % (request.version.encode(), self._via)
        fields.append((b"Via", via if before is None else before + b", " + via))
        return Asked(
            host=host.decode("latin-1"),
            target=f"{origin.base}{request.target}",
            subprotocols=list(subprotocols),
            extra_headers=fields,
        )

    def _tls(self, origin: Origin) -> SSLContext | None:
        if origin.scheme != "wss":
            return None
        if self._context is None:
            self._context = client_context(self.settings.tls, section=_SECTION)
        return self._context

    def _connection(self, agreed: Agreed, exchange: Exchange, session: UpstreamSide) -> Connection:
        hub = self._hub
        if hub is None:
            # Nobody arrives at this hub: its connections are those that we opened.
            nobody = cast("Application", None)
            hub = self._hub = Hub(nobody, self._limits, self.stats, asyncio.get_running_loop())
        accepted = Accepted(agreed.frames, b"", compressed=False)
        return Connection(hub, agreed.transport, accepted, exchange, session)

    # -------------------------------------------------------------- all of them

    @property
    def connections(self) -> int:
        """Open connections to the upstream server."""
        return 0 if self._hub is None else len(self._hub.connections)

    def memory_bytes(self) -> int:
        """Estimate of what the connections to the upstream server hold, messages included."""
        return 0 if self._hub is None else self._hub.memory_bytes() + self._hub.held

    async def drain(self) -> None:
        """Close all connections, and return when they are gone."""
        if self._hub is not None:
            await self._hub.drain()

    def abort(self) -> None:
        """Cut all connections."""
        if self._hub is not None:
            self._hub.abort()


def _for_upstream(limits: Limits) -> Limits:
    """``limits`` as they hold for what the upstream server sends, which is no client."""
    return msgspec.structs.replace(limits, max_rate=0, compression=False)


def _answer_headers(raw: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
    """The fields of the upstream server's answer that reach the client."""
    raw = list(raw)
    named = b",".join(value for name, value in raw if name.lower() == b"connection")
    gone = of_the_connection(named) | {b"content-length", b"date"}
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in raw
        if (key := name.lower()) not in gone and not key.startswith(_HANDSHAKE)
    )
