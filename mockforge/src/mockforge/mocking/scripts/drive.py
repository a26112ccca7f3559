"""Running scripts against the clock and a connection."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Protocol

import anyio

from mockforge.mocking.exchange import BrokenOffError
from mockforge.mocking.scripts.errors import RunError
from mockforge.mocking.scripts.run import Emit, Finish, Pause, Receive, Run


class Port(Protocol):
    """A connection that goes both ways, as a protocol offers it to a script."""

    async def send(self, payload: Any) -> None:
        """Send what the vocabulary made, waiting while the other side does not read."""

    async def receive(self) -> tuple[Any, Any] | None:
        """The next message, as conditions test it and as templates see it; ``None`` if the other side
        has gone. May be cancelled and called again without losing a message."""


async def emissions(run: Run) -> AsyncIterator[Any]:
    """The payloads of a run that only sends, each when it is due. Raises :class:`BrokenOffError` where the
    script says ``error`` or ``disconnect``: the stream is to be cut."""
    while True:
        match run.next():
            case Emit(payload):
                yield payload
            case Pause(seconds):
                await anyio.sleep(seconds)
            case Receive():
                raise RunError("nothing can be expected of a stream that only goes out")
            case Finish(kind, _):
                if kind in ("error", "disconnect"):
                    raise BrokenOffError(f"the script says `{kind}`")
                return


async def converse(run: Run, port: Port) -> Finish:
    """Run a script on ``port`` to its end, which is returned for the protocol to carry out."""
    while True:
        match run.next():
            case Emit(payload):
                await port.send(payload)
            case Pause(seconds):
                await anyio.sleep(seconds)
            case Receive(within):
                await _receive(run, port, within)
            case Finish() as finish:
                return finish


async def _receive(run: Run, port: Port, within: float | None) -> None:
    with anyio.move_on_after(within):
        while True:
            received = await port.receive()
            if received is None:
                run.hung_up()
                return
            if run.deliver(*received):
                return
    run.timed_out()
