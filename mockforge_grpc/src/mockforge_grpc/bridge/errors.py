"""Errors of calls over HTTP: their status codes, and how each protocol writes them."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final

from mockforge.errors import MockForgeError
from mockforge_grpc.status import Code, Status

if TYPE_CHECKING:
    from mockforge_grpc.schema import Schema

HTTP_STATUS: Final = {
    Code.OK: 200,
    Code.CANCELLED: 499,
    Code.UNKNOWN: 500,
    Code.INVALID_ARGUMENT: 400,
    Code.DEADLINE_EXCEEDED: 504,
    Code.NOT_FOUND: 404,
    Code.ALREADY_EXISTS: 409,
    Code.PERMISSION_DENIED: 403,
    Code.RESOURCE_EXHAUSTED: 429,
    Code.FAILED_PRECONDITION: 400,
    Code.ABORTED: 409,
    Code.OUT_OF_RANGE: 400,
    Code.UNIMPLEMENTED: 501,
    Code.INTERNAL: 500,
    Code.UNAVAILABLE: 503,
    Code.DATA_LOSS: 500,
    Code.UNAUTHENTICATED: 401,
}
"""The HTTP status for each code, as ``google/rpc/code.proto`` says, and Connect's table too."""

_CONNECT_NAME: Final = {code: code.name.lower() for code in Code} | {Code.CANCELLED: "canceled"}


class RequestError(MockForgeError, ValueError):
    """A request that is no call: the ``code`` it is answered with."""

    def __init__(self, message: str, code: Code = Code.INVALID_ARGUMENT) -> None:
        super().__init__(message)
        self.code = code

    @property
    def status(self) -> Status:
        """What the call would have ended with."""
        return Status(self.code, str(self))


def invalid(error: MockForgeError) -> Status:
    """INVALID_ARGUMENT by what ``error`` says, with the field it is about."""
    said = error.message
    path = getattr(error, "field_path", "")
    if path and path not in said:
        said = f"{path}: {said}"
    return Status(Code.INVALID_ARGUMENT, f"{said} ({error.hint})" if error.hint else said)


def status_json(status: Status, schema: Schema) -> dict[str, Any]:
    """``status`` as the JSON form of ``google.rpc.Status``."""
    return {
        "code": int(status.code),
        "message": status.message,
        "details": [_detail(each, schema) for each in status.details],
    }


def connect_json(status: Status, schema: Schema) -> dict[str, Any]:
    """``status`` as Connect's ``Error``."""
    made: dict[str, Any] = {"code": _CONNECT_NAME[status.code]}
    if status.message:
        made["message"] = status.message
    if status.details:
        made["details"] = [_connect_detail(each, schema) for each in status.details]
    return made


def _connect_detail(data: bytes, schema: Schema) -> dict[str, Any]:
    url, value = split_any(data)
    made = {
        "type": url.rpartition("/")[2],
        "value": b64encode(value).rstrip(b"=").decode("ascii"),
    }
    shown = _detail(data, schema)
    shown.pop("@type", None)
    return {**made, "debug": shown}


def _detail(data: bytes, schema: Schema) -> dict[str, Any]:
    url, value = split_any(data)
    kind = schema.message_type(url.rpartition("/")[2])
    if kind is not None:
        try:
            shown = kind.to_json(kind.parse(value), camel=True)
        except MockForgeError:
            shown = None  # what it is not is shown as it came
        if isinstance(shown, dict):
            return {"@type": url, **shown}
        if shown is not None:
            return {"@type": url, "value": shown}
    return {"@type": url, "value": b64encode(value).decode("ascii")}


def split_any(data: bytes) -> tuple[str, bytes]:
    """The type URL and the value of a serialised ``google.protobuf.Any``."""
    from google.protobuf.any_pb2 import Any as AnyMessage

    message = AnyMessage.FromString(data)
    return message.type_url, message.value
