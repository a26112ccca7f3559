"""The Connect protocol (https://connectrpc.com/docs/protocol): unary calls as plain HTTP, POST or, where a
method has no side effects, GET; and streams as enveloped messages that end with one in JSON."""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode
from typing import TYPE_CHECKING, Any, ClassVar, Final

import msgspec

from mockforge.mocking.exchange import Response
from mockforge.mocking.pairs import query_fields
from mockforge_grpc.bridge.answering import (
    Answer,
    StreamWriter,
    UnaryWriter,
    answer_stream,
    answer_unary,
)
from mockforge_grpc.bridge.codecs import CodecName, decode, encode
from mockforge_grpc.bridge.coding import (
    COMPRESSED,
    CONNECT_END,
    WORTH_COMPRESSING,
    accepted,
    compress,
    decompress,
    envelope,
    known_encoding,
    open_envelopes,
)
from mockforge_grpc.bridge.errors import RequestError, connect_json, invalid
from mockforge_grpc.bridge.metadata import answer_headers, connect_timeout, header_text
from mockforge_grpc.bridge.protocols.connect_errors import unary_error, unsupported
from mockforge_grpc.bridge.rules.errors import BindingError
from mockforge_grpc.schema import MessageError
from mockforge_grpc.status import Code, Status

if TYPE_CHECKING:
    from mockforge.mocking.exchange import Request
    from mockforge_grpc.bridge.call import BridgeCall
    from mockforge_grpc.bridge.protocols.context import Context

_STREAM: Final = re.compile(r"application/connect\+(proto|json)")
_UNARY: Final = re.compile(r"application/(proto|json)")
VERSION: Final = "1"


def speaks(request: Request, content_type: str) -> bool:
    """Whether a POST with this content type is one of Connect: by a type that only Connect has, or by the
    header that its clients send."""
    return (
        content_type.startswith(("application/connect+", "application/proto"))
        or b"connect-protocol-version" in request.fields
    )


def asks_by_get(request: Request) -> bool:
    """Whether a GET is Connect's."""
    query = request.query
    return "encoding=" in query and "message=" in query


def answer(context: Context) -> Answer:
    """The answer to a POST of Connect."""
    request = context.request
    media = request.header("content-type").partition(";")[0].strip().lower()
    stream = _STREAM.fullmatch(media)
    if stream is not None:
        return _answer_stream(context, "json" if stream[1] == "json" else "proto")
    unary = _UNARY.fullmatch(media)
    method = context.method
    if unary is None or (
        method is not None and (method.client_streaming or method.server_streaming)
    ):
        return unsupported()
    codec: CodecName = "json" if unary[1] == "json" else "proto"
    return _answer_unary(context, codec, request.body, request.header("content-encoding"))


def answer_get(context: Context) -> Answer:
    """The answer to a GET of Connect: 405 unless the method says that it has no side effects."""
    method = context.method
    if method is None or not _is_safe(context):
        return Response(405, [("Allow", "POST")])
    query = {name: values[-1] for name, values in query_fields(context.request.query).items()}
    codec = query.get("encoding", "")
    if codec not in ("proto", "json"):
        return unsupported()
    message = query.get("message", "")
    if query.get("base64") == "1":
        try:
            text = message.rstrip("=").replace(" ", "+").replace("+", "-").replace("/", "_")
            body = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except (binascii.Error, ValueError) as error:
            status = Status(Code.INVALID_ARGUMENT, f"the parameter message is not base64: {error}")
            return unary_error(status, context.schema, [])
    else:
        body = message.encode()
    version = query.get("connect")
    if version not in (None, "v1"):
        status = Status(Code.INVALID_ARGUMENT, f"connect={version[:20]}: this is v1")
        return unary_error(status, context.schema, [])
    return _answer_unary(
        context, "json" if codec == "json" else "proto", body, query.get("compression", "")
    )


def _is_safe(context: Context) -> bool:
    """Whether the method is marked with ``idempotency_level = NO_SIDE_EFFECTS``."""
    method = context.method
    assert method is not None  # noqa: S101 - the caller has looked
    if method.client_streaming or method.server_streaming:
        return False
    service = context.schema.pool.FindServiceByName(method.service)
    options = service.methods_by_name[method.name].GetOptions()
    return bool(options.idempotency_level == options.NO_SIDE_EFFECTS)


