"""Plays the calls of a file with a grpcio client, and compares what comes with what is expected."""

from __future__ import annotations

import queue
from collections.abc import Iterator, Mapping
from typing import Any

import grpc
from google.protobuf import json_format
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

from tests.conformance.grpctestify.asserts import Context, extract, holds
from tests.conformance.grpctestify.gctf import Call, Step

LONGEST = 20
"""Seconds for one call."""


class DifferenceError(Exception):
    """What came is not what is expected; the text says how."""


class Caller:
    """Calls methods of ``pool`` on ``channel``."""

    def __init__(self, channel: grpc.Channel, pool: DescriptorPool) -> None:
        self._channel = channel
        self._pool = pool

    def play(self, calls: list[Call]) -> None:
        """All calls of a file, one after the other. DifferenceError at the first that is not right."""
        context = Context()
        for number, call in enumerate(calls, 1):
            try:
                _Conversation(self, call, context).run()
            except DifferenceError as error:
                where = f"call {number} of {len(calls)}: " if len(calls) > 1 else ""
                raise DifferenceError(f"{where}{error}") from error

    def method(self, endpoint: str) -> MethodDescriptor:
        """The method called ``pkg.Service/Method``."""
        service, _, name = endpoint.rpartition("/")
        try:
            return self._pool.FindServiceByName(service).methods_by_name[name]
        except KeyError as error:
            raise DifferenceError(f"there is no method {endpoint}") from error

    def begin(self, method: MethodDescriptor, requests: Iterator[Any], call: Call) -> Any:
        """The call, as a stream of responses whichever kind it is."""
        asks, gives = method.client_streaming, method.server_streaming
        make: Any = {
            (False, False): self._channel.unary_unary,
            (False, True): self._channel.unary_stream,
            (True, False): self._channel.stream_unary,
            (True, True): self._channel.stream_stream,
        }[asks, gives]
        rpc = make(
            f"/{method.containing_service.full_name}/{method.name}",
            request_serializer=_serialised,
            response_deserializer=GetMessageClass(method.output_type).FromString,
        )
        sent = requests if asks else next(requests)
        options: dict[str, Any] = {"metadata": call.headers, "timeout": LONGEST}
        if gives:
            return rpc(sent, **options)
        return rpc.future(sent, **options)

    def parse(self, value: Any, message_type: Any) -> Any:
        """A message of its JSON form."""
        message = GetMessageClass(message_type)()
        try:
            return json_format.ParseDict(value, message, descriptor_pool=self._pool)
        except json_format.ParseError as error:
            raise DifferenceError(f"{value!r} is no {message_type.full_name}: {error}") from error

    def json(self, message: Any) -> Any:
        """The JSON form of a message, with all names as in the .proto and all fields."""
        return json_format.MessageToDict(
            message,
            preserving_proto_field_name=True,
            always_print_fields_with_no_presence=True,
            descriptor_pool=self._pool,
        )

    def details(self, status: bytes) -> list[Any]:
        """The details in a ``grpc-status-details-bin``, as JSON."""
        from google.rpc import error_details_pb2, status_pb2

        pool = error_details_pb2.DESCRIPTOR.pool
        return [
            json_format.MessageToDict(detail, descriptor_pool=pool)
            for detail in status_pb2.Status.FromString(status).details
        ]


