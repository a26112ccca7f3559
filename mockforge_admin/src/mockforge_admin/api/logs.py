"""The journal: what was asked and answered."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from mockforge.observe.journal import Dropped, JournalEntry
from mockforge.observe.journal.query import Moment, Seconds, StatusText
from mockforge_admin.api.endpoints import ApiError, Call, Endpoint, Events, Reply
from mockforge_admin.following import Items, follow

Id = Annotated[int, Meta(ge=0)]


class Filters(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which entries; all that are given must hold."""

    protocol: Annotated[str | None, Meta(description="`http`, `websocket`, `grpc`")] = None
    method: Annotated[str | None, Meta(description="One, or several: `GET,HEAD`")] = None
    path: Annotated[
        str | None,
        Meta(
            description="As sent, its beginning and `*`, or the matched template (`/pets/{petId}`)"
        ),
    ] = None
    status: Annotated[
        StatusText | None,
        Meta(description="`404`, `4xx`, `400-499`, `none`, or several with commas"),
    ] = None
    since: Annotated[
        Moment | Seconds | None,
        Meta(description="Arrived at or after: RFC 3339, or seconds since 1970"),
    ] = None
    until: Annotated[Moment | Seconds | None, Meta(description="Arrived before")] = None
    source: Annotated[
        str | None, Meta(description="What answered, or its beginning and `*`: `stub:*`")
    ] = None
    text: Annotated[
        str | None,
        Meta(description="Occurs, in any case, in the target, a header, a body or an error"),
    ] = None

    def chosen(self) -> dict[str, Any]:
        """The keywords of the journal's methods."""
        return {name: getattr(self, name) for name in Filters.__struct_fields__}


class Page(Filters, kw_only=True, forbid_unknown_fields=True):
    """Which entries, and which part of them."""

    limit: Annotated[int, Meta(ge=0, le=10_000, description="Most entries")] = 100
    before_id: Annotated[
        Id | None, Meta(description="Older than this one: the `next` of a page")
    ] = None
    after_id: Annotated[Id | None, Meta(description="Newer than this one")] = None

    def chosen(self) -> dict[str, Any]:
        return {**super().chosen(), "before_id": self.before_id, "after_id": self.after_id}


class Tail(Filters, kw_only=True, forbid_unknown_fields=True):
    """Which entries are followed."""

    last: Annotated[int, Meta(ge=0, le=1000, description="Entries from before that come first")] = 0


class Logs(msgspec.Struct):
    """A page of the journal, newest first."""

    entries: list[JournalEntry]
    next: int | None
    """`before_id` of the next page; null where there is none."""
    total: int
    """Exchanges since the start, of all kinds."""
    held: int
    """Entries in the journal."""
    evicted: int
    """Entries that were let go because the journal was full."""


class Cleared(msgspec.Struct):
    """What was forgotten."""

    cleared: int


async def list_logs(call: Call) -> Logs:
    """The newest entries that pass the filters."""
    page: Page = call.query
    journal = call.admin.kernel.journal
    found = await journal.search(page.limit + 1, **page.chosen())  # one more tells of a next page
    entries = found[: page.limit]
    more = len(found) > page.limit and entries
    totals = journal.totals()
    return Logs(
        entries, entries[-1].id if more else None, totals.total, len(journal), totals.evicted
    )


def get_log(call: Call) -> JournalEntry:
    """One entry."""
    entry_id = call.path["id"]
    entry = call.admin.kernel.journal.get(int(entry_id)) if _is_id(entry_id) else None
    if entry is None:
        raise ApiError(404, "no-such-entry", f"The journal has no entry {entry_id} (any more).")
    return entry


def clear_logs(call: Call) -> Cleared:
    """Forget all entries; totals go on counting."""
    return Cleared(call.admin.kernel.journal.clear())


def follow_logs(call: Call) -> Events:
    """Entries as they are recorded."""
    tail: Tail = call.query
    return Events(follow(call.admin, tail, _blocks, last=tail.last))


async def _blocks(items: Items) -> bytes:
    return b"".join(map(_block, items))


def _block(item: JournalEntry | Dropped) -> bytes:
    if isinstance(item, Dropped):
        return b"event: dropped\ndata: " + msgspec.json.encode(item) + b"\n\n"
    return b"id: %d\nevent: entry\ndata: %b\n\n" % (item.id, msgspec.json.encode(item))


async def export_logs(call: Call) -> Reply:
    """The entries that pass the filters as JSON Lines, oldest first."""
    page: Page = call.query
    entries = await call.admin.kernel.journal.search(page.limit, **page.chosen())
    lines = b"".join(msgspec.json.encode(entry) + b"\n" for entry in reversed(entries))
    return Reply(lines, media_type="application/x-ndjson")


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 20


ENDPOINTS = (
    Endpoint("GET", "/logs", list_logs, "The newest entries", "logs", query=Page, answer=Logs),
    Endpoint("DELETE", "/logs", clear_logs, "Forget all entries", "logs", answer=Cleared),
    Endpoint(
        "GET",
        "/logs/stream",
        follow_logs,
        "Entries as they are recorded",
        "logs",
        query=Tail,
        media_type="text/event-stream",
        errors=(503,),
        description="Server-sent events: `entry` with an entry, `dropped` with the `count` of entries that a "
        "slow reader lost.",
    ),
    Endpoint(
        "GET",
        "/logs/export",
        export_logs,
        "Entries as JSON Lines, oldest first",
        "logs",
        query=Page,
        media_type="application/x-ndjson",
    ),
    Endpoint("GET", "/logs/{id}", get_log, "One entry", "logs", answer=JournalEntry, errors=(404,)),
)