def _version(request: Request) -> None:
    version = request.header("connect-protocol-version", VERSION)
    if version != VERSION:
        raise RequestError(f"Connect-Protocol-Version is {version[:20]!r}; this is {VERSION}")


def _answer_unary(context: Context, codec: CodecName, body: bytes, coding: str) -> Answer:
    request = context.request
    writer = BareWriter(context, codec)
    try:
        _version(request)
        encoding = known_encoding(coding)
        writer.encoding = accepted(request.header("accept-encoding"), encoding)
        limit = context.settings.max_message
        message = decode(context.method, codec, decompress(body, encoding, limit))
        call = context.call(connect_timeout(request.header("connect-timeout-ms")))
        context.start(call, [message])
    except RequestError as error:
        return unary_error(error.status, context.schema, [])
    except (BindingError, MessageError) as error:
        return unary_error(invalid(error), context.schema, [])
    return answer_unary(call, writer)


class BareWriter(UnaryWriter):
    """Writes bare messages, and errors by HTTP status."""

    def __init__(self, context: Context, codec: CodecName) -> None:
        self._context = context
        self._codec = codec
        self.encoding = "identity"

    def unary(self, call: BridgeCall, message: bytes) -> Response:
        body = encode(self._context.method, self._codec, message)
        headers = [("Content-Type", f"application/{self._codec}"), *_unary_headers(call)]
        if self.encoding != "identity" and len(body) >= WORTH_COMPRESSING:
            body = compress(body, self.encoding)
            headers.append(("Content-Encoding", self.encoding))
        return Response(200, headers, body)

    def failed(self, call: BridgeCall, status: Status) -> Response:
        return unary_error(status, self._context.schema, _unary_headers(call))


def _unary_headers(call: BridgeCall) -> list[tuple[str, str]]:
    return [
        *answer_headers(call.initial or ()),
        *answer_headers(call.trailers, "Trailer-"),
    ]


def _answer_stream(context: Context, codec: CodecName) -> Answer:
    request = context.request
    writer = EnvelopeWriter(context, codec)
    method = context.method
    if method is not None and not (method.client_streaming or method.server_streaming):
        return unsupported()
    try:
        _version(request)
        encoding = known_encoding(request.header("connect-content-encoding"))
        writer.encoding = accepted(request.header("connect-accept-encoding"), encoding)
        messages = [
            decode(method, codec, message)
            for message in open_envelopes(
                request.body, encoding=encoding, limit=context.settings.max_message
            )
        ]
        context.one(messages)
        call = context.call(connect_timeout(request.header("connect-timeout-ms")))
        context.start(call, messages)
    except RequestError as error:
        return writer.refused(error.status)
    except (BindingError, MessageError) as error:
        return writer.refused(invalid(error))
    return answer_stream(call, writer)


class EnvelopeWriter(StreamWriter):
    """Writes envelopes; the last one says how the call ended."""

    early: ClassVar[bool] = True

    def __init__(self, context: Context, codec: CodecName) -> None:
        self._context = context
        self._codec = codec
        self.encoding = "identity"

    @property
    def _media(self) -> tuple[str, str]:
        return ("Content-Type", f"application/connect+{self._codec}")

    def failed(self, call: BridgeCall, status: Status) -> Response:
        return self.head(call).replace(body=self.end(call, status))

    def refused(self, status: Status) -> Response:
        """The answer to a request that no call was made for."""
        return Response(200, [self._media], self._end(status, {}))

    def head(self, call: BridgeCall) -> Response:
        headers = [self._media, *answer_headers(call.initial or ())]
        if self.encoding != "identity":
            headers.append(("Connect-Content-Encoding", self.encoding))
        return Response(200, headers)

    def piece(self, message: bytes) -> bytes:
        data = encode(self._context.method, self._codec, message)
        if self.encoding != "identity" and len(data) >= WORTH_COMPRESSING:
            return envelope(compress(data, self.encoding), COMPRESSED)
        return envelope(data)

    def end(self, call: BridgeCall, status: Status) -> bytes:
        metadata: dict[str, list[str]] = {}
        for name, value in call.trailers:
            metadata.setdefault(name, []).append(header_text(value))
        return self._end(status, metadata)

    def _end(self, status: Status, metadata: dict[str, list[str]]) -> bytes:
        said: dict[str, Any] = {}
        if not status.ok:
            said["error"] = connect_json(status, self._context.schema)
        if metadata:
            said["metadata"] = metadata
        return envelope(msgspec.json.encode(said), CONNECT_END)
