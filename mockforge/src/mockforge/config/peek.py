"""Which plugins the settings leave out, read before plugins (and so all other settings) are known."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from mockforge.config.environment import Environment
from mockforge.config.file import SettingsFile
from mockforge.config.find import find_file
from mockforge.config.layers import Merged
from mockforge.config.model import CONFIG_VARIABLE, PROFILE_VARIABLE, SettingsModel
from mockforge.errors import ConfigError


class PluginChoice(NamedTuple):
    """``core.only`` and ``core.without`` as given; empty where they are not."""

    only: tuple[str, ...]
    without: tuple[str, ...]


def peek_plugins(
    *,
    file: Path | None = None,
    profile: str | None = None,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> PluginChoice:
    """The choice of plugins in file and environment.

    Never raises: whatever is wrong with the settings is found, with its place, when all of them are
    read (:func:`~mockforge.config.load_settings`).
    """
    environ = os.environ if environ is None else environ
    cwd = cwd or Path()
    model = SettingsModel()
    given = []
    try:
        named = file or environ.get(CONFIG_VARIABLE)
        path = cwd / named if named else find_file(cwd)
        if path is not None:
            settings_file = SettingsFile(model, path)
            given += settings_file.given
            if profile := profile or environ.get(PROFILE_VARIABLE):
                given += settings_file.choose(profile)
    except ConfigError:
        given = []
    given += Environment(model, environ, cwd).given
    merged = Merged()
    for where, value, layer in given:
        merged.put(where, value, layer)
    core = merged.value.get("core", {})
    return PluginChoice(_names(core.get("only")), _names(core.get("without")))


def _names(value: object) -> tuple[str, ...]:
    return tuple(str(name) for name in value) if isinstance(value, list | tuple) else ()
