"""``--watch``: noticing that files changed.

What counts is whether the files are different from when they were last read (time, size, inode); the
operating system's notifications only make that prompt. So neither an editor that replaces files by
renaming, nor a change in the middle of a reload, nor a file system without notifications is missed.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Final

import anyio
from anyio.abc import TaskStatus

POLL_INTERVAL: Final = 2.0
"""Seconds after which files are looked at although nothing was notified."""

MAX_FILES: Final = 10_000
"""Files watched at most; folders are cut off there."""

_log: Final = logging.getLogger("mockforge.kernel")

Stamp = tuple[int, int, int] | None
Stamps = dict[str, Stamp]


async def watch(
    paths: Callable[[], Iterable[Path]],
    changed: Callable[[], Awaitable[object]],
    *,
    poll_interval: float = POLL_INTERVAL,
    task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED,
) -> None:
    """Call ``changed`` when something about the files at (or below) ``paths()`` is different; until
    cancelled. It has started when it will notice every further change promptly."""
    stop = threading.Event()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_set_when_cancelled, stop)
        seen = await _look(paths)
        armed: Callable[[], None] = task_status.started
        while True:
            folders = _folders(seen)
            async with aclosing(_notices(folders, poll_interval, armed, stop)) as notices:
                async for _ in notices:
                    now = await _look(paths)
                    if now == seen:
                        continue
                    await changed()
                    # Other files may be watched from here on. Those that were watched already are
                    # compared with what they were *before* the reload, which may have read them
                    # before they changed again.
                    after = await _look(paths)
                    seen = {path: now.get(path, stamp) for path, stamp in after.items()}
                    if _folders(seen) != folders:
                        break
            armed = _nothing


async def _set_when_cancelled(event: threading.Event) -> None:
    """Waiting for notifications happens in a thread, and cancelling waits for that: it is to end
    at once."""
    try:
        await anyio.sleep_forever()
    finally:
        event.set()


async def _look(paths: Callable[[], Iterable[Path]]) -> Stamps:
    targets = list(paths())
    return await anyio.to_thread.run_sync(_stamps, targets)


def _stamps(targets: Iterable[Path]) -> Stamps:
    stamps: Stamps = {}
    for path in _files(targets):
        if len(stamps) >= MAX_FILES:
            _log.warning("more than %d files to watch: changes of the others go unseen", MAX_FILES)
            break
        try:
            status = path.stat()
            stamps[str(path)] = (status.st_mtime_ns, status.st_size, status.st_ino)
        except OSError:
            stamps[str(path)] = None
    return stamps


def _files(targets: Iterable[Path]) -> Iterator[Path]:
    """Files, and folders with everything below them: a new file changes its folder's time."""
    for target in targets:
        yield target.absolute()
        if target.is_dir():
            for place, folders, files in os.walk(target.absolute()):
                yield from (Path(place, name) for name in (*folders, *files))


def _folders(stamps: Stamps) -> list[str]:
    folders = {path if Path(path).is_dir() else str(Path(path).parent) for path in stamps}
    return sorted(folder for folder in folders if Path(folder).is_dir())


async def _notices(
    folders: list[str],
    poll_interval: float,
    armed: Callable[[], None],
    stop: threading.Event,
) -> AsyncGenerator[None, None]:
    """Something happened in one of ``folders``, or it is time to look. ``armed`` is called in the
    turn of the event loop in which watching begins."""
    try:
        from watchfiles import awatch

        changes = awatch(
            *folders,
            recursive=False,
            watch_filter=None,
            stop_event=stop,
            yield_on_timeout=True,
            rust_timeout=int(poll_interval * 1000),
        )
        async with aclosing(changes):
            armed()
            armed = _nothing
            async for _ in changes:
                yield
    except (OSError, RuntimeError) as error:  # out of watches, a folder gone, ...
        _log.debug("no notifications of changes: %s", error)
    armed()
    while True:
        await anyio.sleep(poll_interval)
        yield


def _nothing() -> None:
    """Watching has begun before."""
