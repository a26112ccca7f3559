"""GripMock's stubs (versions 1 to 4 of its format) as native ones: ``mockforge import gripmock``."""

from __future__ import annotations

from pathlib import Path

from mockforge.contracts import Imported, Importer

__all__ = ["GripMockImporter"]


class GripMockImporter(Importer):
    """Stubs in YAML and JSON. ``.proto`` files beside them say which methods are streams."""

    name = "gripmock"
    description = "GripMock stubs: a file, or a folder of them with the .proto files beside"

    def convert(self, path: Path) -> Imported:
        """The stubs, in their order; what cannot be said is a finding."""
        from .folder import read_folder

        stubs, findings = read_folder(path)
        return Imported(stubs, {}, findings)
