"""One answer of a stub, compiled: how it is made for a request.

An answer that is the same for everyone is one prepared :class:`~mockforge.mocking.exchange.Response`, shared;
one whose body alone differs shares its rendered head.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Final

from mockforge.errors import MockForgeError
from mockforge.mocking.exchange import Response

if TYPE_CHECKING:
    from mockforge.mocking.faults import Delay, Fault
    from mockforge.mocking.templating import Template
    from mockforge_http.stubs.bodies import Body
    from mockforge_http.stubs.kit import Forward
    from mockforge_http.stubs.turn import Turn

STATUS: Final = re.compile("[2-9][0-9]{2}")
FORBIDDEN: Final = re.compile(r"[\r\n\0]")
"""What no header value holds."""


class StubAnswer:
    """One answer of a stub. ``fixed`` is the shared response where there is nothing else to it."""

    __slots__ = (
        "_body",
        "_delay",
        "_fault",
        "_forward",
        "_head",
        "_headers",
        "_status",
        "_typed",
        "fixed",
        "sample",
    )

    def __init__(
        self,
        status: int | Template,
        headers: tuple[tuple[str, str | Template], ...],
        body: Body | None,
        *,
        typed: bool,
        delay: Delay | None,
        fault: Fault | None,
        forward: Forward | None,
    ) -> None:
        self._status = status
        self._headers = headers
        self._body = body
        self._typed = typed
        self._delay = delay
        self._fault = fault
        self._forward = forward
        self._head: Response | None = None
        self.fixed: Response | None = None
        plain = isinstance(status, int) and all(isinstance(value, str) for _, value in headers)
        self.sample: Response | None = None
        """The answer where it is the same for everyone, delay aside; for checks against documents."""
        if plain and forward is None:
            assert isinstance(status, int)  # noqa: S101 - for the type checker
            content = b"" if body is None else body.fixed
            whole = Response(status, headers, content or b"", fault=fault)  # type: ignore[arg-type]
            if content is not None:
                self.sample = whole
                self._body = None  # the answer holds its bytes
                if delay is None:
                    self.fixed = whole
            elif typed or (body is not None and body.media_type is not None):
                self._head = whole

    @property
    def status(self) -> int | None:
        """The status, where it is always the same and the stub's own."""
        return self._status if isinstance(self._status, int) and self._forward is None else None

    def make(self, turn: Turn) -> Response | Awaitable[Response]:
        """The answer for one request; TemplateError, FileError and the like go to the caller."""
        if self._forward is not None:
            return self._forwarded(turn, self._forward)
        response = self.fixed or self.sample or self._make(turn)
        if self._delay is None:
            return response
        return turn.hold(response, self._delay.sample(turn.chance))

    def _make(self, turn: Turn) -> Response:
        body = self._body
        made = b"" if body is None else body.make(turn)
        head = self._head
        if head is not None and isinstance(made, bytes):
            return head.with_body(made)
        status, headers = self._start(turn)
        if isinstance(made, bytes):
            return Response(status, headers, made, fault=self._fault)
        if made.length is not None:
            headers = [*headers, ("Content-Length", str(made.length))]
        return Response(status, headers, stream=made.pieces, fault=self._fault)

    def _start(self, turn: Turn) -> tuple[int, list[tuple[str, str]]]:
        status = self._status
        if not isinstance(status, int):
            text = status.render(turn.context, turn.chance).strip()
            if not STATUS.fullmatch(text):
                raise MockForgeError(f"the status came to {text[:40]!r}, which is none")
            status = int(text)
        headers: list[tuple[str, str]] = []
        for name, value in self._headers:
            if not isinstance(value, str):
                value = value.render(turn.context, turn.chance)
                value = FORBIDDEN.sub(" ", value).strip()
            headers.append((name, value))
        if not self._typed and turn.media_type is not None:
            headers.append(("Content-Type", turn.media_type))
        return status, headers

    async def _forwarded(self, turn: Turn, forward: Forward) -> Response:
        response = await forward(turn.exchange)
        if self._fault is not None:
            response = response.with_fault(self._fault)
        if self._delay is not None:
            seconds = self._delay.sample(turn.lasting_chance("delay"))
            response = await turn.hold(response, seconds)
        return response
