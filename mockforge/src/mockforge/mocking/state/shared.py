"""The one state of a process, made from its settings on first use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any, ClassVar, Final
from weakref import WeakKeyDictionary

from mockforge.config.core import CoreConfig, StateSettings
from mockforge.errors import ConfigError
from mockforge.mocking.state.memory import MemoryStore
from mockforge.mocking.state.scenarios import Scenarios
from mockforge.mocking.state.store import StateLimits, StateStore
from mockforge.nearest import nearest

if TYPE_CHECKING:
    from mockforge.kernel import Kernel

MEMORY: Final = "memory"
VALUES: Final = "values"
"""The space of what templates and the API keep under plain names."""


class State:
    """A store, the scenarios in it, and what is to be filled again after a :meth:`reset`."""

    template_methods: ClassVar = frozenset(("get", "put"))
    """What templates may call on it."""

    def __init__(self, store: StateStore) -> None:
        self.store = store
        self.scenarios = Scenarios(store)
        self._seeds: dict[str, dict[str, Callable[[], None]]] = {}

    def get(self, name: str, default: Any = None) -> Any:
        """A value kept by :meth:`put`."""
        return self.store.get(VALUES, name, default)

    def put(self, name: str, value: Any) -> Any:
        """Keep ``value`` (anything JSON can say) under a plain name; returns it."""
        self.store.put(VALUES, name, value)
        return value

    def set_seeds(self, owner: str, seeds: Mapping[str, Callable[[], None]]) -> None:
        """What ``owner`` (a protocol) has filled in by name: called now where the name is new, and all of
        them again at each :meth:`reset`. They replace the owner's earlier ones."""
        before = self._seeds.get(owner, {})
        self._seeds[owner] = dict(seeds)
        for name, fill in seeds.items():
            if name not in before:
                fill()

    def reset(self) -> None:
        """Back to the start: scenarios started, what was put gone, seeds as they were loaded."""
        self.store.clear()
        for seeds in list(self._seeds.values()):
            for fill in seeds.values():
                fill()


_states: Final[WeakKeyDictionary[Kernel, State]] = WeakKeyDictionary()
_lock: Final = Lock()


def shared_state(kernel: Kernel) -> State:
    """The state that all protocols of ``kernel`` share, made by the first that asks. Called again (at a
    reload) it takes on changed limits; what is kept stays. ConfigError: no such store."""
    settings = kernel.settings.section("core", CoreConfig).state
    with _lock:
        state = _states.get(kernel)
        if state is None:
            state = _states[kernel] = State(_open(settings, kernel))
            _observe(kernel, state)
        else:
            state.store.configure(_limits(settings))
        return state


def _open(settings: StateSettings, kernel: Kernel) -> StateStore:
    limits = _limits(settings)
    if settings.store == MEMORY:
        return MemoryStore(limits)
    backends = kernel.plugins.state_stores()
    backend = backends.get(settings.store)
    if backend is None:
        known = [MEMORY, *backends]
        near = nearest(settings.store, known)
        raise ConfigError(
            f"core.state.store: there is no state store named {settings.store!r}",
            hint=f"did you mean {near}?" if near else f"there are: {', '.join(known)}",
        )
    return backend.open(limits)


def _limits(settings: StateSettings) -> StateLimits:
    return StateLimits(settings.max_entries, int(settings.max_bytes))


def _observe(kernel: Kernel, state: State) -> None:
    store = state.store
    kernel.memory.register(
        "state",
        lambda: store.bytes,
        lambda: int(kernel.settings.section("core", CoreConfig).state.max_bytes),
    )
    kernel.metrics.read("mockforge_dropped_total", lambda: store.dropped, component="state")
