"""The items of one collection in the state store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

from mockforge.mocking.state import StateStore

NUMBERS: Final = "resource-numbers"
"""The space of the counters that new ids come from."""

_MOST_GONE: Final = 1_000

Parents = tuple[str, ...]
"""The values of the path parameters before the last: which ``/users/{id}/posts``."""


class Kept:
    """Items by parents and id; past ``most`` of them (all parents together) the oldest go."""

    def __init__(self, store: StateStore, name: str, most: int) -> None:
        self.name = name
        self.most = most
        self._store = store
        self._space = f"resource:{name}"
        self._gone = f"resource-gone:{name}"

    def get(self, parents: Parents, id_text: str) -> dict[str, Any] | None:
        """The item, if it is there."""
        item: dict[str, Any] | None = self._store.get(self._space, _key(parents, id_text))
        return item

    def has(self, parents: Parents, id_text: str) -> bool:
        """Whether the item is there."""
        return self.get(parents, id_text) is not None

    def put(self, parents: Parents, id_text: str, item: dict[str, Any]) -> None:
        """Keep ``item``; StateFullError if it alone is larger than all that may be kept."""
        key = _key(parents, id_text)
        self._store.put(self._space, key, item)
        self._store.delete(self._gone, key)
        while self._store.count(self._space) > self.most:
            self._store.drop_oldest(self._space)

    def delete(self, parents: Parents, id_text: str) -> bool:
        """Let the item go; whether it was there. It is remembered as gone."""
        key = _key(parents, id_text)
        if not self._store.delete(self._space, key):
            return False
        self._store.put(self._gone, key, True)
        while self._store.count(self._gone) > _MOST_GONE:
            self._store.drop_oldest(self._gone)
        return True

    def is_gone(self, path_values: Parents) -> bool:
        """Whether the item that these parameters lead to was there and was deleted."""
        return self._store.get(self._gone, _key(path_values[:-1], path_values[-1])) is not None

    def delete_below(self, parents: Parents) -> None:
        """Let everything below an item of another collection go."""
        for key in self._store.keys(self._space, _prefix(parents)):
            self._store.delete(self._space, key)

    def items(self, parents: Parents) -> Sequence[dict[str, Any]]:
        """All items of these parents, in the order in which they were made."""
        return [item for _, item in self._store.items(self._space, _prefix(parents))]

    def page(self, parents: Parents, start: int, most: int | None) -> Sequence[dict[str, Any]]:
        """``most`` of them from position ``start``; the others are not even decoded."""
        found = self._store.items(self._space, _prefix(parents), start=start, most=most)
        return [item for _, item in found]

    def count(self, parents: Parents) -> int:
        """How many items these parents have."""
        return self._store.count(self._space, _prefix(parents))

    def next_number(self) -> int:
        """1, 2, 3 ..."""
        return self._store.increment(NUMBERS, self.name)


def _prefix(parents: Parents) -> str:
    return "".join(f"{quote(value, safe='')}/" for value in parents)


def _key(parents: Parents, id_text: str) -> str:
    return _prefix(parents) + quote(id_text, safe="")
