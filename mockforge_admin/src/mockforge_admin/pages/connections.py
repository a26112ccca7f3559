"""Connections: those that are open, and one with what is said on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from quart import Response, render_template

from mockforge.contracts import ConnectionInfo
from mockforge_admin.pages.frames import Conversation, conversation
from mockforge_admin.pages.page import Page, View, gone

if TYPE_CHECKING:
    from mockforge_admin.server import AdminServer

SHOWN: Final = 200


def page(admin: AdminServer) -> View:
    """The page."""

    async def view() -> str:
        return await render_template("connections.html", **_listed(admin))

    return view


def rows(admin: AdminServer) -> View:
    """The part that changes."""

    async def view() -> str:
        return await render_template("_connections.html", **_listed(admin))

    return view


def one(admin: AdminServer) -> View:
    """One connection."""

    async def view(connection_id: int) -> str | Response:
        found = _get(admin, connection_id)
        if found is None:
            return await gone(f"open connection {connection_id}")
        talk = await _said(admin, found)
        return await render_template(
            "connection.html", connection=found, conversation=talk, id=found.id
        )

    return view


def said(admin: AdminServer) -> View:
    """What changes about one connection."""

    async def view(connection_id: int) -> str:
        found = _get(admin, connection_id)
        talk = None if found is None else await _said(admin, found)
        return await render_template(
            "_connection.html", connection=found, conversation=talk, id=connection_id
        )

    return view


def _listed(admin: AdminServer) -> dict[str, Any]:
    servers = admin.kernel.servers
    found = [info for server in servers for info in server.connection_infos(SHOWN + 1)]
    found.sort(key=lambda info: info.id)
    counts = {server.name: server.connections() for server in servers}
    return {"connections": found[:SHOWN], "counts": counts, "more": len(found) > SHOWN}


def _get(admin: AdminServer, connection_id: int) -> ConnectionInfo | None:
    for server in admin.kernel.servers:
        for info in server.connection_infos(1, connection_id - 1):
            if info.id == connection_id:
                return info
    return None


async def _said(admin: AdminServer, found: ConnectionInfo) -> Conversation | None:
    if found.path is None:
        return None
    return await conversation(
        admin.kernel.journal, protocol=found.protocol, path=found.path, client=found.client
    )


PAGE = Page(
    "Connections",
    "/connections",
    "c",
    (
        ("/connections", page),
        ("/parts/connections", rows),
        ("/connections/<int:connection_id>", one),
        ("/parts/connections/<int:connection_id>", said),
    ),
)