class _Conversation:
    """One call: requests are sent and answers read in the order of the file."""

    def __init__(self, caller: Caller, call: Call, context: Context) -> None:
        self._caller = caller
        self._call = call
        self._context = context
        self._method = caller.method(call.endpoint)
        self._requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._rpc: Any = None
        self._responses: Iterator[Any] = iter(())

    def run(self) -> None:
        steps = self._call.steps
        asked = [step for step in steps if step.kind == "REQUEST"]
        if not asked:
            steps = [Step("REQUEST", [{}], {}, 0), *steps]
        if not (self._method.client_streaming and self._method.server_streaming):
            steps = sorted(steps, key=lambda step: step.kind != "REQUEST")
        last = max(number for number, step in enumerate(steps) if step.kind == "REQUEST")
        try:
            for number, step in enumerate(steps):
                self._step(step, done=number == last)
            if not any(step.kind == "ERROR" for step in steps):
                self._finish()
        finally:
            self._requests.put(None)
            if self._rpc is not None:
                self._rpc.cancel()

    def _step(self, step: Step, *, done: bool) -> None:
        if step.kind == "REQUEST":
            for value in step.values:
                self._requests.put(self._caller.parse(value, self._method.input_type))
            if done:
                self._requests.put(None)
            if self._rpc is None:
                self._begin()
        elif step.kind == "RESPONSE":
            for value in step.values:
                self._expect(value, step.options)
        elif step.kind == "ERROR":
            self._expect_error(step.values[0] if step.values else {}, step.options)
        elif step.kind == "ASSERTS":
            self._end_metadata()
            for line in step.values:
                if not holds(line, self._context):
                    raise DifferenceError(f"{line} does not hold of {self._context.value!r}")
        else:
            for line in step.values:
                extract(line, self._context)

    def _begin(self) -> None:
        self._rpc = self._caller.begin(self._method, iter(self._requests.get, None), self._call)
        if self._method.server_streaming:
            self._responses = iter(self._rpc)
        else:
            self._responses = iter(lambda: self._rpc.result(), None)

    def _next(self) -> Any:
        try:
            return next(self._responses)
        except StopIteration:
            raise DifferenceError("the stream ended before this message") from None
        except grpc.RpcError as error:
            raise DifferenceError(f"{error.code().name}: {error.details()}") from error

    def _expect(self, value: Any, options: Mapping[str, str]) -> None:
        message = self._next()
        came = self._caller.json(message)
        self._context.value = came
        if "partial" in options:
            wanted, whole = _spelt(value, self._method.output_type), False
        else:
            wanted = self._caller.json(self._caller.parse(value, self._method.output_type))
            whole = True
        tolerance = float(options.get("tolerance", 0))
        unordered = "unordered_arrays" in options
        if not same(wanted, came, tolerance, whole=whole, unordered=unordered):
            raise DifferenceError(f"{came!r} came, expected {wanted!r}")

    def _expect_error(self, value: Any, options: Mapping[str, str]) -> None:
        try:
            message = next(self._responses)
        except StopIteration:
            raise DifferenceError("the call ended well, expected an error") from None
        except grpc.RpcError as error:
            came: Any = {"code": error.code().value[0], "message": error.details()}
            self._end_metadata()
            trailing: Any = error.trailing_metadata() or ()
            raw = dict(trailing).get("grpc-status-details-bin")
            if raw is not None:
                came["details"] = self._caller.details(raw)
        else:
            raise DifferenceError(f"{self._caller.json(message)!r} came, expected an error")
        self._context.value = came
        if not same(value, came, 0, whole=False):
            raise DifferenceError(f"{came!r} came, expected {value!r}")

    def _end_metadata(self) -> None:
        """Read metadata; of a call that is over also the trailers."""
        rpc = self._rpc
        self._context.headers = _texts(rpc.initial_metadata())
        if rpc.done() or not self._method.server_streaming:
            self._context.trailers = _texts(rpc.trailing_metadata())

    def _finish(self) -> None:
        """See that nothing more comes, and the call ends well."""
        if not self._method.server_streaming:
            return
        try:
            message = next(self._responses, None)
        except grpc.RpcError as error:
            raise DifferenceError(f"{error.code().name}: {error.details()}") from error
        if message is not None:
            raise DifferenceError(f"{self._caller.json(message)!r} came, expected the end")


def _serialised(message: Any) -> bytes:
    made: bytes = message.SerializeToString()
    return made


def _texts(metadata: Any) -> dict[str, str]:
    return {name: str(value) for name, value in metadata or ()}


def _spelt(value: Any, message_type: Any) -> Any:
    """The names as in the .proto."""
    if not isinstance(value, dict) or message_type is None or message_type.GetOptions().map_entry:
        return value
    made = {}
    for name, inner in value.items():
        found = message_type.fields_by_camelcase_name.get(name)
        field = message_type.fields_by_name.get(name) or found
        kind = None if field is None else field.message_type
        made[name if field is None else field.name] = _spelt(inner, kind)
    return made


def same(wanted: Any, came: Any, tolerance: float, *, whole: bool, unordered: bool = False) -> bool:
    """Whether ``came`` is what is wanted; more fields are fine unless ``whole``."""
    if isinstance(wanted, dict) and isinstance(came, dict):
        if whole and wanted.keys() != came.keys():
            return False
        return all(
            name in came and same(value, came[name], tolerance, whole=whole, unordered=unordered)
            for name, value in wanted.items()
        )
    if isinstance(wanted, list) and isinstance(came, list):
        if len(wanted) != len(came):
            return False
        if unordered:
            wanted, came = sorted(wanted, key=repr), sorted(came, key=repr)
        return all(
            same(one, other, tolerance, whole=whole, unordered=unordered)
            for one, other in zip(wanted, came, strict=True)
        )
    numbers = (int, float)
    if isinstance(wanted, numbers) and isinstance(came, numbers) and wanted is not True:
        return abs(wanted - came) <= tolerance
    return type(wanted) is type(came) and bool(wanted == came)
