"""Small documents for the tests of this folder, written to a folder file by file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PET = {"type": "object", "properties": {"name": {"type": "string"}}}


def api(version: str = "3.1.0", **members: Any) -> dict[str, Any]:
    """A document with one operation and one schema; ``members`` replace its members."""
    document: dict[str, Any] = {
        "openapi": version,
        "info": {"title": "Pets", "version": "1"},
        "paths": {
            "/pets": {
                "get": {
                    "operationId": "listPets",
                    "responses": {
                        "200": {
                            "description": "all",
                            "content": {
                                "application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}
                            },
                        }
                    },
                }
            }
        },
        "components": {"schemas": {"Pet": PET}},
    }
    if version.startswith("2"):
        document = {"swagger": version, "info": document["info"], "paths": {}}
    return {**document, **members}


def write(folder: Path, files: dict[str, Any]) -> Path:
    """Write each of ``files`` (text as it is, anything else as indented JSON) and return the first."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2))
    return folder / next(iter(files))
