"""A listener with a small application, and a client that sees every byte."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

import msgspec
import uvloop

from mockforge.mocking.exchange import Exchange, Response
from mockforge_http.config import HttpConfig
from mockforge_http.wire import HttpListener, Limits

HOST = b"Host: mock.test\r\n"
PATIENCE = 20.0
"""Seconds after which a test has hung."""


async def until(condition: Callable[[], bool]) -> None:
    """Wait until ``condition`` holds."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - what is waited for knows nothing of tests
            await asyncio.sleep(0.001)


Handler = Callable[[Exchange], Any]


def limits(**changes: float) -> Limits:
    """The default limits with ``changes``."""
    return msgspec.structs.replace(Limits.of(HttpConfig()), **changes)


def echo(exchange: Exchange) -> Response:
    """Says what arrived."""
    request = exchange.request
    told = {
        "method": request.method,
        "target": request.target,
        "body": request.body.decode("latin-1"),
        "version": request.version,
        "host": request.fields.get(b"host", b"-").decode("latin-1"),
    }
    return Response(200, [("Content-Type", "application/json")], msgspec.json.encode(told))


class Later:
    """Answers ``body`` or the request's target, as soon as :attr:`release` is set."""

    def __init__(self, body: bytes | None = None) -> None:
        self.release = asyncio.Event()
        self._body = body

    async def __call__(self, exchange: Exchange) -> Response:
        await self.release.wait()
        target = exchange.request.target.encode()
        return Response(200, (), target if self._body is None else self._body)


class App:
    """Answers with ``handler`` and keeps what it is told of."""

    def __init__(self, handler: Handler = echo) -> None:
        self.handler = handler
        self.asked: list[Exchange] = []
        self.over: list[Exchange] = []
        self._changed = asyncio.Event()

    def handle(self, exchange: Exchange) -> Any:
        self.asked.append(exchange)
        self._changed.set()
        return self.handler(exchange)

    def finished(self, exchange: Exchange) -> None:
        self.over.append(exchange)
        self._changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until ``condition`` holds; looked at whenever the application is called."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


class UpgradingApp(App):
    """Takes connections over with ``taker``."""

    def __init__(
        self,
        taker: Callable[[Exchange, asyncio.Transport, bytes], bool],
        handler: Handler = echo,
    ) -> None:
        super().__init__(handler)
        self.taker = taker

    def upgrade(self, exchange: Exchange, transport: asyncio.Transport, buffered: bytes) -> bool:
        return self.taker(exchange, transport, buffered)


class Answer(NamedTuple):
    """An answer as read by :class:`Client`; ``whole`` is false where its content broke off."""

    status: int
    headers: dict[str, str]
    body: bytes
    whole: bool = True

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def code(self) -> str:
        """The last part of a problem's type."""
        return str(self.json["type"]).rpartition(":")[2]


class Client:
    """A raw connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def get(self, target: str = "/", *, extra: bytes = b"") -> Answer:
        await self.send(b"GET %b HTTP/1.1\r\n%b%b\r\n" % (target.encode(), HOST, extra))
        return await self.answer()

    async def answer(self, *, head: bool = False) -> Answer:
        """The next answer; raises ``IncompleteReadError`` at the end of the connection."""
        async with asyncio.timeout(PATIENCE):
            block = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            line, *fields = block[:-4].split("\r\n")
            version, status, _ = line.split(" ", 2)
            assert version == "HTTP/1.1"
            headers: dict[str, str] = {}
            for field in fields:
                name, value = field.split(": ", 1)
                assert name.lower() not in headers, f"{name} twice"
                headers[name.lower()] = value
            body, whole = await self._body(int(status), headers, head=head)
            return Answer(int(status), headers, body, whole)

    async def _body(
        self, status: int, headers: dict[str, str], *, head: bool
    ) -> tuple[bytes, bool]:
        if head or status < 200 or status in (204, 304):
            return b"", True
        try:
            if "content-length" in headers:
                return await self.reader.readexactly(int(headers["content-length"])), True
            if headers.get("transfer-encoding") != "chunked":
                return await self.reader.read(), True
            return await self._chunks(), True
        except asyncio.IncompleteReadError as error:
            return error.partial, False

    async def _chunks(self) -> bytes:
        body = b""
        while True:
            size = int(await self.reader.readuntil(b"\r\n"), 16)
            piece = await self.reader.readexactly(size + 2)
            assert piece.endswith(b"\r\n")
            if not size:
                return body
            body += piece[:-2]

    async def ended(self) -> bytes:
        """What still came until the server ended the connection (a reset counts as an end)."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self.reader.read()
        except ConnectionError:
            return b""

    async def close(self) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


class Served:
    """A started listener and the clients made for it."""

    def __init__(self, listener: HttpListener, app: App) -> None:
        self.listener = listener
        self.app = app
        self.clients: list[Client] = []

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.listener.addresses()[0].removeprefix("http://").rpartition(":")
        return host, int(port)

    async def connect(self, *, receive_buffer: int | None = None) -> Client:
        """A new connection; ``receive_buffer`` makes a client that takes little before it reads."""
        if receive_buffer is None:
            reader, writer = await asyncio.open_connection(*self.address)
        else:
            made = socket.socket()
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            made.setblocking(False)
            await asyncio.get_running_loop().sock_connect(made, self.address)
            reader, writer = await asyncio.open_connection(sock=made, limit=receive_buffer)
        client = Client(reader, writer)
        self.clients.append(client)
        return client

    async def once(self, data: bytes) -> tuple[Answer, bytes]:
        """Send ``data`` on a new connection: the first answer, and all that follows until the end."""
        client = await self.connect()
        await client.send(data)
        answer = await client.answer(head=data.startswith(b"HEAD"))
        return answer, await client.ended()

    async def gone(self) -> None:
        """Wait until the listener has no connection left."""
        await until(lambda: not self.listener.connections)


@asynccontextmanager
async def listening(app: App, given: Limits, **where: Any) -> AsyncIterator[HttpListener]:
    """A started listener, ended whatever happens."""
    listener = HttpListener(app, given, **where)
    await listener.start()
    try:
        yield listener
    finally:
        listener.abort()
        await until(lambda: not listener.connections)


@asynccontextmanager
async def serving(
    app: App | None = None, given: Limits | None = None, **changes: float
) -> AsyncIterator[Served]:
    """Serve ``app`` on a free port of 127.0.0.1."""
    app = app if app is not None else App()
    async with listening(app, given or limits(**changes)) as listener:
        served = Served(listener, app)
        try:
            yield served
        finally:
            for client in served.clients:
                client.writer.transport.abort()
            for client in served.clients:
                await client.close()


def run(scenario: Coroutine[Any, Any, None] | Callable[[], Awaitable[None]]) -> None:
    """Run under uvloop, as the server does."""
    made = scenario if asyncio.iscoroutine(scenario) else scenario()
    uvloop.run(made)  # type: ignore[arg-type]
