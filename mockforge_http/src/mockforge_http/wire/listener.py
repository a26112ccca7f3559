"""A listening HTTP/1.1 server: start, addresses, drain, abort.

Made by the HTTP protocol server, one for each bound host; runs in the event loop in which it is started.
"""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Final

from mockforge.open_files import allow_connections
from mockforge.sockets import UNIX, address_of, bind, remove_socket_file, socket_file
from mockforge_http.wire.application import Application
from mockforge_http.wire.connection import Connection
from mockforge_http.wire.hub import Hub
from mockforge_http.wire.limits import Limits
from mockforge_http.wire.pace import Pace
from mockforge_http.wire.stats import WireStats

BACKLOG: Final = 1024
"""Connections the system may hold ready before they are accepted."""


class HttpListener:
    """Serves ``application`` at ``host`` and ``port`` within ``limits``.

    ``host`` is an address, a name, or ``unix:/path``; port 0 takes any free one. ``pace`` is the time that
    slow answers are sent by.
    """

    def __init__(
        self,
        application: Application,
        limits: Limits,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        backlog: int = BACKLOG,
        pace: Pace | None = None,
    ) -> None:
        self.stats = WireStats()
        self._application = application
        self._limits = limits
        self._host = host
        self._port = port
        self._backlog = backlog
        self._pace = pace
        self._hub: Hub | None = None
        self._servers: list[asyncio.Server] = []
        self._addresses: list[str] = []
        self._socket_file: tuple[Path, int] | None = None

    async def start(self) -> None:
        """Listen; connections are accepted when this returns. :class:`~mockforge.errors.StartError`
        if the address cannot be bound."""
        allow_connections(self._limits.max_connections)
        loop = asyncio.get_running_loop()
        sockets = await bind(self._host, self._port)
        self._addresses = [address_of(bound) for bound in sockets]
        if self._host.startswith(UNIX):
            self._socket_file = socket_file(self._host)
        hub = self._hub = Hub(self._application, self._limits, self.stats, loop, self._pace)
        make = partial(Connection, hub)
        try:
            for bound in sockets:
                listen = loop.create_unix_server if self._socket_file else loop.create_server
                self._servers.append(await listen(make, sock=bound, backlog=self._backlog))
        except BaseException:
            for bound in sockets:
                bound.close()
            self.abort()
            raise

    def addresses(self) -> list[str]:
        """Where it listens: ``http://127.0.0.1:3000``, ``http://[::1]:3000``, ``unix:/path``."""
        return list(self._addresses)

    @property
    def connections(self) -> int:
        """Open connections, without those that were handed over to another protocol."""
        return len(self._hub.connections) if self._hub is not None else 0

    def memory_bytes(self) -> int:
        """Estimate of what connections and the memory of heads hold."""
        hub = self._hub
        if hub is None:
            return 0
        held = sum(connection.memory_bytes() for connection in hub.connections)
        return held + hub.heads.memory_bytes()

    async def drain(self) -> None:
        """Accept no more, close idle connections, and return when the exchanges under way are over.
        Their answers say ``Connection: close``. Takes as long as they do: the caller limits it."""
        self._close_servers()
        hub = self._hub
        if hub is None:
            return
        hub.draining = True
        for connection in tuple(hub.connections):
            connection.drain()
        await hub.emptied()
        hub.clock.stop()

    def abort(self) -> None:
        """Accept no more and drop all connections; applications at work are cancelled."""
        self._close_servers()
        hub = self._hub
        if hub is not None:
            hub.draining = True
            hub.clock.stop()
            for connection in tuple(hub.connections):
                connection.abort()

    def _close_servers(self) -> None:
        for server in self._servers:
            server.close()
        self._servers.clear()
        if self._socket_file is not None:
            remove_socket_file(*self._socket_file)
            self._socket_file = None
