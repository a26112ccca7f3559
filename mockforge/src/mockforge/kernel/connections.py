"""Open connections of all servers: listed, spoken to, closed. For the admin, for tests, and for stubs of one
protocol that speak to clients of another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mockforge.contracts import ConnectionInfo, ProtocolServer, Target
from mockforge.errors import MockForgeError


class OpenConnections:
    """``servers`` gives those that run. Call everything in the kernel's event loop."""

    def __init__(self, servers: Callable[[], Sequence[ProtocolServer]]) -> None:
        self._servers = servers

    def infos(
        self, limit: int = 100, after: int = 0, *, protocol: str | None = None
    ) -> list[ConnectionInfo]:
        """The first ``limit`` whose id is greater than ``after``, by id; of all servers, or of the one called
        ``protocol``."""
        found = [
            info
            for server in self._servers()
            if protocol in (None, server.name)
            for info in server.connection_infos(limit, after)
        ]
        found.sort(key=lambda info: info.id)
        return found[:limit]

    def close(self, connection_id: int, code: int | None = None, reason: str = "") -> bool:
        """Close one; whether there was one. MockForgeError: ``code`` or ``reason`` cannot be said."""
        return any(
            server.close_connection(connection_id, code, reason) for server in self._servers()
        )

    def push(self, protocol: str, target: Target, message: Any) -> int:
        """Have the server called ``protocol`` send ``message``; see
        :meth:`~mockforge.contracts.ProtocolServer.push`. MockForgeError: there is no such server, or it takes
        no such message."""
        for server in self._servers():
            if server.name == protocol:
                return server.push(target, message)
        raise MockForgeError(f"no {protocol} server runs", hint="see --only and --without")
