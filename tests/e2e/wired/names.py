"""What there is, read from the code: every setting, flag, variable, command, hook and metric by its name.

Names are spelt as in the docs and in claims: ``http.timeouts.head``, ``--seed`` (an option of ``serve``),
``DOCUMENT`` (its argument), ``mockforge lint``, ``mockforge lint --format``, ``MOCKFORGE_LOG_LEVEL``,
``mockforge_log_request``, ``mockforge_requests_total``.
"""

from __future__ import annotations

import ast
import importlib.metadata
import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Final, Literal, NamedTuple

import click
from msgspec import inspect as mi

import mockforge
from mockforge import hookspecs
from mockforge.cli import cli
from mockforge.cli.serve import serve
from mockforge.config import SettingsModel
from mockforge.config.flags import flag_options
from mockforge.config.kinds import item_of, members
from mockforge.config.model import PREFIX
from mockforge.observe.metrics import MetricSpec
from mockforge.plugins import FIRST_PARTY, load_plugins
from mockforge.plugins.discovery import GROUP
from mockforge.plugins.settings import settings_model

Kind = Literal["setting", "flag", "variable", "command", "hook", "metric"]

ANY_SETTING: Final = "MOCKFORGE_<SECTION>__<KEY>"
"""Stands for the general variables: they are made from the settings, so one test is for all of them."""

_VARIABLE: Final = re.compile(r"MOCKFORGE_[A-Z]+(?:_[A-Z]+)*")


class Name(NamedTuple):
    kind: Kind
    name: str


def our_entry_points() -> list[importlib.metadata.EntryPoint]:
    """Those of MockForge's own plugins; what else may be installed is not ours to document."""
    points = importlib.metadata.entry_points(group=GROUP)
    return [point for point in points if point.name in FIRST_PARTY]


def our_model() -> SettingsModel:
    """The settings of the kernel and of our plugins."""
    return settings_model(load_plugins(entry_points=our_entry_points()))


def our_packages() -> dict[str, Path]:
    """Import names of the kernel and of our plugins, with their folders."""
    names = [mockforge.__name__, *(point.module.partition(".")[0] for point in our_entry_points())]
    return {name: Path(str(import_module(name).__file__)).parent for name in names}


def all_names() -> list[Name]:
    """Everything there is."""
    model = our_model()
    return [
        *settings(model),
        *flags(model),
        *variables(model, our_packages().values()),
        *commands(),
        *(Name("hook", name) for name in hooks()),
        *(Name("metric", spec.name) for spec in metric_specs()),
    ]


def settings(model: SettingsModel) -> Iterator[Name]:
    """Keys, and those of what lists hold: ``http.validation.overrides[].tag``."""
    for key, setting in model.settings.items():
        yield Name("setting", key)
        for item in members(item_of(setting.kind) or mi.NoneType()):
            if isinstance(item, mi.StructType):
                for field in item.fields:
                    yield Name("setting", f"{key}[].{field.encode_name}")


def flags(model: SettingsModel) -> Iterator[Name]:
    """Options and arguments of ``serve``."""
    for parameter in (*serve.params, *flag_options(model)):
        for spelling in _spellings(parameter):
            yield Name("flag", spelling)


def variables(model: SettingsModel, folders: Iterable[Path]) -> Iterator[Name]:
    """The short names of settings, and what else the code looks up by a name of ours."""
    found = {name for name in model.variables if "__" not in name}
    for node in _nodes(folders, PREFIX):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= {node.value} if _VARIABLE.fullmatch(node.value) else set()
    for name in sorted(found):
        yield Name("variable", name)
    yield Name("variable", ANY_SETTING)


def commands(
    command: click.Command = cli, path: str = "mockforge", context: click.Context | None = None
) -> Iterator[Name]:
    """Commands with their options; those of ``serve`` are :func:`flags`."""
    here = click.Context(command, parent=context, info_name=path)
    if command is not serve:
        for parameter in command.params:
            for spelling in _spellings(parameter):
                yield Name("command", f"{path} {spelling}")
    if not isinstance(command, click.Group):
        yield Name("command", path)
        return
    for name in command.list_commands(here):
        below = command.get_command(here, name)
        if below is not None:
            yield from commands(below, f"{path} {name}", here)


def _spellings(parameter: click.Parameter) -> list[str]:
    if isinstance(parameter, click.Argument):
        return re.findall(r"[A-Z]+", parameter.metavar or str(parameter.name).upper())
    return [*parameter.opts, *parameter.secondary_opts]


def hooks() -> dict[str, Callable[..., object]]:
    """The functions of ``hookspecs.py``."""
    return {
        name: function
        for name, function in inspect.getmembers(hookspecs, inspect.isfunction)
        if name.startswith(f"{hookspecs.PROJECT}_")
    }


def components() -> set[str]:
    """What memory reports and metrics call the holders of bytes."""
    found: set[str] = set()
    for node in _nodes(our_packages().values(), "memory"):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("memory.register"):
            found |= {str(word.value) for word in node.args[:1] if isinstance(word, ast.Constant)}
    return found


def _nodes(folders: Iterable[Path], word: str) -> Iterator[ast.AST]:
    """The syntax of every module that holds ``word``."""
    for folder in folders:
        for path in folder.rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            if word in text:
                yield from ast.walk(ast.parse(text))


def metric_specs() -> list[MetricSpec]:
    """Every declaration of a metric in a catalogue, wherever a package of ours keeps it."""
    found: dict[str, MetricSpec] = {}
    for package, folder in our_packages().items():
        for path in sorted(folder.rglob("*.py")):
            if f"{MetricSpec.__name__}(" in path.read_text(encoding="utf-8"):
                parts = path.relative_to(folder).with_suffix("").parts
                for value in vars(import_module(".".join((package, *parts)))).values():
                    items = value if isinstance(value, tuple | list) else (value,)
                    found |= {item.name: item for item in items if isinstance(item, MetricSpec)}
    return list(found.values())
