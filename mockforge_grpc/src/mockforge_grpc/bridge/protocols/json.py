"""JSON over HTTP: by a rule, or ``POST /{package.Service}/{Method}``.

A unary answer is a JSON document. A stream is newline-delimited JSON, server-sent events if the client
accepts those, or one JSON array if it asks for ``application/json``. Errors are ``google.rpc.Status``.
"""

from __future__ import annotations

import logging
from base64 import b64decode
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

import msgspec

from mockforge.mocking.exchange import Response
from mockforge_grpc.bridge.answering import (
    Answer,
    StreamWriter,
    UnaryWriter,
    answer_stream,
    answer_unary,
)
from mockforge_grpc.bridge.codecs import from_json, read_json, to_json
from mockforge_grpc.bridge.coding import decompress, known_encoding
from mockforge_grpc.bridge.errors import HTTP_STATUS, RequestError, invalid, status_json
from mockforge_grpc.bridge.metadata import answer_headers, grpc_timeout
from mockforge_grpc.bridge.rules.errors import BindingError
from mockforge_grpc.schema import MessageError
from mockforge_grpc.status import Code, Status

if TYPE_CHECKING:
    from mockforge_grpc.bridge.call import BridgeCall
    from mockforge_grpc.bridge.protocols.context import Context
    from mockforge_grpc.bridge.rules.binding import Binding
    from mockforge_grpc.schema import Method

log = logging.getLogger("mockforge.grpc")

JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
EVENTS: Final = "text/event-stream"
Format = Literal["lines", "events", "array"]

_MEDIA: Final = {"lines": NDJSON, "events": EVENTS, "array": JSON}
_LINES: Final = (
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/json-seq",
)
_LINE_DECODER: Final = msgspec.json.Decoder()
_PLAIN: Final = Response(200, [("Content-Type", JSON)])
"""Whose rendered head serves for all answers without metadata."""


def answer(context: Context, binding: Binding | None = None, raw: Sequence[str] = ()) -> Answer:
    """The answer to a JSON request, by ``binding`` if it came by one."""
    method = context.method
    assert method is not None  # noqa: S101 - only methods that exist are asked in JSON
    writer = JsonWriter(context, method, binding)
    try:
        messages = _messages(context, method, binding, list(raw))
        context.one(messages)
        call = context.call(grpc_timeout(context.request.header("grpc-timeout")))
        context.start(call, messages)
    except RequestError as error:
        return writer.refused(error.status)
    except (BindingError, MessageError) as error:
        return writer.refused(invalid(error))
    return answer_stream(call, writer) if method.server_streaming else answer_unary(call, writer)


def refusal(status: Status, context: Context) -> Response:
    """An answer in JSON that no call was made for."""
    body = msgspec.json.encode(status_json(status, context.schema))
    return Response(HTTP_STATUS[status.code], [("Content-Type", JSON)], body)


def _messages(
    context: Context, method: Method, binding: Binding | None, raw: list[str]
) -> list[bytes]:
    request = context.request
    encoding = known_encoding(request.header("content-encoding"))
    body = decompress(request.body, encoding, max(len(request.body), context.settings.max_message))
    if binding is None:
        given = _values(body, request.header("content-type"), method)
        made = [from_json(method, value) for value in given]
        return made or ([] if method.client_streaming else [b""])
    values: list[Any] = []
    if binding.raw_body and binding.takes_body:
        values = [binding.raw_value(body, request.header("content-type"))]
    elif binding.takes_body:
        values = _values(body, request.header("content-type"), method)
    return [from_json(method, tree) for tree in binding.parts(request, raw, values)]


def _values(body: bytes, content_type: str, method: Method) -> list[Any]:
    """The JSON values of a body: one, or of a client's stream those of its lines or its array."""
    if not body or body.isspace():
        return []
    if not method.client_streaming:
        return [read_json(body)]
    media = content_type.partition(";")[0].strip().lower()
    if media in _LINES:
        try:
            return _LINE_DECODER.decode_lines(body)
        except msgspec.DecodeError as error:
            raise RequestError(
                f"the body is not JSON, one message on each line: {error}"
            ) from error
    value = read_json(body)
    return value if isinstance(value, list) else [value]


