"""What is said where nothing answers: of a method that nobody knows, and of a call that no stub is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockforge.explanations import Explanation, cut
from mockforge.mocking.stubs import nearest
from mockforge_grpc.services.notes import UNKNOWN_KIND
from mockforge_grpc.status import Code, Status
from mockforge_grpc.stubs.answer import noted
from mockforge_grpc.transport.call import Receiver

if TYPE_CHECKING:
    from mockforge_grpc.schema import Schema
    from mockforge_grpc.services.session import Session
    from mockforge_grpc.services.world import World
    from mockforge_grpc.stubs import Facts
    from mockforge_grpc.transport.call import Call, EndedBy

MOST_SAID: Final = 1500
"""Characters of a status message: clients take some 8 KB of trailers, and octets may be written as three."""
_MOST_NAME: Final = 200


def unknown_method(schema: Schema, path: str) -> Status:
    """What is said of a call to a method that is not there."""
    name = path.lstrip("/")
    service = name.rpartition("/")[0]
    what = "method" if schema.service(service) is not None else "service"
    shown = cut(name if what == "method" else service or name, _MOST_NAME)
    message = f"there is no {what} {shown}"
    near = schema.nearest_method(name)
    if not schema.methods:
        message += "; no protos were given (--proto)"
    elif near is not None:
        message += f"; did you mean {near}?"
    return Status(Code.UNIMPLEMENTED, message)


def explain(world: World, kind: str, path: str, facts: Facts) -> Explanation:
    """Which stubs come nearest to a call; nothing is counted."""
    near = nearest(
        world.index,
        kind,
        path,
        facts,
        states=world.stubs.states,
        body=sum(map(len, facts.messages)),
    )
    return Explanation(f"{kind} {path}", near)


def no_stub(session: Session) -> None:
    """The fallback where nothing is generated: NOT_FOUND with the nearest stubs."""
    world, route = session.world, session.route
    explanation = explain(world, route.kind, route.path, session)
    session.exchange.explanation = explanation
    if explanation.near:
        message = "\n".join(explanation.lines())
    else:
        message = f"no stub answers {route.method.full_name}: there are none (--mocks)"
    session.finish(Status(Code.NOT_FOUND, cut(message, MOST_SAID)))


def not_served(session: Session) -> None:
    """The fallback of services that are switched off."""
    session.finish(
        Status(
            Code.UNIMPLEMENTED, f"{session.route.method.service} is switched off in the settings"
        )
    )


class Refused(Receiver):
    """A call that is answered with ``status`` whatever it sends."""

    __slots__ = ()

    def __init__(self, world: World, call: Call, status: Status) -> None:
        exchange = world.notes.opened(UNKNOWN_KIND, call)
        call.finish(status)
        world.notes.closed(exchange, noted(status, (), (), b""), 0)

    def message(self, data: bytes) -> None:
        """Nobody listens."""

    def half_closed(self) -> None:
        """The answer was given."""

    def writable(self) -> None:
        """Nothing is sent."""

    def ended(self, status: Status, *, by: EndedBy) -> None:
        """It was over before."""
