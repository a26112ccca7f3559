"""Requests for a WebSocket that reach the ASGI front: answered like any other, since it opens none.

Those that a WebSocket server answers never get here over HTTP/1.1: the TLS listener hands their connections
over (:mod:`mockforge_http.tls_door`), where it is asked with the first request.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from mockforge_http.asgi_faults import OFFERED
from mockforge_http.wire.refusal import Refusal

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_EXTENSION: Final = "websocket.http.response"
"""What ASGI servers have that can send an answer in place of an opening handshake."""


def as_http(scope: Scope, receive: Receive, send: Send) -> tuple[Scope, Receive, Send]:
    """A ``websocket`` scope as the ``http`` one that it could be."""
    answered = _EXTENSION in (scope.get("extensions") or {})

    async def receive_http() -> Message:
        message = await receive()
        if message["type"] == "websocket.connect":
            return {"type": "http.request", "body": b"", "more_body": False}
        return {"type": "http.disconnect"}

    async def send_http(message: Message) -> None:
        if answered:
            await send({**message, "type": f"websocket.{message['type']}"})
        elif message["type"] == "http.response.start":
            await send({"type": "websocket.close", "code": 1008})

    scheme = "https" if scope.get("scheme") == "wss" else "http"
    return {**scope, "method": "GET", "scheme": scheme}, receive_http, send_http


def refusal_of(scope: Scope, elsewhere: str) -> Refusal | None:
    """Why ``scope`` can open no WebSocket, where that is not for want of a stub; ``elsewhere`` is where
    WebSockets are opened over TLS as well, if they are."""
    if scope["type"] != "websocket" or (scope.get("state") or {}).get(OFFERED, True):
        return None
    where = f", or to {elsewhere}" if elsewhere else ""
    return Refusal(
        501,
        "websocket-here",
        "Here a WebSocket is opened with the first request of a connection of HTTP/1.1, and this was "
        f"not one: connect anew{where}.",
    )
