"""Files of JSON that an importer starts from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mockforge.errors import MockForgeError, StartError
from mockforge.structured import Limits, Structured, read_structured

from .notes import Notes


def open_json(path: Path, limits: Limits) -> tuple[Structured, Notes]:
    """What the file at ``path`` says, and where to note what is odd about it; keys that are given twice are
    noted already. StartError: it cannot be read."""
    doubled: list[MockForgeError] = []
    structured = read_structured(
        path, kind="json", limits=limits, error=StartError, problems=doubled
    )
    notes = Notes(str(path), structured.position)
    notes.doubled(doubled)
    return structured, notes


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects in a list: what is none of the two, wherever it stands, says nothing."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def encoded(text: str) -> bytes:
    """``text`` in UTF-8; half a surrogate pair, which JSON can hold, becomes a question mark."""
    return text.encode("utf-8", "replace")
