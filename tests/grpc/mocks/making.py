"""Mock servers for tests, and a client: grpcio, with messages as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import grpc

from mockforge.testing import MockServer
from mockforge_grpc.schema import Method, Schema
from mockforge_grpc.server import GrpcServer

PATIENCE = 20.0
"""Seconds after which a test has hung."""
ENGINES = ("http2", "grpcio")
GREETER = """
syntax = "proto3";
package hello;
import "google/protobuf/any.proto";
import "google/protobuf/timestamp.proto";
service Greeter {
  rpc Say(Request) returns (Reply);
  rpc Many(Request) returns (stream Reply);
  rpc All(stream Request) returns (Reply);
  rpc Chat(stream Request) returns (stream Reply);
  rpc Echo(stream Request) returns (stream Request);
}
service Other { rpc Say(Request) returns (Reply); }
message Request {
  enum Mood { MOOD_UNSPECIFIED = 0; GLAD = 1; }
  string name = 1;
  int64 big_number = 2;
  repeated string tags = 3;
  Mood mood = 4;
  Inner inner = 5;
  google.protobuf.Timestamp at = 6;
  optional int32 maybe = 7;
  map<string, Inner> inners = 8;
}
message Inner { int32 size = 1; repeated Inner more = 2; string word = 3; }
message Reply { string text = 1; int32 count = 2; Inner inner = 3; repeated string words = 4; int64 big = 5; }
"""


class Failed(NamedTuple):
    """How a call failed."""

    code: str
    message: str
    trailers: Mapping[str, str | bytes]


class Client:
    """A channel to ``server``."""

    def __init__(self, server: MockServer, **options: Any) -> None:
        self.server = server
        self.channel = grpc.insecure_channel(server.address("grpc"), list(options.items()))

    @property
    def schema(self) -> Schema:
        return grpc_server(self.server).schema

    def method(self, name: str) -> Method:
        """``Say``, ``hello.Other/Say``."""
        service, _, method_name = name.rpartition("/")
        found = self.schema.service(service or "hello.Greeter")
        assert found is not None
        return next(each for each in found.methods if each.name == method_name)

    def open(self, name: str, messages: Iterable[Any], **options: Any) -> Any:
        """Begin a call; ``messages`` as JSON, an iterator for a stream. What grpcio returns."""
        options.setdefault("timeout", PATIENCE)
        method = self.method(name)
        makers = {
            (False, False): self.channel.unary_unary,
            (False, True): self.channel.unary_stream,
            (True, False): self.channel.stream_unary,
            (True, True): self.channel.stream_stream,
        }
        make: Any = makers[method.client_streaming, method.server_streaming]
        multi = make(
            method.path,
            request_serializer=lambda value: method.input.from_json(value).SerializeToString(),
            response_deserializer=lambda data: method.output.to_json(method.output.parse(data)),
        )
        given = iter(messages) if method.client_streaming else next(iter(messages))
        if method.server_streaming:
            return multi(given, **options)
        return multi.future(given, **options)

    def call(self, name: str, *messages: Any, **options: Any) -> Any:
        """The answer: JSON, a list of JSON for streams, :class:`Failed` (in the list too, at its end)."""
        begun = self.open(name, messages or ({},), **options)
        if not self.method(name).server_streaming:
            try:
                return begun.result()
            except grpc.RpcError:
                return failed(begun)
        heard: list[Any] = []
        try:
            heard.extend(begun)
        except grpc.RpcError:
            heard.append(failed(begun))
        return heard

    def raw(self, path: str, data: bytes = b"", **options: Any) -> Failed:
        """How a unary call of any path fails."""
        call = self.channel.unary_unary(path).future(data, timeout=PATIENCE, **options)  # type: ignore[arg-type, var-annotated]
        try:
            call.result()
        except grpc.RpcError:
            return failed(call)
        raise AssertionError("the call succeeded")


def failed(call: Any) -> Failed:
    """The end of a call, as grpcio tells it."""
    trailers = {each.key: each.value for each in call.trailing_metadata() or ()}
    return Failed(call.code().name, call.details(), trailers)


def grpc_server(server: MockServer) -> GrpcServer:
    """The gRPC server of ``server``."""
    found = next(each for each in server.kernel.servers if each.name == "grpc")
    assert isinstance(found, GrpcServer)
    return found


@contextmanager
def mocking(
    folder: Path,
    *stubs: Mapping[str, Any],
    proto: str = GREETER,
    only: tuple[str, ...] = ("grpc",),
    core: Mapping[str, Any] | None = None,
    **settings: Any,
) -> Iterator[MockServer]:
    """A server with ``stubs``; ``settings`` are those of ``grpc``, with dots as two underscores."""
    (folder / "hello.proto").write_text(proto)
    file = folder / "stubs.json"
    file.write_text(json.dumps(list(stubs)))
    given = {f"grpc.{key.replace('__', '.')}": value for key, value in settings.items()}
    given |= {f"core.{key}": value for key, value in (core or {}).items()}
    given |= {"grpc.protos": [str(folder / "hello.proto")], "grpc.mocks": [str(file)]}
    with MockServer(only=only, settings=given) as server:
        yield server


@contextmanager
def client(server: MockServer, **options: Any) -> Iterator[Client]:
    """A :class:`Client`."""
    made = Client(server, **options)
    with made.channel:
        yield made


def stub(method: str = "hello.Greeter/Say", **parts: Any) -> dict[str, Any]:
    """A stub for ``method``: ``on`` are further criteria, ``top`` further keys of the stub, all else is the
    response."""
    on, top = parts.pop("on", {}), parts.pop("top", {})
    return {"grpc": {"method": method, **on}, "response": parts, **top}


def answer(folder: Path, made: Mapping[str, Any], *messages: Any, **settings: Any) -> Any:
    """What a client that sends ``messages`` hears from the one stub ``made``."""
    method = made["grpc"]["method"]
    with mocking(folder, made, **settings) as server, client(server) as caller:
        return caller.call(method, *messages)


def value_of(server: MockServer, name: str, **labels: str) -> float:
    """A metric's value at the moment."""
    wanted = tuple(labels.items())
    for family in server.metrics.collect():
        if family.name == name:
            return sum(
                sample.value for sample in family.samples if set(wanted) <= set(sample.labels)
            )
    raise AssertionError(f"no metric {name}")
