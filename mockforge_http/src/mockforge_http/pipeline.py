"""The way of a request through the HTTP mock: a table of parts, read from top to bottom.

    find the route -> ask the responders in order -> check the answer -> transform -> share across origins

Everything here is synchronous as long as every part is, so that the wire can write the answer inside its
read callback; the first part that returns an awaitable turns the rest into a coroutine. The check of requests
is a responder too: it stands after explicit stubs and answers what the document forbids.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from inspect import isawaitable
from typing import TYPE_CHECKING

from mockforge.mocking.exchange import Exchange, Response
from mockforge.mocking.routing import Match
from mockforge_http.operations.responder import Routes
from mockforge_http.problems import problem
from mockforge_http.unanswered import unanswered
from mockforge_http.validation.header import findings_header, says_findings

if TYPE_CHECKING:
    from mockforge.contracts import Responder, ResponseTransformer
    from mockforge.explanations import Explanation
    from mockforge.mocking.exchange import Request
    from mockforge_http.cors import CorsPolicy
    from mockforge_http.operations.operation import Operation
    from mockforge_http.operations.store import OperationSlot

log = logging.getLogger("mockforge.http")

Answer = Response | Awaitable[Response]


class Pipeline:
    """One immutable set of parts; a reload makes a new one and the server swaps it in.

    ``responders`` are in the order in which they are asked. ``note_failure`` records that a transformer
    raised and gives the line for ``exchange.error``. ``check_answer`` holds answers against the document and
    may replace them (``http.validation.responses``). ``explain`` says which stubs came nearest to a request
    that nothing answers. ``asked_for`` is whether somebody has an answer of their own to an OPTIONS request,
    which is then no affair of ``cors``.
    """

    def __init__(
        self,
        *,
        routes: Routes,
        responders: Sequence[Responder],
        transformers: Sequence[ResponseTransformer],
        cors: CorsPolicy,
        source_header: bool,
        note_failure: Callable[[ResponseTransformer, BaseException], str],
        check_answer: Callable[[Exchange, Response], Response] | None = None,
        explain: Callable[[Exchange], Explanation | None] | None = None,
        asked_for: Callable[[Exchange], bool] | None = None,
    ) -> None:
        self.routes = routes
        self._find = routes.find
        self._respond: tuple[Callable[[Exchange], object], ...] = tuple(
            responder.respond for responder in responders
        )
        self._transformers = tuple(transformers)
        self._cors = cors
        self._source_header = source_header
        self._note_failure = note_failure
        self._check_answer = check_answer
        self._explain = explain
        self._asked_for = asked_for or _never

    def handle(self, exchange: Exchange) -> Answer:
        """Answer ``exchange``; never raises."""
        request = exchange.request
        match = self._find(request.method, request.path)
        if match is not None:
            if match.route.alternatives is not None:
                match = Match(match.route.choose(request.query, request.fields), match.values)
            exchange.template = match.route.template
            exchange.operation = match
        if request.method == "OPTIONS" and not self._asked_for(exchange):
            preflight = self._cors.preflight(request, self.routes.miss(request.path).allowed)
            if preflight is not None:
                exchange.response = preflight
                return preflight
        return self._ask(exchange, 0)

    def find(self, request: Request) -> Match[OperationSlot[Operation]] | None:
        """The operation of a document that ``request`` is for."""
        match = self._find(request.method, request.path)
        if match is None or match.route.alternatives is None:
            return match
        return Match(match.route.choose(request.query, request.fields), match.values)

    def _ask(self, exchange: Exchange, start: int) -> Answer:
        for position in range(start, len(self._respond)):
            try:
                answer = self._respond[position](exchange)
            except Exception as error:
                return self._finish(exchange, self._failed(exchange, error))
            if answer is None:
                continue
            if isinstance(answer, Response):
                return self._finish(exchange, answer)
            return self._wait(exchange, answer, position)
        return self._finish(exchange, self._unanswered(exchange))

    async def _wait(self, exchange: Exchange, pending: object, position: int) -> Response:
        try:
            answer = await pending if isawaitable(pending) else pending
        except Exception as error:
            answer = self._failed(exchange, error)
        if answer is None:
            rest = self._ask(exchange, position + 1)
            return rest if isinstance(rest, Response) else await rest
        if not isinstance(answer, Response):
            kind = type(answer).__name__
            answer = self._failed(exchange, TypeError(f"a responder returned {kind}"))
        finished = self._finish(exchange, answer)
        return finished if isinstance(finished, Response) else await finished

    def _finish(self, exchange: Exchange, response: Response) -> Answer:
        exchange.response = response
        if self._check_answer is not None and exchange.operation is not None:
            exchange.response = self._check_answer(exchange, response)
        if self._transformers:
            return self._transform(exchange, 0)
        return self._share(exchange)

    def _transform(self, exchange: Exchange, start: int) -> Answer:
        for position in range(start, len(self._transformers)):
            try:
                changed = self._transformers[position](exchange)
            except Exception as error:
                exchange.error = self._note_failure(self._transformers[position], error)
                continue
            if isinstance(changed, Response):
                exchange.response = changed
            elif changed is not None:
                return self._transform_later(exchange, changed, position)
        return self._share(exchange)

    async def _transform_later(
        self, exchange: Exchange, pending: Awaitable[Response | None], position: int
    ) -> Response:
        try:
            changed = await pending
            if changed is not None:
                exchange.response = changed
        except Exception as error:
            exchange.error = self._note_failure(self._transformers[position], error)
        rest = self._transform(exchange, position + 1)
        return rest if isinstance(rest, Response) else await rest

    def _share(self, exchange: Exchange) -> Response:
        response = exchange.response
        assert response is not None  # noqa: S101 - set by _finish
        if exchange.findings and not says_findings(response):
            response = response.with_header(*findings_header(exchange.findings))
        if self._source_header:
            response = response.with_header("X-Mockforge-Source", exchange.source)
        if self._cors.enabled and b"origin" in exchange.request.fields:
            response = self._cors.share(exchange.request, response)
        exchange.response = response
        return response

    def _unanswered(self, exchange: Exchange) -> Response:
        """404 or 405 with what was nearest."""
        exchange.source = "none"
        if self._explain is not None:
            exchange.explanation = self._explain(exchange)
        miss = self.routes.miss(exchange.request.path, options=self._cors.enabled)
        return unanswered(exchange, miss, bool(len(self.routes)))

    def _failed(self, exchange: Exchange, error: Exception) -> Response:
        request = exchange.request
        exchange.error = f"{type(error).__name__}: {error}"
        exchange.source = "none"
        log.error("answering %s %s failed", request.method, request.target, exc_info=error)
        return problem(500, "answer-failed", f"The mock could not make an answer: {exchange.error}")


def _never(_: Exchange) -> bool:
    """Nobody answers OPTIONS but the pipeline."""
    return False
