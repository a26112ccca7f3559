"""Descriptor sets: files that another compiler made (``protoc -o``, ``buf build -o``)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from google.protobuf.message import DecodeError

from mockforge.errors import Place

from . import bundled, wire
from .descriptors import PlainFile
from .errors import ProtoError
from .merging import SourceFile, SourceSet, missing_imports

MOST_BYTES: Final = 512 * 1024**2


def read_set(path: Path) -> SourceSet:
    """The files in the set at ``path``; ProtoError."""
    place = Place(str(path))
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise ProtoError(
                f"this descriptor set has {size} bytes, more than {MOST_BYTES}", place=place
            )
        data = path.read_bytes()
    except OSError as error:
        raise ProtoError(f"cannot be read: {error.strerror}", place=place) from None
    return set_of(data, path)


def set_of(data: bytes, path: Path) -> SourceSet:
    """The files in ``data``, which was read from ``path``; ProtoError."""
    place = Place(str(path))
    hint = "make it with protoc -o FILE --include_imports, or buf build -o FILE"
    try:
        parts = list(wire.split_set(data))
        files = [SourceFile(_name(part), part, str(path), given=True) for part in parts]
    except (wire.BrokenWireError, DecodeError, UnicodeDecodeError) as error:
        raise ProtoError(f"this is no descriptor set: {error}", place=place, hint=hint) from None
    if not files:
        raise ProtoError("this descriptor set holds no file", place=place, hint=hint)
    missing = {
        name: importer
        for name, importer in missing_imports(files, ()).items()
        if bundled.file_by_name(name) is None
    }
    if missing:
        said = ", ".join(f"{name} (for {importer})" for name, importer in missing.items())
        raise ProtoError(
            f"files are missing in this descriptor set: {said}", place=place, hint=hint
        )
    return SourceSet(path.stem, files)


def _name(raw: memoryview) -> str:
    # Decoded once, so that what is broken inside is an error of this set and not of its first use.
    name = PlainFile.FromString(bytes(raw)).name
    if not name:
        raise wire.BrokenWireError("a file without a name")
    return name
