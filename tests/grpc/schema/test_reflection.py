"""What server reflection is asked for, and the way back: a schema from what a server says of itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from mockforge_grpc.schema import ProtoError, Schema, Upstream, load_schema
from tests.grpc.schema.protos import GREETER, OLD, loaded, write

SPLIT = {
    "a.proto": 'syntax = "proto3"; package p; import "b.proto"; import "c.proto"; '
    "service S { rpc Do(A) returns (B); } message A { B b = 1; C c = 2; } enum E { ZERO_E = 0; }",
    "b.proto": 'syntax = "proto3"; package p; import public "c.proto"; '
    "message B { C c = 1; message In { message Ner { } } }",
    "c.proto": 'syntax = "proto3"; package p; import "google/protobuf/timestamp.proto"; '
    "message C { google.protobuf.Timestamp t = 1; }",
}


def names(described: list[bytes] | None) -> list[str] | None:
    if described is None:
        return None
    return [FileDescriptorProto.FromString(each).name for each in described]


@pytest.mark.parametrize(
    ("symbol", "first"),
    [
        ("p.S", "a.proto"),
        ("p.S.Do", "a.proto"),
        ("p.A", "a.proto"),
        ("p.A.b", "a.proto"),
        ("p.E", "a.proto"),
        ("p.ZERO_E", "a.proto"),
        ("p.B.In.Ner", "b.proto"),
        ("google.protobuf.Timestamp", "google/protobuf/timestamp.proto"),
        ("grpc.health.v1.Health", "grpc/health/v1/health.proto"),
        ("grpc.health.v1.Health.Check", "grpc/health/v1/health.proto"),
        ("grpc.reflection.v1.ServerReflection", "grpc/reflection/v1/reflection.proto"),
        ("google.rpc.ErrorInfo", "google/rpc/error_details.proto"),
        ("p.Nope", None),
        ("p.A.nope", None),
        ("p", None),
        ("", None),
        (".p.A", None),
        ("google.rpc.Nope", None),
    ],
)
def test_the_file_with_a_symbol_comes_first(tmp_path: Path, symbol: str, first: str | None) -> None:
    with loaded(tmp_path, SPLIT) as schema:
        found = names(schema.file_descriptors(symbol=symbol))
        assert (found and found[0]) == first
        assert found is None or len(set(found)) == len(found)


def test_every_file_comes_with_all_it_imports_once(tmp_path: Path) -> None:
    with loaded(tmp_path, SPLIT) as schema:
        assert names(schema.file_descriptors(name="a.proto")) == [
            "a.proto",
            "b.proto",
            "c.proto",
            "google/protobuf/timestamp.proto",
        ]
        assert schema.file_descriptors(name="nope.proto") is None
        whole = schema.file_descriptors(name="a.proto")
        assert whole is not None
        for each in whole:
            assert not FileDescriptorProto.FromString(each).HasField("source_code_info")


def test_extensions(tmp_path: Path) -> None:
    with loaded(tmp_path, {"old.proto": OLD}) as schema:
        assert schema.extension_numbers("old.Outer") == [100, 101, 102, 103]
        assert schema.extension_numbers("old.Inner") == []
        assert schema.extension_numbers("old.Nope") is None
        assert names(schema.file_descriptors(extension=("old.Outer", 103))) == ["old.proto"]
        assert schema.file_descriptors(extension=("old.Outer", 104)) is None


# ---------------------------------------------------------------- upstreams


class Reflecting(grpc.GenericRpcHandler):
    """Serves one schema's reflection; ``broken`` changes the answers."""

    def __init__(self, schema: Schema, versions: Sequence[str], broken: str = "") -> None:
        self.schema = schema
        self.versions = versions
        self.broken = broken
        self.seen: list[tuple[str, str]] = []

    def service(self, call: grpc.HandlerCallDetails) -> Any:
        for version in self.versions:
            if f"/grpc.reflection.{version}.ServerReflection/" in call.method:
                self.seen += [
                    (str(key), str(value)) for key, value in call.invocation_metadata or ()
                ]
                service = self.schema.service(f"grpc.reflection.{version}.ServerReflection")
                assert service is not None
                method = service.methods[0]
                answer = partial(self.answer, method.output)
                return grpc.stream_stream_rpc_method_handler(
                    lambda requests, _, answer=answer: map(answer, requests),
                    request_deserializer=method.input.parse,
                    response_serializer=lambda message: message.SerializeToString(),
                )
        return None

    def answer(self, kind: Any, request: Any) -> Any:
        asked = request.WhichOneof("message_request")
        if asked == "list_services":
            services = [{"name": name} for name in self.schema.services]
            services.append({"name": "grpc.reflection.v1.ServerReflection"})
            if self.broken == "empty":
                services = services[-1:]
            return kind.from_json({"list_services_response": {"service": services}})
        if self.broken == "error":
            return kind.from_json({"error_response": {"error_code": 5, "error_message": "lost it"}})
        if asked == "file_containing_symbol":
            found = self.schema.file_descriptors(symbol=request.file_containing_symbol)
        elif self.broken == "incomplete":
            found = []
        else:
            found = self.schema.file_descriptors(name=request.file_by_filename)
        assert found is not None
        response = kind.new()
        # One file an answer, so that the client has to ask for the others.
        data = [b"\xff\xff"] if self.broken == "bytes" else found[:1]
        response.file_descriptor_response.file_descriptor_proto.extend(data)
        return response


