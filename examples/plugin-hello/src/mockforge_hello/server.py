"""A protocol of the plugin's own: each line that a client sends comes back.

What a protocol server owes the kernel is all here: bind and report the address, record each
exchange, stop accepting and finish when told to drain, know its connections.
"""

from __future__ import annotations

from time import perf_counter_ns
from typing import TYPE_CHECKING, ClassVar

import anyio
from anyio.abc import SocketAttribute
from anyio.streams.buffered import BufferedByteReceiveStream

from mockforge.contracts import ProtocolServer
from mockforge.mocking.exchange import Exchange, Request, Response
from mockforge_hello.config import HelloConfig

if TYPE_CHECKING:
    from anyio.abc import SocketStream, TaskStatus

    from mockforge.kernel import Kernel

OK = 200


class LineServer(ProtocolServer):
    """``--only hello`` runs it; its address in the ready line is ``HOST:PORT``."""

    name: ClassVar[str] = "hello"

    def __init__(self, kernel: Kernel) -> None:
        super().__init__(kernel)
        self._config = kernel.settings.section("hello", HelloConfig)
        self._open = 0
        self._waiting: set[anyio.CancelScope] = set()
        self._accepting = anyio.CancelScope()
        self._draining = False
        self._drained = anyio.Event()

    async def serve(self, *, task_status: TaskStatus[str]) -> None:
        config = self._config
        # A port that is taken raises OSError here, which the kernel reports for us.
        listener = await anyio.create_tcp_listener(local_host=config.host, local_port=config.port)
        async with listener, anyio.create_task_group() as connections:
            host, port = listener.extra_attributes[SocketAttribute.local_address]()[:2]
            task_status.started(f"{host}:{port}")
            with self._accepting:
                await listener.serve(self._connection, connections)
            await listener.aclose()
        self._drained.set()

    async def drain(self) -> None:
        self._draining = True
        self._accepting.cancel()
        for idle in list(self._waiting):
            idle.cancel()
        await self._drained.wait()

    def connections(self) -> int:
        return self._open

    async def _connection(self, stream: SocketStream) -> None:
        async with stream:
            if self._open >= self._config.max_connections:
                return
            self._open += 1
            try:
                await self._lines(stream)
            except (anyio.IncompleteRead, anyio.DelimiterNotFound, anyio.BrokenResourceError):
                return  # the client went away, or its line is too long
            finally:
                self._open -= 1

    async def _lines(self, stream: SocketStream) -> None:
        host, port = stream.extra_attributes[SocketAttribute.remote_address]()[:2]
        received = BufferedByteReceiveStream(stream)
        while not self._draining:
            line = None
            with anyio.CancelScope() as waiting:
                self._waiting.add(waiting)
                try:
                    line = await received.receive_until(b"\n", self._config.max_line)
                finally:
                    self._waiting.discard(waiting)
            if line is None:
                return  # drained while waiting
            client = f"{host}:{port}"
            exchange = Exchange(Request("LINE", "/", [], line, protocol=self.name, client=client))
            exchange.source = "hello"
            exchange.response = Response(OK, body=line + b"\n")
            await stream.send(exchange.response.body)
            exchange.sent_bytes = len(exchange.response.body)
            self._finished(exchange)

    def _finished(self, exchange: Exchange) -> None:
        exchange.duration_ns = perf_counter_ns() - exchange.started_ns
        self.kernel.journal.record(exchange)
        self.kernel.metrics.requests.observe(
            self.name, "LINE", None, OK, exchange.duration_ns, exchange.sent_bytes
        )
