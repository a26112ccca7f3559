"""Requests: the journal, live, and one entry with all there is to know about it."""

from __future__ import annotations

import shlex
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import msgspec
from anyio import to_thread
from quart import Response, current_app, render_template, request

from mockforge.observe.journal import Dropped, JournalEntry, QueryError
from mockforge_admin.api.logs import Filters
from mockforge_admin.following import Items, Write, follow
from mockforge_admin.pages.frames import conversation
from mockforge_admin.pages.page import Page, View, gone
from mockforge_admin.pages.suggesting import stub_for
from mockforge_admin.streams import event_stream

if TYPE_CHECKING:
    from mockforge_admin.server import AdminServer

SHOWN: Final = 100
MOST_DIGITS: Final = 19


def page(admin: AdminServer) -> View:
    """The list."""

    async def view() -> str:
        return await render_template("requests.html", **await _find(admin))

    return view


def rows(admin: AdminServer) -> View:
    """The rows of the list, for filters as they are typed."""

    async def view() -> str:
        return await render_template("_requests.html", **await _find(admin))

    return view


def tail(admin: AdminServer) -> View:
    """New rows as they come."""

    async def view() -> Response:
        write = _writing(current_app.jinja_env.get_template("_rows.html"))
        try:
            pieces = follow(admin, msgspec.convert(_filters(), Filters), write)
        except QueryError:
            pieces = follow(admin, Filters(), write)
        return event_stream(pieces)

    return view


def entry(admin: AdminServer) -> View:
    """One entry."""

    async def view(entry_id: int) -> str | Response:
        journal = admin.kernel.journal
        found = journal.get(entry_id)
        if found is None:
            return await gone(f"entry {entry_id} in the journal")
        talk = None
        if found.protocol != "http":
            talk = await conversation(
                journal, protocol=found.protocol, path=found.path, client=found.client
            )
        url = admin.kernel.addresses.get("http", "")
        return await render_template(
            "request.html",
            entry=found,
            curl=as_curl(found, url),
            stub=stub_for(found),
            conversation=talk,
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


async def _find(admin: AdminServer) -> dict[str, Any]:
    filters: dict[str, Any] = _filters()
    before = request.args.get("before", "")
    if before.isascii() and before.isdecimal() and len(before) < MOST_DIGITS:
        filters["before_id"] = int(before)
    shown = {
        "filters": filters,
        "shown": SHOWN,
        "problem": None,
        "older": None,
        "hints": [],
        "held": len(admin.kernel.journal),
    }
    try:
        # In a thread: a text is looked for in every entry there is.
        found = await to_thread.run_sync(partial(admin.kernel.journal.recent, SHOWN + 1, **filters))
    except QueryError as error:
        return {**shown, "entries": [], "problem": f"{error.message}: {error.hint}"}
    if len(found) > SHOWN:
        kept = {name: value for name, value in filters.items() if name != "before_id"}
        shown["older"] = urlencode({**kept, "before": found[SHOWN - 1].id})
    if not found:
        shown["hints"] = tries(admin)
    return {**shown, "entries": found[:SHOWN]}


def tries(admin: AdminServer) -> list[str]:
    """Command lines that make a first request, as the summary at the start proposes them."""
    lines = [line for server in admin.kernel.servers for line in server.summary()]
    return [line.removeprefix("try: ") for line in lines if line.startswith("try: ")]


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
