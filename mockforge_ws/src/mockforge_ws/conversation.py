"""One open connection as the mock sees it: what its templates see, and what is noted of it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

from mockforge.errors import MockForgeError
from mockforge.mocking.data.chance import Dice
from mockforge.mocking.templating import request_context

if TYPE_CHECKING:
    from mockforge.findings import Finding
    from mockforge.mocking.exchange import Exchange
    from mockforge.mocking.state import State
    from mockforge.mocking.stubs import RequestFacts, Stub
    from mockforge_ws.notes import Notes
    from mockforge_ws.wire import Data

log = logging.getLogger("mockforge.ws")


class Surroundings(NamedTuple):
    """What all conversations share: the ``state``, the ``seed`` of all chance, where messages are noted."""

    state: State
    seed: int
    notes: Notes


class Conversation:
    """The ``number``-th connection that ``stub`` answers, opened by ``exchange``; ``values`` are those of its
    path."""

    __slots__ = ("_around", "_exchange", "_number", "_stub", "_values")

    def __init__(
        self,
        around: Surroundings,
        stub: Stub[RequestFacts],
        exchange: Exchange,
        values: tuple[str, ...],
    ) -> None:
        self._around = around
        self._stub = stub
        self._exchange = exchange
        self._values = values
        self._number = stub.matched

    @property
    def context(self) -> dict[str, Any]:
        """Names for templates: ``request`` and ``state``."""
        path = self._stub.parameters(self._values)
        context = request_context(self._exchange.request, path=path)
        context["state"] = self._around.state
        return context

    def chance(self) -> Random:
        """The chance of this conversation: the same in every run with the same seed."""
        name = crc32(self._stub.id.encode())
        return Dice(f"{self._around.seed}/{name}/{self._number}")

    @property
    def parameters(self) -> Mapping[str, str]:
        """The values of the path's parameters by name."""
        return self._stub.parameters(self._values)

    def received(
        self, data: Data, source: str | None = None, findings: tuple[Finding, ...] = ()
    ) -> None:
        """The client sent a message; ``source`` is what took it, if that is not the stub, and
        ``findings`` are what is wrong with it."""
        notes = self._around.notes
        if notes.messages or findings:
            notes.received(self._exchange, data, source, findings)

    def sent(self, data: Data, source: str | None = None) -> None:
        """The script, or somebody from outside, sent a message."""
        notes = self._around.notes
        if notes.messages:
            notes.sent(self._exchange, data, source)

    def closed(self, code: int, reason: str) -> None:
        """The connection is over."""
        self._around.notes.closed(self._exchange, code, reason)

    def failed(self, error: MockForgeError) -> None:
        """The script went wrong."""
        place = error.place or self._stub.place
        log.error(
            "the script of stub %s failed on %s: %s (%s)",
            self._stub.id,
            self._exchange.request.target,
            error,
            error.hint or place,
        )
        self._exchange.error = f"{type(error).__name__}: {error}"
