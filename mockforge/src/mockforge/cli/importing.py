"""``mockforge import``: the files of other tools become stubs."""

from __future__ import annotations

from collections import Counter
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

import click

from mockforge.cli.common import chosen_plugins, print_finding
from mockforge.errors import ExitCode, MockForgeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockforge.contracts import Imported, Importer

STUBS_FILE: Final = "stubs.yaml"
"""What the stubs are written to."""


@click.command("import")
@click.argument("form", metavar="FORMAT")
@click.argument("source", metavar="FILE", type=click.Path(exists=True, path_type=Path))
@click.option(
    "-o",
    "--output",
    "folder",
    required=True,
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write to; made if it is not there. Files in it are never overwritten.",
)
@click.option("--force", is_flag=True, help="Overwrite files that are there.")
@click.pass_context
def import_(ctx: click.Context, form: str, source: Path, folder: Path, force: bool) -> None:
    """Turn FILE (or a folder) of another tool into stubs in DIR, to be served with --mocks DIR.

    What cannot be taken over is listed on standard error; exits with 1 if something that matters was
    left out.
    """
    imported = _importer(chosen_plugins().importers(), form).convert(source)
    contents = {STUBS_FILE: _stubs_text(imported), **imported.files}
    for finding in imported.findings:
        print_finding(finding, err=True)
    if not imported.stubs:
        raise MockForgeError(f"{source} holds nothing that could become a stub")
    _write(folder, contents, force=force)
    counts = Counter(finding.severity for finding in imported.findings)
    click.echo(
        f"{len(imported.stubs)} stubs and {len(imported.files)} files in {folder}: "
        f"{counts['error']} errors, {counts['warning']} warnings"
    )
    ctx.exit(ExitCode.FOUND_WRONG if counts["error"] else ExitCode.OK)


def _importer(importers: Mapping[str, Importer], form: str) -> Importer:
    importer = importers.get(form)
    if importer is None:
        from mockforge.nearest import nearest

        close = nearest(form, importers)
        known = ", ".join(f"{name} ({one.description})" for name, one in sorted(importers.items()))
        raise MockForgeError(
            f"no such format: {form}",
            hint=f"did you mean {close}?" if close else f"formats: {known or 'none'}",
        )
    return importer


def _stubs_text(imported: Imported) -> bytes:
    from mockforge.structured.to_yaml import yaml_text

    return yaml_text(imported.stubs).encode()


def _write(folder: Path, contents: Mapping[str, bytes], *, force: bool) -> None:
    root = folder.resolve()
    targets = {folder / PurePosixPath(name): content for name, content in contents.items()}
    for target in targets:
        if not target.resolve().is_relative_to(root):
            raise MockForgeError(f"{target} does not lie in {folder}")
        if target.exists() and not force:
            raise MockForgeError(
                f"{target} exists already", hint="choose another folder, or give --force"
            )
    for target, content in targets.items():
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        except OSError as error:
            raise MockForgeError(f"cannot write {target}: {error.strerror}") from error
