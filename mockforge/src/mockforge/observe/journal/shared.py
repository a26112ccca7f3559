"""The journal of this process, for code that has no kernel at hand."""

from __future__ import annotations

from threading import Lock

from mockforge.observe.journal.journal import DEFAULT_MAX_ENTRIES, Journal

_lock = Lock()
_journal: Journal | None = None


def init_global_logger(max_logs: int = DEFAULT_MAX_ENTRIES) -> Journal:
    """The process's journal, made with room for ``max_logs`` entries if there is none yet. A journal
    that exists is returned as it is: resize it with :meth:`Journal.configure`."""
    global _journal
    with _lock:
        if _journal is None:
            _journal = Journal(max_logs)
        return _journal


def get_global_logger() -> Journal | None:
    """The process's journal; ``None`` before :func:`init_global_logger` (or the start of a server)."""
    return _journal


def set_global_logger(journal: Journal | None) -> Journal | None:
    """Make ``journal`` the process's journal (``None``: none); the one it replaces."""
    global _journal
    with _lock:
        before, _journal = _journal, journal
        return before
