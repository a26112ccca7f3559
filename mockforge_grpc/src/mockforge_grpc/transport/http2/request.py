"""The header list of a stream, read as a call: what grpc-go checks, in its order, with its answers."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from mockforge_grpc.status import Code, encode_message
from mockforge_grpc.transport.compression import ACCEPTED, IDENTITY, SUPPORTED
from mockforge_grpc.transport.metadata import decode_binary, parse_timeout

if TYPE_CHECKING:
    from mockforge_grpc.transport.metadata import Fields

GRPC: Final = b"application/grpc"
PROTO: Final = b"application/grpc+proto"


class Request:
    """``encoding`` is that of the client's messages, ``accepted`` its ``grpc-accept-encoding``;
    ``content_type`` is for the answer."""

    __slots__ = ("accepted", "content_type", "encoding", "path", "timeout")

    def __init__(
        self,
        path: str,
        content_type: bytes,
        timeout: float | None,
        encoding: bytes,
        accepted: bytes | None,
    ) -> None:
        self.path = path
        self.content_type = content_type
        self.timeout = timeout
        self.encoding = encoding
        self.accepted = accepted


class RefusedError(Exception):
    """A stream that is no call. ``why`` is what it counts as; ``fields`` are the answer, whole."""

    def __init__(
        self, why: str, http_status: int, code: Code, message: str, *more: tuple[bytes, bytes]
    ) -> None:
        super().__init__(message)
        self.why = why
        self.fields = (
            (b":status", b"%d" % http_status),
            (b"content-type", GRPC),
            *more,
            (b"grpc-status", b"%d" % code),
            (b"grpc-message", encode_message(message)),
        )


def read_request(headers: Fields, max_metadata: int) -> Request:
    """Check ``headers``; :class:`RefusedError`. ``te`` is not looked at, as grpc-go does not: it is there to
    find proxies that lose trailers."""
    size = sum(map(len, chain.from_iterable(headers))) + 32 * len(headers)
    if size > max_metadata:
        raise RefusedError(
            "metadata",
            200,
            Code.RESOURCE_EXHAUSTED,
            f"received metadata of {size} bytes, the limit is {max_metadata}",
        )
    fields = dict(headers)
    if b"-bin\n" in b"\n".join((*fields, b"")):
        _check_binary(headers)
    content_type = fields.get(b"content-type", b"")
    if content_type != GRPC:
        content_type = _content_type(content_type)
    if fields[b":method"] != b"POST":
        method = fields[b":method"].decode("ascii", "replace")
        raise RefusedError(
            "method", 405, Code.INTERNAL, f'received :method "{method}" which should be POST'
        )
    timeout = fields.get(b"grpc-timeout")
    try:
        seconds = None if timeout is None else parse_timeout(timeout)
    except ValueError as error:
        raise RefusedError("timeout", 400, Code.INTERNAL, str(error)) from None
    encoding = fields.get(b"grpc-encoding", IDENTITY)
    if encoding not in SUPPORTED:
        unknown = encoding.decode("ascii", "replace")
        raise RefusedError(
            "compression",
            200,
            Code.UNIMPLEMENTED,
            f'no decompressor for grpc-encoding "{unknown}"',
            (b"grpc-accept-encoding", ACCEPTED),
        )
    path = fields.get(b":path", b"").decode("utf-8", "replace")
    return Request(path, content_type, seconds, encoding, fields.get(b"grpc-accept-encoding"))


def _content_type(value: bytes) -> bytes:
    """The content type of the answer to a request of content type ``value``."""
    kind = value.partition(b";")[0].strip().lower()
    if kind in (GRPC, PROTO):
        return kind
    text = value.decode("ascii", "replace")
    raise RefusedError(
        "content_type", 415, Code.INVALID_ARGUMENT, f'invalid gRPC request content-type "{text}"'
    )


def _check_binary(headers: Fields) -> None:
    for name, value in headers:
        if not name.endswith(b"-bin"):
            continue
        try:
            for part in value.split(b","):
                decode_binary(part)
        except ValueError as error:
            why = f"malformed binary metadata in {name.decode('ascii', 'replace')}: {error}"
            raise RefusedError("metadata_encoding", 400, Code.INTERNAL, why) from None
