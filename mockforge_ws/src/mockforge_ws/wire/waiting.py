"""A client whose request takes time to decide over: what it sends meanwhile, and the decision under way."""

from __future__ import annotations

import asyncio
from typing import Final

MOST_EARLY: Final = 16 * 1024
"""Bytes after the request; then the client is not read from until it is answered."""


class Waiting:
    """``early`` is what came after the request, ``task`` decides; it is cancelled where the client goes."""

    __slots__ = ("early", "task")

    def __init__(self, task: asyncio.Task[None], early: bytes) -> None:
        self.task = task
        self.early = bytearray(early)

    def add(self, data: bytes, transport: asyncio.Transport) -> None:
        """The client has sent ``data``."""
        self.early += data
        if len(self.early) > MOST_EARLY:
            transport.pause_reading()
