"""From the files of several sources to one set in which every name and every symbol is there once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.message import DecodeError

from mockforge.errors import Place

from . import wire
from .descriptors import PlainFile
from .errors import ProtoError
from .index import FileEntry, Index, extensions, services, top_level

Raw = bytes | memoryview


class SourceFile(NamedTuple):
    """One file of one source: its serialised FileDescriptorProto, and where it comes from."""

    name: str
    raw: Raw
    origin: str
    given: bool
    """The source holds it, not only imports it."""


class SourceSet(NamedTuple):
    """What one source gave; ``label`` tells it from others in names."""

    label: str
    files: list[SourceFile]


def merge(sets: Iterable[SourceSet]) -> tuple[list[Raw], Index, list[ProtoError]]:
    """The files in an order, their index, and what contradicts itself."""
    merged: dict[str, SourceFile] = {}
    errors: list[ProtoError] = []
    for each in sets:
        for file in _renamed(each, merged):
            known = merged.get(file.name)
            if known is None or (file.given and not known.given):
                merged[file.name] = file
            elif file.given and not _same(known.raw, file.raw):
                errors.append(_taken(file.name, file.origin, known.origin))
    if errors:
        return [], Index(), errors
    index = Index()
    numbers = {name: number for number, name in enumerate(merged)}
    for number, file in enumerate(merged.values()):
        errors += _add(index, number, file, numbers)
    return [file.raw for file in merged.values()], index, errors


def _renamed(source: SourceSet, merged: dict[str, SourceFile]) -> list[SourceFile]:
    """The files of ``source``; those that only share the name with another file get a longer one."""
    names: dict[str, str] = {}
    for file in source.files:
        known = merged.get(file.name)
        if known is None or _same(known.raw, file.raw):
            continue
        if _symbols(known.raw) & _symbols(file.raw):
            continue
        names[file.name] = _free(f"{source.label}/{file.name}", merged)
    if not names:
        return source.files
    return [_with_names(file, names) for file in source.files]


def _free(name: str, merged: dict[str, SourceFile]) -> str:
    wanted, number = name, 1
    while wanted in merged:
        number += 1
        wanted = f"{number}/{name}"
    return wanted


def _with_names(file: SourceFile, names: dict[str, str]) -> SourceFile:
    imported = wire.dependencies(file.raw)
    if file.name not in names and not any(name in names for name in imported):
        return file
    decoded = PlainFile.FromString(bytes(file.raw))
    decoded.name = names.get(file.name, file.name)
    for number, name in enumerate(decoded.dependency):
        decoded.dependency[number] = names.get(name, name)
    return file._replace(name=decoded.name, raw=decoded.SerializeToString())


def _symbols(raw: Raw) -> set[str]:
    return set(top_level(PlainFile.FromString(wire.without_source_info(raw))))


def _same(one: Raw, other: Raw) -> bool:
    """Whether two files say the same, whatever wrote them."""
    first, second = wire.without_source_info(one), wire.without_source_info(other)
    if first == second:
        return True
    decoded = [PlainFile.FromString(each) for each in (first, second)]
    for each in decoded:
        _forget_json_names(each)
    return bool(decoded[0] == decoded[1])


def _forget_json_names(file: FileDescriptorProto) -> None:
    # Some compilers write them out, others only where they are not the usual ones.
    pending = list(file.message_type)
    while pending:
        message = pending.pop()
        for field in message.field:
            field.ClearField("json_name")
        pending.extend(message.nested_type)


def _add(index: Index, number: int, file: SourceFile, numbers: dict[str, int]) -> list[ProtoError]:
    try:
        decoded = PlainFile.FromString(wire.without_source_info(file.raw))
    except DecodeError as error:
        return [ProtoError(f"{file.name} in it cannot be read: {error}", place=Place(file.origin))]
    errors = []
    imported = [numbers[name] for name in decoded.dependency if name in numbers]
    index.files.append(FileEntry(file.name, 0, 0, 0, 0, imported, file.origin, file.given))
    for symbol in top_level(decoded):
        known = index.symbols.setdefault(symbol, number)
        if known != number:
            errors.append(_taken(symbol, file.origin, index.files[known].origin))
    index.services.extend(services(decoded, number))
    for extended, field in extensions(decoded):
        index.extensions.setdefault(extended, []).append((field, number))
    return errors


def _taken(what: str, here: str, there: str) -> ProtoError:
    if here == there:
        return ProtoError(
            f"{what} is defined here twice: the file is read under two names",
            place=Place(here),
            hint="name the folder that imports start from as the root (grpc.roots, --proto-root)",
        )
    return ProtoError(
        f"{what} is defined here and in {there}",
        place=Place(here),
        hint="leave one of them out, or give one another package",
    )


def missing_imports(files: Sequence[SourceFile], known: Iterable[str]) -> dict[str, str]:
    """Imports of ``files`` that neither they nor ``known`` have, with the name of an importer each."""
    names = {file.name for file in files}.union(known)
    missing: dict[str, str] = {}
    for file in files:
        for name in wire.dependencies(file.raw):
            if name not in names:
                missing.setdefault(name, file.name)
    return missing
