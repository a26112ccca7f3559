"""One HTTP/1.1 request, sent to an address that was checked before.

On h11, which hypercorn brings anyway, and anyio's streams: what is needed is one request on one connection
to one given address, without redirects, proxies, cookies or a pool, all of which would have to be taken away
from a general client again.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import Final, NamedTuple

import anyio
import h11
from anyio.abc import ByteStream

from mockforge_http.callbacks.target import Target

_PIECE: Final = 16 * 1024
_LARGEST_HEAD: Final = 64 * 1024


class Outgoing(NamedTuple):
    """A request to send; ``headers`` without ``Host`` and ``Content-Length``."""

    method: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


async def send(target: Target, addresses: Sequence[str], outgoing: Outgoing) -> int:
    """The status of the answer, whose body is not read, of the first of ``addresses`` that can be connected
    to.

    OSError, :class:`h11.RemoteProtocolError` or anyio's stream errors: there is none.
    """
    stream = await _connect(target, addresses)
    try:
        return await _converse(stream, target, outgoing)
    finally:
        await anyio.aclose_forcefully(stream)


async def _connect(target: Target, addresses: Sequence[str]) -> ByteStream:
    failure = OSError(f"{target.host} has no address")
    for address in addresses:
        try:
            if target.scheme == "https":
                return await anyio.connect_tcp(
                    address,
                    target.port,
                    ssl_context=_context(),
                    tls_hostname=target.host,
                    tls_standard_compatible=False,
                )
            return await anyio.connect_tcp(address, target.port)
        except OSError as error:
            failure = error
    raise failure


async def _converse(stream: ByteStream, target: Target, outgoing: Outgoing) -> int:
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LARGEST_HEAD)
    head = h11.Request(
        method=outgoing.method,
        target=target.path,
        headers=[
            ("Host", target.authority),
            *outgoing.headers,
            ("Content-Length", str(len(outgoing.body))),
            ("Connection", "close"),
        ],
    )
    for event in (head, h11.Data(outgoing.body), h11.EndOfMessage()):
        data = connection.send(event)
        if data:
            await stream.send(data)
    while True:
        received = connection.next_event()
        if received is h11.NEED_DATA:
            try:
                connection.receive_data(await stream.receive(_PIECE))
            except anyio.EndOfStream:
                connection.receive_data(b"")
        elif isinstance(received, h11.Response):
            return received.status_code
        elif not isinstance(received, h11.InformationalResponse):
            raise h11.RemoteProtocolError("the connection ended before an answer")


@cache
def user_agent() -> str:
    """What the mock calls itself; kept, as it is read from a file."""
    return f"mockforge/{version('mockforge')}"


@cache
def _context() -> ssl.SSLContext:
    return ssl.create_default_context()
