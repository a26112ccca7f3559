"""Which folders are WireMock's, and which files in them are read. Nothing else of the importer is imported
here: every folder of stubs is looked at."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Final

from mockforge.errors import StartError

MAPPINGS: Final = "mappings"
BODIES: Final = "__files"
MOST_FILES: Final = 20_000
_COMMENT: Final = re.compile(r'"(?:[^"\\]|\\.)*"|(//[^\n]*|/\*.*?\*/)', re.DOTALL)


def is_wiremock(folder: Path) -> bool:
    """Whether ``folder`` is a root folder of WireMock, or the ``mappings`` in one."""
    if folder.name == MAPPINGS:
        return (folder.parent / BODIES).is_dir() or _holds_mapping(folder)
    return (folder / MAPPINGS).is_dir() and (
        (folder / BODIES).is_dir() or _holds_mapping(folder / MAPPINGS)
    )


def _holds_mapping(folder: Path) -> bool:
    """Whether the first JSON file below ``folder`` looks like a mapping."""
    for path in mapping_files(folder):
        try:
            value = json.loads(uncommented(path.read_text("utf-8-sig")))
        except (OSError, ValueError, RecursionError):
            return False
        if isinstance(value, dict):
            inner = value.get("mappings")
            first = inner[0] if isinstance(inner, list) and inner else value
            return (
                isinstance(first, dict)
                and bool({"request", "response"} & first.keys())
                and not ({"scenario", "times", "webhook"} & first.keys())
            )
        return False
    return False


def mapping_files(folder: Path) -> list[Path]:
    found: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != BODIES and not name.startswith("."))
        for name in sorted(names):
            if name.lower().endswith(".json"):
                found.append(Path(place, name))
                if len(found) > MOST_FILES:
                    raise StartError(f"more than {MOST_FILES:,} files of mappings in {folder}")
    return found


def uncommented(text: str) -> str:
    """JSON ``text`` without comments, which WireMock allows; everything else stays in its place."""

    def blank(match: re.Match[str]) -> str:
        comment = match[1]
        return match[0] if comment is None else re.sub(r"[^\n]", " ", comment)

    return _COMMENT.sub(blank, text)
