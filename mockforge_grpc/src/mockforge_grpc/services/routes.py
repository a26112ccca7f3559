"""One method as it is served."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockforge_grpc.stubs.criteria import ALL_MESSAGES, FIRST_MESSAGE, NO_MESSAGE, needs

if TYPE_CHECKING:
    from mockforge_grpc.schema import Method
    from mockforge_grpc.services.world import Fallback, World
    from mockforge_grpc.stubs import StubAction


class Route:
    """``kind`` is ``UNARY``, ``SERVER_STREAM``, ``CLIENT_STREAM`` or ``BIDI``; ``fallback`` answers where no
    stub does; ``trouble`` is what the settings do to calls, ``None`` for nothing."""

    __slots__ = (
        "_needs",
        "_plan",
        "client_streaming",
        "fallback",
        "kind",
        "method",
        "path",
        "server_streaming",
        "trouble",
        "world",
    )

    def __init__(self, world: World, method: Method, fallback: Fallback) -> None:
        self.world = world
        self.method = method
        self.path = method.path
        self.kind = method.kind
        self.client_streaming = method.client_streaming
        self.server_streaming = method.server_streaming
        self.fallback = fallback
        self.trouble = world.troubles.of(method.full_name)
        self._plan: object = None
        self._needs = (NO_MESSAGE, False)

    def needs(self) -> tuple[int, bool]:
        """How much of a client stream has to come before a stub can be chosen, and whether all messages are
        to be kept for it. Worked out again when stubs for the path have changed."""
        plan = self.world.index.plan(self.path)
        if plan is not self._plan:
            self._plan = plan
            self._needs = self._work_out()
        return self._needs

    def _work_out(self) -> tuple[int, bool]:
        world = self.world
        if world.passes_always:
            return NO_MESSAGE, True
        # Nothing of what a client said may be missing where it is said again to somebody else.
        most, keep, scripted, count = NO_MESSAGE, world.passes_on, False, 0
        for stub, _ in world.index.candidates(self.kind, self.path):
            count += 1
            action: StubAction = stub.action
            wanted = needs(stub.criteria)
            most = max(most, wanted)
            keep = keep or wanted == ALL_MESSAGES or action.collects
            scripted = scripted or action.is_scripted(self.method)
        if not self.server_streaming and not scripted and not world.passes_on:
            # Nothing is sent before the client has said all.
            most = ALL_MESSAGES
        if count and most == NO_MESSAGE and not scripted:
            most = FIRST_MESSAGE
        return most, keep
