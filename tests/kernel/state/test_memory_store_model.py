"""The store in memory against a plain dictionary, under any sequence of calls."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mockforge.mocking.state import ABSENT, MemoryStore, StateFullError, StateLimits

_SPACES = st.sampled_from(["", "a", "b", "c"])
_KEYS = st.sampled_from(["", "1", "1/2", "1/3", "ключ", "k" * 40])
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=5,
) | st.text(min_size=300, max_size=900)


class StoreMachine(RuleBasedStateMachine):
    """Whatever the store holds is what was put there last; whatever is missing was deleted or counted as
    dropped; the limits hold after each call."""

    def __init__(self) -> None:
        super().__init__()
        self.limits = StateLimits(max_entries=6, max_bytes=6_000)
        self.store = MemoryStore(self.limits)
        self.model: dict[str, dict[str, Any]] = {}

    def _forget_dropped(self, before: int) -> None:
        """Take from the model what the store has let go: as many entries as it counted."""
        missing = 0
        for space, entries in self.model.items():
            kept = self.store.keys(space)
            assert [key for key in entries if key in kept] == kept
            for key in [key for key in entries if key not in kept]:
                del entries[key]
                missing += 1
        assert missing == self.store.dropped - before

    @rule(space=_SPACES, key=_KEYS, value=_VALUES)
    def put(self, space: str, key: str, value: Any) -> None:
        before = self.store.dropped
        try:
            self.store.put(space, key, value)
        except StateFullError:
            return
        self.model.setdefault(space, {})[key] = value
        self._forget_dropped(before)
        assert self.store.get(space, key, ABSENT) == value

    @rule(space=_SPACES, key=_KEYS)
    def delete(self, space: str, key: str) -> None:
        there = key in self.model.get(space, {})
        assert self.store.delete(space, key) == there
        if there:
            del self.model[space][key]

    @rule(
        space=_SPACES,
        key=_KEYS,
        expected=st.just(ABSENT) | _VALUES,
        value=st.just(ABSENT) | _VALUES,
    )
    def swap(self, space: str, key: str, expected: Any, value: Any) -> None:
        now = self.model.get(space, {}).get(key, ABSENT)
        before = self.store.dropped
        try:
            done = self.store.swap(space, key, expected, value)
        except StateFullError:
            return
        assert done == (now == expected)
        if done and value is ABSENT:
            self.model.get(space, {}).pop(key, None)
        elif done:
            self.model.setdefault(space, {})[key] = value
        self._forget_dropped(before)

    @rule(space=_SPACES, key=_KEYS, by=st.integers(-3, 3))
    def increment(self, space: str, key: str, by: int) -> None:
        now = self.model.get(space, {}).get(key)
        before = self.store.dropped
        total = self.store.increment(space, key, by)
        assert total == by + (now if type(now) is int else 0)
        self.model.setdefault(space, {})[key] = total
        self._forget_dropped(before)

    @rule(space=_SPACES)
    def drop_oldest(self, space: str) -> None:
        entries = self.model.get(space, {})
        oldest = next(iter(entries), None)
        assert self.store.drop_oldest(space) == oldest
        if oldest is not None:
            del entries[oldest]

    @rule(space=_SPACES | st.none())
    def clear(self, space: str | None) -> None:
        self.store.clear(space)
        for name in [space] if space is not None else list(self.model):
            self.model.pop(name, None)

    @rule(entries=st.integers(1, 8), size=st.integers(1_000, 8_000))
    def configure(self, entries: int, size: int) -> None:
        before = self.store.dropped
        self.limits = StateLimits(entries, size)
        self.store.configure(self.limits)
        self._forget_dropped(before)

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        for space, entries in self.model.items():
            assert list(self.store.items(space)) == list(entries.items())
            assert self.store.count(space, "1/") == sum(key.startswith("1/") for key in entries)
        assert set(self.store.spaces()) == {name for name, held in self.model.items() if held}

    @invariant()
    def keeps_its_limits(self) -> None:
        assert self.store.entries == sum(map(len, self.model.values())) <= self.limits.max_entries
        assert 0 <= self.store.bytes <= self.limits.max_bytes


TestStore = StoreMachine.TestCase
TestStore.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
