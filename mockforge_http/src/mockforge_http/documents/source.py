"""Reading one file of a document: bounded, hashed, and told apart as JSON or YAML.

The text of a large file lives in an anonymous memory map rather than on the heap, so that all of it
goes back to the system once the file has been prepared.
"""

from __future__ import annotations

import codecs
import contextlib
import mmap
import os
import re
import stat
from hashlib import blake2b
from pathlib import Path
from typing import Final, Literal

import msgspec

from mockforge.errors import DocumentError, Place

from .limits import Limits

Notation = Literal["json", "yaml"]

_LARGE: Final = 128 * 1024
_CHUNK: Final = 256 * 1024
_UTF8_MARK: Final = codecs.BOM_UTF8
_WIDE_MARKS: Final = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_BINARY: Final = {
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "a gzip file",
    b"%PDF": "a PDF",
    b"\x89PNG": "a PNG image",
    b"\x7fELF": "a program",
}
_FIRST: Final = re.compile(rb"[^ \t\r\n]")


class FileStamp(msgspec.Struct, frozen=True, array_like=True):
    """What the file system says of a file: a changed stamp means that content may have changed."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> FileStamp:
        """The stamp in the result of a ``stat`` call."""
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


class Source:
    """The text of one file: ``data`` without a byte order mark, and the ``stamp`` and ``digest`` of
    the content as it was read. Close it to give the memory back."""

    __slots__ = ("_buffer", "data", "digest", "notation", "path", "shown", "stamp")

    def __init__(
        self, path: Path, shown: str, buffer: mmap.mmap | bytes, size: int, stamp: FileStamp
    ) -> None:
        self.path = path
        self.shown = shown
        self.stamp = stamp
        self._buffer = buffer
        self.data = memoryview(buffer)[:size]
        self.digest = blake2b(self.data, digest_size=20).digest()
        if bytes(self.data[:3]) == _UTF8_MARK:
            self.data = self.data[3:]
        self.notation: Notation = "json" if self._looks_like_json() else "yaml"

    def _looks_like_json(self) -> bool:
        first = _FIRST.search(self.data)
        return first is not None and first[0] in b"{["

    def close(self) -> None:
        """Release the text."""
        self.data.release()
        if isinstance(self._buffer, mmap.mmap):
            # While an error is under way its frames may still look at the text: then the map goes
            # with the last of them.
            with contextlib.suppress(BufferError):
                self._buffer.close()


def read_source(path: Path, limits: Limits, *, shown: str | None = None) -> Source:
    """Read the file at ``path``; errors call it ``shown`` (default: the path).

    DocumentError: it is missing, unreadable, not a regular file, empty, too large, or not UTF-8 text.
    """
    name = str(path) if shown is None else shown
    place = Place(name)
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | _NO_WAIT)
    except FileNotFoundError:
        raise DocumentError("no such file", place=place, hint=_similar_files(path)) from None
    except (OSError, ValueError) as error:
        if path.is_dir():  # Windows does not open folders
            raise _folder(path, place) from None
        reason = getattr(error, "strerror", None) or error
        raise DocumentError(f"cannot be read: {reason}", place=place) from None
    try:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise _folder(path, place)
        if not stat.S_ISREG(status.st_mode):
            raise DocumentError("is not a regular file", place=place)
        buffer, size = _read(descriptor, status.st_size, place, limits)
    except OSError as error:
        raise DocumentError(f"cannot be read: {error.strerror}", place=place) from None
    finally:
        os.close(descriptor)
    source = Source(path, name, buffer, size, FileStamp.of(status))
    try:
        _check_encoding(source)
    except DocumentError:
        source.close()
        raise
    return source


_NO_WAIT: Final = getattr(os, "O_NONBLOCK", 0)  # a FIFO must be refused, not waited for


def _folder(path: Path, place: Place) -> DocumentError:
    return DocumentError("is a folder", place=place, hint=_documents_in(path))


def _read(
    descriptor: int, size: int, place: Place, limits: Limits
) -> tuple[mmap.mmap | bytes, int]:
    """The content of the open file, and its size."""
    if size > limits.file_bytes:
        raise DocumentError(
            f"has {size:,} bytes, more than the {limits.file_bytes:,} allowed", place=place
        )
    if size == 0:
        raise DocumentError("is empty", place=place)
    buffer: mmap.mmap | bytes
    with os.fdopen(descriptor, "rb", buffering=0, closefd=False) as file:
        if size < _LARGE:
            buffer = file.read(size)
            return buffer, len(buffer)
        buffer = mmap.mmap(-1, size)
        filled = 0
        with memoryview(buffer) as view:
            while filled < size and (count := file.readinto(view[filled:])):
                filled += count
        return buffer, filled


def _check_encoding(source: Source) -> None:
    """JSON and YAML files are UTF-8 (RFC 8259 section 8.1); say what else this one is."""
    place = Place(source.shown)
    head = bytes(source.data[:256])
    for mark, encoding in _WIDE_MARKS.items():
        if head.startswith(mark):
            raise DocumentError(
                f"is {encoding} text", place=place, hint="save it as UTF-8 and try again"
            )
    for mark, kind in _BINARY.items():
        if head.startswith(mark):
            raise DocumentError(f"is {kind}, not an API description", place=place)
    if max(head[::2].count(0), head[1::2].count(0)) > len(head) // 3:
        raise DocumentError(
            "is UTF-16 text without a byte order mark", place=place, hint="save it as UTF-8"
        )
    if b"\0" in head:
        raise DocumentError("is a binary file, not an API description", place=place)
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(source.data), _CHUNK):
        chunk = source.data[start : start + _CHUNK]
        try:
            decoder.decode(chunk, final=start + _CHUNK >= len(source.data))
        except UnicodeDecodeError as error:
            # The decoder may have kept up to three bytes of the chunk before.
            kept = len(error.object) - len(chunk)
            line, column = position(source.data, start - kept + error.start)
            raise DocumentError(
                f"is not UTF-8 text: byte 0x{error.object[error.start]:02x} has no meaning here",
                place=Place(source.shown, line, column),
                hint="save it as UTF-8 and try again",
            ) from None


def position(data: memoryview | bytes, offset: int) -> tuple[int, int]:
    """Line and column (in characters, both from 1) of byte ``offset`` of UTF-8 text."""
    before = bytes(data[: max(offset, 0)])
    start = before.rfind(b"\n") + 1
    return before.count(b"\n") + 1, len(before[start:].decode("utf-8", "replace")) + 1


def _similar_files(path: Path) -> str | None:
    from difflib import get_close_matches

    try:
        names = [entry.name for entry in os.scandir(path.parent)][:5000]
    except (OSError, ValueError):
        return f"the folder {path.parent} does not exist"
    near = get_close_matches(path.name, names, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else None


def _documents_in(path: Path) -> str | None:
    likely = [
        name
        for stem in ("openapi", "swagger", "api")
        for name in (f"{stem}.yaml", f"{stem}.yml", f"{stem}.json")
        if (path / name).is_file()
    ]
    return f"give the document in it: {path / likely[0]}" if likely else "give the file itself"
