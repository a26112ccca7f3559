"""The protos of the services that every gRPC server may have: health and reflection.

Made here so that neither a compiler nor a package is needed for them
(https://github.com/grpc/grpc-proto, grpc/health/v1 and grpc/reflection/v1 and v1alpha).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

_TYPES: Final = {
    "string": FieldDescriptorProto.TYPE_STRING,
    "bytes": FieldDescriptorProto.TYPE_BYTES,
    "int32": FieldDescriptorProto.TYPE_INT32,
}


def _message(
    file: FileDescriptorProto, name: str, *fields: str, oneof: str = ""
) -> DescriptorProto:
    """Declares a message from lines like ``repeated bytes file = 1``; a field that is to be in the
    ``oneof`` has ``| `` before it."""
    message = file.message_type.add(name=name)
    if oneof:
        message.oneof_decl.add(name=oneof)
    for line in fields:
        declaration, _, number = line.removeprefix("| ").partition(" = ")
        *label, kind, field_name = declaration.split()
        field = message.field.add(
            name=field_name,
            number=int(number),
            label="LABEL_REPEATED" if label else "LABEL_OPTIONAL",
        )
        if (scalar := _TYPES.get(kind)) is not None:
            field.type = scalar
        elif kind.startswith("enum:"):
            field.type = FieldDescriptorProto.TYPE_ENUM
            field.type_name = f".{file.package}.{kind.removeprefix('enum:')}"
        else:
            field.type = FieldDescriptorProto.TYPE_MESSAGE
            field.type_name = f".{file.package}.{kind}"
        if line.startswith("| "):
            field.oneof_index = 0
    return message


def _health() -> FileDescriptorProto:
    package = "grpc.health.v1"
    file = FileDescriptorProto(name="grpc/health/v1/health.proto", package=package, syntax="proto3")
    _message(file, "HealthCheckRequest", "string service = 1")
    answer = _message(
        file, "HealthCheckResponse", "enum:HealthCheckResponse.ServingStatus status = 1"
    )
    statuses = answer.enum_type.add(name="ServingStatus")
    for number, name in enumerate(("UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN")):
        statuses.value.add(name=name, number=number)
    _message(file, "HealthListRequest")
    listed = _message(
        file, "HealthListResponse", "repeated HealthListResponse.StatusesEntry statuses = 1"
    )
    entry = _message(file, "StatusesEntry", "string key = 1", "HealthCheckResponse value = 2")
    listed.nested_type.add().CopyFrom(entry)
    listed.nested_type[0].options.map_entry = True
    del file.message_type[-1]
    service = file.service.add(name="Health")
    for name, request, response, streams in (
        ("Check", "HealthCheckRequest", "HealthCheckResponse", False),
        ("List", "HealthListRequest", "HealthListResponse", False),
        ("Watch", "HealthCheckRequest", "HealthCheckResponse", True),
    ):
        method = service.method.add(
            name=name, input_type=f".{package}.{request}", output_type=f".{package}.{response}"
        )
        if streams:
            method.server_streaming = True
    return file


def _reflection(version: str) -> FileDescriptorProto:
    package = f"grpc.reflection.{version}"
    file = FileDescriptorProto(
        name=f"grpc/reflection/{version}/reflection.proto", package=package, syntax="proto3"
    )
    _message(
        file,
        "ServerReflectionRequest",
        "string host = 1",
        "| string file_by_filename = 3",
        "| string file_containing_symbol = 4",
        "| ExtensionRequest file_containing_extension = 5",
        "| string all_extension_numbers_of_type = 6",
        "| string list_services = 7",
        oneof="message_request",
    )
    _message(file, "ExtensionRequest", "string containing_type = 1", "int32 extension_number = 2")
    _message(
        file,
        "ServerReflectionResponse",
        "string valid_host = 1",
        "ServerReflectionRequest original_request = 2",
        "| FileDescriptorResponse file_descriptor_response = 4",
        "| ExtensionNumberResponse all_extension_numbers_response = 5",
        "| ListServiceResponse list_services_response = 6",
        "| ErrorResponse error_response = 7",
        oneof="message_response",
    )
    _message(file, "FileDescriptorResponse", "repeated bytes file_descriptor_proto = 1")
    _message(
        file,
        "ExtensionNumberResponse",
        "string base_type_name = 1",
        "repeated int32 extension_number = 2",
    )
    _message(file, "ListServiceResponse", "repeated ServiceResponse service = 1")
    _message(file, "ServiceResponse", "string name = 1")
    _message(file, "ErrorResponse", "int32 error_code = 1", "string error_message = 2")
    service = file.service.add(name="ServerReflection")
    service.method.add(
        name="ServerReflectionInfo",
        input_type=f".{package}.ServerReflectionRequest",
        output_type=f".{package}.ServerReflectionResponse",
        client_streaming=True,
        server_streaming=True,
    )
    return file


BUILTIN_FILES: Final[dict[str, Callable[[], FileDescriptorProto]]] = {
    "grpc/health/v1/health.proto": lru_cache(_health),
    "grpc/reflection/v1/reflection.proto": lru_cache(lambda: _reflection("v1")),
    "grpc/reflection/v1alpha/reflection.proto": lru_cache(lambda: _reflection("v1alpha")),
}
"""By the name of the file, what makes it. Do not change what they return."""
