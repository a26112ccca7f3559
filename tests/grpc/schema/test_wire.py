"""Descriptor sets are cut as protobuf itself would read them."""

from __future__ import annotations

from google.protobuf import descriptor_pb2
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st

from mockforge_grpc.schema import wire

FILE = descriptor_pb2.FileDescriptorProto.FromString(descriptor_pb2.DESCRIPTOR.serialized_pb)
FILE.source_code_info.location.add(path=[4, 0], span=[1, 2, 3], leading_comments=" Hi.")


def test_a_set_is_cut_into_its_files() -> None:
    other = descriptor_pb2.FileDescriptorProto(name="x.proto", dependency=["y.proto", "z.proto"])
    whole = descriptor_pb2.FileDescriptorSet(file=[FILE, other]).SerializeToString()
    first, second = wire.split_set(whole)
    assert bytes(first) == FILE.SerializeToString()
    assert wire.file_name(second) == "x.proto"
    assert wire.dependencies(second) == ["y.proto", "z.proto"]


def test_comments_are_taken_out() -> None:
    raw = FILE.SerializeToString()
    plain = descriptor_pb2.FileDescriptorProto.FromString(wire.without_source_info(raw))
    expected = descriptor_pb2.FileDescriptorProto()
    expected.CopyFrom(FILE)
    expected.ClearField("source_code_info")
    assert plain == expected
    info = descriptor_pb2.SourceCodeInfo.FromString(wire.source_info(raw))
    assert info == FILE.source_code_info


def test_options_that_nobody_knows_stay() -> None:
    unknown = b"\x92\xb5\x18\x03abc"  # field 50002 of bytes
    raw = FILE.SerializeToString() + unknown
    assert wire.without_source_info(raw).endswith(unknown)


@given(st.binary(max_size=60))
def test_what_is_cut_without_error_is_whole(data: bytes) -> None:
    """Where protobuf reads something, so does this; whatever is read ends where the next begins."""
    try:
        found = list(wire.fields(data))
    except wire.BrokenWireError:
        found = None
    if found is not None:
        position = 0
        for number, start, payload, end in found:
            assert start == position
            assert start < payload <= end
            assert number > 0
            position = end
        assert position == len(data)
    try:
        descriptor_pb2.FileDescriptorSet.FromString(data)
    except DecodeError:
        return
    # Groups are no part of descriptors.
    if found is None:
        assert any(byte & 7 in (3, 4) for byte in data)


@given(st.binary(max_size=40))
def test_damaged_sets_raise_their_own_error(data: bytes) -> None:
    raw = descriptor_pb2.FileDescriptorSet(file=[FILE]).SerializeToString()
    damaged = raw[:50] + data + raw[50 + len(data) :]
    try:
        read = [
            (wire.file_name(file), wire.dependencies(file), wire.is_proto3(file))
            for file in wire.split_set(damaged)
        ]
    except (wire.BrokenWireError, UnicodeDecodeError):
        read = None
    if read is None:
        assert damaged != raw
    else:
        # What comes before the damage, the name of the first file, is whole.
        assert read[0][0] == FILE.name
        assert all(isinstance(each, str) for _, imports, _ in read for each in imports)
