"""From sources to a schema."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from .model import Schema


class Upstream(NamedTuple):
    """A server to ask for its descriptors by reflection."""

    target: str  # host:port
    tls: bool = False
    ca: Path | None = None
    metadata: tuple[tuple[str, str], ...] = ()
    timeout: float = 10.0


def load_schema(
    sources: Sequence[Path | Upstream],
    roots: Sequence[Path] = (),
    *,
    cache: Path | None = None,
) -> Schema:
    """Read, compile and index ``sources``; ProtoError (all that is wrong at once). Blocks: run it in a
    thread. ``cache`` is the folder for compiled protos; None: none is kept."""
    raise NotImplementedError
