"""``mockforge plugins``: what is installed, whether it was loaded, why not, and what it did wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mockforge.cli.common import chosen_plugins, plugin_options

if TYPE_CHECKING:
    from mockforge.plugins import PluginInfo

COLORS = {"loaded": "green", "blocked": "yellow", "failed": "red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document.")
@click.option(
    "--all", "show_all", is_flag=True, help="Also name MockForge's own that are not installed."
)
@plugin_options
def plugins(as_json: bool, show_all: bool, only: tuple[str, ...], without: tuple[str, ...]) -> None:
    """List plugins: loaded, blocked, failed and why; the hooks they implement."""
    import msgspec

    from mockforge.plugins import FIRST_PARTY, pip_line

    loaded = chosen_plugins(only, without)
    # A plugin may fail in what it registers, too: ask, so that it shows.
    loaded.config_sections()
    loaded.commands()
    loaded.selected_protocols()
    missing = [name for name in FIRST_PARTY if loaded.get(name) is None] if show_all else []
    if as_json:
        document: dict[str, object] = {"plugins": [msgspec.to_builtins(row) for row in loaded.rows]}
        if show_all:
            document["not_installed"] = [
                {"name": name, "install": pip_line(name)} for name in missing
            ]
        click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2))
        return
    if not loaded.rows:
        click.echo("no plugins are installed; for HTTP mocks: " + pip_line("http"))
    width = max((len(name) for name in (*(row.name for row in loaded.rows), *missing)), default=0)
    for row in loaded.rows:
        _print_row(row, width)
    for name in missing:
        click.echo(f"{name:{width}}  not installed: {pip_line(name)}")


def _print_row(row: PluginInfo, width: int) -> None:
    state = click.style(f"{row.state:7}", fg=COLORS[row.state])
    click.echo(
        f"{row.name:{width}}  {state}  {row.distribution or ''} {row.version or ''}".rstrip()
    )
    indent = " " * (width + 2)
    if row.reason:
        click.echo(f"{indent}{row.reason}")
    if row.hooks:
        click.echo(f"{indent}{', '.join(hook.removeprefix('mockforge_') for hook in row.hooks)}")
    for problem in row.problems:
        click.echo(f"{indent}{problem.hook} raised {problem.message} ({problem.count} times)")
