"""Mappings for tests, translated and served."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mockforge.findings import Finding
from mockforge_http.importing.wiremock.reading import read_wiremock


def write(folder: Path, *mappings: dict[str, Any], files: dict[str, bytes] | None = None) -> Path:
    """A root folder of WireMock with each mapping in a file of its own."""
    (folder / "mappings").mkdir(parents=True, exist_ok=True)
    (folder / "__files").mkdir(exist_ok=True)
    for number, mapping in enumerate(mappings):
        (folder / "mappings" / f"{number}.json").write_text(json.dumps(mapping))
    for name, content in (files or {}).items():
        (folder / "__files" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "__files" / name).write_bytes(content)
    return folder


def translated(
    folder: Path, *mappings: dict[str, Any], files: dict[str, bytes] | None = None
) -> tuple[list[dict[str, Any]], list[Finding]]:
    """The native definitions, without their ids, and the findings."""
    found = read_wiremock(write(folder, *mappings, files=files))
    stubs = [
        {key: value for key, value in stub.definition.items() if key != "id"}
        for stub in found.stubs
    ]
    return stubs, found.findings
