"""The admin's server: to the kernel a protocol server like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import anyio

from mockforge.contracts import ProtocolServer
from mockforge_admin.config import AdminConfig
from mockforge_admin.gate import Gate, check_exposure
from mockforge_admin.history import History
from mockforge_admin.hosting import AdminListener
from mockforge_admin.tracing import Tracing

if TYPE_CHECKING:
    from anyio.abc import TaskStatus

    from mockforge.config import Settings
    from mockforge.contracts import AdminPanel
    from mockforge.kernel import Kernel

_SHORTEST = 0.1
_CLOSING = 1.0
"""Seconds for connections that were cut to end."""


class AdminServer(ProtocolServer):
    """Serves the admin API and its pages. ``config`` is the settings of the moment (port and host stay those
    of the start)."""

    name: ClassVar[str] = "admin"

    @classmethod
    def wanted(cls, settings: Settings) -> bool:
        return settings.section("admin", AdminConfig).enabled

    def __init__(self, kernel: Kernel) -> None:
        super().__init__(kernel)
        self.config = kernel.settings.section("admin", AdminConfig)
        check_exposure(self.config)
        self.gate = Gate(self.config)
        self.listener = AdminListener(self.config, self._make_app)
        self.closing = anyio.Event()
        """Set when streams have to end."""
        self.tails = 0
        """Clients that follow the journal."""
        self.history = History(kernel, self.config.history)
        self.tracing = Tracing()
        self._panels: dict[str, AdminPanel] | None = None
        self._drained = anyio.Event()
        kernel.memory.register("admin.history", self.history.memory_bytes)
        kernel.memory.register("admin.connections", self.listener.memory_bytes)

    def _make_app(self) -> Any:
        from mockforge_admin.app import make_app

        return make_app(self)

    async def serve(self, *, task_status: TaskStatus[str]) -> None:
        addresses = await self.listener.start()
        try:
            async with anyio.create_task_group() as tasks:
                task_status.started(addresses[0])
                tasks.start_soon(self._keep_history)
                await self._drained.wait()
                tasks.cancel_scope.cancel()
        finally:
            self.listener.abort()
            with anyio.move_on_after(_CLOSING, shield=True):
                await self.listener.ended()

    async def _keep_history(self) -> None:
        while True:
            self.history.take()
            await anyio.sleep(max(_SHORTEST, float(self.config.history_interval)))

    async def drain(self) -> None:
        self.closing.set()
        await self.listener.drain()
        self._drained.set()

    async def reload(self) -> None:
        config = self.kernel.settings.section("admin", AdminConfig)
        check_exposure(config)
        self.config = config
        self.gate = Gate(config)
        self._panels = None

    @property
    def panels(self) -> dict[str, AdminPanel]:
        """Pages of plugins, by name."""
        if self._panels is None:
            self._panels = self.kernel.plugins.admin_panels()
        return self._panels

    def connections(self) -> int:
        return self.listener.connections
