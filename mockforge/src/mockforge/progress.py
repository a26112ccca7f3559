"""How far long work has come, for whoever wants to show it.

Whatever works long (a linter) calls :func:`note`; whoever shows progress (the command line) calls
:func:`shown_by` around it. Without that, a note costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

Show = Callable[[str], None]

_SHOW: Final[ContextVar[Show | None]] = ContextVar("mockforge_progress", default=None)


def note(text: str) -> None:
    """Say in a few words what is being done now (``examples: 300 of 1,200 operations``)."""
    show = _SHOW.get()
    if show is not None:
        show(text)


@contextmanager
def shown_by(show: Show) -> Iterator[None]:
    """Have what is noted inside the block passed to ``show``."""
    token = _SHOW.set(show)
    try:
        yield
    finally:
        _SHOW.reset(token)
