"""What the commands share: the lazy group, how errors look, which plugins take part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from mockforge.errors import MockForgeError
    from mockforge.findings import Finding
    from mockforge.plugins import Plugins

COMMANDS_KEY: Final = "mockforge.commands"
COLORS: Final = {"error": "red", "warning": "yellow", "info": "cyan"}

F = TypeVar("F", bound=Callable[..., Any])


class LazyGroup(click.Group):
    """A group whose commands stand in modules that are imported when they are called for.

    ``commands_at`` gives ``module:attribute`` by command name. A name that is not there is looked for
    among the commands of plugins.
    """

    def __init__(self, *args: Any, commands_at: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.commands_at = dict(commands_at)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*self.commands_at, *_plugin_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = self.commands_at.get(cmd_name)
        if place is None:
            return _plugin_commands(ctx).get(cmd_name)
        module, _, attribute = place.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            from mockforge.nearest import nearest

            known = self.list_commands(ctx)
            close = nearest(name, known)
            raise Refused(
                f"no such command: {name}",
                hint=f"did you mean {close}?" if close else f"commands: {', '.join(known)}",
                ctx=ctx,
            )
        return super().resolve_command(ctx, args)


def _plugin_commands(ctx: click.Context) -> dict[str, click.Command]:
    """The commands that plugins bring; they are asked once per command line."""
    found: dict[str, click.Command] | None = ctx.meta.get(COMMANDS_KEY)
    if found is None:
        found = ctx.meta[COMMANDS_KEY] = chosen_plugins().commands()
    return found


class Refused(click.UsageError):
    """A usage error with a remedy of its own."""

    def __init__(self, message: str, *, hint: str, ctx: click.Context | None = None) -> None:
        super().__init__(message, ctx)
        self.hint = hint


def print_error(error: MockForgeError) -> None:
    """``error: place: message`` and ``hint: remedy`` on standard error."""
    click.echo(f"{click.style('error', fg='red')}: {error}", err=True)
    if error.hint:
        click.echo(f"{click.style('hint', fg='cyan')}: {error.hint}", err=True)


def print_usage_error(error: click.ClickException) -> None:
    """The same shape for what click refuses."""
    message = error.format_message().rstrip(".")
    hint = error.hint if isinstance(error, Refused) else None
    if hint is None and isinstance(error, click.UsageError) and error.ctx is not None:
        hint = f"see {error.ctx.command_path} --help"
    click.echo(f"{click.style('error', fg='red')}: {message}", err=True)
    if hint:
        click.echo(f"{click.style('hint', fg='cyan')}: {hint}", err=True)


def settings_options(function: F) -> F:
    """The options ``--config`` and ``--profile``, for every command that reads the settings."""
    function = click.option(
        "--profile", metavar="NAME", help="Part of the settings file to put over the rest."
    )(function)
    return click.option(
        "--config",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Settings file; else mockforge.yaml, .yml, .json or .toml in this folder or up to five "
        "above.",
    )(function)


def plugin_options(function: F) -> F:
    """The options ``--only`` and ``--without``, for every command that loads plugins."""
    function = click.option(
        "--without",
        multiple=True,
        metavar="NAME,...",
        help="Plugins to leave out; they are not imported. Repeatable.",
    )(function)
    return click.option(
        "--only",
        multiple=True,
        metavar="NAME,...",
        help="Protocols to run (http, ws, grpc, admin, or a plugin's); of MockForge's own, the "
        "others are not imported. Repeatable.",
    )(function)


def chosen_plugins(
    only: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
    *,
    config: Path | None = None,
    profile: str | None = None,
) -> Plugins:
    """Load the plugins that the options leave, or else the settings (``core.only`` and
    ``core.without`` of file or environment)."""
    from mockforge.config.peek import peek_plugins
    from mockforge.plugins import Selection, load_plugins

    choice = peek_plugins(file=config, profile=profile)
    return load_plugins(Selection.parse(only or choice.only, without or choice.without))


def selection_flags(
    plugins: Plugins, only: tuple[str, ...], without: tuple[str, ...]
) -> dict[str, Any]:
    """``--only`` and ``--without`` as the settings that they are, for reading the settings."""
    flags: dict[str, Any] = {}
    if only:
        flags["core.only"] = plugins.selection.only or ()
    if without:
        flags["core.without"] = plugins.selection.without
    return flags


def finding_text(finding: Finding) -> str:
    """``file:line:column: severity: message [code]``, and its hint on a line below."""
    severity = click.style(finding.severity, fg=COLORS[finding.severity])
    where = str(finding.place)
    line = f"{where}: {severity}: {finding.message} [{finding.code}]".removeprefix(": ")
    return f"{line}\n  hint: {finding.hint}\n" if finding.hint else f"{line}\n"


def print_finding(finding: Finding, *, err: bool = False) -> None:
    """Print :func:`finding_text`."""
    click.echo(finding_text(finding), err=err, nl=False)
