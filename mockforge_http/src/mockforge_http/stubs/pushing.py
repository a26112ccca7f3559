"""Pushes on their way: made when the answer is out, held back where they have a delay, and handed to the
server that sends them."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from sys import getsizeof
from typing import TYPE_CHECKING, Any, Final, Literal

from mockforge.errors import MockForgeError
from mockforge.observe.throttle import Throttle

if TYPE_CHECKING:
    from mockforge.kernel.connections import OpenConnections
    from mockforge_http.config import CallbackSettings
    from mockforge_http.stubs.push import Pushed
    from mockforge_http.stubs.turn import Turn

log = logging.getLogger("mockforge.http.stubs")

Outcome = Literal["sent", "unheard", "failed", "dropped"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("sent", "unheard", "failed", "dropped")

_ITEM_BYTES: Final = 1_000
"""About what one that waits holds besides its message."""


class PushSending:
    """Pushes to ``connections``. Those that wait for their delay are at most ``settings.max_queue``, and hold
    at most ``settings.max_bytes``. ``counts`` says what became of all."""

    def __init__(self, connections: OpenConnections, settings: CallbackSettings) -> None:
        self.settings = settings
        self.counts: Counter[Outcome] = Counter()
        self.held = 0
        """Bytes of those that wait."""
        self._connections = connections
        self._waiting: dict[int, tuple[asyncio.TimerHandle, int]] = {}
        self._number = 0
        self._throttles = {outcome: Throttle() for outcome in OUTCOMES}

    def after(self, turn: Turn) -> None:
        """Send the pushes of an answer; never raises."""
        for number, push in enumerate(turn.stub.action.pushes):
            label = f"the push of stub {turn.stub.id}"
            try:
                pushed = push.make(turn, number)
            except Exception as error:
                # The answer is out: what goes wrong here must not take its connection down.
                self._failed(label, error)
                continue
            if pushed.delay > 0:
                self._hold(label, pushed)
            else:
                self._send(label, pushed)

    def close(self) -> None:
        """Give up what waits."""
        for timer, _ in self._waiting.values():
            timer.cancel()
        self.counts["dropped"] += len(self._waiting)
        self._waiting.clear()
        self.held = 0

    def _hold(self, label: str, pushed: Pushed) -> None:
        size = _ITEM_BYTES + getsizeof(pushed.message)
        if len(self._waiting) >= self.settings.max_queue:
            self._conclude("dropped", label, "too many wait (http.callbacks.max_queue)")
        elif self.held + size > self.settings.max_bytes:
            self._conclude("dropped", label, "too much waits (http.callbacks.max_bytes)")
        else:
            self._number += 1
            loop = asyncio.get_running_loop()
            timer = loop.call_later(pushed.delay, self._due, self._number, label, pushed)
            self._waiting[self._number] = timer, size
            self.held += size

    def _due(self, number: int, label: str, pushed: Pushed) -> None:
        _, size = self._waiting.pop(number)
        self.held -= size
        self._send(label, pushed)

    def _send(self, label: str, pushed: Pushed) -> None:
        try:
            reached = self._connections.push(pushed.server, pushed.target, pushed.message)
        except Exception as error:
            self._failed(label, error)
            return
        if reached:
            self.counts["sent"] += 1
        else:
            kind, name = pushed.target
            self._conclude("unheard", label, f"nobody is connected to the {kind} {name}")

    def _failed(self, label: str, error: Exception) -> None:
        if not isinstance(error, MockForgeError):
            log.exception("%s cannot be made", label)
        self._conclude("failed", label, str(error))

    def _conclude(self, outcome: Outcome, label: str, reason: Any) -> None:
        """Count what was not sent, and say so once a minute."""
        self.counts[outcome] += 1
        held_back = self._throttles[outcome].ready()
        if held_back is None:
            return
        more = f"; {held_back} more since the last time this was said" if held_back else ""
        log.warning("%s was not sent: %s%s", label, reason, more)
