"""``mockforge init``: a working example project to start from."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

import click

from mockforge.errors import MockForgeError


@click.command()
@click.argument(
    "folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path)
)
def init(folder: Path) -> None:
    """Write a working example into DIR (this folder if not given): an OpenAPI document, settings, a
    fixture and a README. Existing files are never overwritten."""
    with as_file(files("mockforge.cli") / "example") as example:
        contents = {
            path.relative_to(example): path.read_bytes()
            for path in sorted(example.rglob("*"))
            if path.is_file()
        }
    taken = [folder / name for name in contents if (folder / name).exists()]
    if taken:
        raise MockForgeError(
            f"{taken[0]} exists already", hint="choose another folder: mockforge init DIR"
        )
    for name, content in contents.items():
        try:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        except OSError as error:
            raise MockForgeError(f"cannot write {folder / name}: {error.strerror}") from error
        click.echo(folder / name)
    where = "" if folder == Path() else f"cd {folder} && "
    click.echo(f"\nnext: {where}mockforge serve")
