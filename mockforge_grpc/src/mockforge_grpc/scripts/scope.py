"""What the templates and steps of one answer to one call see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from mockforge.mocking.scripts import Scope
from mockforge_grpc.scripts.messages import Incoming

Base = Callable[[], Mapping[str, Any]]


class CallScope(Scope):
    """``make_base`` gives the names of the call when a template first asks for them; ``received`` is an
    :class:`Incoming`."""

    __slots__ = ("_made", "_make_base")

    def __init__(self, make_base: Base, chance: Random | Callable[[], Random]) -> None:
        super().__init__({}, chance)
        self._make_base = make_base
        self._made = False

    def context(self) -> dict[str, Any]:
        if not self._made:
            self.base = self._make_base()
            self._made = True
        received = self.received
        if isinstance(received, Incoming) and self.message is received:
            self.message = received.json  # made only where a template wants it
        return super().context()
