"""What a file of stubs looks like: for tools that are given any file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from mockforge.mocking.stubs.common import PROTOCOL_KEYS
from mockforge.mocking.stubs.errors import StubError
from mockforge.mocking.stubs.loader import SUFFIXES, LoadLimits
from mockforge.structured import read_structured

_HEAD: Final = 64 * 1024
_KEYS: Final = "|".join((*PROTOCOL_KEYS, "responses?"))
_YAML: Final = re.compile(
    rf"""(?:^[ ]*(?:-[ ]+)?|^[^#\n]*[{{,][ ]*)["']?(?:{_KEYS})["']?[ ]*:""", re.MULTILINE
)
_JSON: Final = re.compile(rf'"(?:{_KEYS})"\s*:')
_DOCUMENT: Final = re.compile(r"""^["']?(?:openapi|swagger|asyncapi)["']?[ ]*:""", re.MULTILINE)
_OTHERS: Final = re.compile(
    r"""^[ \t{]*["']?(?:openapi|swagger|asyncapi|log|info|item|paths|components|definitions)["']?[ \t]*:""",
    re.MULTILINE,
)


def is_stub_file(path: Path) -> bool:
    """Whether the file at ``path`` holds stubs: by its value, or by its look if it cannot be read."""
    if path.suffix.lower() not in SUFFIXES:
        return False
    try:
        with path.open("rb") as file:
            data = file.read(_HEAD)
    except OSError:
        return False
    head = data.decode("utf-8-sig", "replace")
    if _DOCUMENT.search(head) is not None:
        return False
    looks = (_JSON if head.lstrip()[:1] in ("{", "[") else _YAML).search(head) is not None
    if not looks and len(data) < _HEAD:
        return False
    try:
        value = read_structured(path, limits=LoadLimits().file, error=StubError, problems=[]).value
    except StubError:
        return looks and _OTHERS.search(head) is None
    return any(map(_is_stub, value if isinstance(value, list) else [value]))


def _is_stub(value: Any) -> bool:
    if not isinstance(value, dict) or value.keys() & {"openapi", "swagger", "info", "paths"}:
        return False
    answers = isinstance(value.get("response"), dict) or isinstance(value.get("responses"), list)
    return answers or any(isinstance(value.get(key), dict) for key in PROTOCOL_KEYS)
