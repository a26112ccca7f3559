"""What plugins register: one method per hook, each of which asks the plugins anew."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

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
    StateBackend,
    TemplateFunction,
)
from mockforge.errors import PluginError
from mockforge.plugins.record import PluginInfo, describe_error
from mockforge.plugins.relay import Relay
from mockforge.plugins.selection import FIRST_PARTY, Selection

if TYPE_CHECKING:
    import click

_PANEL: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Registrations(Relay):
    """What the loaded plugins bring, after refusing what nobody could use."""

    def __init__(
        self, manager: pluggy.PluginManager, rows: Mapping[str, PluginInfo], selection: Selection
    ) -> None:
        super().__init__(manager, rows)
        self._section_owners: dict[str, PluginInfo] = {}
        self._panel_owners: dict[str, PluginInfo] = {}
        self.selection = selection

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

    def lint_kinds(self) -> list[str]:
        """``mockforge_register_lint_kinds``: what :meth:`lint_file` knows, in words."""
        return [kind for _, kind in self._collect("mockforge_register_lint_kinds", str)]


def _brings_no_server(row: PluginInfo) -> PluginError:
    raised = [each for each in row.problems if each.hook == "mockforge_register_protocols"]
    if raised:
        reason = f"the plugin {row.name} raised {raised[0].message}"
    elif row.reason is not None:
        reason = f"the plugin is {row.state}: {row.reason}"
    else:
        return PluginError(f"--only {row.name}: the plugin {row.name} brings no server")
    return PluginError(f"--only {row.name}: {reason}", hint="mockforge plugins")
