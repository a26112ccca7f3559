"""Faults that end a connection, where an ASGI server owns it.

Over HTTP/1.1 with TLS the client gets the same bytes as without. HTTP/2 and HTTP/3 put many requests on one
connection and have no bytes of their own for most faults: there the connection ends, with all requests on
it, and where the fault is in the content after a part of that.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from mockforge.mocking.exchange import Exchange, Response
from mockforge.mocking.faults import MalformedChunk, Reset, Truncate
from mockforge_http.wire.answer import Prepared
from mockforge_http.wire.faults import first_content, kept, spoilt, told
from mockforge_http.wire.head import HEAD, OLD

ABORT: Final = "mockforge.abort"
"""Key in ``scope["state"]`` of a coroutine function that is given the scope and drops the client's
connection. The TLS listener sets it, because ASGI has no message for an answer that broke off."""

SPOIL: Final = "mockforge.spoil"
"""Key in ``scope["state"]`` of a coroutine function that is given bytes to send as they are, and whether to
reset the connection then, which it ends."""

OFFERED: Final = "mockforge.offered"
"""Key in ``scope["state"]`` of whether the connection was offered to servers of other protocols, as is done
with the first request of one."""


class EndedByFault(Exception):  # noqa: N818 - what happened, as in `ClientDisconnect`
    """The answer has a fault that ends the connection; reaches servers that offer no way to end it."""

    def __init__(self, response: Response, prepared: Prepared) -> None:
        assert response.fault is not None  # noqa: S101 - or there would be nothing to raise
        super().__init__(told(response.fault))
        self.response = response
        self.prepared = prepared
        self.fault = response.fault


async def end(
    ended: EndedByFault,
    scope: MutableMapping[str, Any],
    exchange: Exchange,
    send_part: Callable[[bytes], Awaitable[None]],
) -> None:
    """Do the fault of ``ended``. ``send_part`` sends the head of the answer and the beginning of its
    content."""
    state = scope.get("state") or {}
    spoil, abort = state.get(SPOIL), state.get(ABORT)
    exchange.response = ended.response
    fault = ended.fault
    head_only = exchange.request.method == "HEAD"
    if spoil is not None:
        data = b""
        if scope.get("http_version", "1.1").startswith("1"):
            flags = (HEAD if head_only else 0) | (OLD if scope["http_version"] == "1.0" else 0)
            data = await spoilt(exchange, ended.prepared, flags, b"\r\n")
        elif isinstance(fault, Truncate | MalformedChunk):
            await _send_some(ended, exchange, send_part)
        else:
            data = await spoilt(exchange, ended.prepared, 0, b"")
        await spoil(data, isinstance(fault, Reset))
        return
    if isinstance(fault, Truncate | MalformedChunk):
        await _send_some(ended, exchange, send_part)
    else:
        await spoilt(exchange, ended.prepared, 0, b"")
    if abort is None:
        raise ended
    await abort(scope)


async def _send_some(
    ended: EndedByFault, exchange: Exchange, send_part: Callable[[bytes], Awaitable[None]]
) -> None:
    exchange.error = told(ended.fault)
    body = await first_content(ended.response, ended.prepared, exchange)
    part = b"" if exchange.request.method == "HEAD" else kept(ended.fault, body)
    await send_part(part)
    exchange.sent_bytes = len(part)
