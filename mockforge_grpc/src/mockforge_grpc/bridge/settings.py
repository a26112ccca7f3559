"""What the bridge is told: by the settings, and by the limits of the calls it makes."""

from __future__ import annotations

from typing import NamedTuple


class BridgeSettings(NamedTuple):
    """``prefix`` is a path without a slash at its end; ``defaults``: JSON answers hold fields that have their
    default too; sizes in bytes."""

    prefix: str = ""
    defaults: bool = False
    max_message: int = 4 * 1024**2
    write_buffer: int = 64 * 1024
    max_queued: int = 100_000
    """Messages that one request may hold."""
    title: str = "gRPC services"
    version: str = "1.0.0"
