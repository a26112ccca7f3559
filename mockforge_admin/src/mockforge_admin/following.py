"""Following the journal for one client: bounded, and over when the server is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Final

import anyio

from mockforge.observe.journal import Dropped, JournalEntry, Subscription
from mockforge_admin.api.endpoints import ApiError

if TYPE_CHECKING:
    from mockforge_admin.api.logs import Filters
    from mockforge_admin.server import AdminServer

QUIET: Final = 15.0
"""Seconds after which a stream says that it is still there."""
BATCH: Final = 256
"""Entries that are sent in one piece at most."""
GATHER: Final = 0.1
"""Seconds in which entries are gathered to be sent together: a page need not be told of each by itself."""

Items = list[JournalEntry | Dropped]
Write = Callable[[Items], Awaitable[bytes]]


def follow(
    admin: AdminServer, filters: Filters, write: Write, *, last: int = 0
) -> AsyncIterator[bytes]:
    """Pieces of an event stream: what ``write`` makes of the entries that pass, those of the ``last`` before
    now first. Nothing is held before the first piece is asked for. ApiError 503 where as many clients follow
    as may, QueryError where a filter makes no sense."""
    if admin.tails >= admin.config.max_tails:
        raise ApiError(
            503,
            "too-many-tails",
            f"{admin.tails} clients follow the journal already.",
            hint="end one of them, or raise admin.max_tails",
        )
    admin.kernel.journal.recent(0, **filters.chosen())  # filters that make no sense are refused now
    return _pieces(admin, filters, write, last)


async def _pieces(
    admin: AdminServer, filters: Filters, write: Write, last: int
) -> AsyncIterator[bytes]:
    if admin.tails >= admin.config.max_tails:  # others began between the answer's head and this
        return
    journal = admin.kernel.journal
    admin.tails += 1
    try:
        with journal.subscribe(admin.config.tail_buffer, **filters.chosen()) as subscription:
            yield b": following\n\n"
            before = journal.recent(last, **filters.chosen())[::-1] if last else []
            if before:
                yield await write([*before])
            seen = before[-1].id if before else 0
            while not admin.closing.is_set():
                batch = await _next(subscription, admin.closing)
                if batch is None:
                    yield b": still here\n\n"
                    continue
                if not batch:
                    return
                new: Items = [item for item in batch if isinstance(item, Dropped) or item.id > seen]
                if new:
                    yield await write(new)
    finally:
        admin.tails -= 1


async def _next(subscription: Subscription, closing: anyio.Event) -> Items | None:
    """What there is to send, waited for; ``None`` after a quiet time, nothing at the end."""
    batch: Items = []
    with anyio.move_on_after(QUIET):
        async with anyio.create_task_group() as waiting:

            async def end() -> None:
                await closing.wait()
                waiting.cancel_scope.cancel()

            waiting.start_soon(end)
            async for item in subscription:
                batch.append(item)
                break
            waiting.cancel_scope.cancel()
        if not batch:
            return []
        await anyio.sleep(GATHER)
        while len(batch) < BATCH and (more := subscription.get(0)) is not None:
            batch.append(more)
        return batch
    return None
