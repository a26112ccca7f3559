"""What an engine and the application say to each other, in callbacks: so that an answer can be given inside
the read callback, without a task or a future.

For each RPC the engine calls :meth:`Application.begin` with a :class:`Call` and gets a :class:`Receiver`.
Everything happens in the event loop. Methods of a call that is over do nothing.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from mockforge_grpc.status import Status

Metadata = Sequence[tuple[str, str | bytes]]
"""Lower-case names; the values of names that end in ``-bin`` are bytes, not base64."""

EndedBy = Literal["client", "deadline", "connection", "limit"]
"""Who ended a call that the application did not finish: the client (RST_STREAM), its deadline, the connection
(lost, or the server ends), or a limit of the engine (oversized, broken or unknown encoding, too many bytes
held)."""

NO_ERROR: Final = 0
PROTOCOL_ERROR: Final = 1
INTERNAL_ERROR: Final = 2
REFUSED_STREAM: Final = 7
CANCEL: Final = 8
ENHANCE_YOUR_CALM: Final = 11
"""Error codes of RST_STREAM (RFC 9113 section 7)."""


class Kind(NamedTuple):
    """Which sides of a method are streams."""

    client_streaming: bool
    server_streaming: bool


class Call(ABC):
    """One RPC, as the engine offers it.

    ``path`` is ``/package.Service/Method``; ``timeout`` is what the client gave in ``grpc-timeout``, in
    seconds, None without it.
    """

    __slots__ = ()

    path: str
    timeout: float | None

    @property
    @abstractmethod
    def authority(self) -> str:
        """``:authority``: the host that the client means; empty where the engine does not tell."""

    @property
    @abstractmethod
    def peer(self) -> str:
        """``host:port`` of the client, or ``unix``."""

    @property
    @abstractmethod
    def secure(self) -> bool:
        """Whether the call came over TLS."""

    @property
    @abstractmethod
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop that everything happens in."""

    @property
    @abstractmethod
    def metadata(self) -> Metadata:
        """What the client sent, in order, without what belongs to HTTP/2 and gRPC themselves (``:path``,
        ``te``, ``content-type``, ``grpc-timeout`` and so on); ``user-agent`` is there."""

    @property
    @abstractmethod
    def raw_headers(self) -> list[tuple[bytes, bytes]]:
        """All header fields as they came."""

    @property
    @abstractmethod
    def compression(self) -> str:
        """The encoding that answers are sent in, ``identity`` if they are not compressed."""

    @abstractmethod
    def compress(self, encoding: str) -> bool:
        """Send answers in ``encoding`` (``gzip``, ``deflate``, ``identity``), before the first is sent;
        whether the client accepts it. Without it the engine answers as it was asked."""

    @abstractmethod
    def send_metadata(self, metadata: Metadata) -> None:
        """Send initial metadata; at most once, before the first message. Without it they are sent empty
        with the first message."""

    @abstractmethod
    def send(self, message: bytes) -> None:
        """Send a serialised message."""

    @property
    @abstractmethod
    def blocked(self) -> bool:
        """Whether the client reads slower than is sent: send no more until :meth:`Receiver.writable`."""

    @abstractmethod
    def finish(self, status: Status, trailers: Metadata = ()) -> None:
        """End the call. Trailers-only if nothing was sent before."""

    @abstractmethod
    def hold(self) -> None:
        """Give the receiver no more messages: then the client's flow control window fills up, and no more
        than that is kept."""

    @abstractmethod
    def release(self) -> None:
        """Undo :meth:`hold`; messages that wait are delivered soon, not within this call."""

    # -------------------------------------------------------------- faults
    # Those of an engine whose ``wire_faults`` is true; others raise NotImplementedError.

    @abstractmethod
    def reset(self, error_code: int = CANCEL) -> None:
        """End the call with RST_STREAM; what was sent and is not on the wire is dropped."""

    @abstractmethod
    def disconnect(self) -> None:
        """Cut the connection with a TCP reset, once what was sent is given to the system."""

    @abstractmethod
    def send_raw(self, data: bytes) -> None:
        """Send octets in DATA frames without the prefix of a message: truncated messages, wrong flags."""

    @abstractmethod
    def send_octets(self, data: bytes) -> None:
        """Send octets on the connection between two frames: bad frames, garbage."""

    @abstractmethod
    def finish_http(self, status: int, headers: Sequence[tuple[str, str]], body: bytes) -> None:
        """Answer as a proxy would that knows nothing of gRPC. Only if nothing was sent before."""


class Receiver(ABC):
    """The application's half of one RPC. What a method raises is logged and ends the call with UNKNOWN."""

    __slots__ = ()

    @abstractmethod
    def message(self, data: bytes) -> None:
        """A whole message, decompressed."""

    @abstractmethod
    def half_closed(self) -> None:
        """The client sends no more."""

    @abstractmethod
    def writable(self) -> None:
        """The call is not blocked any more."""

    @abstractmethod
    def ended(self, status: Status, *, by: EndedBy) -> None:
        """The call is over and nothing can be sent. Not called after :meth:`Call.finish`, ``reset``,
        ``disconnect`` or ``finish_http``; with ``by="limit"`` or ``"deadline"`` the engine has answered
        ``status``."""


class Application(ABC):
    """Decides over calls."""

    @abstractmethod
    def begin(self, call: Call) -> Receiver:
        """A call arrived, for a known method or an unknown one. It may be finished within."""

    def kind(self, path: str) -> Kind | None:
        """The kind of the method at ``path`` if it is known: lets an engine take a shorter way for unary
        methods. Messages come by the same callbacks."""
        return None
