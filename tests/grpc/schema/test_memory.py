"""What a schema holds is little until it is used, is bounded, and is given back."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import (
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)

from mockforge_grpc.schema import ProtoError, layout, load_schema
from tests.grpc.schema.protos import GREETER, KINDS, loaded, write


def large_set(path: Path, files: int) -> Path:
    """A descriptor set of many files, each of which imports the one before it in a chain of ten."""
    whole = FileDescriptorSet()
    for number in range(files):
        file = whole.file.add(name=f"f{number}.proto", package=f"p{number}", syntax="proto3")
        message = file.message_type.add(name="M")
        message.field.add(name="text", number=1, type="TYPE_STRING", label="LABEL_OPTIONAL")
        if number % 10:
            file.dependency.append(f"f{number - 1}.proto")
            message.field.add(
                name="before",
                number=2,
                type=FieldDescriptorProto.TYPE_MESSAGE,
                type_name=f".p{number - 1}.M",
                label="LABEL_OPTIONAL",
            )
        service = file.service.add(name="S")
        service.method.add(name="Do", input_type=f".p{number}.M", output_type=f".p{number}.M")
    path.write_bytes(whole.SerializeToString())
    return path


def test_of_thousands_of_files_only_those_in_use_are_in_the_pool(tmp_path: Path) -> None:
    schema = load_schema([large_set(tmp_path / "large.pb", 3000)])
    database = schema.types._database
    assert len(schema.methods) == 3000
    assert schema.method("/p2999.S/Do") is not None
    assert database.served_bytes == 0
    empty = schema.memory_bytes
    method = schema.methods["/p2999.S/Do"]
    assert method.input.to_json(method.input.from_json({"before": {"text": "x"}}))
    assert 0 < database.served_bytes < 2_000
    assert schema.memory_bytes > empty
    described = schema.file_descriptors(symbol="p1999.S")
    assert described is not None
    assert len(described) == 10
    assert database.served_bytes < 2_000
    schema.close()


def test_comments_are_held_of_few_files(tmp_path: Path) -> None:
    files = {
        f"f{number}.proto": f'syntax = "proto3"; package p{number};\n// It is {number}.\nmessage M {{}}\n'
        for number in range(12)
    }
    with loaded(tmp_path, files) as schema:
        for number in range(12):
            found = schema.message_type(f"p{number}.M")
            assert found is not None
            assert schema.comment(found.descriptor) == f"It is {number}."
        assert len(schema._sources._files) == 4


def test_a_schema_that_is_replaced_is_given_back(tmp_path: Path) -> None:
    write(tmp_path, {"kinds.proto": KINDS, "hello.proto": GREETER})
    gone: list[weakref.ref[Any]] = []
    for _ in range(3):
        schema = load_schema([tmp_path])
        for name in ("kinds.Known", "kinds.Maps", "google.rpc.Status"):
            used = schema.message_type(name)
            assert used is not None
            message = used.from_json({})
            used.to_json(message, defaults=True)
            assert used.checked({}) == []
            gone.append(weakref.ref(type(message)))
        gone += [weakref.ref(schema), weakref.ref(schema.types), weakref.ref(schema._pack)]
        schema.close()
        del schema, used, message
    gc.collect()
    assert [reference() for reference in gone] == [None] * len(gone)


def test_what_was_handed_out_works_after_the_schema_was_closed(tmp_path: Path) -> None:
    schema = load_schema([write(tmp_path, {"hello.proto": GREETER})])
    method = schema.methods["/hello.Greeter/SayHello"]
    form = {"name": "x"}
    assert method.input.to_json(method.input.from_json(form)) == form
    schema.close()
    schema.close()
    assert method.input.to_json(method.input.from_json(form)) == form
    assert method.input.parse(b"\x0a\x01y") is not None


def test_a_pack_that_nobody_closes_is_closed(tmp_path: Path) -> None:
    schema = load_schema([write(tmp_path, {"hello.proto": GREETER})])
    file = schema._pack._file
    del schema
    gc.collect()
    assert file.closed


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "MOST_FILES", 3)
    files = {f"f{number}.proto": 'syntax = "proto3";' for number in range(4)}
    with pytest.raises(ProtoError, match="more than 3"):
        load_schema([write(tmp_path, files)])


def test_a_descriptor_set_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockforge_grpc.schema.descriptor_sets.MOST_BYTES", 100)
    path = large_set(tmp_path / "x.pb", 5)
    with pytest.raises(ProtoError, match="more than 100"):
        load_schema([path])


def test_files_are_the_same_whether_compiled_or_read(tmp_path: Path) -> None:
    path = large_set(tmp_path / "x.pb", 3)
    schema = load_schema([path])
    described = schema.file_descriptors(name="f2.proto")
    assert described is not None
    assert [FileDescriptorProto.FromString(each).name for each in described] == [
        "f2.proto",
        "f1.proto",
        "f0.proto",
    ]
    schema.close()
