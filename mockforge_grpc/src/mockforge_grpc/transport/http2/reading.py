"""The way in of one call of the fast engine: messages out of DATA frames, and flow control while the receiver
takes none. :class:`~mockforge_grpc.transport.http2.stream.Stream` puts the way out and the end on it."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from typing import TYPE_CHECKING, Final

from mockforge_grpc.status import Code
from mockforge_grpc.transport.call import Call, Metadata
from mockforge_grpc.transport.compression import (
    IDENTITY,
    MalformedError,
    TooLargeError,
    decompress,
)
from mockforge_grpc.transport.metadata import decode_metadata

if TYPE_CHECKING:
    from mockforge_grpc.transport.call import Receiver
    from mockforge_grpc.transport.http2.connection import Connection
    from mockforge_grpc.transport.http2.request import Request
    from mockforge_grpc.transport.metadata import Fields

_PREFIX: Final = 5


class Reading(Call):
    """A call as it arrives. ``over`` is whether nothing counts any more that comes."""

    __slots__ = (
        "_buffer",
        "_connection",
        "_counted",
        "_ended",
        "_half",
        "_headers",
        "_held",
        "_receiver",
        "_request",
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
        self._counted = self._withheld = 0
        self._half = self._ended = self._held = False

    @abstractmethod
    def _limit(self, name: str, code: Code, message: str) -> None:
        """A limit ends the call."""

    @abstractmethod
    def _failed(self) -> None:
        """The application raised an exception, which is the current one."""

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
