"""A listening HTTP/1.1 server: start, addresses, drain, abort.

Made by the HTTP protocol server, one for each bound host; runs in the event loop in which it is started.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import cast

from mockforge.listening import BACKLOG, Listening
from mockforge.observe.budget import MemoryBudget
from mockforge.open_files import allow_connections
from mockforge_http.wire.application import Application
from mockforge_http.wire.connection import Connection
from mockforge_http.wire.hub import Hub
from mockforge_http.wire.limits import Limits
from mockforge_http.wire.pace import Pace
from mockforge_http.wire.stats import WireStats


class HttpListener:
    """Serves ``application`` at ``host`` and ``port`` within ``limits``.

    ``host`` is an address, a name, or ``unix:/path``; port 0 takes any free one. ``pace`` is the time that
    slow answers are sent by. While the process is over ``budget`` new connections are refused.
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
        budget: MemoryBudget | None = None,
    ) -> None:
        self.stats = WireStats()
        self._application = application
        self._limits = limits
        self._host = host
        self._port = port
        self._backlog = backlog
        self._pace = pace
        self._budget = budget
        self._hub: Hub | None = None
        self._listening = Listening()
        self._addresses: list[str] = []

    async def start(self) -> None:
        """Listen; connections are accepted when this returns. :class:`~mockforge.errors.StartError`
        if the address cannot be bound."""
        allow_connections(self._limits.max_connections)
        hub = Hub(
            self._application,
            self._limits,
            self.stats,
            asyncio.get_running_loop(),
            self._pace,
            self._budget,
        )
        self._addresses = await self._listening.open(
            self._host,
            self._port,
            partial(Connection, hub),
            scheme="http",
            setting="http.port (--http-port)",
            host_setting="http.host (--host)",
            backlog=self._backlog,
        )
        self._hub = hub

    def addresses(self) -> list[str]:
        """Where it listens: ``http://127.0.0.1:3000``, ``http://[::1]:3000``, ``unix:/path``."""
        return list(self._addresses)

    @property
    def connections(self) -> int:
        """Open connections, without those that were handed over to another protocol."""
        return len(self._hub.connections) if self._hub is not None else 0

    def open(self) -> Iterable[Connection]:
        """The open connections, in no order."""
        return () if self._hub is None else cast("set[Connection]", self._hub.connections)

    def memory_bytes(self) -> int:
        """Estimate of what connections and the memory of heads hold."""
        return 0 if self._hub is None else self._hub.memory_bytes()

    async def drain(self) -> None:
        """Accept no more, close idle connections, and return when the exchanges under way are over.
        Their answers say ``Connection: close``. Takes as long as they do: the caller limits it."""
        self._listening.close()
        if self._hub is not None:
            await self._hub.drain()

    def abort(self) -> None:
        """Accept no more and drop all connections; applications at work are cancelled."""
        self._listening.close()
        if self._hub is not None:
            self._hub.abort()
