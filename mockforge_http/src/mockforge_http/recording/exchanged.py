"""What is kept of one exchange until it is written."""

from __future__ import annotations

from typing import Final, NamedTuple

COST: Final = 2_000
"""About what an exchange holds besides its bodies."""


class Exchanged(NamedTuple):
    """A request and its answer. ``matched`` are the request headers that stubs are to match."""

    method: str
    path: str
    query: str
    media_type: str
    matched: tuple[tuple[str, str], ...]
    body: bytes
    status: int
    headers: tuple[tuple[str, str], ...]
    answer: bytes
