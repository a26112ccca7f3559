"""What the wire asks of the application it serves, and the guards around it.

The pipeline implements :class:`Application`; the wire and the ASGI front (:mod:`mockforge_http.asgi`)
call it through :func:`ask`, :func:`await_answer` and :func:`report`, so that a fault in it costs one
answer and never a connection.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from time import perf_counter_ns
from typing import Protocol

from mockforge.mocking.exchange import Exchange, Response
from mockforge_http.problems import problem

log = logging.getLogger("mockforge.http")

Answer = Response | Awaitable[Response]


class Application(Protocol):
    """Answers requests.

    :meth:`handle` returns the answer, or an awaitable of it where something must be waited for; it
    should not raise (if it does, the client gets a 500 and the log the traceback).

    :meth:`finished` is told of every exchange exactly once: when its answer was handed to the
    transport, when the wire refused the request itself (``source`` is ``none`` and ``error`` says
    why; ``request.method`` may be empty when the head could not be read), and when the client left
    before its answer (``response`` is ``None``, or the one that was being sent, and ``error`` is set).
    """

    def handle(self, exchange: Exchange) -> Answer: ...

    def finished(self, exchange: Exchange) -> None: ...


class Upgrading(Application, Protocol):
    """An application that also takes connections over (RFC 9110 section 7.8)."""

    def upgrade(self, exchange: Exchange, transport: asyncio.Transport, buffered: bytes) -> bool:
        """Asked for an HTTP/1.1 request that names a protocol in ``Upgrade``.

        Return ``False`` without having written anything to have it answered like any other request.
        Return ``True`` to own ``transport`` from here on: call ``transport.set_protocol`` before
        returning. ``buffered`` is what the client sent after the request. The connection is then no
        longer counted, limited, timed or drained by the wire.
        """


Upgrade = Callable[[Exchange, asyncio.Transport, bytes], bool]


def failed(exchange: Exchange, error: BaseException) -> Response:
    """The answer for a request whose answering failed; logged with its traceback."""
    request = exchange.request
    exchange.error = f"{type(error).__name__}: {error}"
    exchange.source = "none"
    log.error("answering %s %s failed", request.method, request.target, exc_info=error)
    return problem(500, "answer-failed", f"The mock could not make an answer: {exchange.error}")


def ask(application: Application, exchange: Exchange) -> Answer:
    """The application's answer, or a 500 where it raised or returned something else."""
    try:
        return checked(exchange, application.handle(exchange))
    except Exception as error:
        return failed(exchange, error)


def checked(exchange: Exchange, answer: object) -> Answer:
    """``answer``, or a 500 where it is neither a response nor an awaitable."""
    if isinstance(answer, Response) or isawaitable(answer):
        return answer
    return failed(exchange, TypeError(f"the application returned {type(answer).__name__}"))


async def await_answer(exchange: Exchange, answer: Awaitable[Response]) -> Response:
    """What ``answer`` gives, or a 500 where it raised or gave something else."""
    try:
        response = await answer
    except Exception as error:
        return failed(exchange, error)
    if not isinstance(response, Response):
        return failed(exchange, TypeError(f"the application gave {type(response).__name__}"))
    return response


def report(application: Application, exchange: Exchange) -> None:
    """Tell the application that ``exchange`` is over; sets its duration."""
    exchange.duration_ns = perf_counter_ns() - exchange.started_ns
    try:
        application.finished(exchange)
    except Exception:
        request = exchange.request
        log.exception("noting %s %s failed", request.method, request.target)
