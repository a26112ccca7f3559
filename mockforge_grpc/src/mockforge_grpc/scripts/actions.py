"""What a step of a script does on its call, beyond sending a message."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from struct import pack
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mockforge_grpc.scripts.player import Player
    from mockforge_grpc.transport import Metadata

ERROR_CODES: Final[Mapping[str, int]] = {
    "NO_ERROR": 0,
    "PROTOCOL_ERROR": 1,
    "INTERNAL_ERROR": 2,
    "FLOW_CONTROL_ERROR": 3,
    "STREAM_CLOSED": 5,
    "FRAME_SIZE_ERROR": 6,
    "REFUSED_STREAM": 7,
    "CANCEL": 8,
    "COMPRESSION_ERROR": 9,
    "ENHANCE_YOUR_CALM": 11,
    "INADEQUATE_SECURITY": 12,
    "HTTP_1_1_REQUIRED": 13,
}
"""Those of RST_STREAM (RFC 9113 section 7)."""


class Action(ABC):
    """One thing to do. ``ends`` is set where the call is over then, ``wire`` where only an engine with wire
    faults can do it."""

    __slots__ = ()

    ends = False

    @abstractmethod
    def perform(self, player: Player) -> None:
        """Do it."""


class SendMetadata(Action):
    """Send initial metadata, or keep ``trailers`` for the end."""

    __slots__ = ("metadata", "trailers")

    def __init__(self, metadata: Metadata, *, trailers: bool) -> None:
        self.metadata = metadata
        self.trailers = trailers

    def perform(self, player: Player) -> None:
        if self.trailers:
            player.session.add_trailers(self.metadata)
        else:
            player.session.send_metadata(self.metadata)


class Reset(Action):
    """End the call with RST_STREAM."""

    __slots__ = ("code",)

    ends = True

    def __init__(self, code: int) -> None:
        self.code = code

    def perform(self, player: Player) -> None:
        player.session.reset(self.code)


class Disconnect(Action):
    """Cut the connection with a TCP reset."""

    __slots__ = ()

    ends = True

    def perform(self, player: Player) -> None:
        player.session.disconnect()


class Octets(Action):
    """Octets on the connection that are no frames, or bad ones."""

    __slots__ = ("octets",)

    ends = True

    def __init__(self, octets: bytes) -> None:
        self.octets = octets

    def perform(self, player: Player) -> None:
        player.session.call.send_octets(self.octets)
        player.session.disconnect()


class Truncate(Action):
    """Half of a message, and then the connection is cut."""

    __slots__ = ("message",)

    ends = True

    def __init__(self, message: bytes) -> None:
        self.message = message

    def perform(self, player: Player) -> None:
        player.session.note_sent(self.message)
        half = self.message[: len(self.message) // 2]
        player.session.call.send_raw(pack("!BI", 0, len(self.message)) + half)
        player.session.disconnect()


class BadFlag(Action):
    """A message that says it is compressed, and is not."""

    __slots__ = ("message",)

    ends = True

    def __init__(self, message: bytes) -> None:
        self.message = message

    def perform(self, player: Player) -> None:
        player.session.note_sent(self.message)
        player.session.call.send_raw(pack("!BI", 1, len(self.message)) + self.message)
        player.session.finish()


class Http(Action):
    """An answer of HTTP, without a status of gRPC."""

    __slots__ = ("body", "content_type", "status")

    ends = True

    def __init__(self, status: int, content_type: str, body: bytes) -> None:
        self.status = status
        self.content_type = content_type
        self.body = body

    def perform(self, player: Player) -> None:
        player.session.finish_http(self.status, (("content-type", self.content_type),), self.body)


class Dribble(Action):
    """Send a message in ``chunks`` pieces over ``seconds``."""

    __slots__ = ("chunks", "message", "seconds")

    def __init__(self, message: bytes, chunks: int, seconds: float) -> None:
        self.message = message
        self.chunks = chunks
        self.seconds = seconds

    def perform(self, player: Player) -> None:
        player.dribble(self.message, self.chunks, self.seconds)


def _no_status(message: bytes) -> Action:
    return Http(200, "application/grpc", pack("!BI", 0, len(message)) + message)


FAULTS: Final[Mapping[str, Callable[[bytes], Action]]] = {
    "reset": lambda _: Disconnect(),
    "rst_stream": lambda _: Reset(ERROR_CODES["INTERNAL_ERROR"]),
    "empty": lambda _: Http(200, "application/grpc", b""),
    "no_status": _no_status,
    "truncate": Truncate,
    "bad_flag": BadFlag,
    # RFC 9113 section 6.1: a DATA frame on stream 0 is an error of the connection.
    "bad_frame": lambda _: Octets(b"\x00\x00\x04\x00\x00\x00\x00\x00\x00oops"),
    "garbage": lambda _: Octets(b"HTTP/1.1 200 OK\r\n\r\nthis is no HTTP/2\r\n"),
}
"""Faults that need no more than their name, by the message that would have been sent."""
NO_HTTP: Final = frozenset({"empty", "no_status", "http"})
"""Faults that begin the answer, and so can follow nothing."""
