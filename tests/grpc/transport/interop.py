"""The service of the official interoperability tests (``grpc.testing.TestService``), as an application."""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from mockforge_grpc.status import OK, Code, Status
from mockforge_grpc.transport import Application, Call, Receiver
from tests.grpc.transport.serving import Recorder, Unknown

_TYPES = descriptor_pb2.FieldDescriptorProto


def _message(file: descriptor_pb2.FileDescriptorProto, name: str, *fields: tuple[Any, ...]) -> None:
    message = file.message_type.add(name=name)
    for number, field, kind, *rest in fields:
        added = message.field.add(name=field, number=number, label=_TYPES.LABEL_OPTIONAL)
        if isinstance(kind, str):
            added.type, added.type_name = _TYPES.TYPE_MESSAGE, f".grpc.testing.{kind}"
        else:
            added.type = kind
        if rest:
            added.label = _TYPES.LABEL_REPEATED


def _messages() -> dict[str, Any]:
    """The messages that are used, with the numbers of ``grpc/testing/messages.proto``."""
    file = descriptor_pb2.FileDescriptorProto(
        name="interop.proto", package="grpc.testing", syntax="proto3"
    )
    _message(file, "Empty")
    _message(file, "Payload", (1, "type", _TYPES.TYPE_INT32), (2, "body", _TYPES.TYPE_BYTES))
    _message(file, "Echo", (1, "code", _TYPES.TYPE_INT32), (2, "message", _TYPES.TYPE_STRING))
    _message(
        file, "SimpleRequest",
        (2, "response_size", _TYPES.TYPE_INT32), (3, "payload", "Payload"),
        (7, "response_status", "Echo"),
    )  # fmt: skip
    _message(file, "SimpleResponse", (1, "payload", "Payload"))
    _message(file, "StreamingInputCallRequest", (1, "payload", "Payload"))
    _message(file, "StreamingInputCallResponse", (1, "aggregated_payload_size", _TYPES.TYPE_INT32))
    _message(
        file, "ResponseParameters",
        (1, "size", _TYPES.TYPE_INT32), (2, "interval_us", _TYPES.TYPE_INT32),
    )  # fmt: skip
    _message(
        file, "StreamingOutputCallRequest",
        (2, "response_parameters", "ResponseParameters", True), (3, "payload", "Payload"),
        (7, "response_status", "Echo"),
    )  # fmt: skip
    _message(file, "StreamingOutputCallResponse", (1, "payload", "Payload"))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        message.name: message_factory.GetMessageClass(
            pool.FindMessageTypeByName(f"grpc.testing.{message.name}")
        )
        for message in file.message_type
    }


MESSAGES = _messages()


class _Interop(Recorder):
    """Sends back the metadata that the tests ask for."""

    def __init__(self, call: Call) -> None:
        super().__init__(call)
        self.trailers = []
        for name, value in call.metadata:
            if name == "x-grpc-test-echo-initial":
                call.send_metadata([(name, value)])
            elif name == "x-grpc-test-echo-trailing-bin":
                self.trailers.append((name, value))

    def finish(self, status: Status = OK) -> None:
        self.call.finish(status, self.trailers)


class Empty(_Interop):
    def message(self, data: bytes) -> None:
        self.call.send(b"")
        self.finish()


class Simple(_Interop):
    def message(self, data: bytes) -> None:
        request = MESSAGES["SimpleRequest"].FromString(data)
        if request.response_status.code:
            status = request.response_status
            self.finish(Status(Code(status.code), status.message))
            return
        answer = MESSAGES["SimpleResponse"](payload={"body": bytes(request.response_size)})
        self.call.send(answer.SerializeToString())
        self.finish()


class Input(_Interop):
    def half_closed(self) -> None:
        kind = MESSAGES["StreamingInputCallRequest"]
        total = sum(len(kind.FromString(data).payload.body) for data in self.messages)
        answer = MESSAGES["StreamingInputCallResponse"](aggregated_payload_size=total)
        self.call.send(answer.SerializeToString())
        self.finish()


class Output(_Interop):
    """Of one request or several: the sizes that are asked for."""

    def message(self, data: bytes) -> None:
        request = MESSAGES["StreamingOutputCallRequest"].FromString(data)
        if request.response_status.code:
            self.finish(Status(Code(request.response_status.code), request.response_status.message))
            return
        for parameters in request.response_parameters:
            kind = MESSAGES["StreamingOutputCallResponse"]
            answer = kind(payload={"body": bytes(parameters.size)})
            self.call.send(answer.SerializeToString())

    def half_closed(self) -> None:
        self.finish()


class TestService(Application):
    """``grpc.testing.TestService``."""

    __test__ = False

    def begin(self, call: Call) -> Receiver:
        kinds = {
            "EmptyCall": Empty,
            "UnaryCall": Simple,
            "StreamingInputCall": Input,
            "StreamingOutputCall": Output,
            "FullDuplexCall": Output,
            "HalfDuplexCall": Output,
        }
        service, _, name = call.path[1:].partition("/")
        kind = kinds.get(name) if service == "grpc.testing.TestService" else None
        return Unknown(call) if kind is None else kind(call)
