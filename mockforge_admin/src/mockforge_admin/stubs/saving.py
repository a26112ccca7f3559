"""Stubs that were put at run time, written where they are read from at the next start."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from mockforge.errors import MockForgeError
from mockforge.mocking.stubs import Stub
from mockforge.structured.to_yaml import yaml_text
from mockforge_admin.stubs.collection import Stubs

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST: Final = 100


def save(stubs: Stubs, folders: Sequence[Path]) -> list[Path]:
    """Write each of ``stubs`` that is in no file into the first of ``folders`` (the settings' stub folders),
    a file each, in one step; the files. One that was put in place of a stub that was saved before takes over
    its file. MockForgeError where there is no folder, or it cannot be written."""
    folder = next((each for each in folders if each.is_dir()), None)
    if folder is None:
        raise MockForgeError(
            "there is no folder to save stubs to",
            hint="start with --mocks and a folder that exists",
        )
    written: list[Path] = []
    for stub in stubs:
        if stub.file is not None:
            continue
        path = folder / f"{file_name(stub.id)}.yaml"
        before = stubs.loaded(stub.id)
        if before is not None and not _is_saved(before, path):
            raise MockForgeError(
                f"stub {stub.id} stands in {before.place}", hint="change it there, and reload"
            )
        if before is None and path.exists():
            raise MockForgeError(
                f"{path} exists already", hint=f"rename it, or give stub {stub.id} another id"
            )
        try:
            _write(path, yaml_text({"id": stub.id, **stub.definition}), replace=before is not None)
        except OSError as error:
            raise MockForgeError(
                f"cannot write {path}: {error.strerror}", hint="check the folder's permissions"
            ) from error
        stubs.settle(stub, path)
        written.append(path)
    return written


def file_name(stub_id: str) -> str:
    """A name for the file of a stub: letters, digits, ``.``, ``_`` and ``-``, not hidden."""
    return _UNSAFE.sub("-", stub_id).lstrip(".-_")[:_LONGEST] or "stub"


def _is_saved(stub: Stub[Any], path: Path) -> bool:
    """Whether ``stub`` is alone in ``path``, as this module writes it."""
    return stub.file is not None and Path(stub.file) == path and stub.number is None


def _write(path: Path, text: str, *, replace: bool) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".yaml")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).chmod(0o644)
        if replace:
            Path(temporary).replace(path)
        else:
            os.link(temporary, path)  # does not replace what came there meanwhile
    finally:
        Path(temporary).unlink(missing_ok=True)
