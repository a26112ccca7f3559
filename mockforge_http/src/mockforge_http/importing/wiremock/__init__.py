"""WireMock's stub mappings (version 3) as native stubs: ``mockforge import wiremock``, and folders with
``mappings/`` below ``--mocks``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from mockforge.contracts import Imported, Importer

from .folders import is_wiremock

if TYPE_CHECKING:
    from mockforge.findings import Finding
    from mockforge.mocking.stubs import Definition

__all__ = ["WireMockImporter", "is_wiremock", "read_folder"]


def read_folder(folder: Path, findings: list[Finding]) -> Iterator[Definition] | None:
    """The stubs of a folder that is WireMock's, ``None`` if it is not; what is odd goes to ``findings``."""
    if not is_wiremock(folder):
        return None
    return _definitions(folder, findings)


def _definitions(folder: Path, findings: list[Finding]) -> Iterator[Definition]:
    from mockforge.mocking.stubs import Definition

    from .reading import read_wiremock

    found = read_wiremock(folder)
    findings += found.findings
    for stub in found.stubs:
        yield Definition(
            stub.definition, stub.file, line=stub.line, column=stub.column, folder=found.root
        )


class WireMockImporter(Importer):
    """Mappings and the files that they send."""

    name = "wiremock"
    description = "WireMock mappings: a file, or a folder with mappings/ and __files/"

    def convert(self, path: Path) -> Imported:
        """The stubs, and the bodies as files."""
        from mockforge_http.importing.copied import NO_ROOM, Copied
        from mockforge_http.importing.notes import Notes

        from .reading import read_wiremock

        found = read_wiremock(path)
        copied = Copied()
        for name, file in found.bodies.kept.items():
            if copied.add(name, file) is None:
                notes = Notes(str(file), into=found.findings)
                notes.add("too-large", NO_ROOM, severity="error", hint=f"copy it to {name}")
        return Imported([stub.definition for stub in found.stubs], copied.files, found.findings)
