"""Settings given as environment variables: ``MOCKFORGE_<SECTION>__<KEY>`` and the short names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from mockforge.config.convert import Converter
from mockforge.config.kinds import Kind
from mockforge.config.layers import Layer
from mockforge.config.model import CONFIG_VARIABLE, PREFIX, PROFILE_VARIABLE, SettingsModel
from mockforge.config.text import read_text
from mockforge.errors import ConfigError, Place
from mockforge.findings import Finding
from mockforge.nearest import nearest

_SHORT_SECTIONS: Final = {
    "HTTP": "http",
    "WS": "websocket",
    "WEBSOCKET": "websocket",
    "GRPC": "grpc",
    "ADMIN": "admin",
}


class Given(NamedTuple):
    """A value for the setting at ``path``, as a file would give it."""

    path: tuple[str, ...]
    value: Any
    layer: Layer


class Environment:
    """What ``environ`` says. Empty variables count as not set.

    ``given`` are the values, the less deep ones first (a whole mapping before one of its keys);
    ``problems`` and ``findings`` what is wrong or worth a word.
    """

    def __init__(self, model: SettingsModel, environ: Mapping[str, str], folder: Path) -> None:
        self.given: list[Given] = []
        self.problems: list[ConfigError] = []
        self.findings: list[Finding] = []
        self._model = model
        self._folder = folder
        self._seen: dict[tuple[str, ...], tuple[str, str]] = {}
        for name in sorted(environ):
            text = environ[name]
            if not name.startswith(PREFIX) or not text:
                continue
            if name not in (CONFIG_VARIABLE, PROFILE_VARIABLE):
                self._variable(name, text)
        self.given.sort(key=lambda given: len(given.path))

    def _variable(self, name: str, text: str) -> None:
        if settings := self._model.variables.get(name):
            for setting in settings:
                self._take(setting.path, setting.kind, name, text)
            return
        rest = name.removeprefix(PREFIX)
        if "__" not in rest:
            self._unknown_short(name, rest)
            return
        path = tuple(part.lower() for part in rest.split("__"))
        kind = self._model.kind_at(path) if all(path) else None
        if kind is not None:
            self._take(path, kind, name, text)
        elif path[0] in self._model.absent:
            self.findings.append(unread(path[0], self._model, Place(name)))
        else:
            key = self._model.nearest(path)
            close = self._model.settings[key].env[-1] if key else None
            self.problems.append(
                ConfigError(
                    "there is no such setting",
                    hint=f"did you mean {close}?" if close else "see mockforge config show",
                    place=Place(name),
                )
            )

    def _take(self, path: tuple[str, ...], kind: Kind, name: str, text: str) -> None:
        first, said = self._seen.setdefault(path, (name, text))
        if first != name:
            if said != text:
                self.problems.append(
                    ConfigError(
                        f"{first} sets {'.'.join(path)} to something else",
                        hint="set one of the two",
                        place=Place(name),
                    )
                )
            return
        layer = Layer("environment", name, self._folder)
        self.given.extend(take_text(path, kind, text, layer, self.problems))

    def _unknown_short(self, name: str, rest: str) -> None:
        section = _SHORT_SECTIONS.get(rest.split("_")[0])
        if section in self._model.absent:
            self.findings.append(unread(str(section), self._model, Place(name)))
            return
        # Other tools may use the prefix for their own, so this is no error.
        close = _nearest_variable(name, self._model)
        self.findings.append(
            Finding(
                code="config.unknown-variable",
                message=f"{name} is not a setting and has no effect",
                severity="warning",
                file=name,
                hint=f"did you mean {close}?" if close else None,
            )
        )


def take_text(
    path: tuple[str, ...], kind: Kind, text: str, layer: Layer, problems: list[ConfigError]
) -> list[Given]:
    """The value that ``text`` gives to the setting at ``path``; none, and what is wrong in
    ``problems``, if it is not right."""
    try:
        value = read_text(kind, text)
    except ValueError as failure:
        problems.append(ConfigError(str(failure), place=layer.place(path)))
        return []
    return take(path, kind, value, layer, problems)


def take(
    path: tuple[str, ...], kind: Kind, value: Any, layer: Layer, problems: list[ConfigError]
) -> list[Given]:
    """The same for a value that is no text any more."""
    converter = Converter(layer.place, partial=True)
    converter.convert(value, kind, path)
    problems.extend(converter.problems)
    return [] if converter.problems else [Given(path, value, layer)]


def unread(section: str, model: SettingsModel, place: Place) -> Finding:
    """The note about something said for a plugin that is not there."""
    owner = model.absent.get(section)
    why = f"{owner} is not installed or left out" if owner else "its plugin is left out"
    return Finding(
        code="config.unread",
        message=f"settings of the section {section} are not read: {why}",
        severity="info",
        file=place.file,
        line=place.line,
        column=place.column,
        path=place.path,
    )


def _nearest_variable(name: str, model: SettingsModel) -> str | None:
    """The short name that ``name`` was probably meant to be."""
    known = {variable.removeprefix(PREFIX) for variable in model.variables if "__" not in variable}
    close = nearest(name.removeprefix(PREFIX), known)
    return f"{PREFIX}{close}" if close else None
