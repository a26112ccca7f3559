"""Metadata on its way between a client and the upstream server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from mockforge_grpc.status import Code, Status

if TYPE_CHECKING:
    from mockforge_grpc.schema import Schema
    from mockforge_grpc.transport.call import Metadata

_OF_ONE_CONNECTION: Final = frozenset(
    {"connection", "content-length", "content-type", "date", "host", "keep-alive", "te", "trailer"}
    | {"transfer-encoding", "upgrade", "user-agent", "accept-encoding"}
)
DETAILS: Final = "grpc-status-details-bin"


def passed_on(metadata: Metadata, own: Mapping[str, str]) -> tuple[tuple[str, str | bytes], ...]:
    """What the client sent, without what belongs to its connection, and with ``own`` in its place."""
    fixed = {name.lower(): value for name, value in own.items()}
    return (*_kept(metadata, fixed), *fixed.items())


def passed_back(metadata: Any) -> Metadata:
    """What the upstream server sent."""
    return tuple(_kept(metadata or (), {}))


def _kept(metadata: Any, without: Mapping[str, Any]) -> list[tuple[str, str | bytes]]:
    return [
        (name, value)
        for name, value in metadata
        if name not in _OF_ONE_CONNECTION and name not in without and not name.startswith("grpc-")
    ]


def status_of(code: int, message: str, trailers: Any, schema: Schema) -> Status:
    """The status that the upstream server gave, with its details."""
    details: tuple[bytes, ...] = ()
    for name, value in trailers or ():
        kind = schema.message_type("google.rpc.Status") if name == DETAILS else None
        if kind is not None and isinstance(value, bytes):
            given: Any = kind.parse(value)
            details = tuple(each.SerializeToString() for each in given.details)
    return Status(Code(code), message, details)
