"""The settings file: its sections and profiles, each checked on its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from mockforge.config.convert import Converter
from mockforge.config.environment import Given, unread
from mockforge.config.kinds import got
from mockforge.config.layers import Layer, without_empty_sections
from mockforge.config.model import SettingsModel
from mockforge.errors import ConfigError, MockForgeError
from mockforge.findings import Finding
from mockforge.nearest import nearest
from mockforge.structured import Limits, Structured, read_structured

LIMITS: Final = Limits(size=1024**2, depth=32, values=100_000)
PROFILES: Final = "profiles"
SCHEMA_KEY: Final = "$schema"


class SettingsFile:
    """What the file at ``path`` says, all of its profiles included.

    ``given`` are the values of its sections, ``profiles`` those of each profile; what is wrong in any
    of them is in ``problems``, profiles that are not in use included.
    """

    def __init__(self, model: SettingsModel, path: Path) -> None:
        self.path = path
        self.problems: list[ConfigError] = []
        self.findings: list[Finding] = []
        self.given: list[Given] = []
        self.profiles: dict[str, list[Given]] = {}
        self._model = model
        duplicates: list[MockForgeError] = []
        try:
            structured = read_structured(path, limits=LIMITS, problems=duplicates)
        except ConfigError as error:
            self.problems.append(error)
            return
        self.problems.extend(error for error in duplicates if isinstance(error, ConfigError))
        self._read(structured)
        self.problems.sort(key=_position)

    def choose(self, profile: str) -> list[Given]:
        """The values of a profile. ConfigError if there is none of that name."""
        if profile in self.profiles:
            return self.profiles[profile]
        known = ", ".join(self.profiles)
        close = nearest(profile, self.profiles)
        hint = f"did you mean {close}?" if close else None
        raise ConfigError(
            f"{self.path} has no profile {profile}; "
            + (f"its profiles are {known}" if known else "it has no profiles at all"),
            hint=hint,
        )

    def _read(self, structured: Structured) -> None:
        content = structured.value
        base = Layer("file", str(self.path), self.path.parent, structured)
        if content is None:
            return
        if not isinstance(content, dict):
            self._fail(base, (), f"expected sections such as http, got {got(content)}")
            return
        content = dict(content)
        profiles = content.pop(PROFILES, None)
        content.pop(SCHEMA_KEY, None)
        self.given = self._sections(content, base)
        if profiles is None:
            return
        if not isinstance(profiles, dict):
            self._fail(base, (PROFILES,), f"expected a mapping of profiles, got {got(profiles)}")
            return
        for name, sections in profiles.items():
            layer = base._replace(prefix=(PROFILES, name))
            self.profiles[name] = []
            if isinstance(sections, dict):
                self.profiles[name] = self._sections(sections, layer)
            elif sections is not None:
                self._fail(layer, (), f"expected sections such as http, got {got(sections)}")

    def _sections(self, content: dict[str, Any], layer: Layer) -> list[Given]:
        given = []
        for name, value in content.items():
            if section := self._model.sections.get(name):
                converter = Converter(layer.place, elsewhere=self._model.nearest, partial=True)
                converter.convert(value, section.struct, (name,))
                self.problems.extend(converter.problems)
                filled = without_empty_sections(value, section.struct)
                given.append(Given((name,), filled, layer))
            elif name in self._model.absent:
                self.findings.append(unread(name, self._model, layer.place((name,))))
            else:
                self._unknown_section(name, layer)
        return given

    def _unknown_section(self, name: str, layer: Layer) -> None:
        known = [*self._model.sections, *self._model.absent]
        if not layer.prefix:
            known.append(PROFILES)
        meant = nearest(name, known) or self._model.nearest((name,))
        hint = f"did you mean {meant}?" if meant else f"sections are {', '.join(sorted(known))}"
        self._fail(layer, (name,), "there is no such section", hint)

    def _fail(
        self, layer: Layer, path: tuple[str, ...], message: str, hint: str | None = None
    ) -> None:
        self.problems.append(ConfigError(message, hint=hint, place=layer.place(path)))


def _position(error: ConfigError) -> tuple[int, int]:
    place = error.place
    return (place.line or 0, place.column or 0) if place else (0, 0)
