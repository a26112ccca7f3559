"""A gRPC server that nobody here wrote, to pass calls on to: all four kinds of calls, made with grpcio."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc_reflection.v1alpha import reflection

from mockforge.testing import MockServer
from tests.grpc.generate.pools import Types, compiled

PROTO = """
syntax = "proto3";
package echo;
service Echo {
  rpc One (In) returns (Out);
  rpc Many (In) returns (stream Out);
  rpc Collect (stream In) returns (Out);
  rpc Both (stream In) returns (stream Out);
  rpc Slow (In) returns (Out);
}
message In { string text = 1; int64 count = 2; string password = 3; }
message Out { string text = 1; int64 count = 2; string token = 3; }
"""


class Seen(NamedTuple):
    """A call that reached the upstream server."""

    path: str
    metadata: dict[str, Any]
    remaining: float | None


class Upstream:
    """``address`` is its ``host:port``; ``seen`` are the calls that came."""

    def __init__(self, types: Types) -> None:
        self.types = types
        self.address = ""
        self.seen: list[Seen] = []
        self.slow = threading.Event()
        self.cancelled = threading.Event()
        self.answers = 0

    def into(self, text: str, count: int = 0, password: str = "") -> Any:
        """A request."""
        made = self.types["echo.In"].new()
        made.text, made.count, made.password = text, count, password
        return made

    def _out(self, text: str, count: int = 0, token: str = "") -> bytes:
        made = self.types["echo.Out"].new()
        made.text, made.count, made.token = text, count, token
        data: bytes = made.SerializeToString()
        return data

    def _note(self, path: str, context: grpc.ServicerContext) -> None:
        metadata: Any = context.invocation_metadata() or ()
        self.seen.append(Seen(path, dict(metadata), context.time_remaining()))

    def _read(self, data: bytes) -> Any:
        return type(self.types["echo.In"].new()).FromString(data)

    def one(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        self._note("One", context)
        asked = self._read(request)
        context.send_initial_metadata(
            (("x-initial", "a"), ("x-raw-bin", b"\x00\xff"), ("x-trace-id", "9"))
        )
        context.set_trailing_metadata(
            (("x-cost", "1"), ("x-cost", "2"), ("authorization", "secret"))
        )
        if asked.text == "fail":
            detail = any_pb2.Any()
            detail.Pack(error_details_pb2.ErrorInfo(reason="NO", domain="here"))
            status = status_pb2.Status(code=9, message="not {{ now }}", details=[detail])
            context.set_trailing_metadata(
                (("grpc-status-details-bin", status.SerializeToString()),)
            )
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "not {{ now }}")
        if asked.text == "count":
            self.answers += 1
            return self._out("count", self.answers)
        return self._out(f"echo {asked.text}", asked.count, token="t0p")

    def many(self, request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        self._note("Many", context)
        asked = self._read(request)
        for number in range(asked.count):
            if number:
                context.is_active() and self.slow.wait(0.03)
            yield self._out(asked.text, number)
        if asked.text == "fail":
            context.abort(grpc.StatusCode.DATA_LOSS, "that was all")

    def collect(self, requests: Iterator[bytes], context: grpc.ServicerContext) -> bytes:
        self._note("Collect", context)
        asked = [self._read(each) for each in requests]
        return self._out(" ".join(each.text for each in asked), len(asked))

    def both(self, requests: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        self._note("Both", context)
        for request in requests:
            asked = self._read(request)
            for number in range(max(asked.count, 1)):
                yield self._out(asked.text.upper(), number)

    def wait(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        self._note("Slow", context)
        context.add_callback(self.cancelled.set)
        self.slow.wait(20)
        return self._out("late")


@contextmanager
def upstream(folder: Path, credentials: grpc.ServerCredentials | None = None) -> Iterator[Upstream]:
    """Serve, with reflection; with ``credentials`` over TLS."""
    folder.mkdir(exist_ok=True)
    made = Upstream(compiled(folder, {"echo.proto": PROTO}))
    handlers: Any = {
        "One": grpc.unary_unary_rpc_method_handler(made.one),
        "Many": grpc.unary_stream_rpc_method_handler(made.many),
        "Collect": grpc.stream_unary_rpc_method_handler(made.collect),
        "Both": grpc.stream_stream_rpc_method_handler(made.both),
        "Slow": grpc.unary_unary_rpc_method_handler(made.wait),
    }
    with ThreadPoolExecutor(8) as threads:
        server = grpc.server(threads, options=(("grpc.so_reuseport", 0),))
        server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler("echo.Echo", handlers),)
        )
        reflection.enable_server_reflection(
            ("echo.Echo", reflection.SERVICE_NAME), server, pool=made.types.pool
        )
        if credentials is None:
            port = server.add_insecure_port("127.0.0.1:0")
        else:
            port = server.add_secure_port("127.0.0.1:0", credentials)
        made.address = f"127.0.0.1:{port}"
        server.start()
        try:
            yield made
        finally:
            made.slow.set()
            server.stop(None).wait()


def value_of(server: MockServer, name: str, **labels: str) -> float:
    """A metric's value at the moment."""
    wanted = set(labels.items())
    for family in server.metrics.collect():
        if family.name == name:
            return sum(sample.value for sample in family.samples if wanted <= set(sample.labels))
    raise AssertionError(f"no metric {name}")


class Answer(NamedTuple):
    """What a client got."""

    messages: list[tuple[str, int]]
    code: str = "OK"
    details: str = ""
    initial: Mapping[str, Any] = MappingProxyType({})
    trailers: Sequence[tuple[str, Any]] = ()


def call(
    types: Types, address: str, method: str, *requests: Any, metadata: Any = (), timeout: float = 20
) -> Answer:
    """Call ``echo.Echo/method``, as a stream whichever kind it is."""
    out = type(types["echo.Out"].new())
    with grpc.insecure_channel(address) as channel:
        make: Any = channel.stream_stream(
            f"/echo.Echo/{method}", lambda each: each.SerializeToString()
        )
        rpc = make(iter(requests), metadata=metadata, timeout=timeout)
        messages = []
        try:
            for data in rpc:
                message: Any = out.FromString(data)
                messages.append((message.text, message.count))
        except grpc.RpcError:
            pass
        trailers = [(name, value) for name, value in rpc.trailing_metadata()]
        return Answer(
            messages, rpc.code().name, rpc.details() or "", dict(rpc.initial_metadata()), trailers
        )
