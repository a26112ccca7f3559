"""Reading the settings: defaults, then the file and its profile, then the environment, then flags."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, overload

import msgspec

from mockforge.config.convert import Converter
from mockforge.config.environment import Environment, Given, take, take_text
from mockforge.config.errors import raise_all
from mockforge.config.file import SettingsFile
from mockforge.config.find import find_file
from mockforge.config.layers import DEFAULT, Layer, Merged, Origin
from mockforge.config.model import CONFIG_VARIABLE, PROFILE_VARIABLE, SettingsModel
from mockforge.errors import ConfigError, Place, all_errors
from mockforge.findings import Finding
from mockforge.structured import format_path

T = TypeVar("T", bound=msgspec.Struct)


class Settings:
    """The settings as read; immutable. ``file`` and ``profile`` are those in use, ``findings`` what is
    worth a word although nothing is wrong (sections nobody reads, unknown variables)."""

    def __init__(
        self,
        model: SettingsModel,
        sections: Mapping[str, msgspec.Struct],
        merged: Merged,
        *,
        file: Path | None,
        profile: str | None,
        findings: tuple[Finding, ...],
    ) -> None:
        self.model = model
        self.file = file
        self.profile = profile
        self.findings = findings
        self._sections = dict(sections)
        self._merged = merged

    @overload
    def section(self, name: str) -> Any: ...
    @overload
    def section(self, name: str, struct: type[T]) -> T: ...
    def section(self, name: str, struct: type[msgspec.Struct] = msgspec.Struct) -> Any:
        """The section ``name``; with ``struct``, checked to be one (TypeError)."""
        section = self._sections[name]
        if not isinstance(section, struct):
            raise TypeError(f"the section {name} is not a {struct.__name__}")
        return section

    def value(self, key: str) -> Any:
        """The value of the setting ``key`` (``http.timeouts.head``); None below a group that is."""
        setting = self.model.settings[key]
        value: Any = self._sections[setting.path[0]]
        for part in setting.path[1:]:
            if value is None:
                return None
            names = type(value).__struct_encode_fields__
            value = getattr(value, type(value).__struct_fields__[names.index(part)])
        return value

    def origin(self, key: str) -> Origin:
        """Where the value of the setting ``key`` was given."""
        path = self.model.settings[key].path
        layer = self._merged.layer_at(path)
        return layer.origin(path) if layer else DEFAULT


def load_settings(
    model: SettingsModel,
    *,
    file: Path | None = None,
    profile: str | None = None,
    environ: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
    cwd: Path | None = None,
    search: bool = True,
) -> Settings:
    """Read all settings.

    Without ``file`` it is the one ``MOCKFORGE_CONFIG`` names, or (with ``search``) the one found from
    ``cwd``; without ``profile`` it is that of ``MOCKFORGE_PROFILE``. ``environ`` is the environment
    of the process if not given. ``flags`` maps dotted keys to values, as text or already typed.
    Relative paths in the environment and in flags are relative to ``cwd``, those in a file to its
    folder; ``cwd`` defaults to the process's own, relative paths then stay relative.

    ConfigError, or ConfigErrors with everything that is wrong.
    """
    cwd = cwd or Path()
    environ = os.environ if environ is None else environ
    problems: list[ConfigError] = []
    findings: list[Finding] = []
    given: list[Given] = []

    settings_file = _file(model, file, environ, cwd, search=search, problems=problems)
    profile = profile or environ.get(PROFILE_VARIABLE) or None
    if settings_file is not None:
        problems += settings_file.problems
        findings += settings_file.findings
        given += settings_file.given
    if profile is not None:
        given += _profile(settings_file, profile, problems)
    environment = Environment(model, environ, cwd)
    problems += environment.problems
    findings += environment.findings
    given += environment.given
    given += _flags(model, flags or {}, cwd, problems)
    raise_all(problems)

    merged = Merged()
    for path, value, layer in given:
        merged.put(path, value, layer)
    return Settings(
        model,
        _convert(model, merged),
        merged,
        file=settings_file.path if settings_file else None,
        profile=profile,
        findings=tuple(findings),
    )


def check_file(
    model: SettingsModel, file: Path, *, environ: Mapping[str, str] | None = None
) -> list[Finding]:
    """Everything that is wrong with or worth a word about ``file``, with each of its profiles in
    turn; ``environ`` is empty if not given."""
    environ = {} if environ is None else environ
    findings: dict[str, Finding] = {}
    profiles: list[str | None] = [None, *SettingsFile(model, file).profiles]
    for profile in profiles:
        found = _findings(model, file=file, profile=profile, environ=environ)
        findings.update({str(finding): finding for finding in found})
    return list(findings.values())


def check_environment(
    model: SettingsModel, *, environ: Mapping[str, str] | None = None
) -> list[Finding]:
    """Everything that is wrong with or worth a word about the environment alone, that of the process
    if ``environ`` is not given."""
    return _findings(model, file=None, profile=None, environ=environ)


def _findings(
    model: SettingsModel,
    *,
    file: Path | None,
    profile: str | None,
    environ: Mapping[str, str] | None,
) -> list[Finding]:
    try:
        settings = load_settings(model, file=file, profile=profile, environ=environ, search=False)
    except ConfigError as error:
        return [Finding.of(one, "config.invalid") for one in all_errors(error)]
    return list(settings.findings)


def _file(
    model: SettingsModel,
    file: Path | None,
    environ: Mapping[str, str],
    cwd: Path,
    *,
    search: bool,
    problems: list[ConfigError],
) -> SettingsFile | None:
    if file is None and (named := environ.get(CONFIG_VARIABLE)):
        file = Path(named)
    if file is not None:
        return SettingsFile(model, cwd / file)
    if not search:
        return None
    try:
        file = find_file(cwd)
    except ConfigError as error:
        problems.append(error)
        return None
    return SettingsFile(model, file) if file else None


def _profile(
    settings_file: SettingsFile | None, profile: str, problems: list[ConfigError]
) -> list[Given]:
    if settings_file is None:
        problems.append(
            ConfigError(
                f"there is no settings file to take the profile {profile} from",
                hint="write mockforge.yaml, or choose a file with --config",
            )
        )
        return []
    if settings_file.problems and profile not in settings_file.profiles:
        return []  # the file could not be read far enough to know its profiles
    try:
        return settings_file.choose(profile)
    except ConfigError as error:
        problems.append(error)
        return []


def _flags(
    model: SettingsModel, flags: Mapping[str, Any], cwd: Path, problems: list[ConfigError]
) -> list[Given]:
    given: list[Given] = []
    for key, value in flags.items():
        path = tuple(key.split("."))
        setting = model.settings.get(key)
        kind = setting.kind if setting else model.kind_at(path)
        if kind is None or len(path) < 2:
            close = model.nearest(path)
            hint = f"did you mean {close}?" if close else None
            problems.append(
                ConfigError("there is no such setting", hint=hint, place=Place(path=key))
            )
            continue
        layer = Layer("flag", (setting.flag if setting else None) or "", cwd)
        if isinstance(value, str):
            given += take_text(path, kind, value, layer, problems)
        else:
            given += take(path, kind, _as_in_a_file(value), layer, problems)
    return sorted(given, key=lambda one: len(one.path))


def _as_in_a_file(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_as_in_a_file(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def _convert(model: SettingsModel, merged: Merged) -> dict[str, msgspec.Struct]:
    def place(path: tuple[str | int, ...]) -> Place:
        layer = merged.layer_at(path)
        return layer.place(path) if layer else Place(path=format_path(path))

    def folder(path: tuple[str | int, ...]) -> Path:
        layer = merged.layer_at(path)
        return layer.folder if layer else Path()

    converter = Converter(place, folder=folder, elsewhere=model.nearest)
    sections = {
        name: converter.convert(merged.value.get(name), section.struct, (name,), section.default)
        for name, section in model.sections.items()
    }
    raise_all(converter.problems)
    return sections
