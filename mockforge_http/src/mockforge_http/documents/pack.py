"""The prepared form of a document: its parts as minified JSON in one file, and an index of them.

Layout: a head of 64 bytes (magic, place of the index, digest), the parts one after the other, the
index. The digest covers everything but itself, so a damaged file is known as such before any of it is
believed. Parts are read one by one; the file is never loaded whole.
"""

from __future__ import annotations

import io
import os
import struct
import threading
from hashlib import blake2b
from typing import BinaryIO, Final

MAGIC: Final = b"MockForge pack 1"
_HEAD: Final = struct.Struct("<16sQQ32s")
_CHUNK: Final = 256 * 1024
_LENGTH_BITS: Final = 28
_LENGTH_MASK: Final = (1 << _LENGTH_BITS) - 1
LONGEST_PART: Final = _LENGTH_MASK

Leaf = int
"""Where a part is: its offset shifted left by 28 bits, and its length."""


class DamagedPackError(Exception):
    """The file is not a pack, or not as it was written."""


def leaf_size(leaf: Leaf) -> int:
    """Bytes of the part at ``leaf``."""
    return leaf & _LENGTH_MASK


class PackWriter:
    """Writes parts to ``file``, which must be empty, open for reading and writing, and seekable."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = blake2b(digest_size=32)
        self._offset = _HEAD.size
        file.write(b"\0" * _HEAD.size)

    def add(self, part: bytes) -> Leaf:
        """Append one part. It can be read from the file after the next :meth:`flush`."""
        leaf = self._offset << _LENGTH_BITS | len(part)
        self._write(part)
        return leaf

    def flush(self) -> None:
        """Hand what was written to the system."""
        self._file.flush()

    def finish(self, index: bytes) -> None:
        """Append the index and fill in the head."""
        start = self._offset
        self._write(index)
        self._digest.update(_HEAD.pack(MAGIC, start, len(index), b""))
        self._file.seek(0)
        self._file.write(_HEAD.pack(MAGIC, start, len(index), self._digest.digest()))
        self._file.flush()

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._digest.update(data)
        self._offset += len(data)


class Pack:
    """Reads parts from an open file, which it closes in the end."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._has_pread = hasattr(os, "pread") and not isinstance(file, io.BytesIO)

    def read(self, leaf: Leaf) -> bytes:
        """The JSON text of the part at ``leaf``; DamagedPackError if the file has become shorter."""
        size = leaf & _LENGTH_MASK
        data = self._read_at(leaf >> _LENGTH_BITS, size)
        if len(data) != size:
            raise DamagedPackError("the file ends early")
        return data

    def checked_index(self) -> bytes:
        """The index, after the whole file was found to be as it was written."""
        head = self._read_at(0, _HEAD.size)
        if len(head) != _HEAD.size:
            raise DamagedPackError("the file is too short")
        magic, start, size, expected = _HEAD.unpack(head)
        if magic != MAGIC:
            raise DamagedPackError("the file is of another kind or version")
        digest = blake2b(digest_size=32)
        offset = _HEAD.size
        while chunk := self._read_at(offset, _CHUNK):
            digest.update(chunk)
            offset += len(chunk)
        digest.update(_HEAD.pack(magic, start, size, b""))
        if start + size != offset or digest.digest() != expected:
            raise DamagedPackError("the checksum does not match")
        return self._read_at(start, size)

    @property
    def held_bytes(self) -> int:
        """Bytes of the pack in memory: all of it if it has no file."""
        return len(self._file.getbuffer()) if isinstance(self._file, io.BytesIO) else 0

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _read_at(self, offset: int, size: int) -> bytes:
        if self._has_pread:
            return os.pread(self._file.fileno(), size, offset)
        with self._lock:
            writing_at = self._file.tell()
            self._file.seek(offset)
            data = self._file.read(size)
            self._file.seek(writing_at)
            return data
