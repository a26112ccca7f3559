"""HTTP/2 without sockets, as the engine needs it: a small interface over two libraries.

:class:`~mockforge_grpc.transport.http2.ngh2_session.Ngh2Session` is over libnghttp2,
:class:`~mockforge_grpc.transport.http2.h2_session.H2Session` pure Python. A session is fed what comes and
tells its :class:`Sink`; what it is told to send it frames when :meth:`Session.take` is called, as far as the
client's windows allow.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final, Protocol

from mockforge_grpc.transport.limits import GrpcLimits
from mockforge_grpc.transport.metadata import Fields

HARD_HEADERS: Final = 64 * 1024
"""Bytes of a header list above twice ``max_metadata`` at which the connection is closed, not just a call."""


class SessionError(Exception):
    """The connection cannot go on. ``code`` is for GOAWAY; ``told`` whether the session has framed one."""

    def __init__(self, message: str, code: int, *, told: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.told = told


class Sink(Protocol):
    """What a session tells. Calls may come from :meth:`Session.receive` and, for ``closed``, from
    :meth:`Session.take`."""

    def request(self, stream_id: int, headers: Fields, end: bool) -> None:
        """A header list that opens a stream; ``end`` if the client has nothing more to send."""

    def data(self, stream_id: int, data: bytes, end: bool) -> None:
        """The payload of a DATA frame. It counts against the windows until :meth:`Session.consumed`."""

    def trailers(self, stream_id: int) -> None:
        """Trailers, which end what the client sends."""

    def was_reset(self, stream_id: int, code: int) -> None:
        """RST_STREAM."""

    def closed(self, stream_id: int) -> None:
        """The stream is over in both directions."""

    def settled(self) -> None:
        """SETTINGS of the client."""

    def pinged(self) -> None:
        """PING; the answer is framed."""

    def ponged(self) -> None:
        """The answer to a PING."""

    def opened(self) -> None:
        """A window of the client is open wider."""

    def over(self) -> None:
        """The session has ended: nothing counts any more but what is still to be written."""


class Session(ABC):
    """One connection's protocol state, server side."""

    __slots__ = ()

    @abstractmethod
    def start(self) -> None:
        """Frame the SETTINGS."""

    @abstractmethod
    def receive(self, data: bytes) -> None:
        """Take what came, and tell the sink. :class:`SessionError`."""

    @abstractmethod
    def take(self, most: int) -> bytes:
        """What is to be written, about ``most`` bytes; less if no more may be."""

    @abstractmethod
    def take_all(self) -> bytes:
        """Everything that may be written: ends at the end of a frame."""

    @abstractmethod
    def respond(self, stream_id: int, headers: Fields, end: bool) -> None:
        """Send response headers."""

    @abstractmethod
    def send(self, stream_id: int, data: bytes) -> None:
        """Send data, after :meth:`respond`."""

    @abstractmethod
    def end(self, stream_id: int) -> None:
        """End the stream, after what waits."""

    @abstractmethod
    def trailers(self, stream_id: int, headers: Fields) -> None:
        """End the stream with trailers, after what waits."""

    @abstractmethod
    def reset(self, stream_id: int, code: int) -> None:
        """RST_STREAM; what waits is dropped."""

    @abstractmethod
    def ping(self) -> None:
        """PING."""

    @abstractmethod
    def queued(self, stream_id: int) -> int:
        """Bytes of data of a stream that wait."""

    @property
    @abstractmethod
    def all_queued(self) -> int:
        """Bytes of data of all streams that wait."""

    @abstractmethod
    def consumed(self, stream_id: int, size: int) -> None:
        """So many bytes of data are used: the client may send as many more, on the stream and in all. Also
        for streams that are over."""

    @abstractmethod
    def withhold(self, stream_id: int, size: int, *, first: bool) -> None:
        """So many bytes of data, at least one, stay unused for now: the client may send as many more on other
        streams, but not on this one. ``first`` if none of the stream did before."""

    @abstractmethod
    def restore(self, stream_id: int, size: int) -> None:
        """The ``size`` bytes that were withheld are used."""


MakeSession = Callable[[Sink, GrpcLimits], Session]


def session_maker(*, pure: bool) -> tuple[str, MakeSession]:
    """The library's name, and what makes sessions of it: libnghttp2, or pure Python where that is not
    installed or ``pure`` is asked for."""
    if not pure:
        try:
            from mockforge_grpc.transport.http2.ngh2_session import Ngh2Session
        except ImportError:
            pass
        else:
            return "ngh2", Ngh2Session
    from mockforge_grpc.transport.http2.h2_session import H2Session

    return "h2", H2Session
