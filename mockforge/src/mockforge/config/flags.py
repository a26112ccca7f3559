"""The settings as options of ``mockforge serve``, made from the model.

An option that is not given says nothing (its value is None, or empty where it is repeatable), so that
file and environment can speak; defaults only stand in the help.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem
from msgspec import inspect as mi

from mockforge.config.convert import Converter
from mockforge.config.kinds import (
    Kind,
    bare,
    choices,
    item_of,
    members,
    plain,
    show,
    type_name,
)
from mockforge.config.model import Setting, SettingsModel
from mockforge.config.text import read_text
from mockforge.errors import ConfigError, Place
from mockforge.structured.roots import has_root_key

if TYPE_CHECKING:
    ParamType = click.ParamType[Any]  # generic for the type checker only, before click 8.4
else:
    ParamType = click.ParamType


class SettingType(ParamType):
    """Takes what the settings file takes for this type, and says the same where it does not fit."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.name = type_name(kind)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value
        try:
            read = read_text(self.kind, value, split=False)
        except ValueError as failure:
            self.fail(str(failure), param, ctx)
        converter = Converter(lambda _: Place(), partial=True)
        converter.convert(read, self.kind, ())
        if converter.problems:
            problem = converter.problems[0]
            self.fail(
                f"{problem.message}{f' ({problem.hint})' if problem.hint else ''}", param, ctx
            )
        return read

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str | None:
        kinds = members(self.kind)
        if len(kinds) == 1 and isinstance(kinds[0], mi.LiteralType | mi.EnumType):
            return f"[{'|'.join(show(value) for value in choices(kinds[0]))}]"
        return self.name.split()[0].upper()

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        kinds = members(self.kind)
        if len(kinds) == 1 and isinstance(kinds[0], mi.LiteralType | mi.EnumType):
            values = [show(value) for value in choices(kinds[0])]
            return [CompletionItem(value) for value in values if value.startswith(incomplete)]
        if any(type_name(kind) == "path" for kind in kinds):
            return [CompletionItem(incomplete, type="file")]
        return []


def flag_options(model: SettingsModel) -> list[click.Parameter]:
    """The options and arguments of ``serve`` for all settings of ``model`` that have a flag."""
    parameters: list[click.Parameter] = [_option(flag, of) for flag, of in model.flags.items()]
    for name, settings in _arguments(model).items():
        kind = item_of(settings[0].kind)
        parameters.append(
            click.Argument(
                [_argument_name(name)],
                nargs=-1 if kind is not None else 1,
                required=False,
                type=SettingType(kind or settings[0].kind),
                metavar=f"[{name} ...]" if kind is not None else f"[{name}]",
            )
        )
    return parameters


def flags_from_params(model: SettingsModel, params: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that were given on the command line, by dotted key, for
    :func:`~mockforge.config.load_settings`; ``params`` as click hands them to the command.

    Values given as arguments come before those of the flag that means the same. UnclaimedError: no setting
    takes what was given as an argument.
    """
    given: dict[str, Any] = {}
    for argument in _arguments(model):
        value = params.get(_argument_name(argument))
        if value is not None:
            given |= argument_settings(model, argument, value)
    for flag, settings in model.flags.items():
        value = params.get(_parameter_name(flag))
        if value is None or value == ():
            continue
        for setting in settings:
            if isinstance(value, tuple):
                given[setting.key] = (*given.get(setting.key, ()), *value)
            else:
                given[setting.key] = value
    return given


def argument_settings(model: SettingsModel, argument: str, value: Any) -> dict[str, Any]:
    """The settings, by dotted key, that the ``argument`` of ``serve`` with this value (or tuple of values)
    stands for: each value goes to those that take its kind. UnclaimedError: none does."""
    settings = _arguments(model).get(argument, [])
    given: dict[str, Any] = {}
    if not isinstance(value, tuple):
        return {setting.key: value for setting in _takers(settings, value)}
    for each in value:
        for setting in _takers(settings, each):
            given[setting.key] = (*given.get(setting.key, ()), each)
    return given


class UnclaimedError(ConfigError):
    """An argument is of no kind that any setting takes."""


def _takers(settings: Sequence[Setting], value: Any) -> list[Setting]:
    """Those of ``settings`` that take the argument ``value``."""
    rooted = [setting for setting in settings if setting.root is not None]
    if rooted and isinstance(value, str | Path):
        path = Path(value)
        claimed = [each for each in rooted if each.root and has_root_key(path, each.root)]
        if claimed:
            return claimed
    others = [setting for setting in settings if setting.root is None]
    if not others:
        roots = " or ".join(f"`{setting.root}`" for setting in rooted)
        raise UnclaimedError(
            f"{value} is of no kind that can be served here",
            hint=f"documents with {roots} at their root are" if roots else None,
        )
    return others


def _arguments(model: SettingsModel) -> dict[str, list[Setting]]:
    found: dict[str, list[Setting]] = {}
    for setting in model.settings.values():
        if setting.argument:
            found.setdefault(setting.argument, []).append(setting)
    return found


def _parameter_name(flag: str) -> str:
    return flag.lower().lstrip("-").replace("-", "_")


def _argument_name(name: str) -> str:
    # An argument and a flag may well have the same name (FILE and --file).
    return f"argument_{_parameter_name(name)}"


def _option(flag: str, settings: list[Setting]) -> click.Option:
    kind = settings[0].kind
    name = _parameter_name(flag)
    if isinstance(bare(kind), mi.BoolType):
        return click.Option(
            [f"{flag}/--no-{flag.removeprefix('--')}", name], default=None, help=_help(settings)
        )
    item = item_of(kind)
    return click.Option(
        [flag, name],
        type=SettingType(item or kind),
        multiple=item is not None,
        default=None,
        help=_help(settings),
    )


def _help(settings: list[Setting]) -> str:
    """The description, then what click itself would say about default and environment."""
    first = settings[0]
    texts = list(dict.fromkeys(setting.description for setting in settings))
    text = (
        first.description
        if len(texts) == 1
        else "; ".join(f"{setting.path[0]}: {setting.description}" for setting in settings)
    )
    if item_of(first.kind) is not None:
        text = f"{text.rstrip('.')}. Repeatable."
    variables = list(dict.fromkeys(setting.env[0] for setting in settings))
    notes = [f"env: {', '.join(variables)}"]
    defaults = list(dict.fromkeys(_default(setting) for setting in settings))
    if len(defaults) == 1:
        notes += [f"default: {defaults[0]}"] if defaults[0] else []
    else:
        notes += ["default: " + ", ".join(f"{s.path[0]} {_default(s) or 'none'}" for s in settings)]
    return f"{text}  [{'; '.join(notes)}]"


def _default(setting: Setting) -> str:
    value = plain(setting.default)
    if value is None or value == []:
        return ""
    if isinstance(value, list):
        return ", ".join(show(item) for item in value)
    if isinstance(bare(setting.kind), mi.BoolType):
        return "on" if value else ""
    return show(value)
