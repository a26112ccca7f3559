"""What the wire asks of whoever decides over connections, and what it tells them."""

from __future__ import annotations

from collections.abc import Awaitable
from sys import getsizeof
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from mockforge.mocking.exchange import Exchange, Response
    from mockforge_ws.wire.connection import Connection

Data = str | bytes
"""A message: text or binary."""


def size_of(data: Data) -> int:
    """Bytes that a message takes while it is held: more than it has where it is short, or where one character
    of a text needs more than an octet."""
    return getsizeof(data)


class Session(Protocol):
    """The other half of one open connection. Every method is called in the event loop; what one raises ends
    the connection with 1011."""

    def start(self, connection: Connection) -> None:
        """It is open."""

    def message(self, data: Data) -> None:
        """A message came. Call ``connection.hold()`` where no more can be taken for now."""

    def pushed(self, data: Data) -> None:
        """A message that came from elsewhere was sent."""

    def writable(self) -> None:
        """What was written is gone (to below the mark): go on sending."""

    def closed(self, code: int, reason: str) -> None:
        """It is over: the close code of whoever closed first, 1006 if nobody did."""

    def memory_bytes(self) -> int:
        """Estimate of what is held."""


class Accept(NamedTuple):
    """A connection is to be opened, and served by ``session``."""

    session: Session
    subprotocol: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


class Application(Protocol):
    """Decides over connections."""

    def decide(
        self, exchange: Exchange, subprotocols: tuple[str, ...]
    ) -> Accept | Response | Awaitable[Accept | Response]:
        """Whether to open the connection that ``exchange.request`` asks for, or how to refuse it. What has to
        be waited for is given up where the client goes; a session that is not needed any more because of that
        is ``closed`` without having been started."""

    def answered(self, exchange: Exchange) -> None:
        """``exchange.response`` was sent: 101, or a refusal."""
