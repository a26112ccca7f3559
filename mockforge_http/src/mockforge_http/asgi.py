"""The pipeline as an ASGI 3 application: for TLS, HTTP/2 and HTTP/3 through hypercorn, and for any other
ASGI server or test client (``httpx.ASGITransport``).

It asks the same :class:`~mockforge_http.wire.application.Application` as the wire does, keeps the same
limits where the server leaves that to the application (body, head, deadlines of body and write), and
reports every exchange once.
"""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any, Final
from urllib.parse import quote

import anyio

from mockforge.mocking.exchange import BrokenOffError, Exchange, Request, Response
from mockforge.mocking.faults import Bandwidth, Dribble
from mockforge_http.asgi_faults import ABORT, EndedByFault, end
from mockforge_http.asgi_websocket import as_http, refusal_of
from mockforge_http.wire.answer import Prepared, assemble, prepare
from mockforge_http.wire.application import Application, ask, await_answer, failed, report
from mockforge_http.wire.body import body_too_large
from mockforge_http.wire.faults import slowed
from mockforge_http.wire.fields import HOST
from mockforge_http.wire.head import HEAD, head_too_large, line_too_long
from mockforge_http.wire.hub import LINGER
from mockforge_http.wire.limits import Limits
from mockforge_http.wire.pace import Pace
from mockforge_http.wire.refusal import Refusal, bad_request, bodies_held, too_slow
from mockforge_http.wire.streaming import close_stream

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

log = logging.getLogger("mockforge.http")

_PIECE: Final = 64 * 1024
"""Bodies are sent in pieces of this size, so that the server need not hold a second copy of the whole."""

_TARGET: Final = re.compile(r"[\x21\x22\x24-\x7e]+")
_NO_TAILS: Final = (b"",) * 8
_OF_THE_CONNECTION: Final = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"}
)
"""Fields that HTTP/2 and HTTP/3 forbid (RFC 9113 section 8.2.2) and HTTP/1.1 servers add themselves."""


class ClientGone(Exception):  # noqa: N818 - what happened, as in `ClientDisconnect`
    """The client left before its answer."""


def create_asgi_app(
    application: Application,
    limits: Limits,
    *,
    pace: Pace | None = None,
    count_fault: Callable[[str], None] = lambda name: None,
    elsewhere: Callable[[], str] = str,
) -> AsgiApp:
    """An ASGI application that answers ``http`` scopes with ``application`` within ``limits``, completes
    ``lifespan``, and answers ``websocket`` like any other GET, or says why it cannot be opened there.
    ``pace`` is the time that slow answers are sent by; ``count_fault`` is told the name of each fault that is
    done to an answer; ``elsewhere`` says where WebSockets are opened over TLS besides."""
    return _Front(application, limits, pace or Pace(), count_fault, elsewhere)


