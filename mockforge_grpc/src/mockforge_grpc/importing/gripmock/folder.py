"""Files and folders of GripMock's stubs."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from mockforge.errors import Place, StartError
from mockforge.findings import Finding
from mockforge.structured import SUFFIXES, Limits, Structured, read_structured

from ..notes import MOST, At, Notes
from .conversations import conversations
from .effects import take_effects
from .methods import CLIENT, Methods
from .order import put_priorities
from .stub import GripStub

_LIMITS: Final = Limits(size=32 * 1024**2, depth=200, values=2_000_000)
_SUFFIXES: Final = tuple(suffix for suffix, kind in SUFFIXES.items() if kind != "toml")
MOST_FILES: Final = 20_000
MOST_STUBS: Final = 100_000


def read_folder(path: Path) -> tuple[list[dict[str, Any]], list[Finding]]:
    """The native stubs of the file or folder at ``path``. StartError: it holds none, or a file cannot be
    read."""
    findings: list[Finding] = []
    files = _files(path, _SUFFIXES)
    methods = Methods(_files(path if path.is_dir() else path.parent, (".proto",)))
    stubs: list[GripStub] = []
    for file in files:
        stubs += _read_file(file, findings, methods, alone=path.is_file())
        if len(stubs) > MOST_STUBS:
            raise StartError(f"more than {MOST_STUBS:,} stubs", place=Place(str(path)))
    if not stubs:
        raise StartError("there are no stubs of GripMock", place=Place(str(path)))
    _note_unknown(stubs)

    def make(given: dict[str, Any], at: At, parent: GripStub) -> GripStub:
        return GripStub(given, at, parent.notes, methods)

    stubs = take_effects(stubs, make)
    made = [
        (stub, definition)
        for stub in stubs
        if not stub.answers_each
        for definition in stub.definitions()
    ]
    made += conversations(stub for stub in stubs if stub.answers_each)
    put_priorities(made)
    _name_apart([definition for _stub, definition in made])
    return [definition for _stub, definition in made], findings[:MOST]


def _files(path: Path, suffixes: tuple[str, ...]) -> list[Path]:
    if path.is_file():
        return [path]
    found: list[Path] = []
    for place, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += (Path(place, name) for name in sorted(names) if name.lower().endswith(suffixes))
        if len(found) > MOST_FILES:
            raise StartError(f"more than {MOST_FILES:,} files in {path}")
    return found


def _read_file(
    file: Path, findings: list[Finding], methods: Methods, *, alone: bool
) -> Iterable[GripStub]:
    structured = read_structured(file, kind=_kind(file), limits=_LIMITS, error=StartError)
    notes = Notes(structured, findings)
    for given, at in _listed(structured):
        if not isinstance(given, dict) or not {"service", "method"} <= given.keys():
            if alone or isinstance(given, dict):
                notes.add(
                    "shape",
                    "a stub has `service` and `method`; this is left out",
                    at,
                    severity="error",
                )
            continue
        yield GripStub(given, at, notes, methods)


def _kind(file: Path) -> Any:
    return SUFFIXES.get(file.suffix.lower(), "yaml")


def _listed(structured: Structured) -> list[tuple[Any, At]]:
    value = structured.value
    if isinstance(value, list):
        return [(each, (number,)) for number, each in enumerate(value)]
    return [] if value is None else [(value, ())]


def _note_unknown(stubs: list[GripStub]) -> None:
    """Say what was guessed where there is no .proto."""
    for stub in stubs:
        if not stub.known and stub.kind != CLIENT:
            stub.notes.add(
                "method",
                f"no .proto says what {stub.method} is; it is taken as {stub.kind}",
                (*stub.at, "method"),
                severity="info",
                hint="put the .proto beside the stubs",
            )


def _name_apart(definitions: list[dict[str, Any]]) -> None:
    """Make ids differ."""
    seen: dict[str, int] = {}
    for definition in definitions:
        name = definition.get("id")
        if name is None:
            continue
        count = seen[name] = seen.get(name, 0) + 1
        if count > 1:
            definition["id"] = f"{name}-{count}"
