"""The wire: WebSocket (RFC 6455) on sockets, with limits, for an application that decides."""

from __future__ import annotations

from mockforge_ws.wire.application import Accept, Application, Data, Session, size_of
from mockforge_ws.wire.connection import Connection
from mockforge_ws.wire.hub import Hub
from mockforge_ws.wire.limits import Limits
from mockforge_ws.wire.listener import WebSocketListener
from mockforge_ws.wire.opening import Accepted, Opening, RefusedError
from mockforge_ws.wire.stats import WireStats

__all__ = [
    "Accept",
    "Accepted",
    "Application",
    "Connection",
    "Data",
    "Hub",
    "Limits",
    "Opening",
    "RefusedError",
    "Session",
    "WebSocketListener",
    "WireStats",
    "size_of",
]
