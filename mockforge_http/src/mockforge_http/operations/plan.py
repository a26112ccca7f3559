"""What an operation answers to one kind of request: made once, then used for every such request.

A plan is chosen by what the client accepts and wishes. If nothing in it depends on the request, it *is* a
response, shared by all requests and rendered once; otherwise it makes data from a compiled schema.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol
from zlib import crc32

from mockforge.mocking.exchange import Request, Response

Headers = tuple[tuple[str, str], ...]


class Plan(Protocol):
    """Answers requests of one kind."""

    size: int
    """About how many bytes the plan holds."""

    def answer(self, request: Request, values: tuple[str, ...]) -> Response:
        """The response; ``values`` are the path parameters in the order of the template."""
        ...


class FixedPlan:
    """Always the same response."""

    __slots__ = ("response", "size")

    def __init__(self, response: Response) -> None:
        self.response = response
        # The response, its headers, and the head that the wire keeps with it.
        self.size = len(response.body) + 600 + 2 * sum(len(n) + len(v) for n, v in response.headers)

    def answer(self, request: Request, values: tuple[str, ...]) -> Response:
        return self.response


class GeneratedPlan:
    """Data made for each request.

    The seed comes from the server's seed and the request (target and body), so the same request gets the
    same answer, whatever came before it. ``counter`` (for ``dynamic``) adds the number of the request.
    """

    __slots__ = ("_counter", "_generate", "_headers", "_render", "_seed", "_status", "size")

    def __init__(
        self,
        status: int,
        headers: Headers,
        generate: Callable[[int, tuple[str, ...]], Any],
        render: Callable[[Any], bytes],
        *,
        seed: int,
        counter: Callable[[], int] | None,
        size: int,
    ) -> None:
        self._status = status
        self._headers = headers
        self._generate = generate
        self._render = render
        self._seed = seed
        self._counter = counter
        self.size = size

    def answer(self, request: Request, values: tuple[str, ...]) -> Response:
        seed = crc32(request.target.encode("latin-1", "replace"), self._seed)
        if request.body:
            seed = crc32(request.body, seed)
        if self._counter is not None:
            seed |= self._counter() << 32
        body = self._render(self._generate(seed, values))
        return Response(self._status, self._headers, body)
