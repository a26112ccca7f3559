"""quart on hypercorn, on sockets of ours, imported when the first client connects.

Both together take some 14 MB and a fifth of a second to import: a server whose admin nobody looks at does
without. Until then the sockets listen and nobody accepts; the system keeps the connection.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from anyio import to_thread

from mockforge.sockets import UNIX, address_of, bind, remove_socket_file, socket_file
from mockforge_admin.config import AdminConfig

if TYPE_CHECKING:
    from pathlib import Path
    from socket import socket

log = logging.getLogger("mockforge.admin")

BACKLOG: Final = 128
CONNECTION_BYTES: Final = 40 * 1024
"""Estimate of what an open connection holds: a task, the protocol's state, its buffers."""
_MAX_HEAD: Final = 32 * 1024


class AdminListener:
    """Listens as ``config`` says. ``make_app`` is called once, in a thread, when the first client has
    connected; what it returns is an ASGI application."""

    def __init__(self, config: AdminConfig, make_app: Callable[[], Any]) -> None:
        self._config = config
        self._make_app = make_app
        self._sockets: list[socket] = []
        self._file: tuple[Path, int] | None = None
        self._servers: list[asyncio.Server] = []
        self._tasks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._opening: asyncio.Task[None] | None = None
        self._context: Any = None
        self.refused = 0
        """Connections past ``max_connections``."""

    async def start(self) -> list[str]:
        """Listen; the addresses. StartError where it cannot."""
        host = self._config.host
        self._sockets = await bind(
            host, self._config.port, setting="admin.port (--admin-port)", host_setting="admin.host"
        )
        loop = asyncio.get_running_loop()
        for bound in self._sockets:
            bound.listen(BACKLOG)
            loop.add_reader(bound.fileno(), self._open)
        if host.startswith(UNIX):
            self._file = socket_file(host)
        return [address_of(bound) for bound in self._sockets]

    @property
    def connections(self) -> int:
        """Open connections."""
        return len(self._tasks)

    @property
    def in_use(self) -> bool:
        """Whether a client has been here, and what serves is loaded."""
        return self._context is not None

    def memory_bytes(self) -> int:
        """Estimate of what connections hold."""
        return CONNECTION_BYTES * self.connections

    async def drain(self) -> None:
        """Accept no more, and end the connections when their answers are out."""
        self._close()
        if self._opening is not None:
            self._opening.cancel()
        if self._context is not None:
            await self._context.terminated.set()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def abort(self) -> None:
        """Accept no more, and cut all connections."""
        self._close()
        for task, writer in self._tasks.items():
            writer.transport.abort()
            task.cancel()

    async def ended(self) -> None:
        """Wait until what :meth:`abort` cancelled has ended."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    # -------------------------------------------------------------- the first client

    def _open(self) -> None:
        loop = asyncio.get_running_loop()
        for bound in self._sockets:
            loop.remove_reader(bound.fileno())
        self._opening = loop.create_task(self._serve())
        self._opening.add_done_callback(_report)

    async def _serve(self) -> None:
        try:
            app, config = await to_thread.run_sync(self._load)
        except BaseException:
            self._close()  # who connects is refused, rather than left waiting
            raise
        from hypercorn.app_wrappers import ASGIWrapper
        from hypercorn.asyncio.worker_context import WorkerContext

        self._context = WorkerContext(None)
        accept = self._accept(ASGIWrapper(app), config)
        listen = asyncio.start_unix_server if self._file is not None else asyncio.start_server
        for bound in self._sockets:
            self._servers.append(await listen(accept, sock=bound, backlog=BACKLOG))
        self._sockets = []

    def _load(self) -> tuple[Any, Any]:
        from hypercorn.config import Config

        config = Config()
        config.accesslog = None
        config.errorlog = log
        config.include_server_header = False
        config.keep_alive_timeout = 60
        config.keep_alive_max_requests = sys.maxsize
        config.h11_max_incomplete_size = _MAX_HEAD
        config.h2_max_header_list_size = _MAX_HEAD
        return self._make_app(), config

    def _accept(self, app: Any, config: Any) -> Callable[..., Any]:
        from mockforge_admin.connection import AdminConnection

        async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if len(self._tasks) >= self._config.max_connections:
                self.refused += 1
                writer.transport.abort()
                return
            task = asyncio.current_task()
            assert task is not None  # noqa: S101 - this is one
            self._tasks[task] = writer
            task.add_done_callback(self._tasks.pop)
            loop = asyncio.get_running_loop()
            try:
                await AdminConnection(app, loop, config, self._context, {}, reader, writer)
            except asyncio.CancelledError:
                writer.transport.abort()
            except Exception:
                # One client's connection is no reason to end the others.
                log.debug("a connection of the admin failed", exc_info=True)
                writer.transport.abort()

        return accepted

    def _close(self) -> None:
        loop = asyncio.get_running_loop()
        for bound in self._sockets:
            loop.remove_reader(bound.fileno())
            bound.close()
        self._sockets = []
        for server in self._servers:
            server.close()
        self._servers = []
        if self._file is not None:
            remove_socket_file(*self._file)
            self._file = None


def _report(opening: asyncio.Task[None]) -> None:
    if not opening.cancelled() and opening.exception() is not None:
        log.error("the admin cannot be served", exc_info=opening.exception())
