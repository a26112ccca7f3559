"""Plays a script on one call, in the callbacks of the event loop."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from struct import pack
from typing import TYPE_CHECKING, Final

from mockforge.errors import MockForgeError
from mockforge.mocking.scripts import Finish, Program, Run, RunError
from mockforge.mocking.scripts.player import ScriptPlayer
from mockforge_grpc.schema import MalformedMessageError
from mockforge_grpc.scripts.actions import Action
from mockforge_grpc.scripts.messages import HALF_CLOSED, Incoming, is_half_closed
from mockforge_grpc.status import OK, Code, Status

if TYPE_CHECKING:
    from mockforge_grpc.scripts.scope import CallScope
    from mockforge_grpc.services.session import Session

log = logging.getLogger("mockforge.grpc")

MOST_DRY: Final = 1000
"""Times that a script may go on expecting messages from a client that has said all."""


class Player(ScriptPlayer):
    """One script on one call: ``session`` is where it sends."""

    __slots__ = (
        "_dry",
        "_half_closed",
        "_held",
        "_inbox",
        "_inbox_size",
        "session",
    )

    def __init__(self, session: Session, program: Program, scope: CallScope) -> None:
        super().__init__(Run(program, scope))
        self.session = session
        self._inbox: deque[bytes] = deque()
        self._inbox_size = 0
        self._half_closed = False
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

    def stop(self) -> None:
        """The call is over."""
        self._stop_timer()
        self._run = None
        self._pieces = None
        self._inbox.clear()
        self.session.world.notes.holding.give(self._inbox_size)
        self._inbox_size = 0

    # -------------------------------------------------------------- the script

    @property
    def _loop(self) -> asyncio.AbstractEventLoop:
        return self.session.call.loop

    def _failed(self, error: MockForgeError) -> None:
        if isinstance(error, MalformedMessageError):
            self.session.fail(error, Status(Code.INTERNAL, error.message))
        else:
            self.session.fail(error)

    def _broke(self) -> None:
        log.exception("a script failed")
        self.session.finish(Status(Code.INTERNAL, "the mock failed"))

    def _emit(self, payload: object) -> object:
        if isinstance(payload, bytes):
            self.session.send(payload)
        elif isinstance(payload, Action):
            payload.perform(self)
        return self.session.call.blocked

    def _receive(self, run: Run, within: float | None) -> bool:
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
            self._expect_within(within)
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
        self._send_pieces(whole, chunks, seconds)

    def _next_piece(self, every: float) -> None:
        if self._run is None:
            self._timer = None
        else:
            super()._next_piece(every)

    def _send_piece(self, piece: bytes) -> None:
        self.session.call.send_raw(piece)

    def _sent_pieces(self) -> None:
        self._go()
