"""Plays a script on one connection, in the callbacks of the event loop.

There is no task per connection: a script that waits for a message or for the time holds nothing but itself,
and an echo costs no switch between tasks. What runs is :class:`mockforge.mocking.scripts.Run`, which never
waits by itself and says what it wants next.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from mockforge.errors import MockForgeError
from mockforge.mocking.scripts import Emit, Finish, Pause, Program, Run
from mockforge.mocking.scripts.run import Receive
from mockforge_ws.scripts.actions import Action
from mockforge_ws.scripts.messages import Incoming
from mockforge_ws.scripts.scope import WebSocketScope
from mockforge_ws.scripts.vocabulary import CloseWith
from mockforge_ws.wire import Connection, Data, size_of

if TYPE_CHECKING:
    from mockforge_ws.conversation import Conversation

log = logging.getLogger("mockforge.ws")

BURST: Final = 32
"""Messages that a script may send in a row before others have their turn."""
MOST_BEHIND: Final = 1.0
"""Seconds that a script may be late and still catch up."""
PLAYER_BYTES: Final = 2048
"""Estimate of what a script under way holds besides its variables and messages."""


class Player:
    """The session of one connection whose stub has a script. ``conversation`` is told of all messages."""

    __slots__ = (
        "_conversation",
        "_due",
        "_expecting",
        "_inbox",
        "_inbox_size",
        "_pieces",
        "_program",
        "_run",
        "_timer",
        "_waiting",
        "connection",
    )

    connection: Connection

    def __init__(self, program: Program, conversation: Conversation) -> None:
        self._program = program
        self._conversation = conversation
        self._run: Run | None = None
        self._timer: asyncio.Handle | None = None
        self._due: float | None = None
        self._inbox: deque[Incoming] | None = None
        self._inbox_size = 0
        self._pieces: list[bytes] | None = None
        self._expecting = False
        self._waiting = False

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

    def writable(self) -> None:
        """What was sent is gone: go on."""
        if self._waiting:
            self._waiting = False
            self._go()

    def closed(self, code: int, reason: str) -> None:
        """It is over."""
        self._stop_timer()
        self._run = self._inbox = self._pieces = None
        self._conversation.closed(code, reason)

    def memory_bytes(self) -> int:
        return PLAYER_BYTES

    # -------------------------------------------------------------- the script

    def _go(self) -> None:
        """Go on until something has to be waited for."""
        self._guarded(self._play)

    def _guarded(self, step: Callable[[], None]) -> None:
        """What goes wrong in a script ends its connection, whoever called."""
        try:
            step()
        except MockForgeError as error:
            self._conversation.failed(error)
            self._run = None
            self.connection.close(1011, error.message)
        except Exception:
            log.exception("a script failed")
            self._run = None
            self.connection.close(1011, "the mock failed")

    def _play(self) -> None:
        connection = self.connection
        for _ in range(BURST):
            run = self._run
            if run is None or not connection.is_open:
                return
            action = run.next()
            kind = action.__class__
            if kind is Emit:
                self._emit(action.payload)  # type: ignore[union-attr] # told by its class
                if self._timer is not None:
                    return
                if connection.blocked:
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
        if isinstance(payload, str | bytes):
            self.connection.send(payload)
            self._conversation.sent(payload)
        elif isinstance(payload, Action):
            payload.perform(self)

    def _receive(self, run: Run, within: float | None) -> bool:
        """Take what is expected from the inbox; whether it was there."""
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
                return True
        self._expecting = True
        if within is not None:
            self._timer = self.connection.loop.call_later(within, self._timed_out)
        return False

    def _timed_out(self) -> None:
        self._timer = self._due = None
        run = self._run
        if run is not None:
            self._expecting = False
            self._guarded(run.timed_out)
            self._go()

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
        size = max(1, -(-len(frame) // chunks))
        pieces = [frame[start : start + size] for start in range(0, len(frame), size)]
        self.connection.block()
        self._pieces = pieces[::-1]
        self._dribble(seconds / max(1, len(pieces) - 1))

    def _dribble(self, every: float) -> None:
        self._timer = None
        pieces = self._pieces
        if not pieces:
            self._pieces = self._due = None
            self._waiting = True
            self.connection.unblock()
            return
        self.connection.write_raw(pieces.pop())
        self._timer = self.connection.loop.call_later(every if pieces else 0, self._dribble, every)

    def _now(self) -> float:
        """When what goes on now was due: waits count from there, so that being late does not add up. After a
        message, or far behind, that is the time."""
        now, due = self.connection.loop.time(), self._due
        return now if due is None or now - due > MOST_BEHIND else due

    def _later(self, seconds: float) -> None:
        loop = self.connection.loop
        if seconds:
            self._due = self._now() + seconds
            self._timer = loop.call_at(self._due, self._resume)
        else:
            self._timer = loop.call_soon(self._resume)

    def _resume(self) -> None:
        self._timer = None
        self._go()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