class _Front:
    def __init__(
        self,
        application: Application,
        limits: Limits,
        pace: Pace,
        count_fault: Callable[[str], None],
        elsewhere: Callable[[], str],
    ) -> None:
        self._elsewhere = elsewhere
        self._application = application
        self._limits = limits
        self._pace = pace
        self._count_fault = count_fault
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "websocket":
            await self._http(*as_http(scope, receive, send))
        else:
            raise ValueError(f"unknown ASGI scope type {scope['type']!r}")

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = refusal_of(scope, self._elsewhere())
        request = _request(scope)
        exchange = Exchange(request)
        body = _Body(self)
        try:
            await self._answer(exchange, refusal, body, receive, send)
        except ClientGone as gone:
            exchange.error = str(gone)
        except EndedByFault as ended:
            await self._end(ended, scope, exchange, send)
        except Exception as error:
            if isinstance(error, BrokenOffError):
                exchange.error = str(error)
            else:
                exchange.error = f"{type(error).__name__}: {error}"
                log.exception("sending the answer to %s %s failed", request.method, request.target)
            abort = scope.get("state", {}).get(ABORT)
            if abort is None:
                raise  # for the server to end the connection
            await abort(scope)
        finally:
            body.release()
            if exchange.response is None and exchange.error is None:
                exchange.error = "the server stopped before the answer"
            report(self._application, exchange)

    async def _answer(
        self,
        exchange: Exchange,
        refusal: Refusal | None,
        body: _Body,
        receive: Receive,
        send: Send,
    ) -> None:
        try:
            _check(exchange.request, self._limits)
            if refusal is not None:
                raise refusal
            await self._read_body(exchange.request, body, receive)
        except Refusal as error:
            await self._refuse(exchange, error, body, receive, send)
            return
        answer = ask(self._application, exchange)
        if isinstance(answer, Response) and answer.stream is None and answer.fault is None:
            await self._send(exchange, answer, send)
        else:
            await self._send_later(exchange, answer, receive, send)

    async def _refuse(
        self, exchange: Exchange, refusal: Refusal, body: _Body, receive: Receive, send: Send
    ) -> None:
        """Answer ``refusal``, and take in the rest of the body for a while before the answer ends: servers
        differ in what they do with a body that arrives after it (hypercorn drops the connection)."""

        async def send_and_take_in(message: Message) -> None:
            if message.get("more_body", True) or not body.more:
                await send(message)
                return
            await send({**message, "more_body": True})
            with anyio.move_on_after(min(LINGER, self._limits.idle_timeout)):
                while (await receive()).get("more_body", False):
                    pass
            await send(_body(b"", more=False))

        await self._send(exchange, refusal.fill(exchange), send_and_take_in)

    async def _read_body(self, request: Request, body: _Body, receive: Receive) -> None:
        """Read the body into ``request``, within the limits."""
        limits = self._limits
        declared = request.fields.get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > limits.max_body:
            raise body_too_large(limits)
        while body.more:
            with anyio.move_on_after(limits.body_timeout) as waiting:
                message = await receive()
            if waiting.cancelled_caught:
                body.more = False  # nothing is coming that could be waited for
                raise too_slow("body", limits.body_timeout)
            if message["type"] == "http.disconnect":
                raise ClientGone("the client closed the connection within the request body")
            body.add(message.get("body", b""))
            body.more = message.get("more_body", False)
            if len(body.received) > limits.max_body:
                raise body_too_large(limits)
            if self._held > limits.max_bodies:
                raise bodies_held(self._held)
        request.body = bytes(body.received)

    async def _send_later(
        self,
        exchange: Exchange,
        answer: Response | Awaitable[Response],
        receive: Receive,
        send: Send,
    ) -> None:
        """Wait for the answer and send it, unless the client leaves meanwhile."""
        error: Exception | None = None
        done = False
        async with anyio.create_task_group() as group:
            group.start_soon(_cancel_when_gone, receive, group.cancel_scope)
            try:
                if not isinstance(answer, Response):
                    answer = await await_answer(exchange, answer)
                await self._send(exchange, answer, send)
            except Exception as caught:
                error = caught  # raised below: here, the group would wrap it
            done = True
            group.cancel_scope.cancel()
        if error is not None:
            raise error
        if not done:
            raise ClientGone("the client closed the connection before its answer")

    async def _send(self, exchange: Exchange, response: Response, send: Send) -> None:
        try:
            prepared: Prepared = response.prepared or prepare(response)
        except Exception as error:
            response = failed(exchange, error)
            prepared = prepare(response)
        exchange.response = response
        fault = response.fault
        if fault is not None:
            self._count_fault(fault.name)
            if not isinstance(fault, Dribble | Bandwidth):
                raise EndedByFault(response, prepared)
        request = exchange.request
        flags = HEAD if request.method == "HEAD" else 0
        await self._start(exchange, response, prepared, flags, send)
        if fault is not None and not flags:
            content = slowed(response, prepared, fault, self._pace)
            length = prepared.length if prepared.streamed else len(prepared.body)
            await self._send_stream(exchange, content, length, send)
            return
        if prepared.streamed and not flags:
            assert response.stream is not None  # noqa: S101 - or it would not be streamed
            await self._send_stream(exchange, response.stream, prepared.length, send)
            return
        if response.stream is not None:
            await close_stream(response.stream)
        if not flags:
            body = memoryview(prepared.body)
            for position in range(0, len(body) - _PIECE, _PIECE):
                piece = bytes(body[position : position + _PIECE])
                await self._timed(send, _body(piece, more=True))
                exchange.sent_bytes += len(piece)
            rest = bytes(body[exchange.sent_bytes :])
            await self._timed(send, _body(rest, more=False))
            exchange.sent_bytes += len(rest)
        else:
            await self._timed(send, _body(b"", more=False))

    async def _start(
        self, exchange: Exchange, response: Response, prepared: Prepared, flags: int, send: Send
    ) -> None:
        head, _ = assemble(prepared, flags, _NO_TAILS)
        headers = _headers(head)
        if prepared.close and exchange.request.version.startswith("1"):
            headers.append((b"connection", b"close"))
        start = {"type": "http.response.start", "status": response.status, "headers": headers}
        await self._timed(send, start)

    async def _end(self, ended: EndedByFault, scope: Scope, exchange: Exchange, send: Send) -> None:
        """End the connection by a fault."""

        async def send_part(part: bytes) -> None:
            flags = HEAD if exchange.request.method == "HEAD" else 0
            await self._start(exchange, ended.response, ended.prepared, flags, send)
            await self._timed(send, _body(part, more=True))

        await end(ended, scope, exchange, send_part)

    async def _send_stream(
        self, exchange: Exchange, stream: AsyncIterator[bytes], length: int | None, send: Send
    ) -> None:
        try:
            async for piece in stream:
                exchange.sent_bytes += len(piece)
                if length is not None and exchange.sent_bytes > length:
                    raise ValueError(f"the stream is longer than its Content-Length, {length}")
                await self._timed(send, _body(piece, more=True))
            if length is not None and exchange.sent_bytes < length:
                raise ValueError(f"the stream ended before its Content-Length, {length}")
        finally:
            with anyio.CancelScope(shield=True):
                await close_stream(stream)
        await self._timed(send, _body(b"", more=False))

    async def _timed(self, send: Send, message: Message) -> None:
        with anyio.fail_after(self._limits.write_timeout):
            await send(message)

    def hold(self, size: int) -> None:
        """Count body bytes held for all requests together."""
        self._held += size


