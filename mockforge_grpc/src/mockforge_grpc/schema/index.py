"""What is where in a set of proto files: names of files, symbols, services, extensions.

Small enough to be held for thousands of files; everything else is read when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

from mockforge.findings import Finding

CLIENT_STREAMING: Final = 1
SERVER_STREAMING: Final = 2


class FileEntry(msgspec.Struct, array_like=True):
    """A file: its ``name`` as others import it, where its bytes are, and what it was made from."""

    name: str
    offset: int
    length: int
    info_offset: int
    info_length: int
    dependencies: list[int]
    origin: str
    """Path, or whatever else names where it comes from."""
    given: bool
    """A source holds it; otherwise it is only imported."""


class ServiceEntry(msgspec.Struct, array_like=True):
    """A service and the names of its methods with their kind (bits)."""

    name: str
    file: int
    methods: list[tuple[str, int]]


class Watch(msgspec.Struct, array_like=True):
    """A file that went into the set, as it was then."""

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    digest: bytes


class Index(msgspec.Struct, array_like=True):
    """All of it. ``symbols`` has the top-level names of messages, enums, services and extensions;
    ``extensions`` by extended type the numbers and files."""

    files: list[FileEntry] = []
    symbols: dict[str, int] = {}
    services: list[ServiceEntry] = []
    extensions: dict[str, list[tuple[int, int]]] = {}
    findings: list[Finding] = []
    listing: list[str] = []
    """The files that the sources held."""
    read: list[Watch] = []
    """The files that were read."""
    absent: list[str] = []
    """Paths that would have been read instead, had they been there."""


def top_level(file: FileDescriptorProto) -> Iterator[str]:
    """The full names of what a file declares outside of messages."""
    prefix = f"{file.package}." if file.package else ""
    for group in (file.message_type, file.enum_type, file.service, file.extension):
        for each in group:
            yield prefix + each.name


def declared(file: FileDescriptorProto) -> Iterator[str]:
    """The full names of all that a file declares, nested or not; values of enums stand beside their enum."""
    prefix = f"{file.package}." if file.package else ""
    yield from top_level(file)
    for service in file.service:
        for method in service.method:
            yield f"{prefix}{service.name}.{method.name}"
    yield from _values(prefix, file.enum_type)
    pending = [(prefix, message) for message in file.message_type]
    while pending:
        scope, message = pending.pop()
        scope = f"{scope}{message.name}."
        yield from (scope + field.name for field in (*message.field, *message.extension))
        yield from (scope + oneof.name for oneof in message.oneof_decl)
        yield from (scope + enum.name for enum in message.enum_type)
        yield from (scope + nested.name for nested in message.nested_type)
        yield from _values(scope, message.enum_type)
        pending.extend((scope, nested) for nested in message.nested_type)


def _values(scope: str, enums: Iterable[EnumDescriptorProto]) -> Iterator[str]:
    for enum in enums:
        yield from (scope + value.name for value in enum.value)


def services(file: FileDescriptorProto, number: int) -> Iterator[ServiceEntry]:
    """The services of a file."""
    prefix = f"{file.package}." if file.package else ""
    for service in file.service:
        yield ServiceEntry(
            prefix + service.name,
            number,
            [
                (
                    method.name,
                    CLIENT_STREAMING * method.client_streaming
                    + SERVER_STREAMING * method.server_streaming,
                )
                for method in service.method
            ],
        )


def extensions(file: FileDescriptorProto) -> Iterator[tuple[str, int]]:
    """Extended type and number of every extension that a file declares."""
    yield from _extensions(file.extension)
    pending: list[DescriptorProto] = list(file.message_type)
    while pending:
        message = pending.pop()
        yield from _extensions(message.extension)
        pending.extend(message.nested_type)


def _extensions(declared: Iterable[FieldDescriptorProto]) -> Iterator[tuple[str, int]]:
    for each in declared:
        yield each.extendee.removeprefix("."), each.number
