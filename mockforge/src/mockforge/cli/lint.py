"""``mockforge lint``: check files with whatever knows their kind, findings printed as they come."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from mockforge.cli.common import chosen_plugins, print_finding
from mockforge.errors import ExitCode

if TYPE_CHECKING:
    from mockforge.findings import Finding
    from mockforge.plugins import Plugins

SKIPPED_FOLDERS: Final = frozenset({"node_modules", "__pycache__", "venv"})
"""Folders that hold other people's files; those whose name begins with a dot are skipped too."""


@click.command()
@click.argument(
    "paths",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, path_type=Path),
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json"]),
    default="text",
    help="Lines for people, or one JSON array of findings.",
)
@click.option("--without", multiple=True, metavar="NAME,...", help="Plugins to leave out.")
@click.pass_context
def lint(ctx: click.Context, paths: tuple[Path, ...], style: str, without: tuple[str, ...]) -> None:
    """Check documents, settings and other files; folders are searched.

    Exits with 1 if an error was found. Warnings do not fail.
    """
    counts: Counter[str] = Counter()
    findings = _check(chosen_plugins(without=without), paths, counts)
    printer = _print_json if style == "json" else _print_text
    printer(_counted(findings, counts))
    click.echo(
        f"{counts['files']} checked: {counts['error']} errors, {counts['warning']} warnings",
        err=True,
    )
    ctx.exit(ExitCode.FOUND_WRONG if counts["error"] else ExitCode.OK)


def _check(plugins: Plugins, paths: Iterable[Path], counts: Counter[str]) -> Iterator[Finding]:
    from mockforge.findings import Finding

    for path in paths:
        known = 0
        for file in _files(path) if path.is_dir() else [path]:
            findings = _check_file(plugins, file)
            if findings is not None:
                known += 1
                counts["files"] += 1
                yield from findings
        if not known:
            what = "holds no file" if path.is_dir() else "is not"
            yield Finding(
                code="lint.unknown-kind",
                message=f"{what} of a kind that can be checked",
                file=str(path),
                hint="known: " + ", ".join(["settings (mockforge.yaml)", *plugins.lint_kinds()]),
            )


def _check_file(plugins: Plugins, file: Path) -> Iterable[Finding] | None:
    from mockforge.config import check_file
    from mockforge.config.find import FILE_NAMES
    from mockforge.plugins.settings import settings_model

    if file.name in FILE_NAMES:
        return check_file(settings_model(plugins), file)
    return plugins.lint_file(file)


def _files(folder: Path) -> Iterator[Path]:
    """Files below ``folder`` in a stable order; links to folders are not followed."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if name not in SKIPPED_FOLDERS and not name.startswith(".")
        )
        yield from (Path(place, name) for name in sorted(files) if not name.startswith("."))


def _counted(findings: Iterable[Finding], counts: Counter[str]) -> Iterator[Finding]:
    for finding in findings:
        counts[finding.severity] += 1
        yield finding


def _print_text(findings: Iterable[Finding]) -> None:
    for finding in findings:
        print_finding(finding)


def _print_json(findings: Iterable[Finding]) -> None:
    """One array, written as it grows."""
    import msgspec

    opening = "[\n"
    for finding in findings:
        click.echo(opening + msgspec.json.encode(finding).decode(), nl=False)
        opening = ",\n"
    click.echo("[]" if opening == "[\n" else "\n]")
