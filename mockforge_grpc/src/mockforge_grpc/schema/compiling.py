"""From ``.proto`` files to the files of one source set each, by way of the compiler."""

from __future__ import annotations

import importlib.util
import mmap
import os
import shutil
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from mockforge.findings import Finding

from . import diagnostics, wire
from .bundled import ALIASES
from .compiler import Compiler, find_compiler, run
from .errors import ProtoError
from .layout import Unit
from .merging import SourceFile, SourceSet

_MOST_ROUNDS: Final = 64


class CompiledUnits(NamedTuple):
    """What the units became, what was found on the way, and what is wrong."""

    sets: list[SourceSet]
    findings: list[Finding]
    errors: list[ProtoError]


@lru_cache(maxsize=1)
def bundled_roots() -> tuple[Path, ...]:
    """Folders with the protos of Google that are there without the user having them."""
    compiler = find_compiler()
    found = [compiler.include] if compiler.include is not None else []
    # The package of the common protos shares the name "google" with others: no import, only a look.
    spec = importlib.util.find_spec("google")
    folders = (spec.submodule_search_locations or ()) if spec is not None else ()
    found += [
        Path(folder).parent for folder in folders if Path(folder, "api/annotations.proto").is_file()
    ]
    return tuple(found)


def compile_units(units: Sequence[Unit]) -> CompiledUnits:
    """Compile every unit."""
    result = CompiledUnits([], [], [])
    if not units:
        return result
    compiler = find_compiler()
    bundled = bundled_roots()
    for unit in units:
        _compile(compiler, unit, bundled, result)
    return result


def _compile(
    compiler: Compiler, unit: Unit, bundled: Sequence[Path], result: CompiledUnits
) -> None:
    with tempfile.TemporaryDirectory(prefix="mockforge-protos-") as name:
        folder = Path(name)
        aliases = _aliases(folder, bundled)
        roots = [root.absolute() for root in (*unit.roots, aliases)]
        output = folder / "set"
        left = list(unit.names)
        found: dict[str, ProtoError] = {}
        # The compiler stops at the first file that is wrong, so it is asked about the others again.
        for _ in range(_MOST_ROUNDS):
            done = run(compiler, roots, left, folder, output)
            said = diagnostics.read(done, unit, bundled)
            for error in said.errors:
                found.setdefault(str(error), error)
            if done.ok:
                break
            rest = [each for each in left if each not in said.files]
            if len(rest) in (0, len(left)):
                break
            left = rest
        if found:
            result.errors.extend(sorted(found.values(), key=diagnostics.order))
            return
        result.findings.extend(said.findings)
        result.sets.append(_read(output, unit))


def _aliases(folder: Path, bundled: Sequence[Path]) -> Path:
    """A root with the bundled files that are packaged under another name than their own."""
    root = folder / "aliases"
    root.mkdir()
    for name, packaged in ALIASES.items():
        for each in bundled:
            if (each / packaged).is_file():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(each / packaged, root / name)
    return root


def _read(output: Path, unit: Unit) -> SourceSet:
    """The files in the compiler's output, which stays mapped, not read, until they were packed."""
    own = dict(zip(unit.names, unit.paths, strict=True))
    files = []
    if os.name == "nt":  # where a file that is mapped cannot be deleted
        data: memoryview = memoryview(output.read_bytes())
    else:
        with output.open("rb") as file:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    for raw in wire.split_set(data):
        name = wire.file_name(raw)
        origin = own.get(name) or _origin(name, unit.roots)
        files.append(SourceFile(name, raw, str(origin), name in own))
    return SourceSet(unit.roots[0].absolute().name or "root", files)


def _origin(name: str, roots: Sequence[Path]) -> Path:
    for root in roots:
        if (path := root / name).is_file() or (path := root / ALIASES.get(name, name)).is_file():
            return path
    return Path(name)  # the compiler has it built in
