"""Prepared documents on disk, so that the next start need not prepare them again.

A pack found here is used only if it belongs to this user, nobody else may write to it, its checksum
holds, and every file of the document still has the content it was made from. Anything else is made
anew; a folder that cannot be used means working without a cache.
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
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from mockforge.findings import Finding

from .files import DocumentRoot
from .index import FORMAT, FileRecord, Index, producer
from .limits import Limits
from .pack import DamagedPackError, Pack
from .source import FileStamp

log: Final = logging.getLogger("mockforge.http.documents")

DEFAULT_CACHE_BYTES: Final = 512 * 1024**2
_PACK: Final = ".pack"
_CHECK: Final = ".check.json"
_TEMPORARY: Final = ".tmp-"
_ABANDONED: Final = 3600.0
_RACY_NS: Final = 2_000_000_000
"""Two changes of a file within this time may leave it with the same time stamp."""
_CHUNK: Final = 256 * 1024


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


def document_key(entry: Path, root: Path, limits: Limits) -> str:
    """The name of the pack of the document at ``entry``: the same for the same file, root, limits and
    version of this package."""
    identity = [FORMAT, producer(), os.path.realpath(entry), os.path.realpath(root), limits]
    return blake2b(msgspec.json.encode(identity), digest_size=16).hexdigest()


class Cache:
    """Packs and results of checks below ``directory``/documents, at most ``max_bytes`` of them: the
    least recently used go first."""

    def __init__(self, directory: Path, max_bytes: int = DEFAULT_CACHE_BYTES) -> None:
        self.folder = directory / "documents"
        self.max_bytes = max_bytes
        self._usable: bool | None = None

    @classmethod
    def default(cls, max_bytes: int = DEFAULT_CACHE_BYTES) -> Cache:
        """The cache in the user's own cache folder."""
        return cls(user_cache_folder(), max_bytes)

    # ---------------------------------------------------------------- packs

    def load(self, key: str, root: DocumentRoot) -> tuple[Pack, Index] | None:
        """The pack called ``key``, if it can be trusted and its document has not changed."""
        if not self._is_usable():
            return None
        path = self.folder / f"{key}{_PACK}"
        file = self._open(path)
        if file is None:
            return None
        pack = Pack(file)
        try:
            index = _read_index(pack)
            made_ns = os.fstat(file.fileno()).st_mtime_ns
            if _is_fresh(index, root, made_ns):
                self._touch(file, made_ns)
                return pack, index
        except DamagedPackError as error:
            log.warning("the cached document %s is damaged (%s); it is made anew", path, error)
        except OSError as error:
            log.warning("the cached document %s cannot be read (%s)", path, error)
        pack.close()
        return None

    @contextlib.contextmanager
    def writing(self, key: str) -> Iterator[BinaryIO | None]:
        """A new file to write the pack called ``key`` into; it takes its place when the block ends
        well. ``None`` if the folder cannot be used."""
        if not self._is_usable():
            yield None
            return
        try:
            descriptor, name = tempfile.mkstemp(prefix=_TEMPORARY, dir=self.folder)
        except OSError as error:
            self._give_up(error)
            yield None
            return
        temporary = Path(name)
        file = os.fdopen(descriptor, "w+b")
        try:
            yield file
            size = os.fstat(file.fileno()).st_size
            if size > self.max_bytes:
                log.info("the prepared document has %d bytes, too many for the cache", size)
            else:
                temporary.replace(self.folder / f"{key}{_PACK}")
                self.trim(keep=f"{key}{_PACK}")
        except OSError as error:
            log.info("the document is not kept in the cache: %s", error)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)

    def _open(self, path: Path) -> BinaryIO | None:
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        try:
            file = os.fdopen(os.open(path, flags), "rb")
        except FileNotFoundError:
            return None
        except OSError as error:
            log.warning("the cached document %s cannot be read (%s)", path, error.strerror)
            return None
        if not _is_ours(os.fstat(file.fileno())):
            log.warning("the cached document %s is not only yours to write; it is not used", path)
            file.close()
            return None
        return file

    def _touch(self, file: BinaryIO, made_ns: int) -> None:
        # The time of last use is for `trim`; the time of change says when the pack was made.
        if os.utime in os.supports_fd:
            with contextlib.suppress(OSError):
                os.utime(file.fileno(), ns=(time.time_ns(), made_ns))

    # ---------------------------------------------------------------- results of checks

    def recall(self, key: str) -> list[Finding] | None:
        """What an earlier check of the same content found."""
        if not self._is_usable():
            return None
        file = self._open(self.folder / f"{key}{_CHECK}")
        if file is None:
            return None
        with file:
            try:
                return msgspec.json.decode(file.read(), type=list[Finding])
            except (msgspec.DecodeError, UnicodeDecodeError, OSError):
                log.warning("the cached check %s is damaged; it is made anew", file.name)
                return None

    def remember(self, key: str, findings: list[Finding]) -> None:
        """Keep what a check found."""
        if not self._is_usable():
            return
        try:
            descriptor, name = tempfile.mkstemp(prefix=_TEMPORARY, dir=self.folder)
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.json.encode(findings))
            Path(name).replace(self.folder / f"{key}{_CHECK}")
            self.trim(keep=f"{key}{_CHECK}")
        except OSError as error:
            log.info("the check is not kept in the cache: %s", error)

    # ---------------------------------------------------------------- the folder

    def trim(self, *, keep: str = "") -> None:
        """Delete the least recently used files beyond ``max_bytes``, but not ``keep``, and what
        crashed processes left behind."""
        kept: list[tuple[float, int, str]] = []
        with contextlib.suppress(OSError), os.scandir(self.folder) as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                if entry.name.startswith(_TEMPORARY):
                    if time.time() - status.st_mtime > _ABANDONED:
                        _remove(self.folder / entry.name)
                elif entry.name.endswith((_PACK, _CHECK)):
                    kept.append((status.st_atime, status.st_size, entry.name))
        total = sum(size for _, size, _ in kept)
        for _, size, name in sorted(kept):
            if total <= self.max_bytes:
                break
            if name != keep:
                _remove(self.folder / name)
                total -= size

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


def _read_index(pack: Pack) -> Index:
    try:
        index = msgspec.json.decode(pack.checked_index(), type=Index)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DamagedPackError(str(error)) from None
    if index.format != FORMAT or index.producer != producer():
        raise DamagedPackError("it is of another version")
    return index


def _is_fresh(index: Index, root: DocumentRoot, made_ns: int) -> bool:
    return all(_is_unchanged(record, root, made_ns) for record in index.files)


def _is_unchanged(record: FileRecord, root: DocumentRoot, made_ns: int) -> bool:
    """By its stamp if that leaves no doubt, by its content otherwise."""
    path = os.path.join(root.folder, record.name)  # noqa: PTH118 - thousands of these at one start
    try:
        stamp = FileStamp.of(os.stat(path))  # noqa: PTH116 - as above
        if stamp.size != record.stamp.size:
            return False
        settled = max(stamp.mtime_ns, stamp.ctime_ns) < made_ns - _RACY_NS
        if settled and stamp == record.stamp:
            return True
        return _digest(path, stamp.size) == record.digest
    except OSError:
        return False


def _digest(path: str, size: int) -> bytes:
    digest = blake2b(digest_size=20)
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - as above
        while size > 0 and (chunk := file.read(min(_CHUNK, size))):
            digest.update(chunk)
            size -= len(chunk)
        if file.read(1):
            return b""
    return digest.digest()
