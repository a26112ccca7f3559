"""Counters of the wire: plain integers, read by the metrics page and the dashboard."""

from __future__ import annotations

from typing import Final

LIMITS: Final = (
    "connections",
    "handshake",
    "head",
    "message",
    "frame",
    "rate",
    "send_queue",
    "held",
    "idle",
    "pong",
    "close",
)
"""What may end a connection, as ``limits`` counts it."""


class WireStats:
    """What happened since the start.

    ``opened`` counts connections whose opening handshake was completed, ``refused`` those answered with a
    status by that status, ``limits`` those ended by a limit by its name (:data:`LIMITS`). ``messages_*``
    count whole messages, ``bytes_*`` the octets on the socket once it speaks WebSocket. ``dropped`` counts
    messages of others that were not sent because a client did not read.
    """

    __slots__ = (
        "bytes_in",
        "bytes_out",
        "dropped",
        "limits",
        "messages_in",
        "messages_out",
        "opened",
        "refused",
    )

    def __init__(self) -> None:
        self.opened = 0
        self.messages_in = 0
        self.messages_out = 0
        self.bytes_in = 0
        self.bytes_out = 0
        self.dropped = 0
        self.refused: dict[int, int] = {}
        self.limits = dict.fromkeys(LIMITS, 0)
