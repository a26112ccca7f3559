"""Keeping the garbage collector's walks out of answers that take long anyway."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Collect nothing in this block. Compiling a schema makes many objects at once that stay, which would
    set off a walk over everything that is held, in vain."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def collect_soon() -> None:
    """Collect once the answer under way is out; at once where no event loop runs."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        gc.collect()
    else:
        loop.call_soon(gc.collect)
