"""What is served at one moment: a schema, the stubs that were compiled for it, and a route for each method
that was called. Replaced whole at a reload; calls under way keep theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mockforge.mocking.data.chance import Dice, LateDice
from mockforge_grpc.services.routes import Route
from mockforge_grpc.services.troubles import Troubles
from mockforge_grpc.stubs.compiler import PROTOCOL
from mockforge_grpc.stubs.methods import find_method

if TYPE_CHECKING:
    from random import Random

    from mockforge.mocking.state import State
    from mockforge.mocking.stubs import StubIndex, StubSet
    from mockforge_grpc.config import GrpcConfig
    from mockforge_grpc.schema import Method, Schema
    from mockforge_grpc.services.notes import Notes
    from mockforge_grpc.stubs import Facts, Kit

Fallback = Callable[[Any], None]
"""Answers a call that no stub is for; is handed its session when the client has said all (when the call
begins, where both sides are streams)."""


class World:
    """``fallback`` says what answers a method that no stub is for."""

    def __init__(
        self,
        config: GrpcConfig,
        schema: Schema,
        stubs: StubSet,
        kit: Kit,
        *,
        state: State,
        seed: int,
        notes: Notes,
        fallback: Callable[[World, Method], Fallback],
        passes_on: bool = False,
        passes_always: bool = False,
    ) -> None:
        self.config = config
        self.schema = schema
        self.stubs = stubs
        self.index: StubIndex[Facts] = stubs.index(PROTOCOL)
        self.kit = kit
        self.state = state
        self.seed = seed
        self.notes = notes
        self.max_queued = config.max_queued
        self.max_collected = config.max_collected
        self.max_message = int(config.max_message)
        self.troubles = Troubles(config, seed)
        self.passes_on = passes_on
        """Whether calls that no stub answers go to an upstream server."""
        self.passes_always = passes_always
        """Whether all calls do."""
        self.calls = 0
        """Under way."""
        self._retired = False
        self._fallback = fallback
        self._routes: dict[str, Route] = {}
        self._dice = LateDice()

    def route(self, path: str) -> Route | None:
        """Of a method of the schema; ``None`` if there is none at ``path``."""
        route = self._routes.get(path)
        if route is None:
            method = find_method(self.schema, path)
            if method is None:
                return None
            route = Route(self, method, self._fallback(self, method))
            self._routes[path] = route
        return route

    def retire(self) -> None:
        """Another world is served from now on: let go of the schema when the last call is over."""
        self._retired = True
        self.left(0)

    def left(self, calls: int = 1) -> None:
        """So many calls are over."""
        self.calls -= calls
        if self._retired and not self.calls:
            self.schema.close()

    def chance(self, *parts: object) -> Random:
        """Chance by ``parts``: the same in every run with the same seed. It is one object, seeded anew: good
        until something is waited for."""
        dice = self._dice
        dice.seed_later(self.seed, *parts)
        return dice

    def lasting_chance(self, *parts: object) -> Random:
        """Like :meth:`chance`, for what goes on while other calls are answered."""
        return Dice("/".join(map(str, (self.seed, *parts))))
