"""``mockforge config``: what the settings are and where they come from, their schema, and a check."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from mockforge.cli.common import (
    chosen_plugins,
    plugin_options,
    print_finding,
    selection_flags,
    settings_options,
)
from mockforge.errors import ExitCode

if TYPE_CHECKING:
    from mockforge.config import Settings, SettingsModel
    from mockforge.findings import Finding

MASK: Final = "********"
WIDEST_VALUE: Final = 40
"""Columns that values are given in the table; longer ones are not cut, their row is just wider."""


@click.group()
def config() -> None:
    """Show, describe and check the settings."""


@config.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document.")
@settings_options
@plugin_options
def show(
    as_json: bool,
    config: Path | None,
    profile: str | None,
    only: tuple[str, ...],
    without: tuple[str, ...],
) -> None:
    """Print every setting, its value, and where that comes from."""
    from mockforge.config import load_settings
    from mockforge.plugins.settings import settings_model

    plugins = chosen_plugins(only, without, config=config, profile=profile)
    flags = selection_flags(plugins, only, without)
    settings = load_settings(settings_model(plugins), file=config, profile=profile, flags=flags)
    for finding in settings.findings:
        print_finding(finding, err=True)
    if as_json:
        import json

        click.echo(json.dumps(_document(settings), indent=2, ensure_ascii=False))
    else:
        _print_table(settings)


@config.command()
@plugin_options
def schema(only: tuple[str, ...], without: tuple[str, ...]) -> None:
    """Print the JSON Schema of the settings file, for editors."""
    import json

    from mockforge.config.schema import json_schema
    from mockforge.plugins.settings import settings_model

    document = json_schema(settings_model(chosen_plugins(only, without)))
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


@config.command()
@click.argument(
    "file",
    required=False,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@plugin_options
@click.pass_context
def check(
    ctx: click.Context, file: Path | None, only: tuple[str, ...], without: tuple[str, ...]
) -> None:
    """Check FILE with all of its profiles; without FILE, the file that would be used and the
    environment.

    Exits with 1 if something is wrong; warnings do not fail.
    """
    from mockforge.plugins.settings import settings_model

    model = settings_model(chosen_plugins(only, without, config=file))
    if file is None:
        what, findings = _check_here(model)
    else:
        from mockforge.config import check_file

        what, findings = str(file), check_file(model, file)
    for finding in findings:
        print_finding(finding)
    wrong = sum(finding.severity == "error" for finding in findings)
    click.echo(f"{what}: {wrong} errors" if wrong else f"{what}: nothing wrong", err=True)
    ctx.exit(ExitCode.FOUND_WRONG if wrong else ExitCode.OK)


def _check_here(model: SettingsModel) -> tuple[str, list[Finding]]:
    from mockforge.config import check_environment, check_file, find_file
    from mockforge.config.model import CONFIG_VARIABLE

    named = os.environ.get(CONFIG_VARIABLE)
    file = Path(named) if named else find_file(Path())
    if file is None:
        return "no settings file, environment", check_environment(model)
    return f"{file} and environment", check_file(model, file, environ=os.environ)


def _document(settings: Settings) -> dict[str, Any]:
    rows = {}
    for key in settings.model.settings:
        origin = settings.origin(key)
        rows[key] = {
            "value": _value(settings, key),
            "origin": origin.kind,
            "where": origin.where or None,
        }
    return {
        "file": str(settings.file) if settings.file else None,
        "profile": settings.profile,
        "settings": rows,
    }


def _print_table(settings: Settings) -> None:
    from mockforge.config.kinds import show as show_value

    rows = [
        (key, show_value(_value(settings, key)), str(settings.origin(key)))
        for key in settings.model.settings
    ]
    keys = max(len(key) for key, _, _ in rows)
    values = min(max(len(value) for _, value, _ in rows), WIDEST_VALUE)
    for key, value, origin in rows:
        color = None if origin == "default" else "green"
        click.echo(f"{key:{keys}}  {value:{values}}  {click.style(origin, fg=color)}")


def _value(settings: Settings, key: str) -> Any:
    """The value as a file spells it; what is secret is masked where it is set."""
    from mockforge.config.kinds import plain

    value = plain(settings.value(key))
    return MASK if settings.model.settings[key].secret and value else value
