"""The application behind all engines: it hands each call to the world of the moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockforge_grpc.services.streams import RequestStream
from mockforge_grpc.services.unanswered import Refused, unknown_method
from mockforge_grpc.services.unary import OneRequest
from mockforge_grpc.transport.call import Application, Kind

if TYPE_CHECKING:
    from mockforge_grpc.schema import Schema
    from mockforge_grpc.services.world import World
    from mockforge_grpc.transport.call import Call, Receiver


class Services(Application):
    """``world`` is what is served; put another in its place and the next call is answered by that."""

    def __init__(self, world: World) -> None:
        self.world = world

    @property
    def schema(self) -> Schema:
        """What is served at the moment."""
        return self.world.schema

    def begin(self, call: Call) -> Receiver:
        """A call arrived."""
        route = self.world.route(call.path)
        if route is None:
            return Refused(self.world, call, unknown_method(self.world.schema, call.path))
        if not route.client_streaming:
            return OneRequest(route, call)
        session = RequestStream(route, call)
        session.begin()
        return session

    def kind(self, path: str) -> Kind | None:
        """Which sides of a method are streams."""
        route = self.world.route(path)
        return None if route is None else Kind(route.client_streaming, route.server_streaming)
