"""Scenarios: named state machines that stubs move (``scenario: {name, when, then}``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mockforge.mocking.state.store import ABSENT, StateStore

STARTED: Final = "started"
"""The state of every scenario that nothing has moved yet."""

SPACE: Final = "scenarios"
DEFAULT_MAX_SCENARIOS: Final = 10_000


class Scenarios:
    """States by scenario name, kept in ``store``.

    Only scenarios that have left :data:`STARTED` take room. Past ``most`` of them the one that was first
    moved starts over.
    """

    def __init__(self, store: StateStore, most: int = DEFAULT_MAX_SCENARIOS) -> None:
        self._store = store
        self.most = most

    def state(self, name: str) -> str:
        """The state that scenario ``name`` is in."""
        found: str = self._store.get(SPACE, name, STARTED)
        return found

    def set(self, name: str, state: str) -> None:
        """Put scenario ``name`` into ``state``."""
        if state == STARTED:
            self._store.delete(SPACE, name)
        else:
            self._store.put(SPACE, name, state)
            self._bound()

    def advance(self, name: str, when: str, then: str) -> bool:
        """Move scenario ``name`` from ``when`` to ``then`` if it is there, in one step; whether it
        was."""
        moved = self._store.swap(SPACE, name, _kept(when), _kept(then))
        if moved:
            self._bound()
        return moved

    def list(self) -> Mapping[str, str]:
        """The scenarios that have moved, by name."""
        return dict(self._store.items(SPACE))

    def reset(self, name: str | None = None) -> None:
        """Start one scenario over, or all."""
        if name is None:
            self._store.clear(SPACE)
        else:
            self._store.delete(SPACE, name)

    def _bound(self) -> None:
        while self._store.count(SPACE) > self.most:
            self._store.drop_oldest(SPACE)


def _kept(state: str) -> Any:
    return ABSENT if state == STARTED else state
