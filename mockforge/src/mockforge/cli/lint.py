"""``mockforge lint``: check files with whatever knows their kind, findings printed as they come."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from mockforge.cli.busy import Busy
from mockforge.cli.common import chosen_plugins, finding_text
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
    type=click.Choice(["text", "json", "sarif"]),
    default="text",
    help="Lines for people, one JSON array of findings, or a SARIF 2.1.0 log.",
)
@click.option(
    "--fast", is_flag=True, help="Leave out what takes long: openapi-core's check of documents."
)
@click.option("--without", multiple=True, metavar="NAME,...", help="Plugins to leave out.")
@click.pass_context
def lint(
    ctx: click.Context, paths: tuple[Path, ...], style: str, fast: bool, without: tuple[str, ...]
) -> None:
    """Check documents, settings and other files; folders are searched.

    Exits with 1 if an error was found. Warnings do not fail.
    """
    counts: Counter[str] = Counter()
    plugins = chosen_plugins(without=without)
    with Busy() as busy:
        findings = _counted(_check(plugins, paths, counts, busy, fast=fast), counts)
        for text in _WRITERS[style](findings):
            with busy.pause():
                click.echo(text, nl=False)
    click.echo(
        f"{counts['files']} checked: {counts['error']} errors, {counts['warning']} warnings",
        err=True,
    )
    ctx.exit(ExitCode.FOUND_WRONG if counts["error"] else ExitCode.OK)


def _check(
    plugins: Plugins, paths: Iterable[Path], counts: Counter[str], busy: Busy, *, fast: bool
) -> Iterator[Finding]:
    from mockforge.findings import Finding

    for path in paths:
        known = 0
        for file in _files(path) if path.is_dir() else [path]:
            busy.begin(str(file))
            findings = _check_file(plugins, file, fast=fast)
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


def _check_file(plugins: Plugins, file: Path, *, fast: bool) -> Iterable[Finding] | None:
    from mockforge.config import check_file
    from mockforge.config.find import FILE_NAMES
    from mockforge.plugins.settings import settings_model

    if file.name in FILE_NAMES:
        return check_file(settings_model(plugins), file)
    return plugins.lint_file(file, fast=fast)


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


def _text(findings: Iterable[Finding]) -> Iterator[str]:
    for finding in findings:
        yield finding_text(finding)


def _json(findings: Iterable[Finding]) -> Iterator[str]:
    """One array, written as it grows."""
    import msgspec

    opening = "[\n"
    for finding in findings:
        yield opening + msgspec.json.encode(finding).decode()
        opening = ",\n"
    yield "[]\n" if opening == "[\n" else "\n]\n"


def _sarif(findings: Iterable[Finding]) -> Iterator[str]:
    from mockforge.cli.sarif import sarif_text

    return sarif_text(findings)


_WRITERS: Final = {"text": _text, "json": _json, "sarif": _sarif}
