"""The settings of the moment, and reading everything again."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from mockforge.config.kinds import plain
from mockforge.errors import MockForgeError
from mockforge_admin.api.endpoints import Call, Endpoint
from mockforge_admin.api.problems import place_of

MASK: Final = "********"


class SettingRow(msgspec.Struct):
    """One setting. Secret values are masked."""

    value: Any
    origin: str
    """`default`, `file`, `environment` or `flag`."""
    where: str | None
    description: str
    default: Any


class Configuration(msgspec.Struct):
    """All settings by dotted key."""

    file: str | None
    profile: str | None
    settings: dict[str, SettingRow]


class Problem(msgspec.Struct):
    """Something that could not be read; the last good state stays."""

    message: str
    hint: str | None
    place: dict[str, Any] | None


class Reloaded(msgspec.Struct):
    """What came of reading everything again."""

    ok: bool
    problems: list[Problem]


def get_config(call: Call) -> Configuration:
    """Every setting, its value, and where that comes from."""
    settings = call.admin.kernel.settings
    rows = {}
    for key, setting in settings.model.settings.items():
        origin = settings.origin(key)
        value = plain(settings.value(key))
        rows[key] = SettingRow(
            value=MASK if setting.secret and value else value,
            origin=origin.kind,
            where=origin.where or None,
            description=setting.description,
            default=MASK if setting.secret and setting.default else plain(setting.default),
        )
    return Configuration(str(settings.file) if settings.file else None, settings.profile, rows)


async def reload(call: Call) -> Reloaded:
    """Read settings, documents, stubs and plugins' input again."""
    problems = await call.admin.kernel.reload()
    return Reloaded(not problems, [_problem(error) for error in problems])


def _problem(error: MockForgeError) -> Problem:
    return Problem(error.message, error.hint, place_of(error))


ENDPOINTS = (
    Endpoint(
        "GET",
        "/config",
        get_config,
        "Every setting and where it comes from",
        "config",
        answer=Configuration,
    ),
    Endpoint(
        "POST",
        "/reload",
        reload,
        "Read everything again",
        "config",
        answer=Reloaded,
        description="What cannot be read is listed, and its last good state stays.",
    ),
)
