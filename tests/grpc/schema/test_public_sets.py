"""Protos that nobody here wrote: they load, and every message goes both ways as the oracle has it."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from google.protobuf import json_format
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockforge_grpc.schema import MessageType, Schema, load_schema
from mockforge_grpc.schema.compiling import bundled_roots
from mockforge_grpc.schema.index import declared
from tests.corpus import corpus
from tests.grpc.schema.messages import messages


def common_protos(folder: Path) -> Path:
    """Of the package googleapis-common-protos: .proto files."""
    return next(root for root in bundled_roots() if (root / "google" / "api").is_dir()) / "google"


def temporal(folder: Path) -> Path:
    """Of the package temporalio, a vendor's API: .proto files with roots of their own in them."""
    spec = importlib.util.find_spec("temporalio")
    if spec is None or spec.origin is None:
        pytest.skip("the package temporalio is not installed")
    return Path(spec.origin).parent


def opentelemetry(folder: Path) -> Path:
    """Of the package opentelemetry-proto: only Python modules, whose descriptors make a set."""
    package = pytest.importorskip(
        "opentelemetry.proto", reason="opentelemetry-proto is not installed"
    )
    whole = FileDescriptorSet()
    for module in pkgutil.walk_packages(package.__path__, "opentelemetry.proto."):
        if module.name.endswith("_pb2"):
            made = importlib.import_module(module.name)
            whole.file.add().ParseFromString(made.DESCRIPTOR.serialized_pb)
    path = folder / "opentelemetry.protoset"
    path.write_bytes(whole.SerializeToString())
    return path


def gripmock(folder: Path) -> Path:
    """Projects of the corpus."""
    return corpus("gripmock")


SOURCES: dict[str, tuple[Callable[[Path], Path], int]] = {
    "googleapis-common-protos": (common_protos, 7),
    "temporalio": (temporal, 150),
    "opentelemetry-proto": (opentelemetry, 2),
    "gripmock": (gripmock, 29),
}
"""What finds the source, and the least number of methods in it."""


@pytest.fixture(scope="module", params=SOURCES)
def schema(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Schema]:
    find, least = SOURCES[request.param]
    made = load_schema([find(tmp_path_factory.mktemp("set"))])
    assert len(made.methods) >= least
    yield made
    made.close()


def all_types(schema: Schema) -> list[MessageType]:
    """All but the well-known ones, whose values are not any that fit their fields."""
    found = {}
    for name in schema.types.names():
        top = schema.message_type(name)
        pending = [top.descriptor] if top is not None else []
        while pending:
            descriptor = pending.pop()
            pending.extend(descriptor.nested_types)
            if not descriptor.GetOptions().map_entry:
                found[descriptor.full_name] = schema.types.of(descriptor)
    return [found[name] for name in sorted(found) if not name.startswith("google.protobuf.")]


@settings(
    max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(data=st.data())
def test_messages_go_both_ways_as_the_oracle_has_it(schema: Schema, data: st.DataObject) -> None:
    message_type = data.draw(st.sampled_from(all_types(schema)))
    message = data.draw(messages(schema, message_type, 1))
    if not message.IsInitialized():
        return
    form = message_type.to_json(message)
    assert form == json_format.MessageToDict(
        message, preserving_proto_field_name=True, descriptor_pool=schema.pool
    )
    back = message_type.from_json(form)
    expected = json_format.ParseDict(form, message_type.new(), descriptor_pool=schema.pool)
    assert back.SerializeToString(deterministic=True) == expected.SerializeToString(
        deterministic=True
    )
    assert message_type.checked(form) == []


def test_every_empty_message_has_a_form(schema: Schema) -> None:
    for message_type in all_types(schema):
        form = message_type.to_json(message_type.new(), defaults=True)
        assert form == json_format.MessageToDict(
            message_type.new(),
            preserving_proto_field_name=True,
            always_print_fields_with_no_presence=True,
            descriptor_pool=schema.pool,
        )


def test_every_service_is_described_by_reflection(schema: Schema) -> None:
    from mockforge_grpc.schema.descriptors import PlainFile

    for name in schema.services:
        described = schema.file_descriptors(symbol=name)
        assert described is not None
        files = [PlainFile.FromString(each) for each in described]
        assert name in declared(files[0])
        names = {file.name for file in files}
        assert names >= {imported for file in files for imported in file.dependency}


def test_every_method_can_be_asked_everything(schema: Schema) -> None:
    for path, method in schema.methods.items():
        assert schema.method(path) is method
        assert schema.message_type(method.input.full_name) is method.input
        assert schema.message_type(method.output.full_name) is method.output
        for rule in method.http_rules():
            assert rule.path.startswith("/")
            assert rule.method.isupper()
        assert isinstance(schema.comment(method.descriptor), str)
