"""The listening server: start, addresses, drain, abort. Runs in the event loop in which it is started."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Final

from mockforge.certificates import server_context
from mockforge.errors import StartError
from mockforge.mocking.exchange import Exchange
from mockforge.open_files import allow_connections
from mockforge.sockets import UNIX, address_of, bind, remove_socket_file, socket_file
from mockforge_ws.config import Tls
from mockforge_ws.wire.application import Application
from mockforge_ws.wire.connection import Connection
from mockforge_ws.wire.hub import Hub
from mockforge_ws.wire.limits import Limits
from mockforge_ws.wire.opening import Opening
from mockforge_ws.wire.stats import WireStats

BACKLOG: Final = 1024
"""Connections the system may hold ready before they are accepted."""


class WebSocketListener:
    """Serves ``application`` at ``host`` and ``port`` within ``limits``; ``host`` is an address, a name, or
    ``unix:/path``."""

    def __init__(
        self,
        application: Application,
        limits: Limits,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: Tls | None = None,
    ) -> None:
        self.stats = WireStats()
        self._application = application
        self.limits = limits
        self._host = host
        self._port = port
        self._tls = tls if tls is not None and tls.cert is not None else None
        self._tls_addresses: list[str] = []
        self.hub: Hub | None = None
        self._servers: list[asyncio.Server] = []
        self._addresses: list[str] = []
        self._socket_file: tuple[Path, int] | None = None

    async def start(self, *, through: str | None = None) -> None:
        """Listen; connections are accepted when this returns. StartError if the address cannot be bound.
        ``through`` is the address of another server that hands over all connections there are."""
        allow_connections(self.limits.max_connections, "websocket.max_connections")
        loop = asyncio.get_running_loop()
        if through is not None:
            self._addresses = [through]
            self.hub = Hub(self._application, self.limits, self.stats, loop)
            return
        sockets = await bind(
            self._host,
            self._port,
            setting="websocket.port (--ws-port)",
            host_setting="websocket.host (--host)",
        )
        self._addresses = [address_of(bound, "ws") for bound in sockets]
        if self._host.startswith(UNIX):
            self._socket_file = socket_file(self._host)
        hub = self.hub = Hub(self._application, self.limits, self.stats, loop)
        try:
            if self._tls is not None:
                await self._start_tls(self._tls, hub)
            for bound in sockets:
                listen = loop.create_unix_server if self._socket_file else loop.create_server
                self._servers.append(
                    await listen(partial(Connection, hub), sock=bound, backlog=BACKLOG)
                )
        except BaseException:
            for bound in sockets:
                bound.close()
            self.abort()
            raise

    async def _start_tls(self, tls: Tls, hub: Hub) -> None:
        if self._host.startswith(UNIX):
            raise StartError(
                f"TLS cannot be served at {self._host}",
                hint="set websocket.host (--host) to an address, or unset websocket.tls.cert",
            )
        assert tls.cert is not None  # noqa: S101 - the caller's check
        context = server_context(tls.cert, tls.key, tls.client_ca, section="websocket.tls")
        context.set_alpn_protocols(["http/1.1"])
        sockets = await bind(
            self._host,
            tls.port,
            setting="websocket.tls.port",
            host_setting="websocket.host (--host)",
        )
        self._tls_addresses = [address_of(bound, "wss") for bound in sockets]
        for bound in sockets:
            self._servers.append(
                await hub.loop.create_server(
                    partial(Connection, hub),
                    sock=bound,
                    backlog=BACKLOG,
                    ssl=context,
                    ssl_handshake_timeout=self.limits.handshake or None,
                )
            )

    def take_over(
        self, exchange: Exchange, opening: Opening, transport: asyncio.Transport, buffered: bytes
    ) -> bool:
        """Serve a connection that another server has accepted; whether that can be done now."""
        hub = self.hub
        if hub is None or hub.draining:
            return False
        Connection(hub).take_over(exchange, opening, transport, buffered)
        return True

    def addresses(self) -> list[str]:
        """Where it listens: ``ws://127.0.0.1:3001``, ``ws://[::1]:3001``, ``unix:/path``."""
        return list(self._addresses)

    def tls_addresses(self) -> list[str]:
        """Where it speaks TLS: ``wss://127.0.0.1:3444``."""
        return list(self._tls_addresses)

    @property
    def connections(self) -> int:
        """Open connections."""
        return 0 if self.hub is None else len(self.hub.connections)

    def memory_bytes(self) -> int:
        """Estimate of what connections hold, without their messages."""
        return 0 if self.hub is None else self.hub.memory_bytes()

    def held_bytes(self) -> int:
        """Bytes of messages that are being received, wait for a script, or are queued."""
        return 0 if self.hub is None else self.hub.held

    async def drain(self) -> None:
        """Accept no more, close all connections with 1001, and return when they are gone."""
        self._close_servers()
        hub = self.hub
        if hub is None:
            return
        hub.draining = True
        for connection in tuple(hub.connections):
            connection.drain()
        await hub.emptied()
        hub.stop()

    def abort(self) -> None:
        """Accept no more and cut all connections."""
        self._close_servers()
        hub = self.hub
        if hub is not None:
            hub.draining = True
            hub.stop()
            for connection in (*hub.connections, *hub.leaving):
                connection.abort()

    def _close_servers(self) -> None:
        for server in self._servers:
            server.close()
        self._servers.clear()
        if self._socket_file is not None:
            remove_socket_file(*self._socket_file)
            self._socket_file = None
