"""Documents with any number of operations, alike but for their number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def write_document(folder: Path, operations: int) -> tuple[Path, str]:
    """A document of so many operations, and the target of one in its middle."""
    paths = {f"/r{number}/items/{{itemId}}": _item(number) for number in range(operations)}
    document = {
        "openapi": "3.0.4",
        "info": {"title": f"{operations} operations", "version": "1"},
        "paths": paths,
    }
    path = folder / f"operations-{operations}.json"
    path.write_text(json.dumps(document))
    return path, f"/r{operations // 2}/items/1"


def _item(number: int) -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": ["id", "name"],
        "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
    }
    content = {"application/json": {"schema": schema, "example": {"id": 1, "name": "rex"}}}
    parameter = {
        "name": "itemId",
        "in": "path",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    }
    return {
        "get": {
            "operationId": f"getItem{number}",
            "parameters": [parameter],
            "responses": {"200": {"description": "An item", "content": content}},
        }
    }
