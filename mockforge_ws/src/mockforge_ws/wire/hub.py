"""What all connections share: limits, counters, the sweep that keeps the time, paths and rooms."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from mockforge.sweeping import Connections, Sweep, check_all
from mockforge_ws.wire.groups import Groups

if TYPE_CHECKING:
    from mockforge.observe.budget import MemoryBudget
    from mockforge_ws.wire.application import Application
    from mockforge_ws.wire.arrival import Arrival
    from mockforge_ws.wire.connection import Connection
    from mockforge_ws.wire.limits import Limits
    from mockforge_ws.wire.stats import WireStats

MOST_LEAVING: Final = 256
"""Refused connections that are waited for; further ones are cut at once."""


class Hub(Connections):
    """``connections`` are those that count: open ones, and those whose request is not answered yet.
    ``by_id`` are the open ones, in the order in which they came, ``leaving`` those that were refused and have
    not gone. ``held`` is the number of bytes of messages in memory, bounded by ``limits.max_held``."""

    __slots__ = (
        "application",
        "budget",
        "by_id",
        "groups",
        "held",
        "leaving",
        "limits",
        "max_whole",
        "stats",
    )

    def __init__(
        self,
        application: Application,
        limits: Limits,
        stats: WireStats,
        loop: asyncio.AbstractEventLoop,
        budget: MemoryBudget | None = None,
    ) -> None:
        super().__init__(loop, Sweep(loop, limits.tick, self._sweep))
        self.application = application
        self.budget = budget
        self.limits = limits
        self.stats = stats
        self.groups = Groups(limits.max_rooms)
        self.by_id: dict[int, Connection] = {}
        self.leaving: set[Arrival] = set()
        self.held = 0
        self.max_whole = min(limits.max_message, limits.max_frame)

    def follow(self, limits: Limits) -> None:
        """Go by ``limits`` from now on, also with the connections that there are."""
        self.limits = limits
        self.groups.max_rooms = limits.max_rooms
        self.max_whole = min(limits.max_message, limits.max_frame)
        self.clock.tick = limits.tick
        if self.connections or self.leaving:
            self.clock.stop()
            self.clock.start()
        for connection in tuple(self.by_id.values()):
            connection.follow_limits()

    @property
    def over_budget(self) -> bool:
        """Whether the process takes more memory than it may."""
        return self.budget is not None and self.budget.over

    @property
    def full(self) -> bool:
        """Whether no further connection is to be taken."""
        return len(self.connections) >= self.limits.max_connections or self.over_budget

    def arrived(self, connection: Arrival | Connection) -> None:
        """``connection`` counts from now on."""
        self.clock.start()
        self.connections.add(connection)

    def opened(self, connection: Connection) -> None:
        """``connection`` speaks WebSocket."""
        self.by_id[connection.id] = connection
        self.groups.arrived(connection)

    def closed(self, connection: Connection) -> None:
        """``connection`` is gone."""
        self.left(connection)
        self.by_id.pop(connection.id, None)
        self.groups.left(connection)

    def is_leaving(self, arrival: Arrival) -> None:
        """``arrival`` was refused; it is waited for a little, so that the client can read why."""
        self.left(arrival)
        if len(self.leaving) >= MOST_LEAVING:
            arrival.abort()
            return
        self.clock.start()
        self.leaving.add(arrival)

    def is_gone(self, arrival: Arrival) -> None:
        """``arrival`` is neither counted nor waited for any more."""
        self.left(arrival)
        self.leaving.discard(arrival)

    def abort(self) -> None:
        super().abort()
        for arrival in tuple(self.leaving):
            arrival.abort()

    def _sweep(self, now: float) -> bool:
        # Stamps are those of the sweep before: so nobody's time is over too early.
        check_all((*self.connections, *self.leaving), now - self.limits.tick)
        return bool(self.connections or self.leaving)
