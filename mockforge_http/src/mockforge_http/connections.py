"""Open connections as others see them: listed and closed from outside."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import nsmallest
from typing import Protocol

from mockforge.contracts import ConnectionInfo


class Listed(Protocol):
    """What a connection of any listener says of itself."""

    @property
    def id(self) -> int: ...

    @property
    def opened_ns(self) -> int: ...

    @property
    def state(self) -> str: ...

    @property
    def unread_bytes(self) -> int: ...

    def client(self) -> str: ...

    def end(self) -> None:
        """Close, after the answers under way."""


def infos(connections: Iterable[Listed], limit: int, after: int) -> list[ConnectionInfo]:
    """See :meth:`~mockforge.contracts.ProtocolServer.connection_infos`."""
    later = (each for each in connections if each.id > after)
    return [
        ConnectionInfo(
            id=each.id,
            protocol="http",
            client=each.client(),
            state=each.state,
            opened_ns=each.opened_ns,
            queued_bytes=each.unread_bytes,
        )
        for each in nsmallest(limit, later, key=lambda each: each.id)
    ]


def end(connections: Iterable[Listed], connection_id: int) -> bool:
    """Close the one with this id, after the answers under way; whether there is one."""
    for each in connections:
        if each.id == connection_id:
            each.end()
            return True
    return False
