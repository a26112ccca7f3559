"""One running mock: the parts that servers share, and start, reload, drain and stop."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import anyio
from anyio.abc import TaskGroup, TaskStatus

from mockforge.config import CoreConfig, Settings
from mockforge.contracts import ProtocolServer
from mockforge.errors import MockForgeError, StartError
from mockforge.kernel.connections import OpenConnections
from mockforge.kernel.failures import start_error, unwrap
from mockforge.kernel.observing import Observing
from mockforge.kernel.watch import watch
from mockforge.observe.budget import INTERVAL, MemoryBudget
from mockforge.observe.journal import Journal
from mockforge.observe.memory import MemoryLedger
from mockforge.observe.metrics import Registry
from mockforge.plugins import Plugins

Ready = Callable[["Kernel"], None]
"""Called once, when every server accepts connections."""


class Kernel:
    """What a protocol server is given: ``settings``, ``plugins``, ``journal``, ``metrics``,
    ``memory``, ``connections``, ``seed``, ``log``; and its life cycle.

    ``reread`` reads the settings again for :meth:`reload`; without it they stay as they are. Make a
    kernel in the event loop that is to run it; it runs once.
    """

    def __init__(
        self,
        settings: Settings,
        plugins: Plugins,
        *,
        reread: Callable[[], Settings] | None = None,
    ) -> None:
        self.settings = settings
        self.plugins = plugins
        self.log = logging.getLogger("mockforge.kernel")
        self.servers: tuple[ProtocolServer, ...] = ()
        """Those that were made, in the order in which they start."""
        self.addresses: dict[str, str] = {}
        """Of each server that accepts connections, by protocol name, as in the ready line; and where it
        listens besides, by the names it gives."""
        self._reread = reread
        self._observing = Observing(self.core, plugins)
        self.settled: Callable[[], None] = _nothing
        """Called after the start and after each reload, when what was loaded is there to stay."""
        self._reloading = anyio.Lock()
        self._reload_requested = anyio.Event()
        self._settings_taken = anyio.Event()
        """Set, and exchanged for another, when changed settings are there."""
        self._stop = anyio.Event()
        self._starting: anyio.CancelScope | None = None
        self._drains: dict[str, anyio.CancelScope] = {}
        self._failure: BaseException | None = None
        self.connections = OpenConnections(lambda: self.servers)
        """Those of all servers."""
        self._observing.watch_connections(lambda: self.servers)

    @property
    def core(self) -> CoreConfig:
        """The kernel's own section of the settings."""
        return self.settings.section("core", CoreConfig)

    @property
    def seed(self) -> int:
        """What all generated data starts from."""
        return self.core.seed

    @property
    def journal(self) -> Journal:
        """The request log: ``kernel.journal.record(exchange)`` once per exchange."""
        return self._observing.journal

    @property
    def metrics(self) -> Registry:
        """Counters and gauges; ``kernel.metrics.requests.observe(...)`` once per request."""
        return self._observing.metrics

    @property
    def memory(self) -> MemoryLedger:
        """Where components register the bytes they hold."""
        return self._observing.memory

    @property
    def budget(self) -> MemoryBudget:
        """Whether the process takes more memory than it may, and new connections are to be refused."""
        return self._observing.budget

    @property
    def stopping(self) -> bool:
        """Whether the kernel was asked to stop."""
        return self._stop.is_set()

    # -------------------------------------------------------------- life

    async def run(self, ready: Ready | None = None) -> None:
        """Start everything, call ``ready``, serve until :meth:`stop`, drain.

        Raises :class:`~mockforge.errors.StartError` if a server could not start, or ended by itself
        later; everything else has been stopped by then.
        """
        await self.plugins.startup(self)
        try:
            self._observing.start(self.plugins.request_loggers())
            await self._serve(ready)
        except BaseExceptionGroup as group:
            raise unwrap(group) from None
        finally:
            with anyio.CancelScope(shield=True):
                # Loggers first: their plugins are still up.
                await anyio.to_thread.run_sync(self._observing.close)
                await self.plugins.shutdown(self)
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Ask for the end: drain and return from :meth:`run`. Call it in the kernel's event loop."""
        self._stop.set()
        if self._starting is not None:
            self._starting.cancel()

    async def _serve(self, ready: Ready | None) -> None:
        classes = self.plugins.selected_protocols()
        async with anyio.create_task_group() as tasks:
            with anyio.CancelScope() as self._starting:
                if not self.stopping:
                    await self._start(classes.values(), tasks)
            self._starting = None
            if self._failure is None and not self.stopping:
                self.settled()
                tasks.start_soon(self._reload_on_request)
                tasks.start_soon(self._keep_budget)
                if self.core.watch:
                    await tasks.start(watch, self.watched, self.reload)
                if ready is not None:
                    ready(self)
                await self._stop.wait()
            await self._drain()
            tasks.cancel_scope.cancel()

    async def _keep_budget(self) -> None:
        while True:
            while not self.budget.limit:
                await self._settings_taken.wait()
            await anyio.sleep(INTERVAL)
            self.budget.check()

    async def _start(self, classes: Iterable[type[ProtocolServer]], tasks: TaskGroup) -> None:
        try:
            for cls in classes:
                if not cls.wanted(self.settings):
                    continue
                with start_error(cls.name, self.log):
                    self.servers = (*self.servers, cls(self))
            for server in self.servers:
                with start_error(server.name, self.log):
                    await tasks.start(self._run_server, server, name=f"server {server.name}")
        except StartError as error:
            self._failure = error

    async def _run_server(self, server: ProtocolServer, *, task_status: TaskStatus[None]) -> None:
        started = _Started(self.addresses, server, task_status)
        try:
            await server.serve(task_status=started)
        except Exception as error:
            if server.name not in self.addresses:
                raise
            if server.name in self._drains:
                self._drains[server.name].cancel()
            cause = unwrap(error)
            self.log.exception("the %s server failed", server.name, exc_info=cause)
            self._ended(StartError(f"the {server.name} server failed: {cause!r}"))
        else:
            if server.name in self.addresses and not self.stopping:
                self._ended(StartError(f"the {server.name} server ended by itself"))
        finally:
            started.ended()

    def _ended(self, failure: StartError) -> None:
        """A server is gone: a mock that answers on half of its ports helps nobody, so all stop."""
        if self._failure is None and not self.stopping:
            self._failure = failure
        self._stop.set()

    async def _drain(self) -> None:
        running = [server for server in self.servers if server.name in self.addresses]
        timeout = float(self.core.drain_timeout)
        with anyio.move_on_after(timeout) as scope:
            # What a reload under way has opened is to be closed by the server it is for.
            async with self._reloading, anyio.create_task_group() as draining:
                for server in running:
                    draining.start_soon(self._drain_one, server)
        if scope.cancelled_caught:
            self.log.warning(
                "not drained within %g s; %d connections are cut",
                timeout,
                sum(_connections(server) for server in running),
            )

    async def _drain_one(self, server: ProtocolServer) -> None:
        try:
            with anyio.CancelScope() as self._drains[server.name]:
                await server.drain()
        except Exception:
            self.log.exception("draining the %s server failed", server.name)

    # -------------------------------------------------------------- reload

    async def reload(self) -> list[MockForgeError]:
        """Read everything again: settings, then each server's own input.

        What cannot be read keeps its last good state, is logged, and is in the list that is returned
        (empty: all was taken on). Calls wait for each other; nothing is done once the kernel stops.
        """
        async with self._reloading:
            if self.stopping:
                return []
            self.plugins.resolve()
            try:
                settings = self.settings
                if self._reread is not None:
                    settings = await anyio.to_thread.run_sync(self._reread)
                core = settings.section("core", CoreConfig)
                self._observing.reload(core, self.plugins.request_loggers())
            except MockForgeError as error:
                self._not_reloaded("settings", error)
                return [error]
            self.settings = settings
            self._settings_taken.set()
            self._settings_taken = anyio.Event()
            problems = []
            for server in self.servers:
                try:
                    await server.reload()
                except MockForgeError as error:
                    self._not_reloaded(server.name, error)
                    problems.append(error)
                except Exception as error:
                    self.log.exception("reloading the %s server failed", server.name)
                    problems.append(MockForgeError(f"reloading {server.name} failed: {error!r}"))
            self.settled()
            if not problems:
                self.log.info("reloaded")
            return problems

    def request_reload(self) -> None:
        """Have :meth:`reload` called soon; call this in the kernel's event loop."""
        self._reload_requested.set()

    async def _reload_on_request(self) -> None:
        while not self.stopping:
            await self._reload_requested.wait()
            self._reload_requested = anyio.Event()
            await self.reload()

    def _not_reloaded(self, what: str, error: MockForgeError) -> None:
        hint = f" ({error.hint})" if error.hint else ""
        self.log.error("%s not reloaded, the last good state stays: %s%s", what, error, hint)

    def watched(self) -> Sequence[Path]:
        """Files and folders whose change calls for a reload."""
        paths = [] if self.settings.file is None else [self.settings.file]
        for server in self.servers:
            paths.extend(server.watched())
        return paths


class _Started(TaskStatus[str]):
    """Notes the addresses that a server reports, and passes on that it has started."""

    def __init__(
        self, addresses: dict[str, str], server: ProtocolServer, task_status: TaskStatus[None]
    ) -> None:
        self._addresses = addresses
        self._server = server
        self._noted: dict[str, str] = {}
        self._task_status = task_status

    def started(self, value: str | None = None) -> None:
        self._noted = {**self._server.more_addresses(), self._server.name: value or ""}
        self._addresses.update(self._noted)
        self._task_status.started()

    def ended(self) -> None:
        """The server is gone."""
        for name in self._noted:
            self._addresses.pop(name, None)


def _nothing() -> None:
    """The default for :attr:`Kernel.settled`."""


def _connections(server: ProtocolServer) -> int:
    try:
        return server.connections()
    except Exception:  # a number for a log line; the server is ending anyway
        return 0
