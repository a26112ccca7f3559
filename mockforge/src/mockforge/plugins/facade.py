"""The typed facade over the hooks: one method per hook, every plugin's failure kept its own.

Nothing outside this file touches pluggy's relay. Implementations are called one by one, in plugin
name order with ``tryfirst`` before and ``trylast`` after, so that one that raises loses nobody else's
result; what it raised is noted on its row (:class:`~mockforge.plugins.record.PluginInfo`).
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

import pluggy

from mockforge.contracts import (
    AdminPanel,
    ConfigSection,
    CustomPredicate,
    FixtureLoader,
    Importer,
    ProtocolServer,
    Recording,
    Responder,
    ResponseTransformer,
    StateBackend,
    TemplateFunction,
)
from mockforge.errors import PluginError
from mockforge.findings import Finding
from mockforge.plugins.record import PluginInfo, describe_error
from mockforge.plugins.selection import FIRST_PARTY, Selection

if TYPE_CHECKING:
    from pathlib import Path

    import click

    from mockforge.kernel import Kernel
    from mockforge.observe.journal import JournalEntry

T = TypeVar("T")
_PANEL: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class RequestLogger:
    """A plugin's ``mockforge_log_request``: what it raises is booked on its row, and raised on to the
    dispatcher, which counts and reports it."""

    __slots__ = ("_function", "_row", "name")

    def __init__(self, row: PluginInfo, function: Callable[[JournalEntry], object]) -> None:
        self.name = f"plugin {row.name}"
        self._row = row
        self._function = function

    def __call__(self, entry: JournalEntry) -> None:
        try:
            self._function(entry)
        except Exception as error:
            self._row.note("mockforge_log_request", error, quiet=True)
            raise

    def __eq__(self, other: object) -> bool:
        # So that a dispatcher knows it again after a reload.
        return isinstance(other, RequestLogger) and other._function == self._function

    def __hash__(self) -> int:
        return hash(self._function)


class Plugins:
    """What is loaded, and the one way to call it.

    Registration methods ask the plugins anew each time; the two per-request hooks are resolved into
    plain tuples here and again by :meth:`resolve`.
    """

    def __init__(
        self, manager: pluggy.PluginManager, rows: Mapping[str, PluginInfo], selection: Selection
    ) -> None:
        self._manager = manager
        self._rows = dict(rows)
        self._owners: dict[Callable[..., Any], PluginInfo] = {}
        self._transformers: tuple[ResponseTransformer, ...] = ()
        self._loggers: tuple[RequestLogger, ...] = ()
        self._section_owners: dict[str, PluginInfo] = {}
        self._panel_owners: dict[str, PluginInfo] = {}
        self.selection = selection
        self.resolve()

    @property
    def rows(self) -> tuple[PluginInfo, ...]:
        """All plugins that are installed, by name."""
        return tuple(self._rows.values())

    def get(self, name: str) -> PluginInfo | None:
        """The row of one plugin."""
        return self._rows.get(name)

    # -------------------------------------------------------------- registration

    def config_sections(self) -> list[ConfigSection]:
        """``mockforge_register_config``; the first to claim a section name keeps it, MockForge's own
        plugins before others."""
        sections: dict[str, ConfigSection] = {}
        found = list(self._collect("mockforge_register_config", ConfigSection))
        found.sort(key=lambda item: item[0].name not in FIRST_PARTY)
        for row, section in found:
            if section.name in sections:
                self._refuse(
                    row, "mockforge_register_config", f"section {section.name} is taken already"
                )
            else:
                sections[section.name] = section
                self._section_owners[section.name] = row
        return list(sections.values())

    def fail_section(self, section: ConfigSection, error: BaseException) -> None:
        """The plugin that brought ``section`` takes no further part: its settings cannot be used."""
        row = self._section_owners[section.name]
        self._drop(row, f"its settings cannot be used: {error}")
        self.resolve()

    def protocols(self) -> dict[str, type[ProtocolServer]]:
        """``mockforge_register_protocols``: all server classes by protocol name, whether they are
        selected to run or not. PluginError if two plugins bring the same protocol."""
        owners: dict[str, str] = {}
        servers: dict[str, type[ProtocolServer]] = {}
        for row, server in self._collect("mockforge_register_protocols", type):
            name = getattr(server, "name", None)
            if not issubclass(server, ProtocolServer) or not isinstance(name, str):
                self._refuse(
                    row,
                    "mockforge_register_protocols",
                    f"{server.__name__} is no ProtocolServer class with a name",
                )
            elif name in servers:
                raise PluginError(
                    f"the plugins {owners[name]} and {row.name} both bring the protocol {name}",
                    hint=f"use --without {row.name}",
                )
            else:
                owners[name] = row.name
                servers[name] = server
        return servers

    def selected_protocols(self) -> dict[str, type[ProtocolServer]]:
        """The servers to run, after checking the names that were asked for (PluginError)."""
        servers = self.protocols()
        for name in self.selection.only or ():
            row = self._rows.get(name)
            if name not in servers and row is not None:
                raise _brings_no_server(row)
        self.selection.check(self._rows, servers)
        return {name: cls for name, cls in servers.items() if self.selection.runs(name)}

    def responders(self) -> list[Responder]:
        """``mockforge_register_responders``, by ascending priority."""
        found = self._collect("mockforge_register_responders", Responder)
        return sorted((item for _, item in found), key=lambda responder: responder.priority)

    def fixture_loaders(self) -> list[FixtureLoader]:
        """``mockforge_register_fixture_loaders``."""
        return [
            item for _, item in self._collect("mockforge_register_fixture_loaders", FixtureLoader)
        ]

    def state_stores(self) -> dict[str, StateBackend]:
        """``mockforge_register_state_stores`` by name; the first to claim a name keeps it."""
        stores: dict[str, StateBackend] = {}
        for row, backend in self._collect("mockforge_register_state_stores", StateBackend):
            if backend.name in (*stores, "memory"):
                self._refuse(
                    row, "mockforge_register_state_stores", f"store {backend.name} is taken already"
                )
            else:
                stores[backend.name] = backend
        return stores

    def predicates(self, taken: Iterable[str] = ()) -> dict[str, CustomPredicate]:
        """``mockforge_register_predicates`` by name; the first to claim a name keeps it, those that are
        ``taken`` (built in) are nobody's."""
        hook = "mockforge_register_predicates"
        reserved = set(taken)
        found: dict[str, CustomPredicate] = {}
        for row, predicate in self._collect(hook, CustomPredicate):
            name = getattr(predicate, "name", None)
            if not isinstance(name, str) or not name or name in reserved or name in found:
                self._refuse(row, hook, f"predicate {name} has no name or is taken")
            else:
                found[name] = predicate
        return found

    def template_functions(
        self, taken: Iterable[str] = (), taken_filters: Iterable[str] = ()
    ) -> list[TemplateFunction]:
        """``mockforge_register_template_functions``; the first to claim a name keeps it, those that are taken
        (built in) are nobody's. Functions and filters do not stand in each other's way."""
        hook = "mockforge_register_template_functions"
        reserved = ({*taken}, {*taken_filters})
        found: list[TemplateFunction] = []
        for row, function in self._collect(hook, TemplateFunction):
            words = function.name.split(".")
            usable = len(words) <= (1 if function.filter else 2) and all(
                map(str.isidentifier, words)
            )
            if not usable or function.name in reserved[function.filter]:
                self._refuse(row, hook, f"{function.name!r} is no name for a template, or is taken")
            else:
                reserved[function.filter].add(function.name)
                found.append(function)
        return found

    def importers(self) -> dict[str, Importer]:
        """``mockforge_register_importers`` by format name; the first to claim a name keeps it."""
        hook = "mockforge_register_importers"
        found: dict[str, Importer] = {}
        for row, importer in self._collect(hook, Importer):
            name = getattr(importer, "name", None)
            if not isinstance(name, str) or not name or name in found:
                self._refuse(row, hook, f"importer {name} has no name or is taken")
            else:
                found[name] = importer
        return found

    def recordings(self) -> dict[str, Recording]:
        """``mockforge_register_recordings`` by scheme; the first to claim a scheme keeps it."""
        hook = "mockforge_register_recordings"
        found: dict[str, Recording] = {}
        for row, recording in self._collect(hook, Recording):
            for scheme in recording.schemes:
                if scheme in found:
                    self._refuse(row, hook, f"scheme {scheme} is taken already")
                else:
                    found[scheme] = recording
        return found

    def commands(self) -> dict[str, click.Command]:
        """``mockforge_register_commands`` by command name; the first to claim a name keeps it."""
        import click

        commands: dict[str, click.Command] = {}
        for row, command in self._collect("mockforge_register_commands", click.Command):
            if not command.name or command.name in commands:
                self._refuse(
                    row,
                    "mockforge_register_commands",
                    f"command {command.name} has no name or is taken",
                )
            else:
                commands[command.name] = command
        return commands

    def admin_panels(self) -> dict[str, AdminPanel]:
        """``mockforge_register_admin_panels`` by name; the first to claim a name keeps it."""
        hook = "mockforge_register_admin_panels"
        found: dict[str, AdminPanel] = {}
        self._panel_owners = {}
        for row, panel in self._collect(hook, AdminPanel):
            name, title = getattr(panel, "name", None), getattr(panel, "title", None)
            if not (isinstance(name, str) and _PANEL.fullmatch(name) and isinstance(title, str)):
                self._refuse(row, hook, f"{name!r} is no name for a panel, or it has no title")
            elif name in found:
                self._refuse(row, hook, f"panel {name} is taken already")
            else:
                found[name] = panel
                self._panel_owners[name] = row
        return found

    def note_panel_failure(self, name: str, error: BaseException) -> str:
        """Record that one of :meth:`admin_panels` raised, as :meth:`note_failure` does."""
        row = self._panel_owners.get(name)
        return describe_error(error) if row is None else row.note(f"panel {name}", error)

    # -------------------------------------------------------------- per request

    def resolve(self) -> None:
        """Look the per-request hooks up again; called at start and at reload."""
        self._owners = {
            function: row for row, function in self._callables("mockforge_transform_response")
        }
        self._transformers = tuple(self._owners)
        self._loggers = tuple(
            RequestLogger(row, function)
            for row, function in self._callables("mockforge_log_request")
        )

    def response_transformers(self) -> tuple[ResponseTransformer, ...]:
        """``mockforge_transform_response`` as plain callables, in order.

        They may raise: skip the one that did and hand the error to :meth:`note_failure`.
        """
        return self._transformers

    def request_loggers(self) -> tuple[RequestLogger, ...]:
        """``mockforge_log_request`` as callables, in order; they raise what the plugin raises."""
        return self._loggers

    def note_failure(self, transformer: ResponseTransformer, error: BaseException) -> str:
        """Record that one of :meth:`response_transformers` raised: on the plugin's row and, now and
        then, in the log. Returns a line to keep in ``exchange.error``."""
        row = self._owners.get(transformer)
        if row is None:
            return describe_error(error)
        return row.note("mockforge_transform_response", error)

    # -------------------------------------------------------------- life cycle and observation

    async def startup(self, kernel: Kernel) -> None:
        """``mockforge_startup``. A plugin that raises here takes no further part: what it did not
        set up, its other hooks would miss on every request."""
        for row, function in list(self._bound("mockforge_startup", kernel=kernel)):
            try:
                result: object = function()
                if inspect.isawaitable(result):
                    await result
            except Exception as error:
                row.note("mockforge_startup", error)
                self._drop(row, f"mockforge_startup raised {describe_error(error)}")
        self.resolve()

    async def shutdown(self, kernel: Kernel) -> None:
        """``mockforge_shutdown``."""
        for row, function in self._bound("mockforge_shutdown", kernel=kernel):
            try:
                result: object = function()
                if inspect.isawaitable(result):
                    await result
            except Exception as error:
                row.note("mockforge_shutdown", error)

    def memory_report(self) -> dict[str, int]:
        """``mockforge_report_memory``: bytes by component; equal names are added up."""
        report: dict[str, int] = {}
        for row, function in self._bound("mockforge_report_memory"):
            try:
                held = {str(name): int(size) for name, size in dict(function()).items()}
            except Exception as error:
                row.note("mockforge_report_memory", error)
                continue
            for name, size in held.items():
                report[name] = report.get(name, 0) + size
        return report

    def lint_kinds(self) -> list[str]:
        """``mockforge_register_lint_kinds``: what :meth:`lint_file` knows, in words."""
        return [kind for _, kind in self._collect("mockforge_register_lint_kinds", str)]

    def lint_file(self, path: Path, *, fast: bool = False) -> Iterator[Finding] | None:
        """``mockforge_lint_file``: the findings as they come, ``None`` if no plugin knows the kind.

        A plugin that fails while checking is a finding of its own: the file was not checked.
        """
        results: list[tuple[PluginInfo, Iterable[Finding]]] = []
        for row, function in self._bound("mockforge_lint_file", path=path, fast=fast):
            try:
                result = function()
            except Exception as error:
                result = [_lint_failed(row.note("mockforge_lint_file", error), path)]
            if result is not None:
                results.append((row, result))
        return self._findings(results, path) if results else None

    def _findings(
        self, results: Iterable[tuple[PluginInfo, Iterable[Finding]]], path: Path
    ) -> Iterator[Finding]:
        for row, findings in results:
            try:
                yield from findings
            except Exception as error:
                yield _lint_failed(row.note("mockforge_lint_file", error), path)

    # -------------------------------------------------------------- the relay

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


def _brings_no_server(row: PluginInfo) -> PluginError:
    raised = [each for each in row.problems if each.hook == "mockforge_register_protocols"]
    if raised:
        reason = f"the plugin {row.name} raised {raised[0].message}"
    elif row.reason is not None:
        reason = f"the plugin is {row.state}: {row.reason}"
    else:
        return PluginError(f"--only {row.name}: the plugin {row.name} brings no server")
    return PluginError(f"--only {row.name}: {reason}", hint="mockforge plugins")


def _bind(function: Callable[..., T], values: Iterable[object]) -> Callable[[], T]:
    arguments = tuple(values)
    return lambda: function(*arguments)


def _ignoring(function: Callable[[], T]) -> Callable[[object], T]:
    return lambda _: function()


def _lint_failed(message: str, path: Path) -> Finding:
    return Finding(code="plugin.failed", message=message, file=str(path))
