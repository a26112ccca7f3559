"""From a call to an HTTP response: at once where the call is over at once, else waited for or streamed.

What a protocol says about an answer is its :class:`UnaryWriter` or its :class:`StreamWriter`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from functools import partial
from typing import ClassVar

from mockforge.mocking.exchange import BrokenOffError, Response
from mockforge.mocking.faults import Reset
from mockforge_grpc.bridge.call import BridgeCall
from mockforge_grpc.status import Code, Status

_NO_MESSAGE = Status(Code.INTERNAL, "the call ended without an error and without a message")


class Writer(ABC):
    """How a protocol writes the answer to one call, of either kind."""

    @abstractmethod
    def failed(self, call: BridgeCall, status: Status) -> Response:
        """The answer to a call that failed before a message was sent."""


class UnaryWriter(Writer):
    """How a protocol writes an answer of one message."""

    @abstractmethod
    def unary(self, call: BridgeCall, message: bytes) -> Response:
        """The answer to a unary call that succeeded."""


class StreamWriter(Writer):
    """How a protocol writes an answer of messages as they come.

    ``early``: the head of a streamed answer does not depend on how the call ends, so that it is sent with
    the first sign of life; otherwise it waits for the first message, for an error to have its own status.
    """

    early: ClassVar[bool] = False

    @abstractmethod
    def head(self, call: BridgeCall) -> Response:
        """A response with the status and headers of a streamed answer."""

    @abstractmethod
    def piece(self, message: bytes) -> bytes:
        """A message in a streamed answer."""

    @abstractmethod
    def end(self, call: BridgeCall, status: Status) -> bytes:
        """What ends a streamed answer."""


Answer = Response | Awaitable[Response]


def answer_unary(call: BridgeCall, writer: UnaryWriter) -> Answer:
    """The answer to a call of which one message is expected."""
    return _unary(call, writer) if call.over else Waiting(call, partial(_unary, call, writer))


def answer_stream(call: BridgeCall, writer: StreamWriter) -> Answer:
    """The answer to a call of which messages are expected as they come."""
    if call.over or _may_start(call, writer):
        return _stream(call, writer)
    return Waiting(call, partial(_stream, call, writer), partial(_may_start, call, writer))


class Waiting(Awaitable[Response]):
    """What ``answer`` makes once the call is over or ``may_start`` says that it need not be. The call is
    abandoned if the waiting is given up, also before it has begun."""

    __slots__ = ("_answer", "_call", "_may_start")

    def __init__(
        self,
        call: BridgeCall,
        answer: Callable[[], Response],
        may_start: Callable[[], bool] | None = None,
    ) -> None:
        self._call: BridgeCall | None = call
        self._answer = answer
        self._may_start = may_start

    def __await__(self) -> Generator[None, None, Response]:
        return self._wait().__await__()

    async def _wait(self) -> Response:
        call = self._call
        assert call is not None  # noqa: S101 - awaited once
        try:
            while not call.over:
                if self._may_start is not None and self._may_start():
                    break
                await call.changed()
        except BaseException:
            call.abandon()
            raise
        finally:
            self._call = None
        return self._answer()

    def __del__(self) -> None:
        if self._call is not None:
            self._call.abandon()


def _may_start(call: BridgeCall, writer: StreamWriter) -> bool:
    return call.waiting or (writer.early and call.initial is not None)


def _unary(call: BridgeCall, writer: UnaryWriter) -> Response:
    special = _special(call)
    if special is not None:
        return special
    status = _status(call)
    if not status.ok:
        return writer.failed(call, status)
    if not call.waiting:
        return writer.failed(call, _NO_MESSAGE)
    return writer.unary(call, call.take())


def _stream(call: BridgeCall, writer: StreamWriter) -> Response:
    if call.over:
        special = _special(call)
        if special is not None and not call.waiting:
            return special
        status = _status(call)
        if not status.ok and not call.waiting and not call.broken:
            return writer.failed(call, status)
        if not call.broken:
            pieces = [writer.piece(message) for message in call.take_all()]
            head = writer.head(call)
            return head.replace(body=b"".join((*pieces, writer.end(call, status))))
    return writer.head(call).replace(stream=Pieces(call, writer))


def _special(call: BridgeCall) -> Response | None:
    """The answer to a call that was ended by a fault."""
    if call.http is not None:
        return Response(call.http.status, call.http.headers, call.http.body)
    if call.broken:
        return Response(200, (), fault=Reset())
    return None


def _status(call: BridgeCall) -> Status:
    assert call.status is not None  # noqa: S101 - the call is over
    return call.status


class Pieces(AsyncIterator[bytes]):
    """The content of a streamed answer: a class, so that closing it before the first piece also ends the
    call."""

    def __init__(self, call: BridgeCall, writer: StreamWriter) -> None:
        self._call = call
        self._writer = writer
        self._ended = False

    async def __anext__(self) -> bytes:
        call = self._call
        while True:
            if call.waiting:
                return self._writer.piece(call.take())
            if self._ended:
                raise StopAsyncIteration
            if call.over:
                self._ended = True
                if call.broken:
                    raise BrokenOffError("the connection was cut by a fault")
                last = self._writer.end(call, _status(call))
                if not last:
                    raise StopAsyncIteration
                return last
            await call.changed()

    async def aclose(self) -> None:
        """Give up the call unless it is over."""
        self._call.abandon()

    def __del__(self) -> None:
        self._call.abandon()
