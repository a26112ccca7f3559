"""Answers made from the descriptors, where no stub is for a call."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final
from zlib import crc32

from mockforge_grpc.scripts.messages import Incoming
from mockforge_grpc.services.streams import RequestStream
from mockforge_grpc.stubs.response import generated_program

if TYPE_CHECKING:
    from mockforge.mocking.scripts import Program, Scope
    from mockforge_grpc.schema import Method
    from mockforge_grpc.services.session import Session
    from mockforge_grpc.services.world import World

SOURCE: Final = "generated"


def generated(world: World, method: Method) -> Callable[[Session], None]:
    """What answers calls of ``method`` with generated messages: one, ``grpc.generated_messages`` of a stream,
    or one for each that comes. The same seed, method and request give the same answer."""
    if not method.server_streaming:
        return _one
    both = method.client_streaming
    kit, kind = world.kit, method.output

    def make(scope: Scope) -> bytes:
        chance = scope.chance
        received = scope.received
        if both and isinstance(received, Incoming):
            chance = world.chance(method.path, crc32(received.data))
        return kit.generate(kind, chance).SerializeToString()

    program = generated_program(make, None if both else world.config.generated_messages)
    return lambda session: _many(session, program)


def _one(session: Session) -> None:
    session.exchange.source = SOURCE
    world, method = session.world, session.route.method
    message = world.kit.generate(method.output, world.chance(method.path, _digest(session)))
    session.send(message.SerializeToString())
    session.finish()


def _many(session: Session, program: Program) -> None:
    session.exchange.source = SOURCE
    world, path, digest = session.world, session.route.path, _digest(session)
    session.play(program, session.scope(lambda: world.lasting_chance(path, digest)))


def _digest(session: Session) -> int:
    if isinstance(session, RequestStream):
        return session.digest
    return crc32(session.messages[0]) if session.messages else 0
