"""Files that cost time to make, kept in the user's cache folder for the next start.

A file found there is used only if it belongs to this user and nobody else may write to it; what is in it, its
reader must check. A folder that cannot be used means working without a cache. Plugins that compile or
convert what they are given keep the results here.
"""

from __future__ import annotations

import contextlib
import logging
import os
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

log: Final = logging.getLogger("mockforge.cache")

DEFAULT_CACHE_BYTES: Final = 512 * 1024**2
_TEMPORARY: Final = ".tmp-"
_ABANDONED: Final = 3600.0


def user_cache_folder() -> Path:
    """The user's cache folder for MockForge: XDG on Unix, ``Library/Caches`` on macOS, the local
    application data on Windows."""
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "mockforge"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "mockforge"
    xdg = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(xdg) if os.path.isabs(xdg) else home / ".cache") / "mockforge"  # noqa: PTH117 - text


class CacheFolder:
    """The files with one of the ``suffixes`` in ``folder``, at most ``max_bytes`` of them: the least
    recently used go first."""

    def __init__(self, folder: Path, *suffixes: str, max_bytes: int = DEFAULT_CACHE_BYTES) -> None:
        self.folder = folder
        self.suffixes = suffixes
        self.max_bytes = max_bytes
        self._usable: bool | None = None

    def open(self, name: str) -> BinaryIO | None:
        """The file called ``name``, if there is one that can be trusted."""
        if not self._is_usable():
            return None
        path = self.folder / name
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        try:
            file = os.fdopen(os.open(path, flags), "rb")
        except FileNotFoundError:
            return None
        except OSError as error:
            log.warning("%s cannot be read (%s)", path, error.strerror)
            return None
        if not _is_ours(os.fstat(file.fileno())):
            log.warning("%s is not only yours to write; it is not used", path)
            file.close()
            return None
        return file

    def touch(self, file: BinaryIO) -> None:
        """Note that ``file`` was used now; the time at which it was made stays."""
        if os.utime in os.supports_fd:
            made_ns = os.fstat(file.fileno()).st_mtime_ns
            with contextlib.suppress(OSError):
                os.utime(file.fileno(), ns=(time.time_ns(), made_ns))

    @contextlib.contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO | None]:
        """A new file, open for reading, too, that becomes ``name`` when the block ends well. It is not
        closed then. ``None`` if the folder cannot be used."""
        made = self._temporary() if self._is_usable() else None
        if made is None:
            yield None
            return
        file, temporary = made
        done = False
        try:
            yield file
            file.flush()
            size = os.fstat(file.fileno()).st_size
            if size > self.max_bytes:
                log.info("%s would have %d bytes, too many for the cache", name, size)
            else:
                temporary.replace(self.folder / name)
                self.trim(keep=name)
            done = True
        except OSError as error:
            log.info("%s is not kept in the cache: %s", name, error)
            done = True
        finally:
            if not done:
                file.close()
            _remove(temporary)

    def trim(self, *, keep: str = "") -> None:
        """Delete the least recently used files beyond ``max_bytes``, but not ``keep``, and what crashed
        processes left behind."""
        kept: list[tuple[float, int, str]] = []
        with contextlib.suppress(OSError), os.scandir(self.folder) as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                if entry.name.startswith(_TEMPORARY):
                    if time.time() - status.st_mtime > _ABANDONED:
                        _remove(self.folder / entry.name)
                elif entry.name.endswith(self.suffixes):
                    kept.append((status.st_atime, status.st_size, entry.name))
        total = sum(size for _, size, _ in kept)
        for _, size, name in sorted(kept):
            if total <= self.max_bytes:
                break
            if name != keep:
                _remove(self.folder / name)
                total -= size

    def _temporary(self) -> tuple[BinaryIO, Path] | None:
        try:
            descriptor, name = tempfile.mkstemp(prefix=_TEMPORARY, dir=self.folder)
        except OSError as error:
            self._give_up(error)
            return None
        return os.fdopen(descriptor, "w+b"), Path(name)

    def _is_usable(self) -> bool:
        if self._usable is None:
            try:
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                status = self.folder.lstat()
                self._usable = stat.S_ISDIR(status.st_mode) and _is_ours(status, folder=True)
                if not self._usable:
                    log.info("%s is not only yours to write; working without cache", self.folder)
            except OSError as error:
                self._give_up(error)
        return bool(self._usable)

    def _give_up(self, error: OSError) -> None:
        self._usable = False
        log.info("%s cannot be used (%s); working without cache", self.folder, error.strerror)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def _is_ours(status: os.stat_result, *, folder: bool = False) -> bool:
    if not hasattr(os, "geteuid"):
        return True  # the user's folder is private by its access list
    right_kind = folder or stat.S_ISREG(status.st_mode)
    return right_kind and status.st_uid == os.geteuid() and not status.st_mode & 0o022
