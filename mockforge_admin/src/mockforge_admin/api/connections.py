"""Open connections: to see, to send something on, to close."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from mockforge.contracts import ConnectionInfo, Target
from mockforge_admin.api.endpoints import ApiError, Call, Endpoint, Reply

_CODES: Final = [
    {"minimum": low, "maximum": high} for low, high in ((1000, 1003), (1007, 1014), (3000, 4999))
]
"""Those that may be sent (RFC 6455 section 7.4)."""


class Page(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which part of the connections."""

    limit: Annotated[int, Meta(ge=0, le=10_000, description="Most connections")] = 100
    after: Annotated[
        int, Meta(ge=0, le=2**62, description="Those with greater ids: the `next` of a page")
    ] = 0


class Connections(msgspec.Struct):
    """A page of open connections by id."""

    connections: list[ConnectionInfo]
    next: int | None
    counts: dict[str, int]
    """Of all open connections, by server."""


class Message(msgspec.Struct, forbid_unknown_fields=True):
    """A message to clients: ``send`` as in a script, and whom it is for."""

    send: Annotated[
        Any,
        Meta(extra_json_schema={"type": ["array", "object", "string"]}),
    ]
    to: Literal["connection", "path", "room"]
    name: int | str
    """Id of the connection, the path, or the room."""
    protocol: str = "ws"


class Pushed(msgspec.Struct):
    """How many connections it was sent to."""

    connections: int


class HowToClose(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is said when closing, where the protocol can say it."""

    code: Annotated[
        Annotated[int, Meta(extra_json_schema={"anyOf": _CODES})] | None,
        Meta(description="Close code of WebSocket"),
    ] = None
    reason: Annotated[str, Meta(max_length=100, description="Why")] = ""


def list_connections(call: Call) -> Connections:
    """Open connections of all servers."""
    page: Page = call.query
    kernel = call.admin.kernel
    found = kernel.connections.infos(page.limit + 1, page.after)
    shown = found[: page.limit]
    more = shown and len(found) > page.limit
    counts = {server.name: server.connections() for server in kernel.servers}
    return Connections(shown, shown[-1].id if more else None, counts)


def push(call: Call) -> Pushed:
    """Send a message to clients."""
    message: Message = call.body
    _check_server(call, message.protocol)
    if message.send is None:
        raise ApiError(422, "wrong-body", "There is nothing to send.")
    if message.to == "connection" and not isinstance(message.name, int):
        return Pushed(0)  # none has such an id
    target = Target(message.to, message.name)
    return Pushed(call.admin.kernel.connections.push(message.protocol, target, message.send))


def close_connection(call: Call) -> Reply:
    """Close one connection."""
    text = call.path["id"]
    how: HowToClose = call.query
    is_id = text.isascii() and text.isdecimal() and len(text) < 20
    if is_id and call.admin.kernel.connections.close(int(text), how.code, how.reason):
        return Reply(None, 204)
    raise ApiError(404, "no-such-connection", f"There is no open connection {text}.")


def _check_server(call: Call, name: str) -> None:
    for server in call.admin.kernel.servers:
        if server.name == name and server.push_key is not None:
            return
    raise ApiError(404, "no-such-server", f"No server {name!r} runs that takes messages.")


ENDPOINTS = (
    Endpoint(
        "GET",
        "/connections",
        list_connections,
        "Open connections",
        "connections",
        query=Page,
        answer=Connections,
    ),
    Endpoint(
        "POST",
        "/connections/push",
        push,
        "Send a message to clients",
        "connections",
        body=Message,
        answer=Pushed,
        errors=(404,),
    ),
    Endpoint(
        "DELETE",
        "/connections/{id}",
        close_connection,
        "Close one connection",
        "connections",
        query=HowToClose,
        status=204,
        errors=(404,),
    ),
)
