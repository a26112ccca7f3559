"""Descriptor sets as bytes: cut into files, and freed of comments, without being decoded.

Only the framing of the protobuf encoding is read (https://protobuf.dev/programming-guides/encoding/), so
options that nobody here knows stay as they are and a set of many megabytes costs no objects.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

_VARINT: Final = 0
_FIXED64: Final = 1
_BYTES: Final = 2
_FIXED32: Final = 5
_NAME: Final = 1
_DEPENDENCY: Final = 3
_SOURCE_INFO: Final = 9
_SYNTAX: Final = 12
_MOST_BITS: Final = 70


class BrokenWireError(ValueError):
    """Bytes that are no protobuf message."""


def fields(data: bytes | memoryview) -> Iterator[tuple[int, int, int, int]]:
    """Of each field: its number, where it starts, where its payload starts, where it ends."""
    position, size = 0, len(data)
    while position < size:
        start = position
        tag, position = _varint(data, position)
        kind = tag & 7
        payload = position
        if kind == _BYTES:
            length, payload = _varint(data, position)
            position = payload + length
        elif kind == _VARINT:
            _, position = _varint(data, position)
        elif kind == _FIXED64:
            position += 8
        elif kind == _FIXED32:
            position += 4
        else:
            raise BrokenWireError(f"field of kind {kind} at byte {start}")
        if position > size or not tag >> 3:
            raise BrokenWireError(f"field at byte {start} goes past the end")
        yield tag >> 3, start, payload, position


def _varint(data: bytes | memoryview, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if position >= len(data) or shift >= _MOST_BITS:
            raise BrokenWireError(f"number at byte {position} does not end")
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7


def split_set(data: bytes | memoryview) -> Iterator[memoryview]:
    """The files of a FileDescriptorSet, each a serialised FileDescriptorProto."""
    view = memoryview(data)
    for number, _, payload, end in fields(view):
        if number == 1:
            yield view[payload:end]


def file_name(file: bytes | memoryview) -> str:
    """The name in a FileDescriptorProto."""
    for number, _, payload, end in fields(file):
        if number == _NAME:
            return str(file[payload:end], "utf-8")
    raise BrokenWireError("a file without a name")


def is_proto3(file: bytes | memoryview) -> bool:
    """Whether a FileDescriptorProto is of a file in proto3."""
    return any(
        number == _SYNTAX and file[payload:end] == b"proto3"
        for number, _, payload, end in fields(file)
    )


def dependencies(file: bytes | memoryview) -> list[str]:
    """The names of the files that a FileDescriptorProto imports."""
    return [
        str(file[payload:end], "utf-8")
        for number, _, payload, end in fields(file)
        if number == _DEPENDENCY
    ]


def without_source_info(file: bytes | memoryview) -> bytes:
    """A FileDescriptorProto without comments and positions."""
    view = memoryview(file)
    kept = [view[start:end] for number, start, _, end in fields(view) if number != _SOURCE_INFO]
    return b"".join(kept)


def source_info(file: bytes | memoryview) -> bytes:
    """The serialised SourceCodeInfo of a FileDescriptorProto, empty if it has none."""
    view = memoryview(file)
    return b"".join(
        view[payload:end] for number, _, payload, end in fields(view) if number == _SOURCE_INFO
    )
