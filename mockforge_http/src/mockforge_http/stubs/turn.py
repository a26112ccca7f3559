"""One answer being made: what its templates see, and the chance it draws from."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from mockforge.mocking.templating import request_context

if TYPE_CHECKING:
    from mockforge.mocking.exchange import Exchange
    from mockforge.mocking.stubs import Stub
    from mockforge_http.stubs.facts import Facts
    from mockforge_http.stubs.kit import Kit


class Turn:
    """The ``number``-th answer of ``stub``, from 1, for ``exchange``; ``values`` are those of its path.
    ``media_type`` is that of a body whose kind shows only when it is made, ``hold`` delays an answer."""

    __slots__ = (
        "_chance",
        "_context",
        "_facts",
        "_kit",
        "exchange",
        "hold",
        "media_type",
        "number",
        "stub",
        "values",
    )

    def __init__(self, kit: Kit, stub: Stub[Facts], facts: Facts, values: tuple[str, ...]) -> None:
        self._kit = kit
        self._context: dict[str, Any] | None = None
        self._chance: Random | None = None
        self.media_type: str | None = None
        self.hold = kit.hold
        self.stub = stub
        self.exchange: Exchange = facts.exchange
        self._facts = facts
        self.values = values
        self.number = stub.matched

    @property
    def context(self) -> dict[str, Any]:
        """The names that templates see."""
        context = self._context
        if context is None:
            path = self.stub.parameters(self.values) or self._of_the_document()
            context = request_context(self.exchange.request, path=path, content=self._facts.content)
            context["state"] = self._kit.state
            self._context = context
        return context

    @property
    def chance(self) -> Random:
        """The chance of this answer, for what is made at once: the same in every run with the same seed."""
        chance = self._chance
        if chance is None:
            chance = self._chance = self._kit.chance(self.stub.id, self.number)
        return chance

    def lasting_chance(self, purpose: str) -> Random:
        """Chance for a ``purpose`` that takes its time."""
        return self._kit.lasting_chance(self.stub.id, self.number, purpose)

    def _of_the_document(self) -> dict[str, str]:
        """The path parameters of the operation that was found: a stub for it has no path of its own."""
        match = self.exchange.operation
        if match is None:
            return {}
        return dict(zip(match.route.names, match.values, strict=False))
