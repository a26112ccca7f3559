"""Fixtures in INI files: sections become JSON objects, all values are text."""

from __future__ import annotations

from configparser import ConfigParser, Error
from pathlib import Path

import msgspec

from mockforge.contracts import Fixture, FixtureLoader


class IniLoader(FixtureLoader):
    """``GET/limits.ini`` answers ``GET /limits``."""

    suffixes = (".ini",)

    def load(self, path: Path, content: bytes) -> Fixture:
        parser = ConfigParser(interpolation=None)
        try:
            parser.read_string(content.decode(), source=path.name)
        except Error as error:
            # ValueError is what a loader raises for a file that is not well-formed.
            raise ValueError(str(error)) from error
        value = {name: dict(parser[name]) for name in parser.sections()}
        return Fixture(value, "application/json", msgspec.json.encode(value))
