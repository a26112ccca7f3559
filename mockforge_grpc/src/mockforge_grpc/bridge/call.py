"""A call that came over HTTP: what an engine is for calls over HTTP/2, for one request.

:func:`begin` hands a :class:`BridgeCall` to the application and delivers the messages of the request, whose
body is there as a whole. Answers that are given within that are there when it returns; the rest is waited for
with :meth:`BridgeCall.changed`.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from mockforge_grpc.bridge.coding import PREFIX
from mockforge_grpc.status import Code, Status
from mockforge_grpc.transport.call import CANCEL, Call, Metadata

if TYPE_CHECKING:
    from mockforge_grpc.transport.call import Application, EndedBy, Receiver

log = logging.getLogger("mockforge.grpc")

_CANCELLED: Final = Status(Code.CANCELLED, "the HTTP client went away")
_EXPIRED: Final = Status(Code.DEADLINE_EXCEEDED, "the deadline is over")
_FAILED: Final = Status(Code.UNKNOWN, "the mock failed")
MESSAGE_OVERHEAD: Final = 64
"""Bytes that a message in the queue counts for besides its own."""


def _hand_over(message: bytes, receiver: Receiver) -> None:
    receiver.message(message)


class HttpAnswer:
    """An answer that is none of a call (``finish_http``)."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Sequence[tuple[str, str]], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body


