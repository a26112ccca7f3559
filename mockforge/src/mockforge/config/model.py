"""The model of all settings: one place from which file keys, environment names, flags, the JSON
Schema and the reference are made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple, cast

import msgspec
from msgspec import inspect as mi

from mockforge.config.core import KERNEL_SECTIONS
from mockforge.config.kinds import (
    Kind,
    bare,
    check_supported,
    description,
    members,
    notes,
    nullable,
    struct_of,
)
from mockforge.contracts import ConfigSection
from mockforge.errors import PluginError
from mockforge.nearest import nearest

ABSENT: Final[Mapping[str, str]] = {
    "http": "mockforge-http",
    "websocket": "mockforge-ws",
    "grpc": "mockforge-grpc",
    "admin": "mockforge-admin",
    "observability": "mockforge-admin",
    "plugins": "mockforge-wasm",
}
"""MockForge's own sections and the distribution that reads each: a file may hold them although that
plugin is not there."""

RESERVED_FLAGS: Final = frozenset(
    {"--config", "--help", "--json", "--only", "--profile", "--version", "--without"}
)
PREFIX: Final = "MOCKFORGE_"
CONFIG_VARIABLE: Final = "MOCKFORGE_CONFIG"
PROFILE_VARIABLE: Final = "MOCKFORGE_PROFILE"

_SECTION_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")


class Setting(NamedTuple):
    """One setting that can be given by itself.

    ``key`` is its dotted name, ``kind`` its type. ``flag`` and ``argument`` are what ``serve`` calls
    it; ``env`` are its environment names, the general one last. ``secret`` values are never shown. Where
    several settings share an ``argument``, one with a ``root`` takes the files that have this key at their
    root, and one without takes the others.
    """

    key: str
    path: tuple[str, ...]
    kind: Kind
    default: Any
    description: str
    flag: str | None
    argument: str | None
    env: tuple[str, ...]
    secret: bool
    root: str | None = None


class Section(NamedTuple):
    """A section: its struct as msgspec describes it, and an instance with all defaults."""

    name: str
    struct: mi.StructType
    default: msgspec.Struct


class SettingsModel:
    """All settings of the kernel and of the given plugin ``sections``.

    ``absent`` names further sections that a file may hold unread (those of plugins that are left
    out). PluginError if two sections contradict each other, TypeError if a struct has a field that
    no setting can be.
    """

    def __init__(
        self, sections: Iterable[ConfigSection] = (), *, absent: Iterable[str] = ()
    ) -> None:
        self.sections: dict[str, Section] = {}
        self.settings: dict[str, Setting] = {}
        for given in (*KERNEL_SECTIONS, *sections):
            section = _section(given)
            if section.name in self.sections:
                raise PluginError(f"two plugins bring the section {section.name} of the settings")
            self.sections[section.name] = section
            for setting in _walk(section.struct, (section.name,), section.default, ()):
                self.settings[setting.key] = setting
        self.absent = {name: where for name, where in ABSENT.items() if name not in self.sections}
        self.absent.update({name: "" for name in absent if name not in self.sections})
        self.flags = _flags(self.settings.values())
        self.variables: dict[str, list[Setting]] = {}
        for setting in self.settings.values():
            for name in setting.env:
                self.variables.setdefault(name, []).append(setting)

    def kind_at(self, path: tuple[str, ...]) -> Kind | None:
        """The type of what can be given at ``path``: a setting, a group of them, or a key of a
        mapping. None if there is no such thing."""
        section = self.sections.get(path[0]) if path else None
        kind: Kind | None = section.struct if section else None
        for part in path[1:]:
            if kind is None:
                return None
            if struct := struct_of(kind):
                fields = {field.encode_name: field.type for field in struct.fields}
                kind = fields.get(part)
            else:
                kind = next(
                    (one.value_type for one in members(kind) if isinstance(one, mi.DictType)), None
                )
        return kind

    def nearest(self, path: Iterable[Any]) -> str | None:
        """The key that ``path`` was probably meant to be: of the same name in another place, or
        spelt much like it."""
        parts = [str(part) for part in path]
        named = [key for key in self.settings if key.rsplit(".", 1)[-1] == parts[-1]]
        here = [key for key in named if key.startswith(f"{parts[0]}.")]
        for found in (here, named):
            if len(found) == 1:
                return found[0]
        if parts[0] not in self.sections:
            return nearest(".".join(parts), self.settings)
        tails = [key.partition(".")[2] for key in self.settings if key.startswith(f"{parts[0]}.")]
        close = nearest(".".join(parts[1:]), tails)
        return f"{parts[0]}.{close}" if close else None


def _section(given: ConfigSection) -> Section:
    name = given.name
    if not _SECTION_NAME.fullmatch(name) or name == "profiles":
        raise PluginError(
            f"{name!r} cannot be a section of the settings",
            hint="lower-case letters, digits and single underscores; profiles is taken",
        )
    struct = cast("mi.StructType", mi.type_info(given.struct))
    check_supported(struct, name)
    for field in struct.fields:
        if field.required:
            raise TypeError(f"{name}.{field.encode_name}: a setting must have a default")
    return Section(name, struct, given.struct())


def _walk(
    struct: mi.StructType,
    path: tuple[str, ...],
    default: msgspec.Struct | None,
    above: tuple[type, ...],
) -> Iterator[Setting]:
    for field in struct.fields:
        here = (*path, field.encode_name)
        inner = struct_of(field.type)
        value = _default(field, default)
        if inner is None or nullable(field.type):
            yield _setting(field, here, value)
        if inner is not None and inner.cls not in above:
            instance = value if isinstance(value, msgspec.Struct) else None
            yield from _walk(inner, here, instance, (*above, struct.cls))


def _default(field: mi.Field, instance: msgspec.Struct | None) -> Any:
    if instance is not None:
        return getattr(instance, field.name)
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return None if field.default is msgspec.NODEFAULT else field.default


def _setting(field: mi.Field, path: tuple[str, ...], default: Any) -> Setting:
    extra = notes(field.type)
    short = extra.get("env", ())
    general = PREFIX + "__".join(part.upper() for part in path)
    return Setting(
        key=".".join(path),
        path=path,
        kind=field.type,
        default=default,
        description=description(field.type),
        flag=extra.get("flag"),
        argument=extra.get("argument"),
        env=(*((short,) if isinstance(short, str) else short), general),
        secret=bool(extra.get("secret")),
        root=extra.get("root"),
    )


def _flags(settings: Iterable[Setting]) -> dict[str, list[Setting]]:
    """Settings by flag. A flag may stand for settings of several sections if they are of one type."""
    flags: dict[str, list[Setting]] = {}
    for setting in settings:
        if setting.flag is None:
            continue
        if setting.flag in RESERVED_FLAGS:
            raise PluginError(f"the flag {setting.flag} of {setting.key} is taken by serve itself")
        others = flags.setdefault(setting.flag, [])
        for other in others:
            own = setting.flag.startswith(f"--{setting.path[0].replace('_', '-')}-")
            if other.path[0] == setting.path[0] or own or bare(other.kind) != bare(setting.kind):
                raise PluginError(
                    f"{other.key} and {setting.key} cannot share the flag {setting.flag}",
                    hint="settings that share a flag are of different sections and of one type",
                )
        others.append(setting)
    for flag in flags:
        if (positive := f"--{flag.removeprefix('--no-')}") != flag and positive in flags:
            raise PluginError(f"the flags {flag} and {positive} contradict each other")
    return flags
