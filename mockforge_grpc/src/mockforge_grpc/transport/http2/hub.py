"""What all connections of the engine share: limits, counters, the sweep that keeps the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockforge.sweeping import Connections, Sweep, check_all
from mockforge_grpc.status import Code
from mockforge_grpc.transport.http2.request import RefusedError

if TYPE_CHECKING:
    import asyncio

    from mockforge.observe.budget import MemoryBudget
    from mockforge_grpc.transport.call import Application
    from mockforge_grpc.transport.http2.session import MakeSession
    from mockforge_grpc.transport.limits import GrpcLimits
    from mockforge_grpc.transport.stats import TransportStats


class Hub(Connections):
    """``streams`` is the number of calls under way, ``held`` the bytes of messages in memory, bounded by
    ``limits.max_held``."""

    __slots__ = ("application", "budget", "held", "limits", "make_session", "stats", "streams")

    def __init__(
        self,
        application: Application,
        limits: GrpcLimits,
        stats: TransportStats,
        make_session: MakeSession,
        loop: asyncio.AbstractEventLoop,
        budget: MemoryBudget | None = None,
    ) -> None:
        super().__init__(loop, Sweep(loop, limits.tick, self._sweep))
        self.application = application
        self.budget = budget
        self.limits = limits
        self.stats = stats
        self.make_session = make_session
        self.streams = 0
        self.held = 0

    @property
    def full(self) -> bool:
        """Whether there are as many connections as there may be."""
        return len(self.connections) >= self.limits.max_connections

    @property
    def over_budget(self) -> bool:
        """Whether the process takes more memory than it may."""
        return self.budget is not None and self.budget.over

    def check_budget(self) -> None:
        """RefusedError while the process takes more memory than it may. Not GOAWAY: clients would try again
        at once, and not say why to whoever called."""
        if self.budget is not None and self.budget.over:
            raise RefusedError("memory", 200, Code.UNAVAILABLE, self.budget.refusal())

    def _sweep(self, now: float) -> bool:
        # Stamps are those of the sweep before: so nobody's time is over too early.
        check_all(self.connections, now - self.limits.tick)
        return bool(self.connections)
