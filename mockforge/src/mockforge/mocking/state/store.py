"""The contract of everything that keeps state: JSON values by key, in named spaces."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from mockforge.errors import MockForgeError

ABSENT: Final[Any] = msgspec.UNSET
"""Stands for "there is no such entry" where ``None`` would be a value."""


class StateLimits(msgspec.Struct, frozen=True):
    """The most that a store may hold, all spaces together."""

    max_entries: int = 100_000
    max_bytes: int = 32 * 1024**2


DEFAULT_LIMITS: Final = StateLimits()


class StateFullError(MockForgeError):
    """One value is larger than all that the store may hold."""


class StateStore(ABC):
    """Values by ``key`` in named spaces; both are plain texts. A value is whatever JSON can say.

    What is handed out is the caller's own: changing it changes nothing in the store. Entries of a space
    keep the order in which they were first put. A store that is full lets the oldest entries go, from
    the space that holds the most, and counts them (:attr:`dropped`); it never refuses a value that would
    fit an empty store. All methods are called in the event loop and from other threads, and may not
    block for long.
    """

    @abstractmethod
    def get(self, space: str, key: str, default: Any = None) -> Any:
        """The value, or ``default``."""

    @abstractmethod
    def put(self, space: str, key: str, value: Any) -> None:
        """Keep ``value``; an entry that exists keeps its place. Raises :class:`StateFullError`, and
        TypeError for what is no JSON."""

    @abstractmethod
    def swap(self, space: str, key: str, expected: Any, value: Any) -> bool:
        """Put ``value`` (:data:`ABSENT`: delete the entry) if the entry now equals ``expected``
        (:data:`ABSENT`: if there is none), in one step that no other thread sees half of; whether it was
        done."""

    @abstractmethod
    def delete(self, space: str, key: str) -> bool:
        """Let the entry go; whether there was one."""

    @abstractmethod
    def keys(self, space: str, prefix: str = "") -> Sequence[str]:
        """The keys of a space that begin with ``prefix``, in their order."""

    @abstractmethod
    def items(
        self, space: str, prefix: str = "", *, start: int = 0, most: int | None = None
    ) -> Sequence[tuple[str, Any]]:
        """Keys that begin with ``prefix`` and their values, in their order: ``most`` of them from
        position ``start``."""

    @abstractmethod
    def count(self, space: str, prefix: str = "") -> int:
        """Entries of a space whose keys begin with ``prefix``."""

    @abstractmethod
    def spaces(self) -> Sequence[str]:
        """The names of the spaces that hold something."""

    @abstractmethod
    def increment(self, space: str, key: str, by: int = 1) -> int:
        """Add to the number kept there (0 if there is none, or it is no whole number) and return the
        sum, in one step."""

    @abstractmethod
    def drop_oldest(self, space: str) -> str | None:
        """Let the oldest entry of a space go, counted as dropped; its key, ``None`` if there is none."""

    @abstractmethod
    def clear(self, space: str | None = None) -> None:
        """Empty one space, or all."""

    @property
    @abstractmethod
    def entries(self) -> int:
        """Entries held."""

    @property
    @abstractmethod
    def bytes(self) -> int:
        """Bytes of this process that they take; 0 if they are kept elsewhere."""

    @property
    @abstractmethod
    def dropped(self) -> int:
        """Entries let go so far because there was no room."""

    def configure(self, limits: StateLimits) -> None:  # noqa: B027 - to override where it bounds itself
        """Take on other limits; called when the settings were read again."""

    def close(self) -> None:  # noqa: B027 - to override where something is open
        """The process ends."""
