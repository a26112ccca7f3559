"""One call of the fast engine: messages into DATA frames, its deadline, its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from mockforge_grpc.status import OK, Code, Status, encode_details, encode_message
from mockforge_grpc.transport.call import CANCEL, EndedBy, Metadata
from mockforge_grpc.transport.compression import (
    ACCEPTED,
    IDENTITY,
    accepts,
    compressor,
)
from mockforge_grpc.transport.http2.reading import Reading
from mockforge_grpc.transport.http2.request import GRPC
from mockforge_grpc.transport.metadata import encode_metadata

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
_CHECK: Final = 4096
"""Bytes sent between two looks at how much waits."""


class Stream(Reading):
    """See :class:`~mockforge_grpc.transport.call.Call`."""

    __slots__ = (
        "_blocked",
        "_compress",
        "_encoding",
        "_started",
        "_timer",
        "_unchecked",
    )

    def __init__(
        self, connection: Connection, stream_id: int, headers: Fields, request: Request
    ) -> None:
        super().__init__(connection, stream_id, headers, request)
        self._unchecked = 0
        self._started = self._blocked = False
        self._timer: asyncio.TimerHandle | None = None
        self._compress: Callable[[bytes], bytes] | None = None
        self._encoding = IDENTITY
        encoding = request.encoding
        if encoding is not IDENTITY and (
            request.accepted is None or accepts(request.accepted, encoding)
        ):
            self._use(encoding)

    @property
    def compression(self) -> str:
        return self._encoding.decode()

    @property
    def blocked(self) -> bool:
        return self._blocked

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
