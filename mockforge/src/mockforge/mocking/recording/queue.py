"""From what is over to files: a queue, and a worker that writes in a thread, so that nobody waits."""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections import Counter, deque
from pathlib import Path
from typing import Final, Generic, Protocol, TypeVar

import anyio
from anyio import to_thread

from mockforge.errors import StartError

log = logging.getLogger("mockforge.record")

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)

OUTCOMES: Final = ("recorded", "repeated", "left_out", "dropped", "failed")
"""What becomes of what is to be recorded: written; nothing new; past a limit on what is recorded, or not fit
for it; no room to keep it until it is written; not written because something went wrong."""
_MOST_SAID: Final = 100
"""Reasons that are logged."""


class Folder(Protocol[T_contra]):
    """Where things are written; called in a thread, one thing at a time."""

    def add(self, item: T_contra, /) -> str:
        """Write it; one of ``recorded``, ``repeated`` (nothing new) and ``left_out``. OSError: it cannot
        be written."""

    @property
    def held(self) -> int:
        """About how many bytes it keeps in memory."""

    @property
    def limit(self) -> int:
        """The most that it keeps."""


class RecordingQueue(Generic[T]):
    """What waits to be written by ``folder``, which lies at ``to``. :meth:`run` must run for anything to be
    written. At most ``max_bytes`` may be ``held`` by what is watched or waits: whoever adds to it minds."""

    def __init__(self, folder: Folder[T], to: Path, *, max_bytes: int) -> None:
        self.counts: Counter[str] = Counter()
        """What came of things, by :data:`OUTCOMES`."""
        self.held = 0
        """Bytes of things that are being watched or wait to be written."""
        self._max_bytes = max_bytes
        self._folder = folder
        self._to = to
        self._queue: deque[tuple[T, int]] = deque()
        self._wake = anyio.Event()
        self._ending = False
        self._warned: set[str] = set()

    @abstractmethod
    def describe(self, item: T) -> str:
        """What ``item`` is, for the log."""

    def memory_bytes(self) -> int:
        """About how many bytes there are in memory."""
        return self.held + self._folder.held

    def memory_limit(self) -> int:
        """The most that there may be."""
        return self._max_bytes + self._folder.limit

    def put(self, item: T, size: int) -> None:
        """Have ``item`` written; ``size`` is what it adds to ``held``, until then."""
        self._queue.append((item, size))
        self._wake.set()

    def give_up(self, outcome: str, why: str) -> None:
        """Count something that is not recorded; the first of its kind is logged."""
        self.counts[outcome] += 1
        self.warn(why)

    def warn(self, why: str) -> None:
        """Log once that not everything is recorded."""
        if self._is_news(why):
            log.warning("not everything is recorded: %s", why)

    def _is_news(self, why: str) -> bool:
        """Whether ``why`` is to be logged: once, and a hundred different ones at most."""
        if why in self._warned or len(self._warned) >= _MOST_SAID:
            return False
        self._warned.add(why)
        return True

    async def run(self) -> None:
        """Write until :meth:`finish`, and then what still waits."""
        while True:
            while self._queue:
                item, size = self._queue.popleft()
                try:
                    self.counts[await to_thread.run_sync(self._folder.add, item)] += 1
                except OSError as error:
                    self.give_up("failed", (error.strerror or str(error)).lower())
                except Exception as error:
                    # Whatever one thing makes go wrong, the next ones are still written.
                    self.counts["failed"] += 1
                    if self._is_news(str(error)):
                        log.exception("recording %s failed", self.describe(item))
                finally:
                    self.held -= size
            if self._ending:
                break
            await self._wake.wait()
            self._wake = anyio.Event()
        log.info(
            "recorded in %s: %s",
            self._to,
            ", ".join(
                f"{self.counts[outcome]} {outcome.replace('_', ' ')}" for outcome in OUTCOMES
            ),
        )

    def finish(self) -> None:
        """Have :meth:`run` end when everything that waits is written."""
        self._ending = True
        self._wake.set()


def make_folder(folder: Path, setting: str) -> None:
    """Make ``folder``, which ``setting`` names. StartError: it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(
            f"the folder {folder} cannot be made: {(error.strerror or str(error)).lower()}",
            hint=f"point {setting} at another one",
        ) from error
