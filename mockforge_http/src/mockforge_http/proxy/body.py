"""The body of an answer on its way through: a bounded stream that gives its connection back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from mockforge_http.proxy.errors import UpstreamError

if TYPE_CHECKING:
    from mockforge_http.proxy.pool import Answer


class PassedBody(AsyncIterator[bytes]):
    """Pieces of ``answer``, at most ``limit`` bytes of them; UpstreamError where it breaks off. ``lost`` is
    given the answer where this is thrown away unread."""

    __slots__ = ("_answer", "_limit", "_lost", "_passed")

    def __init__(self, answer: Answer, limit: int, lost: Callable[[Answer], None]) -> None:
        self._answer = answer
        self._limit = limit
        self._lost = lost
        self._passed = 0

    async def __anext__(self) -> bytes:
        piece = await self._answer.piece()
        if piece is None:
            raise StopAsyncIteration
        self._passed += len(piece)
        if self._passed > self._limit:
            await self._answer.aclose()
            raise too_large(self._limit)
        return piece

    async def aclose(self) -> None:
        """Give the connection back."""
        await self._answer.aclose()

    def __del__(self) -> None:
        # A transformer may have put something else in the place of this answer.
        if not self._answer.closed:
            self._lost(self._answer)


def too_large(limit: int) -> UpstreamError:
    """For a body that is larger than ``limit`` bytes."""
    return UpstreamError(
        502,
        "upstream-too-large",
        f"The answer of the upstream server is larger than {limit} bytes (http.proxy.max_body).",
    )


class Abandoned:
    """Closes answers whose body nobody read, each in a task of its own."""

    def __init__(self) -> None:
        self._closing: set[asyncio.Task[None]] = set()

    def __call__(self, answer: Answer) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # the loop is gone, and its connections with it
            return
        task = loop.create_task(answer.aclose())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
