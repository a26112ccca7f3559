"""A line on standard error that says what is being done, while it takes long and somebody is looking."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from types import TracebackType
from typing import Final, Self

from mockforge.progress import shown_by

_PATIENCE: Final = 1.0
"""Seconds before there is anything to see."""
_REFRESH: Final = 0.25
_CLEAR: Final = "\r\x1b[K"
_WIDTH: Final = 79


class Busy:
    """Shows ``subject`` and what :func:`mockforge.progress.note` says; nothing unless standard error is a
    terminal. :meth:`pause` takes the line away while something else is written."""

    def __init__(self) -> None:
        self.subject = ""
        self._text = ""
        self._since = monotonic()
        self._drawn = False
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._is_shown = sys.stderr.isatty()

    def begin(self, subject: str) -> None:
        """Go on to another subject."""
        with self._lock:
            self.subject, self._text, self._since = subject, "", monotonic()

    def __enter__(self) -> Self:
        if self._is_shown:
            self._notes = shown_by(self._note)
            self._notes.__enter__()
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._thread is not None:
            self._over.set()
            self._thread.join()
            self._notes.__exit__(kind, error, trace)
            with self.pause():
                pass

    @contextmanager
    def pause(self) -> Iterator[None]:
        """Keep the line away for the time of the block."""
        with self._lock:
            if self._drawn:
                sys.stderr.write(_CLEAR)
                sys.stderr.flush()
                self._drawn = False
            yield

    def _note(self, text: str) -> None:
        self._text = text

    def _run(self) -> None:
        while not self._over.wait(_REFRESH):
            with self._lock:
                seconds = monotonic() - self._since
                if seconds >= _PATIENCE:
                    line = f"{self.subject}: {self._text} ({seconds:.0f} s)"
                    sys.stderr.write(_CLEAR + line[:_WIDTH])
                    sys.stderr.flush()
                    self._drawn = True
