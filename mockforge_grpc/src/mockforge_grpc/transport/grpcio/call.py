"""One call of the grpcio engine: what the application sends waits in an outbox until the handler's coroutine
has written it."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NoReturn

import grpc

from mockforge_grpc.status import Code, Status, encode_details
from mockforge_grpc.transport.call import CANCEL, Call, EndedBy, Metadata
from mockforge_grpc.transport.metadata import fault_of

if TYPE_CHECKING:
    from mockforge_grpc.transport.call import Receiver
    from mockforge_grpc.transport.grpcio.engine import GrpcioEngine

log = logging.getLogger("mockforge.grpc")

CODES: Final = {Code(code.value[0]): code for code in grpc.StatusCode}
FAILED: Final = Status(Code.UNKNOWN, "the mock failed")

_COMPRESSIONS: Final = {
    "identity": grpc.Compression.NoCompression,
    "deflate": grpc.Compression.Deflate,
    "gzip": grpc.Compression.Gzip,
}

Context = Any
"""``grpc.aio.ServicerContext``: grpcio ships no types."""


class GrpcioCall(Call):
    """See :class:`~mockforge_grpc.transport.call.Call`."""

    __slots__ = (
        "_compression",
        "_context",
        "_encoding",
        "_engine",
        "_invocation",
        "_loop",
        "_news",
        "_wake",
        "_written",
        "finished",
        "headers",
        "held",
        "outbox",
        "over",
        "path",
        "queued",
        "receiver",
        "timeout",
        "trailers",
    )

    receiver: Receiver

    def __init__(self, engine: GrpcioEngine, path: str, context: Context) -> None:
        self.path = path
        self.timeout = context.time_remaining()
        self.over = False
        self.finished: Status | None = None
        self.trailers: list[tuple[str, str | bytes]] = []
        self.headers: Metadata | None = None
        self.outbox: deque[bytes] = deque()
        self.queued = 0
        self.held: asyncio.Event | None = None
        self._written = self._news = False
        self._wake: asyncio.Future[None] | None = None
        self._engine = engine
        self._context = context
        self._loop = engine.loop
        self._encoding = "identity"
        self._invocation: Metadata | None = None

    # -------------------------------------------------------------- what the application asks

    @property
    def authority(self) -> str:
        return ""  # grpc.aio does not tell

    @property
    def peer(self) -> str:
        peer: str = self._context.peer()
        kind, _, name = peer.partition(":")
        return "unix" if kind.startswith("unix") else name.replace("%5B", "[").replace("%5D", "]")

    @property
    def secure(self) -> bool:
        return self._engine.is_secure(self._context.auth_context())

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        return self._loop

    @property
    def metadata(self) -> Metadata:
        return self._sent()

    @property
    def raw_headers(self) -> list[tuple[bytes, bytes]]:
        """What grpcio tells of them: the path and the metadata."""
        fields = [(b":method", b"POST"), (b":path", self.path.encode())]
        for name, value in self._sent():
            octets = value if isinstance(value, bytes) else value.encode("utf-8", "replace")
            fields.append((name.encode(), octets))
        return fields

    def _sent(self) -> Metadata:
        sent = self._invocation
        if sent is None:
            sent = self._invocation = tuple(self._context.invocation_metadata())
        return sent

    @property
    def compression(self) -> str:
        return self._encoding

    @property
    def blocked(self) -> bool:
        return self.queued >= self._engine.limits.write_buffer

    # -------------------------------------------------------------- what the application says

    def compress(self, encoding: str) -> bool:
        compression = _COMPRESSIONS.get(encoding)
        if compression is None or self._written:
            return False
        self._context.set_compression(compression)
        self._encoding = encoding
        return True

    def send_metadata(self, metadata: Metadata) -> None:
        if self.over or self._written:
            return
        self._written = True
        self.headers = sendable(metadata)
        self.wake()

    def send(self, message: bytes) -> None:
        if self.over:
            return
        self._written = True
        engine = self._engine
        self.outbox.append(message)
        self.queued += len(message)
        engine.held += len(message)
        if engine.held > engine.limits.max_held:
            engine.stats.count("held")
            status = Status(Code.RESOURCE_EXHAUSTED, "the mock holds too many messages")
            self.drop()
            self.finish(status)
            self.tell(status, by="limit")
            return
        self.wake()

    def finish(self, status: Status, trailers: Metadata = ()) -> None:
        if self.over:
            return
        self.over = True
        self.finished = status
        self.trailers = sendable(trailers)
        if status.details:
            self.trailers.append(("grpc-status-details-bin", encode_details(status)))
        self.release()
        self.wake()

    def hold(self) -> None:
        if self.held is None:
            self.held = asyncio.Event()

    def release(self) -> None:
        if self.held is not None:
            self.held.set()
            self.held = None

    # -------------------------------------------------------------- faults

    def reset(self, error_code: int = CANCEL) -> None:
        _refuse("reset")

    def disconnect(self) -> None:
        _refuse("disconnect")

    def send_raw(self, data: bytes) -> None:
        _refuse("send_raw")

    def send_octets(self, data: bytes) -> None:
        _refuse("send_octets")

    def finish_http(self, status: int, headers: Sequence[tuple[str, str]], body: bytes) -> None:
        _refuse("finish_http")

    # -------------------------------------------------------------- the handler's side

    def wake(self) -> None:
        """There is something to write."""
        self._news = True
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    async def wait(self) -> None:
        """Until something was said since the last time."""
        if not self._news:
            self._wake = self._loop.create_future()
            await self._wake
        self._news = False

    def wrote(self, message: bytes) -> None:
        """``message`` is on its way: the application may go on."""
        was_blocked = self.blocked
        self.queued -= len(message)
        self._engine.held -= len(message)
        self._engine.stats.messages_out += 1
        self._engine.stats.bytes_out += len(message)
        if was_blocked and not self.blocked and not self.over:
            self.guard(self.receiver.writable)

    def drop(self) -> None:
        """Write nothing of what waits."""
        self._engine.held -= self.queued
        self.queued = 0
        self.outbox.clear()

    def guard(self, callback: Any, *given: Any) -> None:
        """Call into the application; what it raises ends the call."""
        try:
            callback(*given)
        except Exception:
            log.exception("the application failed in a call of %s", self.path)
            self._engine.stats.failed += 1
            self.finish(FAILED)

    def tell(self, status: Status, *, by: EndedBy) -> None:
        """The call is over without the application."""
        try:
            self.receiver.ended(status, by=by)
        except Exception:
            log.exception("ending a call of %s failed", self.path)


def sendable(metadata: Metadata) -> list[tuple[str, str | bytes]]:
    """``metadata`` as grpcio takes it: without what it would refuse the call for, as the other engine sends
    it."""
    pairs: list[tuple[str, str | bytes]] = []
    for name, value in metadata:
        key = name.lower()
        if key.endswith("-bin"):
            pairs.append((key, value if isinstance(value, bytes) else value.encode()))
            continue
        text = value.decode("ascii", "replace") if isinstance(value, bytes) else value
        text = "".join(sign if " " <= sign <= "~" else " " for sign in text).strip()
        if fault_of(key, text) is None:
            pairs.append((key, text))
    return pairs


def _refuse(what: str) -> NoReturn:
    raise NotImplementedError(f"{what} needs the engine http2 (grpc.engine)")
