"""What all connections share: limits, counters, the sweep that keeps the time, paths and rooms."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mockforge_ws.wire.application import Application
    from mockforge_ws.wire.connection import Connection
    from mockforge_ws.wire.limits import Limits
    from mockforge_ws.wire.stats import WireStats

log = logging.getLogger("mockforge.ws")

CONNECTION_BYTES: Final = 8192
"""Estimate of what an open connection holds besides its buffers: the transport and wsproto's state."""
COMPRESSED_BYTES: Final = 50 * 1024
"""What permessage-deflate adds with 12-bit windows."""
MOST_LEAVING: Final = 256
"""Refused connections that are waited for; further ones are cut at once."""


class Hub:
    """``connections`` are those that count, ``leaving`` those that were refused and have not gone yet.
    ``held`` is the number of bytes of messages in memory, bounded by ``limits.max_held``."""

    __slots__ = (
        "_emptied",
        "_groups",
        "_timer",
        "application",
        "connections",
        "draining",
        "held",
        "leaving",
        "limits",
        "loop",
        "max_whole",
        "stats",
    )

    def __init__(
        self,
        application: Application,
        limits: Limits,
        stats: WireStats,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.application = application
        self.stats = stats
        self.loop = loop
        self.connections: set[Connection] = set()
        self.leaving: set[Connection] = set()
        self.draining = False
        self.held = 0
        self._groups: dict[tuple[str, str], dict[Connection, None]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._emptied: asyncio.Future[None] | None = None
        self.limits = limits
        self.max_whole = min(limits.max_message, limits.max_frame)

    # -------------------------------------------------------------- paths and rooms

    def join(self, kind: str, name: str, connection: Connection) -> None:
        """Make ``connection`` one of those that :meth:`members` gives."""
        self._groups.setdefault((kind, name), {})[connection] = None

    def leave(self, kind: str, name: str, connection: Connection) -> None:
        """Take it out."""
        members = self._groups.get((kind, name))
        if members is not None:
            members.pop(connection, None)
            if not members:
                del self._groups[kind, name]

    def members(self, kind: str, name: str) -> Iterable[Connection]:
        """The connections of a ``path`` or ``room``, in the order in which they came."""
        return tuple(self._groups.get((kind, name), ()))

    # -------------------------------------------------------------- coming and going

    def arrived(self, connection: Connection) -> None:
        """``connection`` counts from now on."""
        self.connections.add(connection)
        if self._timer is None:
            self._timer = self.loop.call_later(self.limits.tick, self._sweep)

    def left(self, connection: Connection) -> None:
        """``connection`` is gone."""
        self.connections.discard(connection)
        self.leaving.discard(connection)
        if not self.connections and self._emptied is not None and not self._emptied.done():
            self._emptied.set_result(None)

    def is_leaving(self, connection: Connection) -> None:
        """``connection`` was refused; it is waited for a little, so that the client can read why."""
        self.left(connection)
        if len(self.leaving) >= MOST_LEAVING:
            connection.abort()
            return
        self.leaving.add(connection)
        if self._timer is None:
            self._timer = self.loop.call_later(self.limits.tick, self._sweep)

    async def emptied(self) -> None:
        """Wait until no connection is left."""
        while self.connections:
            if self._emptied is None or self._emptied.done():
                self._emptied = self.loop.create_future()
            await asyncio.shield(self._emptied)

    def stop(self) -> None:
        """No more sweeps."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def memory_bytes(self) -> int:
        """Estimate of what connections hold."""
        return sum(connection.memory_bytes() for connection in self.connections)

    def _sweep(self) -> None:
        self._timer = None
        now = self.loop.time()
        for connection in (*self.connections, *self.leaving):
            try:
                connection.check(now)
            except Exception:
                # Without sweeps no deadline would be kept any more, by any connection.
                log.exception("checking a connection failed")
                connection.abort()
        if self.connections or self.leaving:
            self._timer = self.loop.call_later(self.limits.tick, self._sweep)
