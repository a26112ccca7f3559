"""The reference of all settings in ``docs/configuration.md``, made from the model.

``python -m mockforge.config.reference docs/configuration.md`` writes everything below the page's
marker anew, over the sections of all plugins that are installed; ``--check`` only says whether the
page is current.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import click
import msgspec
from msgspec import inspect as mi

from mockforge.config.kinds import (
    LIST_KINDS,
    Kind,
    bare,
    description,
    members,
    plain,
    show,
    summary,
    type_name,
)
from mockforge.config.model import Section, Setting, SettingsModel
from mockforge.errors import ExitCode

MARKER: Final = "<!-- Made by `python -m mockforge.config.reference`; write above this line. -->"


class Row(NamedTuple):
    """A line of a section's table; everything is Markdown."""

    key: str
    kind: str
    default: str
    meaning: str


def reference(model: SettingsModel) -> str:
    """The reference, a heading and a table for every section."""
    return "\n".join(
        line for section in model.sections.values() for line in _section(section, model)
    )


def with_reference(page: str, model: SettingsModel) -> str:
    """``page`` with everything below the marker made anew. ValueError if there is no marker."""
    above, marker, _ = page.partition(MARKER)
    if not marker:
        raise ValueError(f"the page has no line {MARKER}")
    return f"{above}{MARKER}\n\n{reference(model)}"


def _section(section: Section, model: SettingsModel) -> Iterator[str]:
    yield f"## `{section.name}`"
    yield ""
    if text := summary(section.struct):
        yield text
        yield ""
    yield "| key | type | default | meaning |"
    yield "|---|---|---|---|"
    for setting in model.settings.values():
        if setting.path[0] == section.name:
            for row in _rows(setting):
                yield f"| {row.key} | {row.kind} | {row.default} | {row.meaning} |"
    yield ""


def _rows(setting: Setting) -> Iterator[Row]:
    names = [f"flag `{setting.flag}`"] if setting.flag else []
    names += [f"argument `{setting.argument}`"] if setting.argument else []
    names += [f"`{name}`" for name in setting.env[:-1]]
    text = setting.description
    meaning = f"{text} ({', '.join(names)})" if names else text
    default = "not shown" if setting.secret and setting.default else _default(setting.default)
    key = setting.key.partition(".")[2]
    yield Row(f"`{key}`", _cell(type_name(setting.kind)), default, _cell(meaning))
    yield from _below(setting.kind, key)


def _below(kind: Kind, key: str) -> Iterator[Row]:
    """The keys of what a list or mapping holds, where that is a section of its own."""
    for member in members(kind):
        item: Kind | None = None
        if isinstance(member, LIST_KINDS):
            item, key_of_item = member.item_type, f"{key}[]"
        elif isinstance(member, mi.DictType):
            item, key_of_item = member.value_type, f"{key}.NAME"
        elif isinstance(member, mi.StructType) and len(members(kind)) > 1:
            item, key_of_item = member, key
        for struct in members(item) if item is not None else ():
            if isinstance(struct, mi.StructType):
                yield from _fields(struct, key_of_item)


def _fields(struct: mi.StructType, key: str) -> Iterator[Row]:
    for field in struct.fields:
        here = f"{key}.{field.encode_name}"
        default: Any = field.default
        if field.default_factory is not msgspec.NODEFAULT:
            default = field.default_factory()
        inner = bare(field.type)
        if isinstance(inner, mi.StructType):
            yield from _fields(inner, here)
            continue
        shown = "required" if default is msgspec.NODEFAULT else _default(default)
        kind = _cell(type_name(field.type))
        yield Row(f"`{here}`", kind, shown, _cell(description(field.type)))
        yield from _below(field.type, here)


def _default(value: Any) -> str:
    value = plain(value)
    if value is None or value == []:
        return ""
    if isinstance(value, list):
        return ", ".join(f"`{_cell(show(item))}`" for item in value)
    return f"`{_cell(show(value))}`"


def _cell(text: str) -> str:
    return text.replace("|", r"\|").replace("\n", " ")


@click.command()
@click.argument("page", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--check", is_flag=True, help="Change nothing; exit with 1 if the page is not current."
)
@click.pass_context
def main(ctx: click.Context, page: Path, check: bool) -> None:
    """Write the reference of all settings into PAGE, below its marker."""
    from mockforge.plugins import load_plugins

    model = SettingsModel(load_plugins().config_sections())
    before = page.read_text(encoding="utf-8")
    after = with_reference(before, model)
    if check:
        current = before == after
        click.echo(f"{page} is {'current' if current else 'not current'}")
        ctx.exit(ExitCode.OK if current else ExitCode.FOUND_WRONG)
    page.write_text(after, encoding="utf-8")


if __name__ == "__main__":
    main()
