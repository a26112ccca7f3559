"""The listening server: start, addresses, drain, abort. Runs in the event loop in which it is started."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from mockforge.certificates import server_context
from mockforge.errors import StartError
from mockforge.listening import Listening
from mockforge.mocking.exchange import Exchange
from mockforge.observe.budget import MemoryBudget
from mockforge.open_files import allow_connections
from mockforge.sockets import UNIX
from mockforge_ws.config import Tls
from mockforge_ws.wire.application import Application
from mockforge_ws.wire.arrival import Arrival
from mockforge_ws.wire.connection import Connection
from mockforge_ws.wire.hub import Hub
from mockforge_ws.wire.limits import Limits
from mockforge_ws.wire.opening import Opening
from mockforge_ws.wire.stats import WireStats

_HOST: Final = "websocket.host (--host)"


class WebSocketListener:
    """Serves ``application`` at ``host`` and ``port`` within ``limits``; ``host`` is an address, a name, or
    ``unix:/path``. While the process is over ``budget`` new connections are refused."""

    def __init__(
        self,
        application: Application,
        limits: Limits,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: Tls = Tls(),  # noqa: B008 - it cannot be changed
        budget: MemoryBudget | None = None,
    ) -> None:
        self.stats = WireStats()
        self._application = application
        self.limits = limits
        self._host = host
        self._port = port
        self._tls = tls
        self._budget = budget
        self._hub: Hub | None = None
        self._listening = Listening()
        self._addresses: list[str] = []
        self._tls_addresses: list[str] = []

    async def start(self, *, through: str | None = None) -> None:
        """Listen; connections are accepted when this returns. StartError if the address cannot be bound.
        ``through`` is the address of another server that hands over all connections there are."""
        self._allow_connections()
        loop = asyncio.get_running_loop()
        hub = Hub(self._application, self.limits, self.stats, loop, self._budget)
        if through is not None:
            self._addresses = [through]
        else:
            make = partial(Arrival, hub)
            await self._start_tls(make)
            self._addresses = await self._listening.open(
                self._host,
                self._port,
                make,
                scheme="ws",
                setting="websocket.port (--ws-port)",
                host_setting=_HOST,
            )
        self._hub = hub

    async def _start_tls(self, make: Callable[[], Arrival]) -> None:
        tls = self._tls
        if tls.cert is None:
            return
        if self._host.startswith(UNIX):
            raise StartError(
                f"TLS cannot be served at {self._host}",
                hint="set websocket.host (--host) to an address, or unset websocket.tls.cert",
            )
        context = server_context(tls.cert, tls.key, tls.client_ca, section="websocket.tls")
        context.set_alpn_protocols(["http/1.1"])
        self._tls_addresses = await self._listening.open(
            self._host,
            tls.port,
            make,
            scheme="wss",
            setting="websocket.tls.port",
            host_setting=_HOST,
            context=context,
            handshake_timeout=self.limits.handshake or None,
        )

    def take_over(
        self, exchange: Exchange, opening: Opening, transport: asyncio.Transport, buffered: bytes
    ) -> bool:
        """Serve a connection that another server has accepted; whether that can be done now."""
        hub = self._hub
        if hub is None or hub.draining:
            return False
        Arrival(hub).take_over(exchange, opening, transport, buffered)
        return True

    def follow(self, limits: Limits) -> None:
        """Go by ``limits`` from now on."""
        self.limits = limits
        self._allow_connections()
        if self._hub is not None:
            self._hub.follow(limits)

    def _allow_connections(self) -> None:
        allow_connections(self.limits.max_connections, "websocket.max_connections")

    def open(self) -> Iterable[Connection]:
        """The open connections, in the order in which they came."""
        return () if self._hub is None else self._hub.by_id.values()

    def connection(self, connection_id: int) -> Connection | None:
        """The open connection with this id."""
        return None if self._hub is None else self._hub.by_id.get(connection_id)

    def members(self, kind: str, name: str) -> Iterable[Connection]:
        """The open connections of a ``path`` or ``room``."""
        return () if self._hub is None else self._hub.groups.members(kind, name)

    @property
    def groups(self) -> int:
        """Paths and rooms that somebody is in."""
        return 0 if self._hub is None else len(self._hub.groups)

    def addresses(self) -> list[str]:
        """Where it listens: ``ws://127.0.0.1:3001``, ``ws://[::1]:3001``, ``unix:/path``."""
        return list(self._addresses)

    def tls_addresses(self) -> list[str]:
        """Where it speaks TLS: ``wss://127.0.0.1:3444``."""
        return list(self._tls_addresses)

    @property
    def connections(self) -> int:
        """Open connections."""
        return 0 if self._hub is None else len(self._hub.connections)

    def memory_bytes(self) -> int:
        """Estimate of what connections hold, without their messages."""
        return 0 if self._hub is None else self._hub.memory_bytes()

    def held_bytes(self) -> int:
        """Bytes of messages that are being received, wait for a script, or are queued."""
        return 0 if self._hub is None else self._hub.held

    async def drain(self) -> None:
        """Accept no more, close all connections with 1001, and return when they are gone."""
        self._listening.close()
        if self._hub is not None:
            await self._hub.drain()

    def abort(self) -> None:
        """Accept no more and cut all connections."""
        self._listening.close()
        if self._hub is not None:
            self._hub.abort()
