"""What documents declare, and which of it was called."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from mockforge_admin.api.endpoints import Call, Endpoint


class RouteRow(msgspec.Struct):
    """An operation, and how often it was called since the start."""

    protocol: str
    method: str
    path: str
    name: str | None
    document: str
    tags: list[str]
    calls: int


class Routes(msgspec.Struct):
    """A page of operations by path and method."""

    routes: list[RouteRow]
    total: int
    """Operations that pass the filters."""
    called: int
    """Those of them that were called at least once."""


class Which(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which operations, and which part of them."""

    text: Annotated[
        str | None, Meta(description="Occurs, in any case, in the path, name or a tag")
    ] = None
    called: Annotated[bool | None, Meta(description="Those that were called, or were not")] = None
    limit: Annotated[int, Meta(ge=0, le=100_000, description="Most operations")] = 1000
    offset: Annotated[int, Meta(ge=0, le=10_000_000, description="Operations to pass over")] = 0


def list_routes(call: Call) -> Routes:
    """What documents declare, and how often it was called."""
    which: Which = call.query
    counts = call.admin.kernel.metrics.requests.counts()
    rows = [
        RouteRow(
            route.protocol,
            route.method,
            route.path,
            route.name,
            route.document,
            list(route.tags),
            counts.get((route.method, route.path), 0),
        )
        for server in call.admin.kernel.servers
        for route in server.routes()
    ]
    rows = [row for row in rows if _passes(row, which)]
    rows.sort(key=lambda row: (row.protocol, row.path, row.method))
    page = rows[which.offset : which.offset + which.limit]
    return Routes(page, len(rows), sum(row.calls > 0 for row in rows))


def _passes(row: RouteRow, which: Which) -> bool:
    if which.called is not None and which.called != (row.calls > 0):
        return False
    if which.text is None:
        return True
    wanted = which.text.casefold()
    return any(wanted in text.casefold() for text in (row.path, row.name or "", *row.tags))


ENDPOINTS = (
    Endpoint(
        "GET",
        "/routes",
        list_routes,
        "What documents declare, and how often it was called",
        "routes",
        query=Which,
        answer=Routes,
    ),
)
