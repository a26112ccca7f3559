"""Plays a script on one call, in the callbacks of the event loop.

There is no task per call: a script that waits for a message or for the time holds nothing but itself. What
runs is :class:`mockforge.mocking.scripts.Run`, which never waits by itself and says what it wants next.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from struct import pack
from typing import TYPE_CHECKING, Final

from mockforge.errors import MockForgeError
from mockforge.mocking.scripts import Emit, Finish, Pause, Program, Run, RunError
from mockforge.mocking.scripts.run import Receive
from mockforge_grpc.schema import MalformedMessageError
from mockforge_grpc.scripts.actions import Action
from mockforge_grpc.scripts.messages import HALF_CLOSED, Incoming, is_half_closed
from mockforge_grpc.status import OK, Code, Status

if TYPE_CHECKING:
    from mockforge_grpc.scripts.scope import CallScope
    from mockforge_grpc.services.session import Session

log = logging.getLogger("mockforge.grpc")

BURST: Final = 32
"""Messages that a script may send in a row before others have their turn."""
PLAYER_BYTES: Final = 2048
"""Estimate of what a script under way holds besides its variables and messages."""
MOST_DRY: Final = 1000
"""Times that a script may go on expecting messages from a client that has said all."""


class Player:
    """One script on one call: ``session`` is where it sends."""

    __slots__ = (
        "_dry",
        "_expecting",
        "_half_closed",
        "_held",
        "_inbox",
        "_inbox_size",
        "_pieces",
        "_run",
        "_timer",
        "_waiting",
        "session",
    )

    def __init__(self, session: Session, program: Program, scope: CallScope) -> None:
        self.session = session
        self._run: Run | None = Run(program, scope)
        self._timer: asyncio.Handle | None = None
        self._inbox: deque[bytes] = deque()
        self._inbox_size = 0
        self._pieces: list[bytes] | None = None
        self._half_closed = False
        self._expecting = False
        self._waiting = False
        self._held = False
        self._dry = 0

    def start(self) -> None:
        """Begin."""
        self._go()

    # -------------------------------------------------------------- what the call says

    def message(self, data: bytes) -> None:
        """A message came: what is expected, or one for later."""
        if self._run is None:
            return
        if not self._expecting:
            self._queue(data)
            return
        self._guarded(lambda: self._deliver(data))

    def _queue(self, data: bytes) -> None:
        session = self.session
        size = len(data)
        self._inbox.append(data)
        self._inbox_size += size
        if not session.world.notes.holding.take(size):
            session.finish(Status(Code.RESOURCE_EXHAUSTED, "the mock holds too many messages"))
        elif not self._held and (
            len(self._inbox) >= session.max_queued or self._inbox_size > session.world.max_message
        ):
            self._held = True
            session.call.hold()

    def half_closed(self) -> None:
        """The client has said all."""
        self._half_closed = True
        if self._expecting and self._run is not None:
            self._expecting = False
            self._stop_timer()
            self._guarded(self._dried_up)
            self._go()

    def writable(self) -> None:
        """What was sent is gone: go on."""
        if self._waiting:
            self._waiting = False
            self._go()

    def stop(self) -> None:
        """The call is over."""
        self._stop_timer()
        self._run = None
        self._pieces = None
        self._inbox.clear()
        self.session.world.notes.holding.give(self._inbox_size)
        self._inbox_size = 0

    # -------------------------------------------------------------- the script

    def _go(self) -> None:
        """Go on until something has to be waited for."""
        self._guarded(self._play)

    def _guarded(self, step: Callable[[], None]) -> None:
        """What goes wrong in a script ends its call, whoever called."""
        try:
            step()
        except MalformedMessageError as error:
            self.session.fail(error, Status(Code.INTERNAL, error.message))
        except MockForgeError as error:
            self.session.fail(error)
        except Exception:
            log.exception("a script failed")
            self.session.finish(Status(Code.INTERNAL, "the mock failed"))

    def _play(self) -> None:
        session = self.session
        for _ in range(BURST):
            run = self._run
            if run is None:
                return
            action = run.next()
            kind = action.__class__
            if kind is Emit:
                self._emit(action.payload)  # type: ignore[union-attr] # told by its class
                if self._timer is not None:
                    return
                if session.call.blocked:
                    self._waiting = True
                    return
            elif kind is Receive:
                if not self._receive(run, action.within):  # type: ignore[union-attr]
                    return
            elif isinstance(action, Pause):
                if action.seconds > 0:
                    self._later(action.seconds)
                    return
            elif isinstance(action, Finish):
                self._finish(action)
                return
        self._later(0.0)

    def _emit(self, payload: object) -> None:
        if isinstance(payload, bytes):
            self.session.send(payload)
        elif isinstance(payload, Action):
            payload.perform(self)

    def _receive(self, run: Run, within: float | None) -> bool:
        """Take what is expected from the inbox; whether the script can go on."""
        inbox = self._inbox
        while inbox:
            data = inbox.popleft()
            self._inbox_size -= len(data)
            self.session.world.notes.holding.give(len(data))
            if not inbox and self._held:
                self._held = False
                self.session.call.release()
            if run.deliver(Incoming(data, self.session.method.input)):
                return True
        if self._half_closed:
            self._dried_up()
            return True
        self._expecting = True
        if within is not None:
            self._timer = self.session.call.loop.call_later(within, self._timed_out)
        return False

    def _deliver(self, data: bytes) -> None:
        run = self._run
        if run is not None and run.deliver(Incoming(data, self.session.method.input)):
            self._expecting = False
            self._stop_timer()
            self._play()

    def _dried_up(self) -> None:
        """What is expected cannot come any more."""
        run = self._run
        if run is None:
            return
        if run.accepts is is_half_closed:
            run.deliver(HALF_CLOSED)
            return
        self._dry += 1
        if self._dry > MOST_DRY:
            raise RunError("the script goes on expecting messages, and the client has said all")
        run.dried_up()

    def _timed_out(self) -> None:
        self._timer = None
        run = self._run
        if run is not None:
            self._expecting = False
            self._guarded(run.timed_out)
            self._go()

    def _finish(self, finish: Finish) -> None:
        if finish.kind == "disconnect":
            self.session.disconnect()
        elif isinstance(finish.payload, Status):
            self.session.finish(finish.payload)
        else:
            self.session.finish(OK)

    # -------------------------------------------------------------- time

    def dribble(self, message: bytes, chunks: int, seconds: float) -> None:
        """Send a message in ``chunks`` pieces over ``seconds``; nothing else is sent meanwhile."""
        self.session.note_sent(message)
        whole = pack("!BI", 0, len(message)) + message
        size = max(1, -(-len(whole) // chunks))
        pieces = [whole[start : start + size] for start in range(0, len(whole), size)]
        self._pieces = pieces[::-1]
        self._dribble(seconds / max(1, len(pieces) - 1))

    def _dribble(self, every: float) -> None:
        self._timer = None
        pieces = self._pieces
        if self._run is None:
            return
        if not pieces:
            self._pieces = None
            self._go()
            return
        self.session.call.send_raw(pieces.pop())
        self._timer = self.session.call.loop.call_later(
            every if pieces else 0, self._dribble, every
        )

    def _later(self, seconds: float) -> None:
        loop = self.session.call.loop
        self._timer = (
            loop.call_later(seconds, self._resume) if seconds else loop.call_soon(self._resume)
        )

    def _resume(self) -> None:
        self._timer = None
        self._go()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
