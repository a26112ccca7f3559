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
    """About how many bytes the plan holds; may grow with an answer."""

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


class Source(Protocol):
    """What a generated plan takes its values from."""

    def make(self, seed: int, values: tuple[str, ...]) -> Any:
        """A value; ``values`` are the path parameters of the request."""
        ...

    def footprint(self) -> int:
        """About how many bytes are held; grows while parts are compiled on first use."""
        ...


class GeneratedPlan:
    """Data made for each request.

    The seed comes from the server's seed and the request (target and body), so the same request gets the
    same answer, whatever came before it. ``counter`` (for ``dynamic``) adds the number of the request.
    """

    __slots__ = ("_counter", "_model", "_render", "_seed", "_source", "size")

    def __init__(
        self,
        status: int,
        headers: Headers,
        source: Source,
        render: Callable[[Any], bytes],
        *,
        seed: int,
        counter: Callable[[], int] | None,
    ) -> None:
        self._model = Response(status, headers)
        self._source = source
        self._render = render
        self._seed = seed
        self._counter = counter
        self.size = source.footprint()

    def answer(self, request: Request, values: tuple[str, ...]) -> Response:
        seed = crc32(request.target.encode("latin-1", "replace"), self._seed)
        if request.body:
            seed = crc32(request.body, seed)
        if self._counter is not None:
            seed |= self._counter() << 32
        body = self._render(self._source.make(seed, values))
        self.size = self._source.footprint()
        return self._model.with_body(body)
