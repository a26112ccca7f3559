"""The built-in store: entries in memory, as JSON text, bounded by number and by bytes."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Sequence
from itertools import islice
from sys import getsizeof
from threading import RLock
from typing import Any, Final

import msgspec

from mockforge.mocking.state.store import (
    ABSENT,
    DEFAULT_LIMITS,
    StateFullError,
    StateLimits,
    StateStore,
)

ENTRY_BYTES: Final = 250
"""What an entry takes beside its key and the text of its value: its place in a table that is half empty."""

SPACE_BYTES: Final = 600

_decode: Final = msgspec.json.Decoder().decode
_encode: Final = msgspec.json.Encoder().encode


class _Space:
    __slots__ = ("entries", "size")

    def __init__(self) -> None:
        # A plain dictionary forgets its front slowly: finding the oldest would walk over all that are gone.
        self.entries: OrderedDict[str, bytes] = OrderedDict()
        self.size = SPACE_BYTES


class MemoryStore(StateStore):
    """Keeps values as encoded text: half the memory of the objects, an exact account, and nothing that
    a caller could change by accident."""

    def __init__(self, limits: StateLimits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._spaces: dict[str, _Space] = {}
        self._entries = 0
        self._bytes = 0
        self._dropped = 0
        self._lock = RLock()

    # ---------------------------------------------------------------- one entry

    def get(self, space: str, key: str, default: Any = None) -> Any:
        held = self._spaces.get(space)
        text = None if held is None else held.entries.get(key)
        return default if text is None else _value(text)

    def put(self, space: str, key: str, value: Any) -> None:
        text = _text(value)
        cost = _cost(key, text)
        with self._lock:
            if (
                cost + SPACE_BYTES + len(space) > self._limits.max_bytes
                or not self._limits.max_entries
            ):
                raise StateFullError(
                    f"a value of {len(text)} bytes does not fit the state store "
                    f"(at most {self._limits.max_bytes} bytes, {self._limits.max_entries} entries)",
                    hint="raise core.state.max_bytes or core.state.max_entries",
                )
            held = self._spaces.get(space)
            if held is None:
                held = self._spaces[space] = _Space()
                held.size += len(space)
                self._bytes += held.size
            before = held.entries.get(key)
            if before is not None:
                cost -= _cost(key, before)
            else:
                self._entries += 1
            held.entries[key] = text
            held.size += cost
            self._bytes += cost
            if self._bytes > self._limits.max_bytes or self._entries > self._limits.max_entries:
                self._make_room(space, key)

    def swap(self, space: str, key: str, expected: Any, value: Any) -> bool:
        with self._lock:
            if self.get(space, key, ABSENT) != expected:
                return False
            if value is ABSENT:
                self.delete(space, key)
            else:
                self.put(space, key, value)
            return True

    def delete(self, space: str, key: str) -> bool:
        with self._lock:
            held = self._spaces.get(space)
            if held is None or key not in held.entries:
                return False
            self._remove(space, held, key)
            return True

    def increment(self, space: str, key: str, by: int = 1) -> int:
        with self._lock:
            number = self.get(space, key, 0)
            total = by + (number if type(number) is int else 0)
            self.put(space, key, total)
            return total

    # ---------------------------------------------------------------- spaces

    def keys(self, space: str, prefix: str = "") -> Sequence[str]:
        with self._lock:
            held = self._spaces.get(space)
            if held is None:
                return []
            if not prefix:
                return list(held.entries)
            return [key for key in held.entries if key.startswith(prefix)]

    def items(
        self, space: str, prefix: str = "", *, start: int = 0, most: int | None = None
    ) -> Sequence[tuple[str, Any]]:
        start = max(0, start)
        stop = None if most is None else start + max(0, most)
        with self._lock:
            held = self._spaces.get(space)
            if held is None:
                return []
            found = (item for item in held.entries.items() if item[0].startswith(prefix))
            chosen = list(islice(found, start, stop))
        return [(key, _value(text)) for key, text in chosen]

    def count(self, space: str, prefix: str = "") -> int:
        if prefix:
            return len(self.keys(space, prefix))
        held = self._spaces.get(space)
        return 0 if held is None else len(held.entries)

    def spaces(self) -> Sequence[str]:
        with self._lock:
            return list(self._spaces)

    def drop_oldest(self, space: str) -> str | None:
        with self._lock:
            held = self._spaces.get(space)
            if held is None:
                return None
            key = next(iter(held.entries))
            self._remove(space, held, key)
            self._dropped += 1
            return key

    def clear(self, space: str | None = None) -> None:
        with self._lock:
            for name in self._spaces.copy() if space is None else (space,):
                held = self._spaces.pop(name, None)
                if held is not None:
                    self._bytes -= held.size
                    self._entries -= len(held.entries)

    # ---------------------------------------------------------------- limits

    @property
    def limits(self) -> StateLimits:
        """Those of the moment."""
        return self._limits

    @property
    def entries(self) -> int:
        return self._entries

    @property
    def bytes(self) -> int:
        return self._bytes

    @property
    def dropped(self) -> int:
        return self._dropped

    def configure(self, limits: StateLimits) -> None:
        with self._lock:
            self._limits = limits
            self._make_room(None, None)

    def _make_room(self, space: str | None, spared: str | None) -> None:
        """Let the oldest entries of the largest space go, but not ``spared``, which was just put."""
        while self._bytes > self._limits.max_bytes or self._entries > self._limits.max_entries:
            name, held = max(
                (
                    each
                    for each in self._spaces.items()
                    if each[0] != space or len(each[1].entries) > 1
                ),
                key=lambda each: each[1].size,
            )
            keys = iter(held.entries)
            key = next(keys)
            if name == space and key == spared:
                key = next(keys)
            self._remove(name, held, key)
            self._dropped += 1

    def _remove(self, space: str, held: _Space, key: str) -> None:
        cost = _cost(key, held.entries.pop(key))
        held.size -= cost
        self._bytes -= cost
        self._entries -= 1
        if not held.entries:
            self._bytes -= held.size
            del self._spaces[space]


def _cost(key: str, text: bytes) -> int:
    return ENTRY_BYTES + getsizeof(key) + len(text)


def _text(value: Any) -> bytes:
    try:
        return _encode(value)
    except OverflowError:  # a whole number of more than 64 bits
        return json.dumps(value, separators=(",", ":")).encode()


def _value(text: bytes) -> Any:
    try:
        return _decode(text)
    except msgspec.DecodeError:  # see _text
        return json.loads(text)
