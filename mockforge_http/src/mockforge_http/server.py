"""The HTTP protocol server: listens, and swaps what it mocks when it is told to reload."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import anyio
from anyio import to_thread

from mockforge.contracts import Outlook, ProtocolServer, RouteInfo
from mockforge.errors import MockForgeError
from mockforge.explanations import Explanation
from mockforge.mocking.exchange import Exchange, Response
from mockforge.mocking.state import shared_state
from mockforge_http.config import HttpConfig
from mockforge_http.metrics import register
from mockforge_http.mock import Mock
from mockforge_http.operations.warm import MANY_OPERATIONS, warm_up, warm_up_fully
from mockforge_http.stubs.pushing import PushSending
from mockforge_http.wire import HttpListener, Limits

if TYPE_CHECKING:
    import asyncio

    from anyio.abc import TaskStatus

    from mockforge.contracts import ConnectionInfo
    from mockforge.findings import Finding
    from mockforge.kernel import Kernel
    from mockforge.mocking.exchange import Request
    from mockforge.mocking.stubs import StubSet
    from mockforge_http.callbacks import Callbacks, Outcome
    from mockforge_http.connections import Listed
    from mockforge_http.pipeline import Answer
    from mockforge_http.recording import Recorder
    from mockforge_http.stubs.action import StubAction
    from mockforge_http.stubs.sending import WebhookSending
    from mockforge_http.stubs.turn import Turn
    from mockforge_http.tls import TlsListener


log = logging.getLogger("mockforge.http")

_CHECKED_AUTOMATICALLY = 256 * 1024
"""Largest document, in bytes of its entry file, that is checked without being told to."""

_CLOSING = 1.0
"""Seconds for TLS connections that were cut to say that they are closed."""


class HttpServer(ProtocolServer):
    """Serves a :class:`~mockforge_http.mock.Mock` over HTTP/1.1, and over TLS if it is configured.

    The wire's :class:`~mockforge_http.wire.Application`: it passes requests to the pipeline of the
    moment and finished exchanges to the journal and the metrics. ``mock`` is what is served at the moment,
    ``in_flight`` the number of requests whose answer is being waited for.
    """

    name: ClassVar[str] = "http"

    def __init__(self, kernel: Kernel) -> None:
        super().__init__(kernel)
        self._config = kernel.settings.section("http", HttpConfig)
        self.mock = Mock(self._config, kernel)
        self._pipeline = self.mock.pipeline
        self._record = kernel.journal.record
        self._observe = kernel.metrics.requests.observe
        self.listener = HttpListener(
            self,
            Limits.of(self._config),
            host=self._config.host,
            port=self._config.port,
            budget=kernel.budget,
        )
        self._drained = anyio.Event()
        self._sent = anyio.Event()
        self.in_flight = 0
        self.tls: TlsListener | None = None
        self.callbacks: Callbacks | None = None
        if self._config.callbacks.enabled:
            from mockforge_http.callbacks import Callbacks

            self.callbacks = Callbacks(self._config.callbacks)
        self._sending = anyio.Event()
        self.webhooks: WebhookSending | None = None
        """Those of stubs, once there was one."""
        self.pushes = PushSending(kernel.connections, self._config.callbacks)
        self.mock.stubs.after = self._send_more
        self.recorder = self._make_recorder()
        self.mock.proxy.recorder = self.recorder
        self._recorded = anyio.Event()
        register(kernel, self)

    def handle(self, exchange: Exchange) -> Answer:
        """Answer one exchange (see :class:`~mockforge_http.pipeline.Pipeline`)."""
        answer = self._pipeline.handle(exchange)
        return answer if isinstance(answer, Response) else self._wait(answer)

    async def _wait(self, answer: Awaitable[Response]) -> Response:
        self.in_flight += 1
        try:
            return await answer
        finally:
            self.in_flight -= 1

    def upgrade(self, exchange: Exchange, transport: asyncio.Transport, buffered: bytes) -> bool:
        """Offer a connection whose request asks for another protocol to the other servers."""
        return any(
            server.upgrade(exchange, transport, buffered)
            for server in self.kernel.servers
            if server is not self
        )

    def finished(self, exchange: Exchange) -> None:
        """Record one exchange that is over."""
        self._record(exchange)
        response = exchange.response
        self._observe(
            exchange.request.protocol,
            exchange.request.method,
            exchange.template,
            None if response is None else response.status,
            exchange.duration_ns,
            exchange.sent_bytes,
        )
        if self.callbacks is not None:
            self.callbacks.after(exchange, self.mock)
        if exchange.after is not None:
            exchange.after()

    def _send_more(self, turn: Turn) -> None:
        action: StubAction = turn.stub.action
        if action.pushes:
            self.pushes.after(turn)
        if action.webhooks:
            self._send_webhooks(turn)

    def _send_webhooks(self, turn: Turn) -> None:
        if self.webhooks is None:
            from mockforge_http.callbacks import Callbacks
            from mockforge_http.stubs.sending import WebhookSending

            if self.callbacks is None:
                self.callbacks = Callbacks(self._config.callbacks)
            self.webhooks = WebhookSending(self.callbacks.sender)
            self._sending.set()
        self.webhooks.after(turn)

    def _make_recorder(self) -> Recorder | None:
        if self._config.record.to is None:
            return None
        from mockforge_http.recording import Recorder

        return Recorder(self._config.record, self.kernel.core.redact)

    async def _run_recorder(self, recorder: Recorder) -> None:
        await recorder.run()
        self._recorded.set()

    async def serve(self, *, task_status: TaskStatus[str]) -> None:
        large = len(self.mock.routes) >= MANY_OPERATIONS
        if large:
            warm_up_fully()
        await self.listener.start()
        try:
            await self._start_tls()
            async with anyio.create_task_group() as tasks:
                task_status.started(self.listener.addresses()[0])
                if self.mock.documents and not large:
                    tasks.start_soon(to_thread.run_sync, warm_up)
                tasks.start_soon(self._check_documents)
                if self.callbacks is not None:
                    self._sending.set()
                tasks.start_soon(self._send_callbacks)
                if self.recorder is not None:
                    tasks.start_soon(self._run_recorder, self.recorder)
                await self._drained.wait()
                tasks.cancel_scope.cancel()
        finally:
            self.listener.abort()
            if self.tls is not None:
                self.tls.abort()
                with anyio.move_on_after(_CLOSING, shield=True):
                    await self.tls.ended()
            self._give_up()
            if self.callbacks is not None:
                self.callbacks.sender.close()
            with anyio.move_on_after(_CLOSING, shield=True):
                await self.mock.proxy.aclose()
            self.mock.close()

    async def _send_callbacks(self) -> None:
        await self._sending.wait()
        assert self.callbacks is not None  # noqa: S101 - set before the event
        await self.callbacks.sender.run()
        self._sent.set()

    async def send_webhook(self, name: str, url: str, method: str | None = None) -> Outcome:
        """Send the webhook ``name`` of a document to ``url``, and wait for what becomes of it
        (``outcome.result``: ``sent``, ``failed``, ``refused`` or ``dropped``). ``method`` chooses among
        its operations; default: the first. MockForgeError: no document declares it, or
        ``http.callbacks.enabled`` is off."""
        if self.callbacks is None or not self._config.callbacks.enabled:
            raise MockForgeError(
                "webhooks are not sent", hint="set http.callbacks.enabled and http.callbacks.allow"
            )
        return await self.callbacks.send_webhook(self.mock.answering, name, url, method)

    def explain(self, request: Request) -> Explanation:
        """Which stubs come nearest to ``request``, and which operations; nothing is counted."""
        exchange = Exchange(request)
        exchange.operation = self.mock.pipeline.find(request)
        return self.mock.stubs.explain(exchange) or Explanation(f"{request.method} {request.path}")

    def foretell(self, request: Request) -> Outlook:
        """What would answer ``request``: a stub, or the operation it is for. Fixtures and other responders
        answer by answering, and are not asked."""
        exchange = Exchange(request)
        match = exchange.operation = self.mock.pipeline.find(request)
        explanation = self.explain(request)
        stub = self.mock.stubs.find(exchange)
        if stub is not None:
            path = None if stub.path is None else str(stub.path)
            return Outlook(f"stub:{stub.id}", path, explanation)
        ref = None if match is None else match.route.target.ref
        if match is None or ref is None:
            return Outlook("none", None, explanation)
        return Outlook(ref.source, match.route.template, explanation)

    def routes(self) -> Iterable[RouteInfo]:
        return self.mock.route_infos()

    def stub_set(self) -> StubSet:
        return self.mock.stubs.set

    def reset(self) -> None:
        self.mock.stubs.reset()
        shared_state(self.kernel).reset()

    async def _start_tls(self) -> None:
        if self._config.tls.cert is None:
            return
        from mockforge_http.asgi import create_asgi_app
        from mockforge_http.tls import TlsListener

        limits = Limits.of(self._config)
        app = create_asgi_app(
            self,
            limits,
            count_fault=self.listener.stats.count_fault,
            elsewhere=lambda: self.kernel.addresses.get("wss", ""),
        )
        self.tls = TlsListener(
            app, self._config.tls, limits, host=self._config.host, application=self
        )
        await self.tls.start()

    async def drain(self) -> None:
        async with anyio.create_task_group() as tasks:
            for listener in self.listeners:
                tasks.start_soon(listener.drain)
        self._give_up()
        if self.callbacks is not None:
            self.callbacks.sender.finish()
            await self._sent.wait()
        if self.recorder is not None:
            self.recorder.finish()
            await self._recorded.wait()
        self._drained.set()

    def _give_up(self) -> None:
        """Send no more of what waits for its delay."""
        self.pushes.close()
        if self.webhooks is not None:
            self.webhooks.close()

    async def reload(self) -> None:
        config = self.kernel.settings.section("http", HttpConfig)
        mock = await anyio.to_thread.run_sync(Mock, config, self.kernel)
        old, self.mock = self.mock, mock
        mock.take_over(old)
        mock.proxy.recorder = self.recorder
        mock.stubs.after = self._send_more
        self._pipeline = mock.pipeline
        self._config = config
        if self.callbacks is not None:
            self.callbacks.sender.settings = config.callbacks
        self.pushes.settings = config.callbacks
        old.proxy.retire()
        old.close()

    @property
    def listeners(self) -> tuple[HttpListener | TlsListener, ...]:
        """The plain one and, where there is one, that for TLS."""
        return (self.listener,) if self.tls is None else (self.listener, self.tls)

    def connections(self) -> int:
        return sum(listener.connections for listener in self.listeners)

    def _open(self) -> Iterator[Listed]:
        for listener in self.listeners:
            yield from listener.open()

    def connection_infos(self, limit: int, after: int = 0) -> list[ConnectionInfo]:
        from mockforge_http.connections import infos

        return infos(self._open(), limit, after)

    def close_connection(
        self, connection_id: int, code: int | None = None, reason: str = ""
    ) -> bool:
        from mockforge_http.connections import end

        return end(self._open(), connection_id)

    def more_addresses(self) -> Mapping[str, str]:
        return {} if self.tls is None else {"https": self.tls.addresses()[0]}

    def watched(self) -> Iterable[Path]:
        yield from self.mock.files()

    def warnings(self) -> Iterable[Finding]:
        return self.mock.findings

    def summary(self) -> Iterable[str]:
        """Documents with their operations, and a line to try."""
        for document in self.mock.documents:
            count = len(document.operations())
            noun = "operation" if count == 1 else "operations"
            yield f"{count} {noun} from {document.path.name} (OpenAPI {document.version})"
        yield from self.mock.stubs.summary()
        if self.mock.resources is not None:
            yield from self.mock.resources.summary()
        if self._config.fixtures is not None:
            yield f"fixtures from {self._config.fixtures}"
        upstream, folder = self._config.proxy.upstream, self._config.record.to
        if upstream is not None:
            yield f"passes on to {upstream}"
        if folder is not None:
            yield f"records to {folder}"
        path = self.mock.sample_path()
        if path is not None:
            yield f"try: {_curl(self.listener.addresses()[0], path)}"
        elif not self._answers():
            yield "nothing to answer: give a document, `mockforge serve openapi.yaml`"

    def _answers(self) -> bool:
        """Whether there is anything to answer with but documents."""
        mock, config = self.mock, self._config
        keeps = mock.resources is not None and bool(mock.resources.paths)
        passes = config.proxy.upstream is not None
        return keeps or passes or config.fixtures is not None or len(mock.stubs) > 0

    async def _check_documents(self) -> None:
        """Have openapi-core look at the documents, in a process of its own, and log what it finds."""
        mode = self._config.check
        for document in self.mock.documents if mode != "never" else ():
            if mode == "auto" and not _is_small(document.path):
                continue
            from mockforge_http.documents.check import check_document

            cache = self.mock.cache()
            root = self._config.spec_root
            for finding in await check_document(document.path, cache=cache, root=root):
                log.warning("%s", finding)


def _is_small(path: Path) -> bool:
    try:
        return path.stat().st_size <= _CHECKED_AUTOMATICALLY
    except OSError:  # it was there when it was read; what is served is not affected
        return False


def _curl(address: str, path: str) -> str:
    if address.startswith("unix:"):
        return f"curl -i --unix-socket {address.removeprefix('unix:')} http://localhost{path}"
    return f"curl -i {address}{path}"
