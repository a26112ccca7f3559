"""Plays a script in the callbacks of the event loop, for protocols in which both sides speak.

There is no task for each connection or call: a script that waits for a message or for the time holds nothing
but itself, and an echo costs no switch between tasks. What runs is a :class:`~mockforge.mocking.scripts.Run`,
which never waits by itself and says what it wants next.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final

from mockforge.errors import MockForgeError
from mockforge.mocking.scripts.run import Emit, Finish, Pause, Receive, Run

BURST: Final = 32
"""Messages that a script may send in a row before others have their turn."""
PLAYER_BYTES: Final = 2048
"""Estimate of what a script under way holds besides its variables and messages."""


class ScriptPlayer(ABC):
    """One script under way, until ``_run`` is ``None``."""

    __slots__ = ("_expecting", "_pieces", "_run", "_timer", "_waiting")

    def __init__(self, run: Run | None = None) -> None:
        self._run = run
        self._timer: asyncio.Handle | None = None
        self._pieces: list[bytes] | None = None
        self._expecting = False
        self._waiting = False

    @property
    @abstractmethod
    def _loop(self) -> asyncio.AbstractEventLoop:
        """Where everything happens."""

    @abstractmethod
    def _emit(self, payload: object) -> object:
        """Send something, or do it; true where the script has to wait until it is :meth:`writable`."""

    @abstractmethod
    def _receive(self, run: Run, within: float | None) -> bool:
        """Take what is expected from what came; whether the script goes on at once."""

    @abstractmethod
    def _finish(self, finish: Finish) -> None:
        """The script is over."""

    @abstractmethod
    def _failed(self, error: MockForgeError) -> None:
        """The script went wrong."""

    @abstractmethod
    def _broke(self) -> None:
        """The same, for a reason that nobody thought of: the exception that is being handled."""

    @abstractmethod
    def _send_piece(self, piece: bytes) -> None:
        """Send octets as they are."""

    @abstractmethod
    def _sent_pieces(self) -> None:
        """All pieces of a message are sent."""

    def writable(self) -> None:
        """What was sent is gone: go on."""
        if self._waiting:
            self._waiting = False
            self._go()

    def _go(self) -> None:
        """Go on until something has to be waited for."""
        self._guarded(self._play)

    def _guarded(self, step: Callable[[], None]) -> None:
        """What goes wrong in a script ends what it is played on, whoever called."""
        try:
            step()
        except MockForgeError as error:
            self._failed(error)
        except Exception:
            self._broke()

    def _play(self) -> None:
        for _ in range(BURST):
            run = self._run
            if run is None:
                return
            action = run.next()
            kind = action.__class__
            if kind is Emit:
                blocked = self._emit(action.payload)  # type: ignore[union-attr] # told by its class
                if self._timer is not None:
                    return
                if blocked:
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

    # -------------------------------------------------------------- time

    def _expect_within(self, seconds: float) -> None:
        """What is expected has to come in so many seconds."""
        self._timer = self._loop.call_later(seconds, self._timed_out)

    def _timed_out(self) -> None:
        self._timer = None
        run = self._run
        if run is not None:
            self._expecting = False
            self._guarded(run.timed_out)
            self._go()

    def _send_pieces(self, whole: bytes, chunks: int, seconds: float) -> None:
        """Send octets in ``chunks`` pieces over ``seconds``."""
        size = max(1, -(-len(whole) // chunks))
        pieces = [whole[start : start + size] for start in range(0, len(whole), size)]
        self._pieces = pieces[::-1]
        self._next_piece(seconds / max(1, len(pieces) - 1))

    def _next_piece(self, every: float) -> None:
        self._timer = None
        pieces = self._pieces
        if not pieces:
            self._pieces = None
            self._sent_pieces()
            return
        self._send_piece(pieces.pop())
        self._timer = self._loop.call_later(every if pieces else 0, self._next_piece, every)

    def _later(self, seconds: float) -> None:
        loop = self._loop
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
