"""Finding and loading plugins: entry points, sorted, blocked before import, each in isolation.

pluggy's own loader is not used: it dies with the first plugin that fails to import, keeps quiet when
two distributions claim one name, and loads in the order of directories on the path.
"""

from __future__ import annotations

import importlib.metadata
import inspect
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import pluggy

from mockforge import hookspecs
from mockforge.errors import PluginError
from mockforge.nearest import nearest
from mockforge.plugins.facade import Plugins
from mockforge.plugins.record import PluginInfo, describe_error
from mockforge.plugins.selection import Selection

GROUP: Final = "mockforge"
MAY_BE_ASYNC: Final = frozenset(
    {"mockforge_startup", "mockforge_shutdown", "mockforge_transform_response"}
)
ALL: Final = Selection()


def load_plugins(
    selection: Selection = ALL,
    *,
    extra: Mapping[str, object] | None = None,
    entry_points: Iterable[importlib.metadata.EntryPoint] | None = None,
) -> Plugins:
    """Find, block, import and register what is installed (and the in-process objects ``extra``).

    Never raises for what a plugin does: its row says ``failed`` and why. Raises
    :class:`~mockforge.errors.PluginError` if two distributions claim one name, because which of them
    was meant cannot be guessed.
    """
    if entry_points is None:
        entry_points = importlib.metadata.entry_points(group=GROUP)
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    rows: dict[str, PluginInfo] = {}
    loaded: dict[str, object] = {}
    for name, point in _by_name(entry_points, selection):
        row = _row(name, point)
        rows[name] = row
        reason = selection.blocked_because(name)
        if reason is not None:
            row.state, row.reason = "blocked", reason
            continue
        try:
            loaded[name] = point.load()
        except (Exception, SystemExit) as error:
            row.fail(describe_error(error))
    for name, plugin in (extra or {}).items():
        if name in rows:
            raise PluginError(f"a plugin named {name} is installed already")
        rows[name] = PluginInfo(name=name, state="loaded", distribution="(in process)")
        loaded[name] = plugin
    # pluggy calls what was registered last first; names are to be in ascending order.
    for name in sorted(loaded, reverse=True):
        _register(manager, name, loaded[name], rows[name])
    return Plugins(manager, dict(sorted(rows.items())), selection)


def _by_name(
    points: Iterable[importlib.metadata.EntryPoint], selection: Selection
) -> Iterator[tuple[str, importlib.metadata.EntryPoint]]:
    grouped: dict[str, dict[str, importlib.metadata.EntryPoint]] = {}
    for point in points:
        grouped.setdefault(point.name, {})[_distribution(point)] = point
    for name, claims in sorted(grouped.items()):
        if len(claims) > 1 and selection.blocked_because(name) is None:
            raise PluginError(
                f"two distributions bring a plugin named {name}: {' and '.join(sorted(claims))}",
                hint=f"uninstall one of them, or use --without {name}",
            )
        yield name, next(iter(claims.values()))


def _distribution(point: importlib.metadata.EntryPoint) -> str:
    return str(point.dist.name) if point.dist is not None else point.value


def _row(name: str, point: importlib.metadata.EntryPoint) -> PluginInfo:
    dist = point.dist
    if dist is None:
        return PluginInfo(name=name, state="loaded")
    return PluginInfo(name=name, state="loaded", distribution=dist.name, version=dist.version)


def _register(manager: pluggy.PluginManager, name: str, plugin: Any, row: PluginInfo) -> None:
    try:
        manager.register(plugin, name=name)
        manager.check_pending()
        row.hooks = _hooks(manager, name, plugin)
    except (pluggy.PluginValidationError, PluginError) as error:
        row.fail(_explain(manager, name, plugin, error))
    except Exception as error:  # attributes of a plugin object may raise when looked at
        row.fail(_same_object(manager, name, plugin) or describe_error(error))
    if row.state == "failed" and manager.has_plugin(name):
        manager.unregister(name=name)


def _hooks(manager: pluggy.PluginManager, name: str, plugin: Any) -> tuple[str, ...]:
    hooks = []
    for caller in manager.get_hookcallers(plugin) or ():
        hooks.append(caller.name)
        for impl in caller.get_hookimpls():
            if impl.plugin_name != name:
                continue
            if impl.wrapper or impl.hookwrapper:
                raise PluginError(f"{caller.name}: hook wrappers are not supported")
            if caller.name not in MAY_BE_ASYNC and inspect.iscoroutinefunction(impl.function):
                raise PluginError(f"{caller.name} may not be async: nobody would await it")
    if not hooks:
        bare = sorted(attribute for attribute in dir(plugin) if attribute in _known_hooks())
        raise PluginError(
            f"{', '.join(bare)}: not marked with @mockforge.hookimpl"
            if bare
            else "implements no hook (functions marked with @mockforge.hookimpl)"
        )
    return tuple(sorted(hooks))


def _explain(manager: pluggy.PluginManager, name: str, plugin: Any, error: BaseException) -> str:
    known = _known_hooks()
    for caller in manager.get_hookcallers(plugin) or () if manager.has_plugin(name) else ():
        if caller.name not in known:
            close = nearest(caller.name, known)
            return f"unknown hook {caller.name}" + (f": did you mean {close}?" if close else "")
    return " ".join(str(error).split())


def _same_object(manager: pluggy.PluginManager, name: str, plugin: Any) -> str | None:
    other = manager.get_name(plugin)
    return f"the same object as plugin {other}" if other not in (None, name) else None


def _known_hooks() -> list[str]:
    return [name for name in dir(hookspecs) if name.startswith(f"{hookspecs.PROJECT}_")]
