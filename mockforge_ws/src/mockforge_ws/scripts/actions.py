"""What a step of a script does on its connection, beyond sending a message to it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from mockforge.mocking.scripts import RunError
from mockforge_ws.wire import Data

if TYPE_CHECKING:
    from mockforge_ws.scripts.player import Player

MAX_ROOM: Final = 200
"""Characters of a room's name."""


class Action(ABC):
    """One thing to do."""

    __slots__ = ()

    @abstractmethod
    def perform(self, player: Player) -> None:
        """Do it."""


class Join(Action):
    """Become a member of a room; ``leave`` ends that."""

    __slots__ = ("leave", "room")

    def __init__(self, room: str, *, leave: bool = False) -> None:
        self.room = room
        self.leave = leave

    def perform(self, player: Player) -> None:
        if not self.room or len(self.room) > MAX_ROOM:
            raise RunError(f"the name of a room has 1 to {MAX_ROOM} characters")
        if self.leave:
            player.connection.groups.leave(self.room, player.connection)
        elif not player.connection.groups.join(self.room, player.connection):
            raise RunError(
                "the connection is in as many rooms as it may", hint="websocket.max_rooms"
            )


class Broadcast(Action):
    """Send ``data`` to the connections of a ``room`` or ``path`` (``None``: of one's own path)."""

    __slots__ = ("data", "itself", "path", "room")

    def __init__(
        self, data: Data, *, room: str | None = None, path: str | None = None, itself: bool = False
    ) -> None:
        self.data = data
        self.room = room
        self.path = path
        self.itself = itself

    def perform(self, player: Player) -> None:
        own = player.connection
        kind, name = ("room", self.room) if self.room is not None else ("path", self.path)
        for connection in own.groups.members(kind, own.path if name is None else name):
            if connection is not own:
                connection.push(self.data)
        if self.itself:
            own.push(self.data)


class Octets(Action):
    """Octets that break the protocol."""

    __slots__ = ("octets",)

    def __init__(self, octets: bytes) -> None:
        self.octets = octets

    def perform(self, player: Player) -> None:
        player.connection.write_raw(self.octets)


class NoPong(Action):
    """Answer no ping from now on."""

    __slots__ = ()

    def perform(self, player: Player) -> None:
        player.connection.mute()


class Dribble(Action):
    """Send a message in ``chunks`` pieces over ``seconds``."""

    __slots__ = ("chunks", "data", "seconds")

    def __init__(self, data: Data, chunks: int, seconds: float) -> None:
        self.data = data
        self.chunks = chunks
        self.seconds = seconds

    def perform(self, player: Player) -> None:
        player.dribble(self.data, self.chunks, self.seconds)


FAULTS: Final[Mapping[str, Callable[[], Action]]] = {
    # RFC 6455 section 5.2: opcode 3 is reserved, and so are the bits RSV2 and RSV3.
    "invalid_frame": lambda: Octets(b"\xb3\x05wrong"),
    # The header of a frame of 2**62 octets, and the first few of them.
    "oversized_frame": lambda: Octets(b"\x82\x7f\x40\x00\x00\x00\x00\x00\x00\x00oversized"),
    # Section 8.1: a text message that is no UTF-8.
    "bad_utf8": lambda: Octets(b"\x81\x04\xce\xba\xff\xfe"),
    # Section 5.5: control frames have at most 125 octets.
    "long_ping": lambda: Octets(b"\x89\x7e\x00\xc8" + b"p" * 200),
    # Section 5.4: a continuation of nothing.
    "stray_continuation": lambda: Octets(b"\x80\x05stray"),
    # Section 5.1: a server's frames are not masked.
    "masked_frame": lambda: Octets(b"\x81\x85\x00\x00\x00\x00mask!"),
    "no_pong": NoPong,
}
"""Faults that need no more than their name."""
