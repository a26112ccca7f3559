"""Opening a connection to an upstream server: to a permitted address, up to its answer to the handshake."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from ssl import SSLContext
from typing import Final, NamedTuple, cast

import anyio
from wsproto import ConnectionType
from wsproto.connection import Connection as Frames
from wsproto.events import AcceptConnection, Event, RejectConnection, RejectData, Request
from wsproto.handshake import H11Handshake
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from mockforge.mocking.exchange import RawHeaders
from mockforge.upstreams.address import Origin
from mockforge.upstreams.hosts import HostPattern
from mockforge.upstreams.permitted import RefusedError, permitted_addresses
from mockforge_ws.proxy.errors import CallError, broken, unreachable

SETTING: Final = "websocket.proxy.upstream"
MOST_ANSWER: Final = 256 * 1024
"""Bytes of an answer to the handshake, the body of a refusal included."""


class Agreed(NamedTuple):
    """The upstream server speaks WebSocket: ``transport`` is paused, ``frames`` hold what came already."""

    transport: asyncio.Transport
    frames: Frames
    subprotocol: str | None
    headers: RawHeaders


class Declined(NamedTuple):
    """The upstream server answered something else."""

    status: int
    headers: RawHeaders
    body: bytes


async def call(
    origin: Origin, asked: Request, context: SSLContext | None, seconds: float
) -> Agreed | Declined:
    """Send ``asked`` to ``origin``. CallError: no answer came of it within so many ``seconds``."""
    try:
        with anyio.fail_after(seconds):
            calling = await _connect(origin, asked, context)
            try:
                return await calling.answer
            except BaseException:
                calling.transport.abort()
                raise
    except TimeoutError:
        raise CallError(
            504,
            "upstream-timeout",
            f"{origin.authority} did not agree within {seconds:g} s (websocket.proxy.timeout).",
            "timeout",
        ) from None


async def _connect(origin: Origin, asked: Request, context: SSLContext | None) -> _Calling:
    loop = asyncio.get_running_loop()
    where = origin.authority
    try:
        addresses = await permitted_addresses(
            origin.host, origin.port, _allowed(origin), setting=SETTING
        )
    except RefusedError as error:
        raise CallError(502, "proxy-refused", f"Not passed on: {error}.", "refused") from None
    except OSError as error:
        raise unreachable(where, error) from error
    failure: OSError | None = None
    for address in addresses:
        try:
            _, calling = await loop.create_connection(
                lambda: _Calling(where, asked),
                address,
                origin.port,
                ssl=context,
                server_hostname=None if context is None else origin.host,
            )
        except OSError as error:
            failure = error
        else:
            return calling
    assert failure is not None  # noqa: S101 - there is at least one address
    raise unreachable(where, failure) from failure


def _allowed(origin: Origin) -> Sequence[HostPattern]:
    """The server that the settings name, and no other."""
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    return (HostPattern.parse(f"{host}:{origin.port}"),)


class _Calling(asyncio.Protocol):
    """The handshake of a client. ``answer`` is what comes of it, or CallError."""

    transport: asyncio.Transport

    def __init__(self, where: str, asked: Request) -> None:
        self._where = where
        self._asked = asked
        self._handshake = H11Handshake(ConnectionType.CLIENT)
        self._size = 0
        self._declined: RejectConnection | None = None
        self._body = bytearray()
        self.answer: asyncio.Future[Agreed | Declined] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        try:
            self.transport.write(self._handshake.send(self._asked))
        except (LocalProtocolError, ValueError) as error:
            self._fail(
                CallError(
                    502, "proxy-request", f"The request cannot be passed on: {error}.", "failed"
                )
            )

    def data_received(self, data: bytes) -> None:
        if self.answer.done():
            frames = self._handshake.connection
            if frames is not None:  # it came before the transport could be paused
                frames.receive_data(data)
            return
        self._size += len(data)
        if self._size > MOST_ANSWER:
            self._fail(broken(self._where, f"its answer is larger than {MOST_ANSWER} bytes"))
            return
        self._read(data)

    def eof_received(self) -> bool:
        if not self.answer.done():
            self._read(None)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(broken(self._where, exc or "it closed the connection"))

    def _read(self, data: bytes | None) -> None:
        try:
            self._handshake.receive_data(data)
            for event in self._handshake.events():
                self._take(event)
        except (RemoteProtocolError, LocalProtocolError, ValueError) as error:
            self._fail(broken(self._where, error))

    def _take(self, event: Event) -> None:
        if isinstance(event, AcceptConnection):
            frames = self._handshake.connection
            assert frames is not None  # noqa: S101 - just agreed
            self.transport.pause_reading()
            self._settle(
                Agreed(self.transport, frames, event.subprotocol, list(event.extra_headers))
            )
        elif isinstance(event, RejectConnection):
            self._declined = event
            if not event.has_body:
                self._decline(event)
        elif isinstance(event, RejectData):
            self._body += event.data
            if event.body_finished and self._declined is not None:
                self._decline(self._declined)

    def _decline(self, event: RejectConnection) -> None:
        self._settle(Declined(event.status_code, list(event.headers), bytes(self._body)))
        self.transport.close()

    def _settle(self, outcome: Agreed | Declined) -> None:
        if not self.answer.done():
            self.answer.set_result(outcome)

    def _fail(self, error: CallError) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)
            self.answer.exception()  # whoever waited for it may have gone
            self.transport.abort()
