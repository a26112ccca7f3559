"""The two forms of messages over HTTP, binary and JSON, to and from what a call carries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from mockforge_grpc.bridge.errors import RequestError

if TYPE_CHECKING:
    from mockforge_grpc.schema import Method

CodecName = Literal["proto", "json"]


def read_json(data: bytes) -> Any:
    """The value in ``data``; RequestError (INVALID_ARGUMENT) if it is no JSON."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise RequestError(f"the body is not JSON: {error}") from error


def from_json(method: Method, value: Any) -> bytes:
    """The bytes of the request message that ``value`` stands for; MessageError."""
    return method.input.from_json(value).SerializeToString()


def to_json(method: Method, data: bytes, *, defaults: bool = False) -> Any:
    """The JSON form of an answer, with the names that JSON has."""
    kind = method.output
    return kind.to_json(kind.parse(data), camel=True, defaults=defaults)


def decode(method: Method | None, codec: CodecName, data: bytes) -> bytes:
    """A message of a request as bytes. Empty JSON is an empty message, as some clients send nothing."""
    if codec == "proto" or method is None:
        return data
    return from_json(method, read_json(data)) if data else b""


def encode(method: Method | None, codec: CodecName, data: bytes) -> bytes:
    """A message of an answer as the client wants it."""
    if codec == "proto" or method is None:
        return data
    return msgspec.json.encode(to_json(method, data))
