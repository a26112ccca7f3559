"""The journal on disk: JSON Lines in a file that rotates, so that disk use has a ceiling too.

A :class:`JsonLinesSink` is a request logger: :class:`LogDispatcher` calls it in its worker thread,
counts what it raises and reports it.
"""

from __future__ import annotations

import os
from pathlib import Path
from threading import Lock
from typing import Final

import msgspec

from mockforge.errors import ConfigError
from mockforge.observe.journal.entry import JournalEntry

DEFAULT_MAX_BYTES: Final = 64 * 1024**2
DEFAULT_BACKUPS: Final = 3
MIN_BYTES: Final = 4096


class JsonLinesSink:
    """Appends each entry to ``path`` as a line of JSON.

    A line that would take the file over ``max_bytes`` goes to a new one: ``path`` becomes ``path.1``,
    that ``path.2``, and so on; the oldest of ``backups`` is deleted. So at most
    ``(backups + 1) * max_bytes`` are on disk. A file that was moved, deleted or cut from outside is
    opened anew at the next entry. An entry that cannot be written raises OSError; the next one tries
    again, and no part of a line stays behind. One process per file.
    """

    def __init__(
        self,
        path: Path | str,
        max_bytes: int = DEFAULT_MAX_BYTES,
        backups: int = DEFAULT_BACKUPS,
    ) -> None:
        if max_bytes < MIN_BYTES:
            raise ConfigError(
                f"max_bytes of the log file is {max_bytes}", hint=f"give at least {MIN_BYTES}"
            )
        if backups < 0:
            raise ConfigError(f"backups of the log file is {backups}", hint="give 0 or more")
        self.path = Path(path)
        self.max_bytes = max_bytes
        self.backups = backups
        self.name = f"log file {self.path}"
        self.written = 0
        """Entries written."""
        self.shortened = 0
        """Entries written without bodies and headers, a line with them being over ``max_bytes``."""
        self._descriptor: int | None = None
        self._encoder = msgspec.json.Encoder()
        self._lock = Lock()

    def __call__(self, entry: JournalEntry) -> None:
        """Write ``entry``; OSError if that is not possible now."""
        line = self._encoder.encode(entry) + b"\n"
        if len(line) > self.max_bytes:
            line = self._encoder.encode(_shortened(entry)) + b"\n"
            self.shortened += 1
        with self._lock:
            descriptor, size = self._current()
            if size and size + len(line) > self.max_bytes:
                self._rotate()
                descriptor, size = self._current()
            try:
                _write(descriptor, line)
            except OSError:
                _cut(descriptor, size)
                self._close()
                raise
            self.written += 1

    def close(self) -> None:
        """Close the file; the next entry would open it again."""
        with self._lock:
            self._close()

    def _current(self) -> tuple[int, int]:
        """The open file and its size, opened (again) if ``path`` is not that file any more."""
        if self._descriptor is not None:
            ours = os.fstat(self._descriptor)
            try:
                there = self.path.stat()
            except OSError:
                self._close()
            else:
                if (ours.st_dev, ours.st_ino) == (there.st_dev, there.st_ino):
                    return self._descriptor, ours.st_size
                self._close()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
        self._descriptor = os.open(self.path, flags | getattr(os, "O_BINARY", 0), 0o640)
        return self._descriptor, os.fstat(self._descriptor).st_size

    def _rotate(self) -> None:
        self._close()
        if not self.backups:
            self.path.unlink(missing_ok=True)
            return
        for number in range(self.backups - 1, 0, -1):
            older = self._backup(number)
            if older.exists():
                older.replace(self._backup(number + 1))
        self.path.replace(self._backup(1))

    def _backup(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")

    def _close(self) -> None:
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)


def _write(descriptor: int, line: bytes) -> None:
    view = memoryview(line)
    while view:
        view = view[os.write(descriptor, view) :]


def _cut(descriptor: int, size: int) -> None:
    """Take back what was written of a line, as far as the disk still lets us."""
    try:
        if os.fstat(descriptor).st_size > size:
            os.ftruncate(descriptor, size)
    except OSError:
        return  # the error that led here is raised by the caller


def _shortened(entry: JournalEntry) -> JournalEntry:
    return msgspec.structs.replace(
        entry,
        target=entry.target[:512],
        path=entry.path[:512],
        query=entry.query[:512],
        request_headers=(),
        response_headers=(),
        request_body="",
        request_body_truncated=entry.request_size > 0,
        response_body="",
        response_body_truncated=entry.response_size > 0,
        findings=(),
        error=entry.error and entry.error[:512],
        stripped=True,
    )
