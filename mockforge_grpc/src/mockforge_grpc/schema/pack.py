"""Compiled protos in one file: descriptors, comments, and the index of both.

Descriptors are read from it one file at a time when they are first needed, comments only for those who
ask. The descriptors and the index are covered by a checksum that is verified when the pack is opened.
"""

from __future__ import annotations

import os
import struct
import threading
import weakref
from collections.abc import Sequence
from hashlib import blake2b
from typing import BinaryIO, Final
from zlib import crc32

import msgspec

from . import wire
from .index import Index

MAGIC: Final = b"mockforge protos 1\n"
_TRAILER: Final = struct.Struct("<QQQ16s")
_CHUNK: Final = 1 << 20
_CRC: Final = 4


class DamagedPackError(ValueError):
    """A pack that is not as it was written."""


def write_pack(file: BinaryIO, raw: Sequence[bytes | memoryview], index: Index) -> None:
    """Write the files ``raw``, each a serialised FileDescriptorProto for the entry of the same number in
    ``index``, to an empty file. Notes the positions in the entries."""
    digest = blake2b(digest_size=16)
    file.write(MAGIC)
    position = len(MAGIC)
    for entry, data in zip(index.files, raw, strict=True):
        stripped = wire.without_source_info(data)
        entry.offset, entry.length = position, len(stripped)
        position += file.write(stripped)
        digest.update(stripped)
    infos = position
    for entry, data in zip(index.files, raw, strict=True):
        info = wire.source_info(data)
        entry.info_offset, entry.info_length = position, len(info)
        # A checksum before each, for they are only read when someone asks.
        position += file.write(crc32(info).to_bytes(_CRC, "little") + info)
    encoded = msgspec.msgpack.encode(index)
    digest.update(encoded)
    file.write(encoded)
    file.write(_TRAILER.pack(infos, position, len(encoded), digest.digest()))
    file.flush()


class Pack:
    """An open pack; DamagedPackError if it is not as it was written."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._lock = threading.Lock()
        self.close = weakref.finalize(self, file.close)
        """Closes the file; so does the end of the last reference."""
        self.index = _checked(file)

    def descriptor(self, number: int) -> bytes:
        """The serialised FileDescriptorProto of file ``number``, without comments."""
        entry = self.index.files[number]
        return self._read(entry.offset, entry.length)

    def source_info(self, number: int) -> bytes:
        """The serialised SourceCodeInfo of file ``number``; DamagedPackError."""
        entry = self.index.files[number]
        data = self._read(entry.info_offset, entry.info_length + _CRC)
        if crc32(data[_CRC:]) != int.from_bytes(data[:_CRC], "little"):
            raise DamagedPackError(f"the comments of {entry.name} are damaged")
        return data[_CRC:]

    def _read(self, offset: int, length: int) -> bytes:
        with self._lock:
            self._file.seek(offset)
            return self._file.read(length)


def _checked(file: BinaryIO) -> Index:
    size = file.seek(0, os.SEEK_END)
    if size < len(MAGIC) + _TRAILER.size:
        raise DamagedPackError("it is too short")
    file.seek(size - _TRAILER.size)
    infos, indexed, length, expected = _TRAILER.unpack(file.read(_TRAILER.size))
    if not len(MAGIC) <= infos <= indexed or indexed + length + _TRAILER.size != size:
        raise DamagedPackError("its parts do not add up")
    file.seek(0)
    if file.read(len(MAGIC)) != MAGIC:
        raise DamagedPackError("it is something else")
    digest = blake2b(digest_size=16)
    left = infos - len(MAGIC)
    while left > 0 and (chunk := file.read(min(_CHUNK, left))):
        digest.update(chunk)
        left -= len(chunk)
    file.seek(indexed)
    encoded = file.read(length)
    digest.update(encoded)
    if digest.digest() != expected:
        raise DamagedPackError("its checksum does not hold")
    try:
        return msgspec.msgpack.decode(encoded, type=Index)
    except msgspec.DecodeError as error:
        raise DamagedPackError(str(error)) from None