class BridgeCall(Call):
    """One RPC over HTTP. What the application sends is queued, up to ``write_buffer`` bytes before it is
    blocked, and taken by whoever writes the answer."""

    __slots__ = (
        "_authority",
        "_held",
        "_loop",
        "_metadata",
        "_over",
        "_peer",
        "_pending",
        "_queue",
        "_queued",
        "_raw",
        "_raw_headers",
        "_receiver",
        "_secure",
        "_timer",
        "_waiter",
        "_was_blocked",
        "_write_buffer",
        "broken",
        "delivered",
        "http",
        "initial",
        "path",
        "status",
        "timeout",
        "trailers",
    )

    def __init__(
        self,
        path: str,
        metadata: Metadata,
        raw_headers: list[tuple[bytes, bytes]],
        *,
        authority: str = "",
        peer: str = "",
        secure: bool = False,
        timeout: float | None = None,
        write_buffer: int = 64 * 1024,
    ) -> None:
        self.path = path
        self._authority = authority
        self._peer = peer
        self._secure = secure
        self.timeout = timeout
        self._loop = asyncio.get_running_loop()
        self._metadata = metadata
        self._raw_headers = raw_headers
        self._write_buffer = write_buffer
        self._receiver: Receiver | None = None
        self._raw = bytearray()
        self._pending: deque[bytes] = deque()
        self._queue: deque[bytes] = deque()
        self._queued = 0
        self._held = self._over = self._was_blocked = False
        self._timer: asyncio.TimerHandle | None = None
        self._waiter: asyncio.Future[None] | None = None
        self.delivered = False
        """Whether all of the request was given to the receiver."""
        self.initial: Metadata | None = None
        """Initial metadata, once they are sent."""
        self.trailers: Metadata = ()
        self.status: Status | None = None
        """How the call ended, once it is over."""
        self.broken = False
        """Whether the connection is to be cut: a fault."""
        self.http: HttpAnswer | None = None

    # -------------------------------------------------------------- what the application sees

    @property
    def authority(self) -> str:
        return self._authority

    @property
    def peer(self) -> str:
        return self._peer

    @property
    def secure(self) -> bool:
        return self._secure

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        return self._loop

    @property
    def metadata(self) -> Metadata:
        return self._metadata

    @property
    def raw_headers(self) -> list[tuple[bytes, bytes]]:
        return self._raw_headers

    @property
    def compression(self) -> str:
        return "identity"

    def compress(self, encoding: str) -> bool:
        """How an answer is compressed is the affair of HTTP and its client."""
        return encoding == "identity"

    def send_metadata(self, metadata: Metadata) -> None:
        if not self._over and self.initial is None:
            self.initial = metadata
            self._wake()

    def send(self, message: bytes) -> None:
        if self._over:
            return
        if self.initial is None:
            self.initial = ()
        self._queue.append(message)
        self._queued += len(message) + MESSAGE_OVERHEAD
        self._wake()

    @property
    def blocked(self) -> bool:
        blocked = self._queued >= self._write_buffer
        if blocked:
            self._was_blocked = True
        return blocked

    def finish(self, status: Status, trailers: Metadata = ()) -> None:
        if not self._over:
            self.trailers = trailers
            self.broken = bool(self._raw)
            self._end(status)

    def hold(self) -> None:
        self._held = True

    def release(self) -> None:
        if self._held:
            self._held = False
            if not self._over:
                self._loop.call_soon(self._deliver)

    def reset(self, error_code: int = CANCEL) -> None:
        self._break()

    def disconnect(self) -> None:
        self._break()

    def send_raw(self, data: bytes) -> None:
        """Frames in pieces: a whole one is the message in it. What is wrong in one is nothing that HTTP can
        say: the connection is cut."""
        self._raw += data
        while len(self._raw) >= PREFIX.size and not self._over:
            flags, length = PREFIX.unpack_from(self._raw)
            if flags:
                self._break()
            elif len(self._raw) < PREFIX.size + length:
                break
            else:
                self.send(bytes(self._raw[PREFIX.size : PREFIX.size + length]))
                del self._raw[: PREFIX.size + length]

    def send_octets(self, data: bytes) -> None:
        """What is on a connection besides frames: like what is wrong in one."""
        self._break()

    def finish_http(self, status: int, headers: Sequence[tuple[str, str]], body: bytes) -> None:
        if not self._over and self.initial is None:
            self.http = HttpAnswer(status, headers, body)
            self._end(Status(Code.UNKNOWN, f"answered with HTTP status {status}"))

    # -------------------------------------------------------------- what the bridge does

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self._over

    @property
    def waiting(self) -> bool:
        """Whether there is a message to take."""
        return bool(self._queue)

    @property
    def queued(self) -> int:
        """Bytes of messages that nobody has taken yet."""
        return self._queued

    def start(self, application: Application, messages: Iterable[bytes]) -> None:
        """Begin the call and deliver ``messages`` as far as they are taken."""
        self._pending.extend(messages)
        self._receiver = application.begin(self)
        self._deliver()
        if not self._over and self.timeout is not None:
            self._timer = self._loop.call_later(max(0.0, self.timeout), self._expire)

    def take(self) -> bytes:
        """The next message; IndexError if none waits."""
        message = self._queue.popleft()
        self._queued -= len(message) + MESSAGE_OVERHEAD
        if self._was_blocked and self._queued <= self._write_buffer // 2 and not self._over:
            self._was_blocked = False
            self._tell(lambda receiver: receiver.writable())
        return message

    def take_all(self) -> list[bytes]:
        """All messages that wait."""
        taken = []
        while self._queue:
            taken.append(self.take())
        return taken

    async def changed(self) -> None:
        """Wait until there is something to take, metadata have come, or the call is over."""
        assert self._waiter is None  # noqa: S101 - one reader
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def abandon(self) -> None:
        """The HTTP client went away, or nobody wants the answer."""
        self._queue.clear()
        self._queued = 0
        self._stop(_CANCELLED, "client")

    # -------------------------------------------------------------- inside

    def _deliver(self) -> None:
        pending = self._pending
        while not (self._held or self._over):
            if pending:
                message = pending.popleft()
                self._tell(partial(_hand_over, message))
            else:
                if not self.delivered:
                    self.delivered = True
                    self._tell(lambda receiver: receiver.half_closed())
                return

    def _tell(self, what: Callable[[Receiver], None]) -> None:
        assert self._receiver is not None  # noqa: S101 - set before anything is delivered
        try:
            what(self._receiver)
        except Exception:
            log.exception("answering the call of %s failed", self.path)
            self.finish(_FAILED)

    def _expire(self) -> None:
        self._stop(_EXPIRED, "deadline")

    def _stop(self, status: Status, by: EndedBy) -> None:
        if not self._over:
            self._end(status)
            self._tell(lambda receiver: receiver.ended(status, by=by))

    def _break(self) -> None:
        if not self._over:
            self.broken = True
            self._end(Status(Code.CANCELLED, "the connection was cut"))

    def _end(self, status: Status) -> None:
        self._over = True
        self.status = status
        self._pending.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
