"""Which files of a folder are documents to serve.

An entry document has ``openapi`` or ``swagger`` at its top level and is not the target of another
file's ``$ref``: fragments of a document split over many files are reached through their entry.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

_ENDINGS = {".json", ".yaml", ".yml"}
_YAML_KEY = re.compile(rb"""^["']?(?:openapi|swagger)["']?[ \t]*:""", re.MULTILINE)
_FLOW_KEY = re.compile(rb"""["'](?:openapi|swagger)["']\s*:""")
_REF = re.compile(rb"""\$ref["']?\s*:\s*["']?([^"'\s#,}][^"'\s#,}]*)""")


def discover(paths: Iterable[Path]) -> list[Path]:
    """Entry documents below ``paths`` in a stable order; a file that is named is taken as it is."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            found.update(dict.fromkeys(_in_folder(path)))
        else:
            found[path] = None
    return list(found)


def root_of(document: Path, paths: Iterable[Path]) -> Path:
    """The folder that the files of a document may lie in: the given one it was found below, or its
    own."""
    folders = [path for path in paths if path.is_dir() and document.is_relative_to(path)]
    return folders[0] if folders else document.parent


def _in_folder(folder: Path) -> list[Path]:
    candidates: list[Path] = []
    referred: set[Path] = set()
    for file in sorted(folder.rglob("*")):
        if file.suffix.lower() not in _ENDINGS or not file.is_file():
            continue
        data = file.read_bytes()
        if _is_document(data):
            candidates.append(file)
        referred.update(_targets(file, data))
    return [file for file in candidates if file.resolve() not in referred]


def _is_document(data: bytes) -> bool:
    if data.lstrip()[:1] != b"{":
        return _YAML_KEY.search(data) is not None
    if _FLOW_KEY.search(data) is None:
        return False
    try:
        value = json.loads(data)
    except ValueError:
        return False
    return isinstance(value, dict) and bool({"openapi", "swagger"} & value.keys())


def _targets(file: Path, data: bytes) -> Iterator[Path]:
    for match in _REF.finditer(data):
        target = unquote(match[1].decode(errors="replace"))
        if "://" not in target:
            resolved = (file.parent / target).resolve()
            if resolved != file.resolve():
                yield resolved