class _Body:
    """A request body being received, counted with those of all other requests until it is released.
    ``more`` is true while the client may still be sending."""

    __slots__ = ("_front", "more", "received")

    def __init__(self, front: _Front) -> None:
        self._front = front
        self.received = bytearray()
        self.more = True

    def add(self, piece: bytes) -> None:
        self.received += piece
        self._front.hold(len(piece))

    def release(self) -> None:
        self._front.hold(-len(self.received))


def _request(scope: Scope) -> Request:
    raw_path = scope.get("raw_path")
    path = (
        raw_path.decode("latin-1")
        if raw_path is not None
        else quote(scope["path"], "/~!$&'()*+,;=:@")
    )
    query = scope.get("query_string", b"")
    target = f"{path}?{query.decode('latin-1')}" if query else path
    headers = [(bytes(name), bytes(value)) for name, value in scope["headers"]]
    client = scope.get("client")
    name = "unix"
    if client:
        host, port = client[:2]
        name = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return Request(
        scope["method"],
        target,
        headers,
        client=name,
        scheme=scope.get("scheme", "http"),
        version=scope.get("http_version", "1.1"),
        head_size=len(target) + sum(len(name) + len(value) + 4 for name, value in headers),
    )


def _check(request: Request, limits: Limits) -> None:
    """What the wire checks in a head and a server may have let through."""
    if len(request.target) > limits.max_request_line:
        raise line_too_long(limits)
    if request.head_size > limits.max_head:
        raise head_too_large(limits)
    if not _TARGET.fullmatch(request.target):
        raise bad_request(
            "bad-target",
            "The request target may hold visible ASCII characters without `#` only: percent-encode "
            "the rest (RFC 9112 section 3.2).",
        )
    if not HOST.fullmatch(request.fields.get(b"host", b"")):
        raise bad_request(
            "bad-host",
            "Send one host name or address, with or without a port (RFC 9110 section 7.2).",
        )


def _headers(head: bytes) -> list[tuple[bytes, bytes]]:
    """The fields of a rendered head with lower-case names, without those of the connection."""
    fields = []
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b": ")
        name = name.lower()
        if name and name not in _OF_THE_CONNECTION:
            fields.append((name, value))
    return fields


def _body(piece: bytes, *, more: bool) -> Message:
    return {"type": "http.response.body", "body": piece, "more_body": more}


async def _cancel_when_gone(receive: Receive, scope: anyio.CancelScope) -> None:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            scope.cancel()
            return


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await send({"type": "lifespan.shutdown.complete"})
            return