@contextmanager
def serving(
    handler: Reflecting, credentials: grpc.ServerCredentials | None = None
) -> Iterator[str]:
    with ThreadPoolExecutor(2) as threads:
        server = grpc.server(threads, [handler], options=[("grpc.so_reuseport", 0)])
        if credentials is None:
            port = server.add_insecure_port("127.0.0.1:0")
        else:
            port = server.add_secure_port("127.0.0.1:0", credentials)
        server.start()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            server.stop(None).wait()


@pytest.mark.parametrize("versions", [("v1", "v1alpha"), ("v1",), ("v1alpha",)])
def test_an_upstream_that_knows_one_version_or_both(
    tmp_path: Path, versions: tuple[str, ...]
) -> None:
    with loaded(tmp_path, {**SPLIT, "hello.proto": GREETER}) as schema:
        handler = Reflecting(schema, versions)
        with serving(handler) as target:
            mirrored = load_schema([Upstream(target, metadata=(("x-key", "secret"),))])
        assert set(mirrored.methods) == set(schema.methods)
        assert {"a.proto", "b.proto", "c.proto", "hello.proto"} <= set(mirrored.files)
        form = {"c": {"t": "2026-01-01T00:00:00Z"}}
        asked = mirrored.methods["/p.S/Do"].input
        assert asked.to_json(asked.from_json(form)) == form
        assert mirrored.origin("a.proto") == target
        assert ("x-key", "secret") in handler.seen
        mirrored.close()


def test_an_upstream_and_files_together(tmp_path: Path) -> None:
    write(tmp_path / "own", {"hello.proto": GREETER})
    with loaded(tmp_path / "up", SPLIT) as schema, serving(Reflecting(schema, ["v1"])) as target:
        both = load_schema([tmp_path / "own", Upstream(target)], cache=tmp_path / "cache")
        assert list(both.services) == ["hello.Greeter", "p.S"]
        both.close()
        assert not (tmp_path / "cache").exists()


def test_an_upstream_with_tls(tmp_path: Path) -> None:
    import trustme

    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    ca = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca))
    credentials = grpc.ssl_server_credentials(
        [
            (
                certificate.private_key_pem.bytes(),
                b"".join(each.bytes() for each in certificate.cert_chain_pems),
            )
        ]
    )
    with (
        loaded(tmp_path / "up", SPLIT) as schema,
        serving(Reflecting(schema, ["v1"]), credentials) as target,
    ):
        mirrored = load_schema([Upstream(target, tls=True, ca=ca)])
        assert "/p.S/Do" in mirrored.methods
        mirrored.close()
        with pytest.raises(ProtoError, match="cannot be read"):
            load_schema([Upstream(target, tls=True, ca=tmp_path / "nope.pem")])


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("empty", "lists no service"),
        ("error", "cannot describe all it lists: lost it"),
        ("incomplete", "does not give the files it refers to: b.proto, c.proto"),
        ("bytes", "broken descriptor"),
    ],
)
def test_an_upstream_that_answers_wrongly(tmp_path: Path, broken: str, said: str) -> None:
    with loaded(tmp_path, SPLIT) as schema, serving(Reflecting(schema, ["v1"], broken)) as target:
        with pytest.raises(ProtoError, match=said) as caught:
            load_schema([Upstream(target)])
        assert str(caught.value.place) == target


def test_an_upstream_without_reflection(tmp_path: Path) -> None:
    with loaded(tmp_path, SPLIT) as schema, serving(Reflecting(schema, [])) as target:
        with pytest.raises(ProtoError, match="no server reflection") as caught:
            load_schema([Upstream(target)])
        assert "give its .proto files" in str(caught.value.hint)


def test_an_upstream_that_is_not_there() -> None:
    with pytest.raises(ProtoError, match="does not say what it serves") as caught:
        load_schema([Upstream("127.0.0.1:1", timeout=5)])
    assert "is it running" in str(caught.value.hint)


def test_grpc_is_only_imported_for_upstreams(tmp_path: Path) -> None:
    write(tmp_path, {"hello.proto": GREETER})
    code = f"""
import sys
from pathlib import Path
from mockforge_grpc.schema import load_schema
schema = load_schema([Path({str(tmp_path)!r})])
assert schema.service("grpc.health.v1.Health") and schema.message_type("google.rpc.Status")
assert "grpc" not in sys.modules, "grpc"
schema.close()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
