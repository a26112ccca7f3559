"""gRPC-Web: messages and trailers framed in the bodies of HTTP/1.1, as bytes or in base64.

https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md. The trailers are the last frame of the body, for
errors too: what is not a call at all is answered by HTTP status.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, ClassVar, Final

from mockforge.mocking.exchange import Response
from mockforge_grpc.bridge.answering import Answer, StreamWriter, answer_stream
from mockforge_grpc.bridge.codecs import CodecName, decode, encode
from mockforge_grpc.bridge.coding import (
    COMPRESSED,
    WEB_TRAILERS,
    WORTH_COMPRESSING,
    accepted,
    compress,
    envelope,
    known_encoding,
    open_envelopes,
)
from mockforge_grpc.bridge.errors import RequestError, invalid
from mockforge_grpc.bridge.metadata import answer_headers, grpc_timeout, header_text
from mockforge_grpc.bridge.rules.errors import BindingError
from mockforge_grpc.schema import MessageError
from mockforge_grpc.status import Status, encode_details, encode_message

if TYPE_CHECKING:
    from mockforge_grpc.bridge.call import BridgeCall
    from mockforge_grpc.bridge.protocols.context import Context

_TYPE: Final = re.compile(r"application/grpc-web(-text)?(?:\+(proto|json))?")
_PADDED: Final = re.compile(rb"[A-Za-z0-9+/]*={0,2}")


def speaks(content_type: str) -> bool:
    """Whether a request with this content type is one of gRPC-Web."""
    return content_type.startswith("application/grpc-web")


def answer(context: Context) -> Answer:
    """The answer to a gRPC-Web request."""
    request = context.request
    media = request.header("content-type").partition(";")[0].strip().lower()
    found = _TYPE.fullmatch(media)
    if found is None:
        return Response(415, [("Accept-Post", "application/grpc-web, application/grpc-web-text")])
    text = found[1] is not None
    codec: CodecName = "json" if found[2] == "json" else "proto"
    writer = WebWriter(context, codec, text=text)
    try:
        body = _from_text(request.body) if text else request.body
        encoding = known_encoding(request.header("grpc-encoding"))
        writer.encoding = accepted(request.header("grpc-accept-encoding"), encoding)
        messages = [
            decode(context.method, codec, message)
            for message in open_envelopes(
                body, encoding=encoding, limit=context.settings.max_message
            )
        ]
        context.one(messages)
        call = context.call(grpc_timeout(request.header("grpc-timeout")))
        context.start(call, messages)
    except RequestError as error:
        return writer.refused(error.status)
    except (BindingError, MessageError) as error:
        return writer.refused(invalid(error))
    return answer_stream(call, writer)


def _from_text(body: bytes) -> bytes:
    """Base64 of pieces one after the other, each with its own padding."""
    made = bytearray()
    at = 0
    try:
        while at < len(body):
            found = _PADDED.match(body, at)
            if found is None or found.end() == at:
                raise RequestError(f"the body is not base64 at byte {at}")
            made += b64decode(found[0], validate=True)
            at = found.end()
    except binascii.Error as error:
        raise RequestError(f"the body is not base64: {error}") from error
    return bytes(made)


class WebWriter(StreamWriter):
    """Writes frames; every answer is a stream that ends with trailers."""

    early: ClassVar[bool] = True

    def __init__(self, context: Context, codec: CodecName, *, text: bool) -> None:
        self._context = context
        self._codec = codec
        self._text = text
        self.encoding = "identity"

    @property
    def _media(self) -> str:
        return f"application/grpc-web{'-text' if self._text else ''}+{self._codec}"

    def failed(self, call: BridgeCall, status: Status) -> Response:
        return self.head(call).replace(body=self.end(call, status))

    def refused(self, status: Status) -> Response:
        """The answer to a request that no call was made for."""
        return Response(200, [("Content-Type", self._media)], self._trailers(status, []))

    def head(self, call: BridgeCall) -> Response:
        headers = [("Content-Type", self._media)]
        if self.encoding != "identity":
            headers.append(("grpc-encoding", self.encoding))
        return Response(200, [*headers, *answer_headers(call.initial or ())])

    def piece(self, message: bytes) -> bytes:
        data = encode(self._context.method, self._codec, message)
        flags = 0
        if self.encoding != "identity" and len(data) >= WORTH_COMPRESSING:
            data, flags = compress(data, self.encoding), COMPRESSED
        return self._framed(data, flags)

    def end(self, call: BridgeCall, status: Status) -> bytes:
        return self._trailers(status, [(name, header_text(value)) for name, value in call.trailers])

    def _trailers(self, status: Status, more: list[tuple[str, str]]) -> bytes:
        lines = [b"grpc-status: %d" % status.code]
        if status.message:
            lines.append(b"grpc-message: " + encode_message(status.message))
        if status.details:
            details = b64encode(encode_details(status)).rstrip(b"=")
            lines.append(b"grpc-status-details-bin: " + details)
        lines += (f"{name}: {value}".encode("ascii", "replace") for name, value in more)
        return self._framed(b"".join(line + b"\r\n" for line in lines), WEB_TRAILERS)

    def _framed(self, data: bytes, flags: int) -> bytes:
        framed = envelope(data, flags)
        return b64encode(framed) if self._text else framed
