"""A plugin whose answers wait until they are let go, to hold requests under way."""

from __future__ import annotations

import threading

import anyio

from mockforge import hookimpl
from mockforge.mocking.exchange import Exchange


class Gate:
    """Answers to targets that begin with ``/slow`` wait until :meth:`open`; ``waiting`` is how many do,
    ``most`` how many did at a time."""

    def __init__(self) -> None:
        self.waiting = 0
        self.most = 0
        self._open = threading.Event()

    def open(self) -> None:
        self._open.set()

    @hookimpl
    async def mockforge_transform_response(self, exchange: Exchange) -> None:
        if not exchange.request.target.startswith("/slow"):
            return
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        try:
            while not self._open.is_set():  # noqa: ASYNC110 - opened from another thread
                await anyio.sleep(0.002)
        finally:
            self.waiting -= 1
