"""Calling the implementations of hooks, every plugin's failure kept its own.

Nothing outside this file touches pluggy's relay. Implementations are called one by one, in plugin
name order with ``tryfirst`` before and ``trylast`` after, so that one that raises loses nobody else's
result; what it raised is noted on its row (:class:`~mockforge.plugins.record.PluginInfo`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import pluggy

from mockforge.plugins.record import PluginInfo

T = TypeVar("T")


class Relay:
    """The plugins that are installed, and the hook implementations of those that are loaded."""

    def __init__(self, manager: pluggy.PluginManager, rows: Mapping[str, PluginInfo]) -> None:
        self._manager = manager
        self._rows = dict(rows)

    @property
    def rows(self) -> tuple[PluginInfo, ...]:
        """All plugins that are installed, by name."""
        return tuple(self._rows.values())

    def get(self, name: str) -> PluginInfo | None:
        """The row of one plugin."""
        return self._rows.get(name)

    def _bound(self, hook: str, **arguments: object) -> Iterator[tuple[PluginInfo, Any]]:
        """Each implementation with its arguments bound, in calling order."""
        caller: pluggy.HookCaller = getattr(self._manager.hook, hook)
        for impl in reversed(caller.get_hookimpls()):
            values = [arguments[name] for name in impl.argnames]
            yield self._rows[impl.plugin_name], _bind(impl.function, values)

    def _collect(self, hook: str, kind: type) -> Iterator[tuple[PluginInfo, Any]]:
        """The items of every implementation's result; what is not of ``kind`` is refused."""
        for row, function in self._bound(hook):
            try:
                # A generator may raise half-way: all of a plugin's items, or none.
                items = list(function() or ())
            except Exception as error:
                row.note(hook, error)
                continue
            for item in items:
                if isinstance(item, kind):
                    yield row, item
                else:
                    self._refuse(row, hook, f"expected {kind.__name__}, got {item!r}")

    def _callables(self, hook: str) -> Iterator[tuple[PluginInfo, Callable[..., Any]]]:
        caller: pluggy.HookCaller = getattr(self._manager.hook, hook)
        for impl in reversed(caller.get_hookimpls()):
            # One that leaves the argument out is allowed by pluggy.
            function = impl.function if impl.argnames else _ignoring(impl.function)
            yield self._rows[impl.plugin_name], function

    def _drop(self, row: PluginInfo, reason: str) -> None:
        row.fail(reason)
        if self._manager.has_plugin(row.name):
            self._manager.unregister(name=row.name)

    @staticmethod
    def _refuse(row: PluginInfo, hook: str, message: str) -> None:
        row.note(hook, TypeError(message))


def _bind(function: Callable[..., T], values: Iterable[object]) -> Callable[[], T]:
    arguments = tuple(values)
    return lambda: function(*arguments)


def _ignoring(function: Callable[[], T]) -> Callable[[object], T]:
    return lambda _: function()
