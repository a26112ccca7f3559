"""TLS, HTTP/2 and HTTP/3: hypercorn's protocols serving the ASGI front, on sockets and with limits of ours.

hypercorn is imported when a certificate is configured and not before; aioquic when HTTP/3 is asked for.
Of hypercorn the protocol servers are used and not its worker, because the worker cannot say when it
accepts, counts no connections and knows no limit for them.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from email.utils import formatdate
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from mockforge.errors import StartError
from mockforge.listening import BACKLOG
from mockforge.open_files import allow_connections
from mockforge.sockets import UNIX, address_of, bind, drop
from mockforge_http.asgi import AsgiApp, Message, Receive, Scope, Send
from mockforge_http.asgi_faults import ABORT, OFFERED, SPOIL
from mockforge_http.certificates import check_http3, ssl_context
from mockforge_http.config import Tls
from mockforge_http.tls_door import Hall, TlsClient
from mockforge_http.wire.application import Upgrading
from mockforge_http.wire.hub import LINGER
from mockforge_http.wire.limits import Limits
from mockforge_http.wire.stats import WireStats

if TYPE_CHECKING:
    from mockforge_http.quic import QuicListener

log = logging.getLogger("mockforge.http.tls")

CONNECTION_BYTES: Final = 64 * 1024
"""Estimate of what an open TLS connection holds: OpenSSL's state, two tasks, the protocol's state."""

_SETTING: Final = "http.tls.port"


class TlsListener:
    """Serves ``app`` over TLS at ``host`` and ``tls.port`` within ``limits``; the same shape as
    :class:`~mockforge_http.wire.listener.HttpListener`. ``application`` is offered connections whose first
    request asks for another protocol."""

    def __init__(
        self,
        app: AsgiApp,
        tls: Tls,
        limits: Limits,
        *,
        host: str = "127.0.0.1",
        application: Upgrading | None = None,
    ) -> None:
        self.stats = WireStats()
        self._app = app
        self._tls = tls
        self._limits = limits
        self._host = host
        self._application = application
        self._hall: Hall | None = None
        self._servers: list[asyncio.Server] = []
        self._datagrams: list[QuicListener] = []
        self._addresses: list[str] = []
        self._tasks: dict[asyncio.Task[None], TlsClient] = {}
        self._under_way = 0
        self._settled = asyncio.Event()
        self._context: Any = None

    async def start(self) -> None:
        """Listen; connections are accepted when this returns. :class:`StartError` for certificates
        that cannot be used (with their file) and addresses that cannot be bound."""
        tls, limits = self._tls, self._limits
        if self._host.startswith(UNIX):
            raise StartError(
                f"TLS cannot be served at {self._host}",
                hint="set http.host (--host) to an address, or unset http.tls.cert",
            )
        context = ssl_context(tls)
        if tls.http3:
            check_http3(tls)
        from hypercorn.app_wrappers import ASGIWrapper
        from hypercorn.asyncio.worker_context import WorkerContext

        allow_connections(limits.max_connections)
        self._context = WorkerContext(None)
        sockets = await bind(self._host, tls.port, setting=_SETTING)
        port = sockets[0].getsockname()[1]
        self._addresses = [address_of(bound, "https") for bound in sockets]
        config = _hypercorn_config(tls, limits, port)
        wrapped = ASGIWrapper(cast("Any", self._counted))
        enter = self._enter(wrapped, config)
        hall = self._hall = Hall(self._application, limits, self._admit, enter)
        loop = asyncio.get_running_loop()
        try:
            for bound in sockets:
                server = await loop.create_server(
                    hall.door,
                    sock=bound,
                    ssl=context,
                    ssl_handshake_timeout=limits.head_timeout,
                    ssl_shutdown_timeout=LINGER,
                    backlog=BACKLOG,
                )
                self._servers.append(server)
            if tls.http3:
                await self._listen_quic(wrapped, config, port)
        except BaseException:
            for bound in sockets:
                bound.close()
            self.abort()
            raise

    def addresses(self) -> list[str]:
        """``https://127.0.0.1:3443`` ...; HTTP/3 has the same addresses."""
        return list(self._addresses)

    @property
    def connections(self) -> int:
        """Open connections, TCP and QUIC, without those that were handed over to another protocol."""
        return self._streams + sum(each.connections for each in self._datagrams)

    @property
    def _streams(self) -> int:
        return len(self._tasks) + (0 if self._hall is None else len(self._hall.waiting))

    def open(self) -> Iterable[TlsClient]:
        """The open TCP connections, in no order."""
        waiting = () if self._hall is None else self._hall.waiting.values()
        return (*self._tasks.values(), *waiting)

    def memory_bytes(self) -> int:
        """Estimate of what connections hold."""
        heads = 0 if self._hall is None else self._hall.heads.memory_bytes()
        return CONNECTION_BYTES * self.connections + heads

    async def drain(self) -> None:
        """Accept no more, close idle connections, and return when the requests under way are answered.
        Takes as long as they do: the caller limits it."""
        self._close_servers()
        if self._hall is not None:
            self._hall.close()
        if self._context is not None:
            await self._context.terminated.set()
        while self._under_way:
            self._settled.clear()
            await self._settled.wait()
        for each in self._datagrams:
            await each.close()
        self._datagrams.clear()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def abort(self) -> None:
        """Accept no more and drop all connections; applications at work are cancelled."""
        self._close_servers()
        for each in self._datagrams:
            each.abort()
        if self._hall is not None:
            self._hall.abort()
        for task, client in self._tasks.items():
            # Both: hypercorn swallows a cancellation that comes while it sets a timer, and notices the
            # end of the connection then.
            client.transport.abort()
            task.cancel()

    async def ended(self) -> None:
        """Wait until what :meth:`abort` cancelled has ended."""
        for each in self._datagrams:
            await each.ended()
        self._datagrams.clear()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _close_servers(self) -> None:
        for server in self._servers:
            server.close()
        self._servers.clear()

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The application, with the requests under way counted, and a ``Date`` on each answer."""
        self._under_way += 1
        try:
            await self._app(scope, receive, _dated(send))
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._settled.set()

    async def _listen_quic(self, wrapped: Any, config: Any, port: int) -> None:
        from mockforge_http.quic import QuicListener

        for bound in await bind(self._host, port, setting=_SETTING, kind=socket.SOCK_DGRAM):
            listener = QuicListener(wrapped, config, self._context, self._limits)
            self._datagrams.append(listener)
            await listener.open(bound)

    def _admit(self) -> bool:
        """Whether one more connection may come in."""
        if self._streams >= self._limits.max_connections:
            self.stats.refused += 1
            return False
        self.stats.accepted += 1
        return True

    def _enter(self, wrapped: Any, config: Any) -> Callable[[TlsClient], asyncio.Protocol]:
        """What makes the protocol for a connection that hypercorn serves."""
        from mockforge_http.tls_connection import serve

        async def entered(
            client: TlsClient, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            task = asyncio.current_task()
            assert task is not None  # noqa: S101 - this is one
            self._tasks[task] = client
            task.add_done_callback(self._tasks.pop)

            async def abort(scope: Scope) -> None:
                writer.transport.abort()

            async def spoil(data: bytes, reset: bool) -> None:
                with suppress(ConnectionError):
                    writer.write(data)
                    await writer.drain()
                if reset:
                    drop(writer.transport)
                else:
                    writer.close()

            state = {ABORT: abort, SPOIL: spoil, OFFERED: client.offered}
            try:
                await serve(wrapped, config, self._context, state, reader, writer)
            except asyncio.CancelledError:
                writer.transport.abort()
            except Exception:
                # One client's connection is no reason to end the others; hypercorn lets some of what
                # clients do wrong escape.
                log.debug("a TLS connection failed", exc_info=True)
                writer.transport.abort()

        def enter(client: TlsClient) -> asyncio.Protocol:
            reader = asyncio.StreamReader()
            return asyncio.StreamReaderProtocol(reader, partial(entered, client))

        return enter


def _dated(send: Send) -> Send:
    async def send_dated(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            headers = message["headers"]
            if all(name != b"date" for name, _ in headers):
                headers.append((b"date", formatdate(usegmt=True).encode()))
        await send(message)

    return send_dated


def _hypercorn_config(tls: Tls, limits: Limits, port: int) -> Any:
    from hypercorn.config import Config

    config = Config()
    config.accesslog = None  # the journal knows
    config.errorlog = log
    config.include_server_header = False
    config.include_date_header = False  # it would add one to answers that have their own
    config.certfile = str(tls.cert)
    config.keyfile = str(tls.key or tls.cert)
    config.keep_alive_timeout = limits.idle_timeout
    config.keep_alive_max_requests = sys.maxsize
    config.h11_max_incomplete_size = limits.max_head
    config.h2_max_header_list_size = limits.max_head
    config.h2_max_concurrent_streams = limits.max_pipelined
    if tls.http3:
        config.alt_svc_headers = [f'h3=":{port}"; ma=3600']
    return config
