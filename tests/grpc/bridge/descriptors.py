"""The library as a descriptor set, for clients that want one."""

from __future__ import annotations

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from tests.grpc.bridge.making import library


def descriptor_set(*symbols: str) -> bytes:
    """The files of ``symbols`` and all they import, each behind those it imports."""
    files: dict[str, FileDescriptorProto] = {}
    for symbol in symbols:
        for data in library().file_descriptors(symbol=symbol) or ():
            file = FileDescriptorProto.FromString(data)
            files[file.name] = file
    made = FileDescriptorSet()

    def add(name: str) -> None:
        file = files.pop(name, None)
        if file is not None:
            for each in file.dependency:
                add(each)
            made.file.append(file)

    for name in list(files):
        add(name)
    return made.SerializeToString()
