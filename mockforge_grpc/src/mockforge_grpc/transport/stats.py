"""Counters of the transport: plain integers, read by the metrics page."""

from __future__ import annotations

from typing import Final

LIMITS: Final = (
    "connections",
    "handshake",
    "idle",
    "keepalive",
    "message",
    "metadata",
    "held",
    "resets",
    "pings",
    "deadline",
    "memory",
)
"""Names of what may refuse or end a call or a connection, as ``limits`` counts it."""

REFUSALS: Final = (
    "method",
    "content_type",
    "timeout",
    "compression",
    "metadata_encoding",
    "message_encoding",
    "protocol",
)
"""What may be wrong with a call or a connection, as ``refused`` counts it."""


class TransportStats:
    """What happened since the start.

    ``opened`` counts connections, ``calls`` RPCs given to the application, ``messages_*`` whole messages,
    ``bytes_*`` octets on the sockets (those of messages for the grpcio engine, which tells no more).
    ``cancelled`` counts calls that the client or its connection ended, ``failed`` those that the application
    failed in.
    """

    __slots__ = (
        "bytes_in",
        "bytes_out",
        "calls",
        "cancelled",
        "failed",
        "limits",
        "messages_in",
        "messages_out",
        "opened",
        "refused",
    )

    def __init__(self) -> None:
        self.opened = 0
        self.calls = 0
        self.messages_in = 0
        self.messages_out = 0
        self.bytes_in = 0
        self.bytes_out = 0
        self.cancelled = 0
        self.failed = 0
        self.limits = dict.fromkeys(LIMITS, 0)
        self.refused = dict.fromkeys(REFUSALS, 0)

    def count(self, why: str) -> None:
        """One more of :data:`LIMITS` or :data:`REFUSALS`."""
        counter = self.limits if why in self.limits else self.refused
        counter[why] += 1
