"""What the journal and the request metrics are told of calls, and how the journal's bodies are read."""

from __future__ import annotations

from itertools import chain
from time import perf_counter_ns
from typing import TYPE_CHECKING, Final

import msgspec

from mockforge.config.core import CoreConfig
from mockforge.mocking.exchange import Exchange, Request
from mockforge_grpc.config import GrpcConfig
from mockforge_grpc.schema import MalformedMessageError
from mockforge_grpc.services.holding import Holding
from mockforge_grpc.stubs.methods import find_method

if TYPE_CHECKING:
    from mockforge.kernel import Kernel
    from mockforge.mocking.exchange import Response
    from mockforge_grpc.schema import MessageType, Schema
    from mockforge_grpc.transport import Call

PROTOCOL: Final = "grpc"
KINDS: Final = ("UNARY", "SERVER_STREAM", "CLIENT_STREAM", "BIDI")
"""What entries have in place of an HTTP method."""
UNKNOWN_KIND: Final = "UNKNOWN"
"""That of calls of methods that nobody knows."""
_ONE_IN: Final = frozenset({"UNARY", "SERVER_STREAM"})
_ONE_OUT: Final = frozenset({"UNARY", "CLIENT_STREAM"})
_encode: Final = msgspec.json.Encoder().encode


class Notes:
    """One entry for each call: the kind of the method as method, its path, the status code, metadata as
    headers. Bodies are kept as they were sent (those of streams with the length before each message) and
    read when somebody asks: as JSON, a line for each message of a stream."""

    def __init__(self, kernel: Kernel) -> None:
        self._record = kernel.journal.record
        self._observe = kernel.metrics.requests.observe
        kernel.metrics.requests.allow_methods((*KINDS, UNKNOWN_KIND))
        kernel.journal.read_with(PROTOCOL, self._read)
        self.max_body = kernel.settings.section("core", CoreConfig).max_logged_body
        self.holding = Holding(int(kernel.settings.section("grpc", GrpcConfig).max_held))
        self.schema: Schema | None = None
        """What bodies are read by: that of the moment."""

    @staticmethod
    def opened(kind: str, call: Call) -> Exchange:
        """A call has begun."""
        headers = call.raw_headers
        request = Request(
            kind,
            call.path,
            headers,
            protocol=PROTOCOL,
            client=call.peer,
            version="2",
            head_size=sum(map(len, chain.from_iterable(headers))) + 4 * len(headers),
        )
        return Exchange(request)

    def closed(self, exchange: Exchange, response: Response | None, sent: int) -> None:
        """It is over; ``sent`` are bytes of messages."""
        exchange.response = response
        exchange.sent_bytes = sent
        exchange.duration_ns = duration = perf_counter_ns() - exchange.started_ns
        self._record(exchange)
        self._observe(
            PROTOCOL,
            exchange.request.method,
            exchange.template,
            None if response is None else response.status,
            duration,
            sent,
        )

    # -------------------------------------------------------------- reading

    def _read(self, kind: str, path: str, request: bytes, response: bytes) -> tuple[bytes, bytes]:
        method = None if self.schema is None else find_method(self.schema, path)
        if method is None:
            return request, response
        return (
            _readable(method.input, request, one=kind in _ONE_IN) or _no_fields(kind),
            _readable(method.output, response, one=kind in _ONE_OUT),
        )


def _readable(kind: MessageType, body: bytes, *, one: bool) -> bytes:
    if not body:
        return b""  # a message without fields, or none
    if one:
        return _json(kind, body)
    lines = []
    at = 0
    while at + 4 <= len(body):
        size = int.from_bytes(body[at : at + 4], "big")
        lines.append(_json(kind, body[at + 4 : at + 4 + size]))
        at += 4 + size
    return b"".join(line + b"\n" for line in lines if line)


def _no_fields(kind: str) -> bytes:
    """A request without any field takes no octets."""
    return b"{}" if kind in _ONE_IN else b""


def _json(kind: MessageType, data: bytes) -> bytes:
    """The JSON form of a message; of one that was cut, that of the fields that are whole; the octets where
    they are no message."""
    try:
        return _encode(kind.to_json(kind.parse(data)))
    except MalformedMessageError:
        whole = data[: whole_fields(data)]
    try:
        return _encode(kind.to_json(kind.parse(whole))) if whole else data
    except MalformedMessageError:
        return data


def whole_fields(data: bytes) -> int:
    """Where the last whole field of an encoded message ends (protobuf's encoding, "Message Structure")."""
    at = end = 0
    while True:
        tag, at = _varint(data, at)
        if at < 0:
            return end
        wire = tag & 7
        if wire == 0:
            _, at = _varint(data, at)
        elif wire == 1:
            at += 8
        elif wire == 2:
            size, at = _varint(data, at)
            at = -1 if at < 0 else at + size
        elif wire == 5:
            at += 4
        else:
            return end
        if at < 0 or at > len(data):
            return end
        end = at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number, and where it ends; -1 where it does not."""
    value = shift = 0
    while 0 <= at < len(data) and shift < 70:
        octet = data[at]
        value |= (octet & 0x7F) << shift
        at += 1
        if octet < 0x80:
            return value, at
        shift += 7
    return 0, -1
