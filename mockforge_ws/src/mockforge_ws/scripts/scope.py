"""What the templates and steps of one script on one connection see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from mockforge.mocking.scripts import Scope
from mockforge_ws.scripts.messages import Incoming, MessageView


class WebSocketScope(Scope):
    """``received`` is an :class:`Incoming`, ``opened`` the loop's time when the connection opened, ``now``
    tells that time now."""

    __slots__ = ("now", "opened")

    def __init__(
        self, base: Mapping[str, Any], chance: Callable[[], Random], now: Callable[[], float]
    ) -> None:
        super().__init__(base, chance)
        self.now = now
        self.opened = now()

    def context(self) -> dict[str, Any]:
        received = self.received
        if isinstance(received, Incoming) and self.message is received:
            self.message = MessageView(received)  # made only where a template wants it
        return super().context()
