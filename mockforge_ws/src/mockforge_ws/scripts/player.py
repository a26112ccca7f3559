"""Plays a script on one connection, in the callbacks of the event loop."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING, Final

from mockforge.errors import MockForgeError
from mockforge.mocking.scripts import Finish, Program, Run
from mockforge.mocking.scripts.player import PLAYER_BYTES, ScriptPlayer
from mockforge_ws.scripts.actions import Action
from mockforge_ws.scripts.messages import Incoming
from mockforge_ws.scripts.scope import WebSocketScope
from mockforge_ws.scripts.vocabulary import CloseWith
from mockforge_ws.wire import Connection, Data, size_of

if TYPE_CHECKING:
    from mockforge_ws.conversation import Conversation

log = logging.getLogger("mockforge.ws")

MOST_BEHIND: Final = 1.0
"""Seconds that a script may be late and still catch up."""


class Player(ScriptPlayer):
    """The session of one connection whose stub has a script. ``conversation`` is told of all messages."""

    __slots__ = (
        "_conversation",
        "_due",
        "_inbox",
        "_inbox_size",
        "_program",
        "connection",
    )

    connection: Connection

    def __init__(self, program: Program, conversation: Conversation) -> None:
        super().__init__()
        self._program = program
        self._conversation = conversation
        self._due: float | None = None
        self._inbox: deque[Incoming] | None = None
        self._inbox_size = 0

    # -------------------------------------------------------------- what the wire says

    def start(self, connection: Connection) -> None:
        """The connection is open: begin."""
        self.connection = connection
        conversation = self._conversation
        scope = WebSocketScope(conversation.context, conversation.chance, self._now)
        self._run = Run(self._program, scope)
        self._go()

    def message(self, data: Data) -> None:
        """A message came: what is expected, or one for later."""
        run = self._run
        self._conversation.received(data)
        if run is None:
            return
        incoming = Incoming(data)
        if self._expecting:
            if run.deliver(incoming):
                self._expecting = False
                self._due = None
                self._stop_timer()
                self._go()
            return
        inbox = self._inbox
        if inbox is None:
            inbox = self._inbox = deque()
        inbox.append(incoming)
        size = size_of(data)
        self._inbox_size += size
        if not self.connection.account(size):
            return
        limits = self.connection.limits
        if len(inbox) >= limits.max_inbox or self._inbox_size > limits.max_message:
            self.connection.hold()

    def pushed(self, data: Data) -> None:
        """A message from elsewhere was sent."""
        self._conversation.sent(data)

    def closed(self, code: int, reason: str) -> None:
        """It is over."""
        self._stop_timer()
        self._run = self._inbox = self._pieces = None
        self._conversation.closed(code, reason)

    def memory_bytes(self) -> int:
        return PLAYER_BYTES

    # -------------------------------------------------------------- the script

    @property
    def _loop(self) -> asyncio.AbstractEventLoop:
        return self.connection.loop

    def _failed(self, error: MockForgeError) -> None:
        self._conversation.failed(error)
        self._run = None
        self.connection.close(1011, error.message)

    def _broke(self) -> None:
        log.exception("a script failed")
        self._run = None
        self.connection.close(1011, "the mock failed")

    def _go(self) -> None:
        if self.connection.is_open:
            self._guarded(self._play)

    def _emit(self, payload: object) -> object:
        connection = self.connection
        if isinstance(payload, str | bytes):
            connection.send(payload)
            self._conversation.sent(payload)
        elif isinstance(payload, Action):
            payload.perform(self)
        return connection.blocked or not connection.is_open

    def _receive(self, run: Run, within: float | None) -> bool:
        inbox = self._inbox
        while inbox:
            incoming = inbox.popleft()
            size = size_of(incoming.data)
            self._inbox_size -= size
            self.connection.account(-size)
            if not inbox:
                self._inbox = None
                self.connection.release()
            if run.deliver(incoming):
                self._due = None
                return self.connection.is_open
        self._expecting = True
        if within is not None:
            self._expect_within(within)
        return False

    def _timed_out(self) -> None:
        self._due = None
        super()._timed_out()

    def _finish(self, finish: Finish) -> None:
        self._run = None
        connection = self.connection
        if finish.kind == "disconnect":
            connection.reset()
        elif isinstance(finish.payload, CloseWith):
            connection.close(finish.payload.code, finish.payload.reason)
        else:
            connection.close()

    # -------------------------------------------------------------- time

    def dribble(self, data: Data, chunks: int, seconds: float) -> None:
        """Send a message in ``chunks`` pieces over ``seconds``; nothing else is sent meanwhile."""
        frame = self.connection.encoded(data)
        self._conversation.sent(data)
        self.connection.block()
        self._send_pieces(frame, chunks, seconds)

    def _send_piece(self, piece: bytes) -> None:
        self.connection.write_raw(piece)

    def _sent_pieces(self) -> None:
        self._due = None
        self._waiting = True
        self.connection.unblock()

    def _now(self) -> float:
        """When what goes on now was due: waits count from there, so that being late does not add up. After a
        message, or far behind, that is the time."""
        now, due = self.connection.loop.time(), self._due
        return now if due is None or now - due > MOST_BEHIND else due

    def _later(self, seconds: float) -> None:
        if seconds:
            self._due = self._now() + seconds
            self._timer = self._loop.call_at(self._due, self._resume)
        else:
            super()._later(seconds)
