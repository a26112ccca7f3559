"""Prepared documents on disk, so that the next start need not prepare them again.

A pack found here is used only if it belongs to this user, nobody else may write to it, its checksum
holds, and every file of the document still has the content it was made from. Anything else is made
anew; a folder that cannot be used means working without a cache.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from mockforge.cache_folder import DEFAULT_CACHE_BYTES, CacheFolder, user_cache_folder
from mockforge.findings import Finding

from .files import DocumentRoot
from .index import FORMAT, FileRecord, Index, producer
from .limits import Limits
from .pack import DamagedPackError, Pack
from .source import FileStamp

log: Final = logging.getLogger("mockforge.http.documents")

_PACK: Final = ".pack"
_CHECK: Final = ".check.json"
_RACY_NS: Final = 2_000_000_000
"""Two changes of a file within this time may leave it with the same time stamp."""
_CHUNK: Final = 256 * 1024


def document_key(entry: Path, root: Path, limits: Limits) -> str:
    """The name of the pack of the document at ``entry``: the same for the same file, root, limits and
    version of this package."""
    identity = [FORMAT, producer(), os.path.realpath(entry), os.path.realpath(root), limits]
    return blake2b(msgspec.json.encode(identity), digest_size=16).hexdigest()


class Cache:
    """Packs and results of checks below ``directory``/documents, at most ``max_bytes`` of them: the
    least recently used go first."""

    def __init__(self, directory: Path, max_bytes: int = DEFAULT_CACHE_BYTES) -> None:
        self._files = CacheFolder(directory / "documents", _PACK, _CHECK, max_bytes=max_bytes)
        self.folder = self._files.folder

    @classmethod
    def default(cls, max_bytes: int = DEFAULT_CACHE_BYTES) -> Cache:
        """The cache in the user's own cache folder."""
        return cls(user_cache_folder(), max_bytes)

    # ---------------------------------------------------------------- packs

    def load(self, key: str, root: DocumentRoot) -> tuple[Pack, Index] | None:
        """The pack called ``key``, if it can be trusted and its document has not changed."""
        path = self.folder / f"{key}{_PACK}"
        file = self._files.open(path.name)
        if file is None:
            return None
        pack = Pack(file)
        try:
            index = _read_index(pack)
            made_ns = os.fstat(file.fileno()).st_mtime_ns
            if _is_fresh(index, root, made_ns):
                self._files.touch(file)
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
        with self._files.writing(f"{key}{_PACK}") as file:
            yield file

    # ---------------------------------------------------------------- results of checks

    def recall(self, key: str) -> list[Finding] | None:
        """What an earlier check of the same content found."""
        file = self._files.open(f"{key}{_CHECK}")
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
        with self._files.writing(f"{key}{_CHECK}") as file:
            if file is not None:
                file.write(msgspec.json.encode(findings))
        if file is not None:
            file.close()


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