def stream_format(accept: str) -> Format:
    """How a stream is answered to a client that sends this ``Accept``."""
    kinds = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    if EVENTS in kinds:
        return "events"
    if JSON in kinds and not any(line in kinds for line in _LINES):
        return "array"
    return "lines"


class JsonWriter(UnaryWriter, StreamWriter):
    """Writes the answers of one method."""

    early: ClassVar[bool] = False

    def __init__(self, context: Context, method: Method, binding: Binding | None) -> None:
        self._context = context
        self._method = method
        self._defaults = context.settings.defaults
        field = binding.response_body if binding is not None else None
        self._field = field
        self._raw = binding is not None and binding.raw_answer
        self._format: Format = stream_format(context.request.header("accept"))
        self._count = 0

    def unary(self, call: BridgeCall, message: bytes) -> Response:
        value = self._value(message)
        if self._raw:
            media, content = _raw_content(value)
            return Response(200, [("Content-Type", media), *_headers(call)], content)
        body = msgspec.json.encode(value)
        if not call.initial and not call.trailers:
            return _PLAIN.with_body(body)
        return Response(200, [("Content-Type", JSON), *_headers(call)], body)

    def failed(self, call: BridgeCall, status: Status) -> Response:
        body = msgspec.json.encode(status_json(status, self._context.schema))
        headers = [("Content-Type", JSON), *_headers(call)]
        if status.code is Code.UNAUTHENTICATED:
            headers.append(("WWW-Authenticate", "Bearer"))
        return Response(HTTP_STATUS[status.code], headers, body)

    def refused(self, status: Status) -> Response:
        """The answer to a request that no call was made for."""
        return refusal(status, self._context)

    def head(self, call: BridgeCall) -> Response:
        media = "application/octet-stream" if self._raw else _MEDIA[self._format]
        headers = [("Content-Type", media), *answer_headers(call.initial or (), "Grpc-Metadata-")]
        if self._format == "events":
            headers.append(("Cache-Control", "no-cache"))
        return Response(200, headers)

    def piece(self, message: bytes) -> bytes:
        value = self._value(message)
        if self._raw:
            return _raw_content(value)[1]
        text = msgspec.json.encode(value)
        self._count += 1
        if self._format == "events":
            return b"data: " + text + b"\n\n"
        if self._format == "array":
            return (b"[" if self._count == 1 else b",\n") + text
        return text + b"\n"

    def end(self, call: BridgeCall, status: Status) -> bytes:
        if self._raw:
            return b""
        error = b""
        if not status.ok:
            said = status_json(status, self._context.schema)
            error = msgspec.json.encode(said if self._format == "events" else {"error": said})
        if self._format == "events":
            return b"event: error\ndata: " + error + b"\n\n" if error else b""
        if self._format == "array":
            before = b"[" if self._count == 0 else b",\n" if error else b""
            return before + error + b"]"
        return error + b"\n" if error else b""

    def _value(self, message: bytes) -> Any:
        value = to_json(self._method, message, defaults=self._defaults)
        field = self._field
        if field is None:
            return value
        if field.json_name in value:
            return value[field.json_name]
        return to_json(self._method, message, defaults=True).get(field.json_name)


def _raw_content(value: Any) -> tuple[str, bytes]:
    """Media type and content of a ``google.api.HttpBody`` in its JSON form."""
    value = value or {}
    return value.get("contentType", "application/octet-stream"), b64decode(value.get("data", ""))


def _headers(call: BridgeCall) -> list[tuple[str, str]]:
    return [
        *answer_headers(call.initial or (), "Grpc-Metadata-"),
        *answer_headers(call.trailers, "Grpc-Trailer-"),
    ]
