"""The responder that answers from stubs: the first to be asked."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import ClassVar

from mockforge.contracts import Responder
from mockforge.errors import MockForgeError
from mockforge.mocking.exchange import Exchange, Response
from mockforge.mocking.stubs import Found, StubSet
from mockforge_http.problems import problem
from mockforge_http.stubs.action import StubAction
from mockforge_http.stubs.facts import Facts
from mockforge_http.stubs.kit import Kit
from mockforge_http.stubs.turn import Turn

log = logging.getLogger("mockforge.http.stubs")

AfterAnswer = Callable[[Turn], None]
"""What is told of an answer whose stub has more to send, once it is out."""


class StubResponder(Responder):
    """Answers with the stub that a request selects.

    ``after`` sends what a stub sends afterwards.
    """

    protocol: ClassVar[str] = "http"
    priority: ClassVar[int] = 100

    def __init__(self, stubs: StubSet, kit: Kit, after: AfterAnswer | None = None) -> None:
        self._stubs = stubs
        self._find = stubs.index("http").find
        self._states = stubs.states
        self._kit = kit
        self._after = after

    def respond(self, exchange: Exchange) -> Response | Awaitable[Response] | None:
        request = exchange.request
        facts = Facts(exchange)
        found: Found[Facts] | None = self._find(request.method, request.path, facts, self._states)
        if found is None:
            if request.method != "HEAD":
                return None
            # RFC 9110 section 9.3.2: HEAD is answered like GET, but for the content.
            found = self._find("GET", request.path, facts, self._states)
            if found is None:
                return None
        stub, values = found
        stub.take(self._states)
        action: StubAction = stub.action
        exchange.source = action.source or action.name(stub.id)
        if action.label is not None:
            exchange.template = action.label
        response = action.fixed
        if response is not None:
            return response
        return self._make(action, Turn(self._kit, stub, facts, values))

    def _make(self, action: StubAction, turn: Turn) -> Response | Awaitable[Response]:
        if action.follows and self._after is not None:
            turn.exchange.after = partial(self._after, turn)
        try:
            answer = action.answer(turn)
        except MockForgeError as error:
            return failed(turn, error)
        return answer if isinstance(answer, Response) else _awaited(turn, answer)


async def _awaited(turn: Turn, answer: Awaitable[Response]) -> Response:
    try:
        return await answer
    except MockForgeError as error:
        return failed(turn, error)


def failed(turn: Turn, error: MockForgeError) -> Response:
    """The answer where a stub's own cannot be made: which stub it is, and where it is written."""
    exchange, stub = turn.exchange, turn.stub
    exchange.error = f"{type(error).__name__}: {error}"
    place = str(error.place or stub.place)
    log.error("stub %s cannot answer %s: %s", stub.id, exchange.request.target, error)
    return problem(
        500,
        "stub-failed",
        f"The stub {stub.id} could not make its answer: {error}",
        stub=stub.id,
        place=place,
        hint=error.hint,
    )
