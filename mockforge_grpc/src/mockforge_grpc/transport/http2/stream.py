"""One call of the fast engine: messages out of DATA frames and into them, its deadline, its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from mockforge_grpc.status import OK, Code, Status, encode_details, encode_message
from mockforge_grpc.transport.call import CANCEL, Call, EndedBy, Metadata
from mockforge_grpc.transport.compression import (
    ACCEPTED,
    IDENTITY,
    MalformedError,
    TooLargeError,
    accepts,
    compressor,
    decompress,
)
from mockforge_grpc.transport.http2.request import GRPC
from mockforge_grpc.transport.metadata import decode_metadata, encode_metadata

if TYPE_CHECKING:
    from mockforge_grpc.transport.call import Receiver
    from mockforge_grpc.transport.http2.connection import Connection
    from mockforge_grpc.transport.http2.request import Request
    from mockforge_grpc.transport.metadata import Fields

log = logging.getLogger("mockforge.grpc")

_STATUS: Final = (b":status", b"200")
_ACCEPT: Final = (b"grpc-accept-encoding", ACCEPTED)
_HEADERS: Final = (_STATUS, (b"content-type", GRPC), _ACCEPT)
_CODES: Final = {code: (b"grpc-status", b"%d" % code) for code in Code}
_OK_TRAILERS: Final = (_CODES[Code.OK],)
_EXPIRED: Final = Status(Code.DEADLINE_EXCEEDED, "Deadline Exceeded")
_PREFIX: Final = 5
_CHECK: Final = 4096
"""Bytes sent between two looks at how much waits."""


class Stream(Call):
    """See :class:`~mockforge_grpc.transport.call.Call`."""

    __slots__ = (
        "_blocked",
        "_buffer",
        "_compress",
        "_connection",
        "_counted",
        "_encoding",
        "_ended",
        "_half",
        "_headers",
        "_held",
        "_receiver",
        "_request",
        "_started",
        "_timer",
        "_unchecked",
        "_withheld",
        "id",
        "over",
        "path",
        "timeout",
    )

    _receiver: Receiver  # from begin() until the call is over

    def __init__(
        self, connection: Connection, stream_id: int, headers: Fields, request: Request
    ) -> None:
        self.id = stream_id
        self.path = request.path
        self.timeout = request.timeout
        self.over = False
        self._connection = connection
        self._headers = headers
        self._request = request
        self._buffer: bytearray | None = None
        self._counted = self._withheld = self._unchecked = 0
        self._started = self._half = self._ended = self._held = self._blocked = False
        self._timer: asyncio.TimerHandle | None = None
        self._compress: Callable[[bytes], bytes] | None = None
        self._encoding = IDENTITY
        encoding = request.encoding
        if encoding is not IDENTITY and (
            request.accepted is None or accepts(request.accepted, encoding)
        ):
            self._use(encoding)

    # -------------------------------------------------------------- what the application asks

    @property
    def authority(self) -> str:
        for name, value in self._headers:
            if name == b":authority":
                return value.decode("utf-8", "replace")
        return ""

    @property
    def peer(self) -> str:
        return self._connection.peer

    @property
    def secure(self) -> bool:
        return self._connection.secure

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        return self._connection.hub.loop

    @property
    def metadata(self) -> Metadata:
        return decode_metadata(self._headers)

    @property
    def raw_headers(self) -> list[tuple[bytes, bytes]]:
        return list(self._headers)

    @property
    def compression(self) -> str:
        return self._encoding.decode()

    @property
    def blocked(self) -> bool:
        return self._blocked

    # -------------------------------------------------------------- in

    def begin(self, end: bool) -> None:
        """Have the application take the call; ``end`` if the client has nothing to send."""
        try:
            receiver = self._connection.hub.application.begin(self)
            if self.over:
                self._ended = end
                return
            self._receiver = receiver
            if end:
                self._ended = True
                self._finish_reading()
        except Exception:
            self._failed()

    def received(self, data: bytes, end: bool) -> None:
        """DATA; ``end`` if it is the last."""
        size = len(data)
        connection = self._connection
        if end:
            self._ended = True
        if self.over:
            if size:
                connection.session.consumed(self.id, size)
            return
        try:
            if (
                self._buffer is None
                and not self._held
                and size >= _PREFIX
                and int.from_bytes(data[:_PREFIX]) == size - _PREFIX  # one whole, plain message
                and size - _PREFIX <= connection.hub.limits.max_message
            ):
                connection.session.consumed(self.id, size)
                connection.hub.stats.messages_in += 1
                self._receiver.message(data[_PREFIX:])
            else:
                self._collect(data)
            if self._ended and not self._held and not self.over:
                self._finish_reading()
        except Exception:
            self._failed()

    def _collect(self, data: bytes) -> None:
        """A piece of messages: of one, or of several."""
        size = len(data)
        if not size:
            return
        if self._buffer is None:
            self._buffer = bytearray(data)
        else:
            self._buffer += data
        session = self._connection.session
        if self._held:
            session.withhold(self.id, size, first=not self._withheld)
            self._withheld += size
            self._count()
            return
        session.consumed(self.id, size)
        self._pump(self._buffer)

    def _pump(self, buffer: bytearray) -> None:
        """Deliver the messages in ``buffer``, until the receiver takes no more."""
        limit = self._connection.hub.limits.max_message
        size, at = len(buffer), 0
        while size - at >= _PREFIX and not self._held and not self.over:
            length = int.from_bytes(buffer[at + 1 : at + _PREFIX])
            if length > limit:
                self._too_large(length, limit)
                return
            end = at + _PREFIX + length
            if end > size:
                break
            with memoryview(buffer) as view:
                data = bytes(view[at + _PREFIX : end])
            message = self._decoded(buffer[at], data, limit)
            at = end
            if message is None:
                return
            self._connection.hub.stats.messages_in += 1
            self._receiver.message(message)
        if self.over:
            return
        if at == size:
            self._buffer = None
        else:
            del buffer[:at]
        self._count()

    def _count(self) -> None:
        """Count what is kept."""
        kept = 0 if self._buffer is None else len(self._buffer)
        more = kept - self._counted
        self._counted = kept
        if more and not self._connection.hold(more):
            self._limit("held", Code.RESOURCE_EXHAUSTED, "the mock holds too many messages")

    def _decoded(self, flag: int, data: bytes, limit: int) -> bytes | None:
        """The message in ``data``; None if it is none, which has ended the call."""
        if flag == 0:
            return data
        if flag != 1:
            self._broken(f"received unexpected payload format {flag}")
            return None
        encoding = self._request.encoding
        if encoding == IDENTITY:
            self._broken("compressed flag set with identity or empty encoding")
            return None
        try:
            return decompress(data, encoding, limit)
        except TooLargeError:
            self._too_large(None, limit)
        except MalformedError as error:
            self._broken(f"failed to decompress the received message: {error}")
        return None

    def _broken(self, why: str) -> None:
        self._limit("message_encoding", Code.INTERNAL, why)

    def _too_large(self, size: int | None, limit: int) -> None:
        what = "after decompression larger than" if size is None else f"{size} vs."
        self._limit(
            "message", Code.RESOURCE_EXHAUSTED, f"received message larger than max ({what} {limit})"
        )

    def _finish_reading(self) -> None:
        """The client has sent all, and all was delivered."""
        if self._half:
            return
        self._half = True
        if self._buffer is not None:
            self._broken("unexpected end of the stream: a message is cut short")
            return
        self._receiver.half_closed()

    def hold(self) -> None:
        self._held = True

    def release(self) -> None:
        if self._held and not self.over:
            self.loop.call_soon(self._resume)

    def _resume(self) -> None:
        if self.over or not self._held:
            return
        self._held = False
        try:
            if self._buffer is not None:
                self._restore()
                self._pump(self._buffer)
            if self._ended and not self._held and not self.over:
                self._finish_reading()
        except Exception:
            self._failed()
        self._connection.wrote()

    def _restore(self) -> None:
        """Let the client send as much more as is kept."""
        if self._withheld:
            self._connection.session.restore(self.id, self._withheld)
            self._withheld = 0

    # -------------------------------------------------------------- out

    def compress(self, encoding: str) -> bool:
        name = encoding.encode()
        request = self._request
        if name != IDENTITY and name != request.encoding and not accepts(request.accepted, name):
            return False
        if self._started:
            return name == self._encoding
        self._use(name)
        return True

    def _use(self, encoding: bytes) -> None:
        self._encoding = encoding
        self._compress = compressor(encoding, self._connection.hub.limits.compression_level)

    def send_metadata(self, metadata: Metadata) -> None:
        if self.over or self._started:
            return
        self._start(encode_metadata(metadata))
        self._connection.wrote()

    def _start(self, fields: Sequence[tuple[bytes, bytes]] = ()) -> None:
        """Send the headers."""
        self._started = True
        headers: Fields = _HEADERS
        if self._request.content_type != GRPC:
            headers = (_STATUS, (b"content-type", self._request.content_type), _ACCEPT)
        if self._encoding is not IDENTITY:
            headers = (*headers, (b"grpc-encoding", self._encoding))
        if fields:
            headers = (*headers, *fields)
        self._connection.session.respond(self.id, headers, False)

    def send(self, message: bytes) -> None:
        if self.over:
            return
        if self._compress is not None and message:
            message = self._compress(message)
            prefix = b"\1"
        else:
            prefix = b"\0"
        self._connection.hub.stats.messages_out += 1
        self.send_raw(prefix + len(message).to_bytes(4) + message)

    def send_raw(self, data: bytes) -> None:
        if self.over:
            return
        if not self._started:
            self._start()
        connection = self._connection
        session = connection.session
        session.send(self.id, data)
        self._unchecked += len(data)
        if self._unchecked >= _CHECK:
            self._check_queue()
        connection.wrote()

    def finish(self, status: Status, trailers: Metadata = ()) -> None:
        if self.over:
            return
        connection = self._connection
        if status is OK and not trailers:
            fields: Fields = _OK_TRAILERS
        else:
            fields = _trailers(status, trailers)
        self._leave()
        if self._started:
            connection.session.trailers(self.id, fields)
        else:
            content_type = (b"content-type", self._request.content_type)
            connection.session.respond(self.id, (_STATUS, content_type, *fields), True)
        if not self._ended:
            connection.answered(self.id)
        connection.wrote()

    def finish_http(self, status: int, headers: Sequence[tuple[str, str]], body: bytes) -> None:
        if self.over or self._started:
            return
        connection = self._connection
        session = connection.session
        fields = [
            (b":status", b"%d" % status),
            *((name.lower().encode(), value.encode("utf-8", "replace")) for name, value in headers),
        ]
        self._leave()
        session.respond(self.id, fields, not body)
        if body:
            session.send(self.id, body)
            session.end(self.id)
        if not self._ended:
            connection.answered(self.id)
        connection.wrote()

    def reset(self, error_code: int = CANCEL) -> None:
        if self.over:
            return
        connection = self._connection
        self._leave()
        connection.write_octets(b"")  # what was sent is seen before
        connection.session.reset(self.id, error_code)
        connection.wrote()

    def disconnect(self) -> None:
        if self.over:
            return
        self._leave()
        self._connection.write_octets(b"")
        self._connection.drop()

    def send_octets(self, data: bytes) -> None:
        if not self.over:
            self._connection.write_octets(data)

    def _check_queue(self) -> None:
        """Whether so much waits to be sent that no more should be."""
        connection = self._connection
        limits = connection.hub.limits
        self._unchecked = 0
        queued = connection.session.queued(self.id)
        if queued >= limits.write_buffer and not self._blocked:
            self._blocked = True
            connection.block(self)
        if not connection.recount() and queued:
            connection.hub.stats.count("held")
            status = Status(Code.RESOURCE_EXHAUSTED, "the mock holds too many messages")
            self.end(status, by="limit")
            connection.session.reset(self.id, CANCEL)

    def unblock(self) -> None:
        """What was to be sent is sent, to below the mark."""
        self._blocked = False
        if self.over:
            return
        try:
            self._receiver.writable()
        except Exception:
            self._failed()

    # -------------------------------------------------------------- the end

    def start_timer(self) -> None:
        """Keep the deadline, if the call is still open."""
        if not self.over and self.timeout is not None and self._timer is None:
            self._timer = self.loop.call_later(self.timeout, self._expired)

    def _expired(self) -> None:
        self._timer = None
        self._connection.hub.stats.count("deadline")
        self._stop(_EXPIRED, "deadline")

    def _limit(self, name: str, code: Code, message: str) -> None:
        self._connection.hub.stats.count(name)
        self._stop(Status(code, message), "limit")

    def _stop(self, status: Status, by: EndedBy) -> None:
        """Answer ``status`` on the engine's own account."""
        receiver = self._receiver
        self.finish(status)
        self._tell(receiver, status, by)

    def _failed(self) -> None:
        log.exception("the application failed in a call of %s", self.path)
        self._connection.hub.stats.failed += 1
        self.finish(Status(Code.UNKNOWN, "the mock failed"))

    def end(self, status: Status, *, by: EndedBy) -> None:
        """The call is over, and nothing can be sent."""
        if self.over:
            return
        receiver = getattr(self, "_receiver", None)
        self._leave()
        if by in ("client", "connection"):
            self._connection.hub.stats.cancelled += 1
        self._tell(receiver, status, by)

    def _tell(self, receiver: Receiver | None, status: Status, by: EndedBy) -> None:
        if receiver is None:
            return
        try:
            receiver.ended(status, by=by)
        except Exception:
            log.exception("ending a call of %s failed", self.path)

    def _leave(self) -> None:
        """Keep nothing; the receiver knows us: a cycle would wait for the garbage collector."""
        self.over = True
        if hasattr(self, "_receiver"):
            del self._receiver
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._buffer is not None:
            self._connection.hold(-self._counted)
            self._counted = 0
            self._restore()
            self._buffer = None


def _trailers(status: Status, trailers: Metadata) -> Fields:
    fields = [_CODES[status.code]]
    if status.message:
        fields.append((b"grpc-message", encode_message(status.message)))
    if trailers:
        fields += encode_metadata(trailers)
    if status.details:
        details = (("grpc-status-details-bin", encode_details(status)),)
        fields += encode_metadata(details)
    return fields
