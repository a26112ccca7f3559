"""``grpc.health.v1`` (GRPC Health Checking Protocol): every service that is mocked is serving. A stub for one
of these methods goes before it, as for any other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from mockforge_grpc.status import Code, Status

if TYPE_CHECKING:
    from mockforge_grpc.schema import Method
    from mockforge_grpc.services.session import Session
    from mockforge_grpc.services.world import World

SERVICE: Final = "grpc.health.v1.Health"
SOURCE: Final = "health"
SERVING, NOT_SERVING, SERVICE_UNKNOWN = 1, 2, 3
_MOST_LISTED: Final = 100
"""Services in one answer of ``List``, as the protocol has it."""


class Health:
    """The answers, and the ``Watch`` calls that are open."""

    def __init__(self) -> None:
        self._watching: set[Session] = set()
        self._draining = False

    def fallback(self, world: World, method: Method) -> Callable[[Session], None] | None:
        """What answers ``method``; ``None`` if it is none of this service."""
        if method.service != SERVICE:
            return None
        answers: dict[str, Callable[[Session], None]] = {
            "Check": self._check,
            "Watch": self._watch,
            "List": self._list,
        }
        return answers.get(method.name)

    def drain(self) -> None:
        """Say that nothing is served any more, and let go of whoever watches."""
        self._draining = True
        for session in list(self._watching):
            self._say(session, NOT_SERVING)
            session.finish(Status(Code.UNAVAILABLE, "the server stops"))

    def _check(self, session: Session) -> None:
        session.exchange.source = SOURCE
        status = self._status_of(session)
        if status == SERVICE_UNKNOWN:
            session.finish(Status(Code.NOT_FOUND, "there is no such service"))
            return
        self._say(session, status)
        session.finish()

    def _watch(self, session: Session) -> None:
        session.exchange.source = SOURCE
        self._say(session, self._status_of(session))
        if self._draining:
            session.finish(Status(Code.UNAVAILABLE, "the server stops"))
            return
        self._watching.add(session)
        session.when_over(lambda: self._watching.discard(session))

    def _list(self, session: Session) -> None:
        session.exchange.source = SOURCE
        answer: Any = session.route.method.output.new()
        status = NOT_SERVING if self._draining else SERVING
        for name in ["", *list(session.world.schema.services)[: _MOST_LISTED - 1]]:
            answer.statuses[name].status = status
        session.send(answer.SerializeToString())
        session.finish()

    def _status_of(self, session: Session) -> int:
        method = session.route.method
        asked: Any = method.input.parse(session.messages[0])
        if asked.service and session.world.schema.service(asked.service) is None:
            return SERVICE_UNKNOWN
        return NOT_SERVING if self._draining else SERVING

    @staticmethod
    def _say(session: Session, status: int) -> None:
        answer: Any = session.route.method.output.new()
        answer.status = status
        session.send(answer.SerializeToString())
