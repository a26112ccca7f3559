"""Descriptors as messages of a pool of their own, and the options in them.

The messages of the default pool take options for what some imported module says they are (as googleapis' do
with ``google.api.http``), and lose or refuse what a file means otherwise. In those of this pool all options
are unknown fields, kept as they came.
"""

from __future__ import annotations

from typing import Any, Final

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

_POOL: Final = DescriptorPool()
_POOL.AddSerializedFile(descriptor_pb2.DESCRIPTOR.serialized_pb)


def _plain(name: str) -> Any:
    return GetMessageClass(_POOL.FindMessageTypeByName(f"google.protobuf.{name}"))


PlainFile: Final[type[FileDescriptorProto]] = _plain("FileDescriptorProto")
"""What files are read with."""
_COPIED: Final = {
    "MethodDescriptor": _plain("MethodDescriptorProto"),
    "ServiceDescriptor": _plain("ServiceDescriptorProto"),
    "Descriptor": _plain("DescriptorProto"),
    "EnumDescriptor": _plain("EnumDescriptorProto"),
    "FileDescriptor": PlainFile,
}


def plain_options(descriptor: Any) -> Any:
    """The options of what is described, all extensions in them unknown; None if there are none."""
    if not descriptor.has_options:
        return None
    kind = type(descriptor).__name__
    if kind == "EnumValueDescriptor":
        return _copy(descriptor.type).value[descriptor.index].options
    if kind == "OneofDescriptor":
        return _copy(descriptor.containing_type).oneof_decl[descriptor.index].options
    if kind != "FieldDescriptor":
        return _copy(descriptor).options
    if not descriptor.is_extension:
        return _copy(descriptor.containing_type).field[descriptor.index].options
    scope = descriptor.extension_scope or descriptor.file
    return _copy(scope).extension[descriptor.index].options


def _copy(descriptor: Any) -> Any:
    copy = _COPIED[type(descriptor).__name__]()
    descriptor.CopyToProto(copy)
    return copy
