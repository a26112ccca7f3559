"""What a stub does with a connection that it was chosen for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from mockforge.mocking.exchange import Response
from mockforge.mocking.problems import problem
from mockforge.mocking.scripts import Program

if TYPE_CHECKING:
    from mockforge_ws.asyncapi.talk import Talk


class StubAction(NamedTuple):
    """Either ``refuse`` is the answer, or the connection is opened and ``program`` played, or ``talk``
    held (of a channel of an AsyncAPI document). ``origins`` are those that may connect (``None``: as the
    settings say), ``subprotocols`` those it speaks, the preferred first, ``headers`` go into the answer."""

    program: Program | None = None
    refuse: Response | None = None
    origins: tuple[str, ...] | None = None
    subprotocols: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    talk: Talk | None = None

    def subprotocol(self, offered: Sequence[str]) -> str | None:
        """The one to speak: the first of ours that the client offers."""
        return next((name for name in self.subprotocols if name in offered), None)


def wrong_origin(origin: str) -> Response:
    """What answers a browser on a page from elsewhere (RFC 6455 section 10.2)."""
    return problem(
        403,
        "origin",
        f"Pages from {origin[:200]} may not connect here.",
        hint="see `origins` of the stub, and websocket.origins",
    )
