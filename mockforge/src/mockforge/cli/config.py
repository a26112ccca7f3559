"""``mockforge config``: what the settings are and where they come from, their schema, and a check."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from mockforge.cli.common import chosen_plugins, model_of, plugin_options, settings_options
from mockforge.errors import ExitCode

if TYPE_CHECKING:
    from mockforge.config import Settings, SettingsModel
    from mockforge.findings import Finding

MASK: Final = "********"
WIDEST_VALUE: Final = 40
"""Columns that values are given in the table; longer ones are not cut, their row is just wider."""

COLORS: Final = {"error": "red", "warning": "yellow", "info": "cyan"}


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

    plugins = chosen_plugins(only, without, config=config, profile=profile)
    flags: dict[str, Any] = {"core.only": plugins.selection.only} if only else {}
    flags |= {"core.without": plugins.selection.without} if without else {}
    settings = load_settings(model_of(plugins), file=config, profile=profile, flags=flags)
    _print_findings(settings.findings, err=True)
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

    click.echo(
        json.dumps(
            json_schema(model_of(chosen_plugins(only, without))), indent=2, ensure_ascii=False
        )
    )


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
    model = model_of(chosen_plugins(only, without, config=file))
    if file is None:
        what, findings = _check_here(model)
    else:
        from mockforge.config import check_file

        what, findings = str(file), check_file(model, file)
    _print_findings(findings)
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


def _print_findings(findings: Iterable[Finding], *, err: bool = False) -> None:
    for finding in findings:
        where = str(finding.place)
        severity = click.style(finding.severity, fg=COLORS[finding.severity])
        click.echo(f"{where}: {severity}: {finding.message}".removeprefix(": "), err=err)
        if finding.hint:
            click.echo(f"  hint: {finding.hint}", err=err)


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
