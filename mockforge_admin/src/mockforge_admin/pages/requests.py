"""Requests: the journal, live, and one entry with all there is to know about it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any, Final

import msgspec
from quart import Response, current_app, render_template, request

from mockforge.observe.journal import Dropped, JournalEntry, QueryError
from mockforge_admin.api.logs import Filters
from mockforge_admin.following import Items, Write, follow
from mockforge_admin.pages.page import Page, View
from mockforge_admin.pages.suggesting import stub_for

if TYPE_CHECKING:
    from mockforge_admin.server import AdminServer

SHOWN: Final = 100


def page(admin: AdminServer) -> View:
    """The list."""

    async def view() -> str:
        filters = _filters()
        found, problem = _find(admin, filters)
        return await render_template(
            "requests.html", entries=found, filters=filters, problem=problem, shown=SHOWN
        )

    return view


def rows(admin: AdminServer) -> View:
    """The rows of the list, for filters as they are typed."""

    async def view() -> str:
        found, problem = _find(admin, _filters())
        return await render_template("_requests.html", entries=found, problem=problem)

    return view


def tail(admin: AdminServer) -> View:
    """New rows as they come."""

    async def view() -> Response:
        write = _writing(current_app.jinja_env.get_template("_rows.html"))
        try:
            pieces = follow(admin, msgspec.convert(_filters(), Filters), write)
        except QueryError:
            pieces = follow(admin, Filters(), write)
        response = Response(pieces, content_type="text/event-stream")
        response.timeout = None
        return response

    return view


def entry(admin: AdminServer) -> View:
    """One entry."""

    async def view(entry_id: int) -> str | Response:
        found = admin.kernel.journal.get(entry_id)
        if found is None:
            return Response(await render_template("gone.html", what=f"entry {entry_id}"), 404)
        url = admin.kernel.addresses.get("http", "")
        return await render_template(
            "request.html", entry=found, curl=as_curl(found, url), stub=stub_for(found)
        )

    return view


def _writing(template: Any) -> Write:
    """What makes an event of new rows. ``template`` is used after the request has its answer: quart knows
    no application any more."""

    async def write(items: Items) -> bytes:
        entries = [item for item in items if not isinstance(item, Dropped)]
        dropped = sum(item.count for item in items if isinstance(item, Dropped))
        html: str = await template.render_async(entries=entries[::-1], dropped=dropped)
        return b"".join(b"data: %b\n" % line.encode() for line in html.splitlines()) + b"\n"

    return write


def _filters() -> dict[str, str]:
    names = ("protocol", "method", "path", "status", "source", "text")
    return {name: value for name in names if (value := request.args.get(name, "").strip())}


def _find(admin: AdminServer, filters: dict[str, Any]) -> tuple[list[JournalEntry], str | None]:
    try:
        return admin.kernel.journal.recent(SHOWN, **filters), None
    except QueryError as error:
        return [], f"{error.message}: {error.hint}"


def as_curl(found: JournalEntry, url: str) -> str | None:
    """The request as a command line; ``None`` where curl cannot send it (other protocols, a body that was not
    kept whole)."""
    if found.protocol != "http" or found.request_body_truncated or found.request_body_base64:
        return None
    parts = ["curl", "-i", "-X", found.method, f"{url}{found.target}"]
    skipped = {"host", "content-length", "connection", "accept-encoding", "transfer-encoding"}
    for name, value in found.request_headers:
        if name.lower() not in skipped:
            parts += ["-H", f"{name}: {value}"]
    if found.request_body:
        parts += ["--data-raw", found.request_body]
    return shlex.join(parts)


PAGE = Page(
    "Requests",
    "/requests",
    "r",
    (
        ("/requests", page),
        ("/parts/requests", rows),
        ("/parts/requests/tail", tail),
        ("/requests/<int:entry_id>", entry),
    ),
)
