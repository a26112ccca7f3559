"""What a mock remembers between requests: scenarios, and values that were posted, put or counted.

One :class:`State` per process, shared by every protocol (:func:`shared_state`): an order that was paid over
HTTP is paid over gRPC and WebSocket too. Everything goes through a :class:`StateStore`; the built-in one
keeps it in memory, bounded, and plugins can bring others (``mockforge_register_state_stores``).
"""

from __future__ import annotations

from mockforge.mocking.state.memory import MemoryStore
from mockforge.mocking.state.scenarios import STARTED, Scenarios
from mockforge.mocking.state.shared import State, shared_state
from mockforge.mocking.state.store import (
    ABSENT,
    DEFAULT_LIMITS,
    StateFullError,
    StateLimits,
    StateStore,
)

__all__ = [
    "ABSENT",
    "DEFAULT_LIMITS",
    "STARTED",
    "MemoryStore",
    "Scenarios",
    "State",
    "StateFullError",
    "StateLimits",
    "StateStore",
    "shared_state",
]
