"""From sources to a schema: look through them, compile, merge, pack; or take the pack of the last time."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Final

from mockforge.cache_folder import CacheFolder
from mockforge.findings import Finding

from . import layout
from .compiler import Compiler, find_compiler
from .compiling import bundled_roots, compile_units
from .descriptor_sets import read_set
from .errors import ProtoError, raise_all, single_errors
from .freshness import forget, is_fresh, note, pack_key
from .layout import Given, Unit
from .merging import SourceSet, merge
from .model import Schema
from .pack import DamagedPackError, Pack, write_pack
from .upstream import Upstream, fetch

log: Final = logging.getLogger("mockforge.grpc.schema")
_PACK: Final = ".protos"
_FOLDER: Final = "protos"


def load_schema(
    sources: Sequence[Path | Upstream],
    roots: Sequence[Path] = (),
    *,
    cache: Path | None = None,
) -> Schema:
    """Read, compile and index ``sources``: ``.proto`` files, folders of them, descriptor sets, upstreams.

    ``roots`` are folders that imports are looked for in (and the names of files below them start there);
    without them they are found out. ``cache`` is a folder for compiled protos (None: none is kept); what
    upstreams said is not kept. Blocks, for as long as the compiler takes: run it in a thread.
    ProtoError (ProtoErrors for several) says all that is wrong.
    """
    upstreams = [source for source in sources if isinstance(source, Upstream)]
    for root in roots:
        if not root.is_dir():
            raise ProtoError(f"the root {root} is not a folder")
    given = layout.find([source for source in sources if not isinstance(source, Upstream)])
    compiler = find_compiler() if given.protos else None
    folder = CacheFolder(cache / _FOLDER, _PACK) if cache is not None and not upstreams else None
    key = pack_key(given, roots, compiler) + _PACK
    pack = _cached(folder, key, given) if folder is not None else None
    if pack is None:
        pack = _made(given, roots, compiler, upstreams, folder, key)
    forget(pack.index)
    return Schema(pack, _watched(sources, roots, bundled_roots() if compiler else (), pack))


def _watched(
    sources: Sequence[Path | Upstream], roots: Sequence[Path], installed: Sequence[Path], pack: Pack
) -> list[Path]:
    """What was given, and files from elsewhere that are imported (but not those that come installed)."""
    paths = [source for source in sources if not isinstance(source, Upstream)]
    watched = dict.fromkeys([*paths, *roots])
    known = [*watched, *installed]
    for entry in pack.index.files:
        path = Path(entry.origin)
        if not entry.given and path.is_file() and not any(map(path.is_relative_to, known)):
            watched[path] = None
    return list(watched)


def _cached(folder: CacheFolder, key: str, given: Given) -> Pack | None:
    file = folder.open(key)
    if file is None:
        return None
    try:
        pack = Pack(file)
    except DamagedPackError as error:
        log.warning("compiled protos in the cache are damaged (%s); they are made anew", error)
        file.close()
        return None
    except OSError as error:
        log.warning("compiled protos in the cache cannot be read (%s)", error)
        file.close()
        return None
    if is_fresh(pack.index, given, os.fstat(file.fileno()).st_mtime_ns):
        folder.touch(file)
        return pack
    pack.close()
    return None


def _made(
    given: Given,
    roots: Sequence[Path],
    compiler: Compiler | None,
    upstreams: Sequence[Upstream],
    folder: CacheFolder | None,
    key: str,
) -> Pack:
    errors: list[ProtoError] = []
    sets: list[SourceSet] = []
    units: list[Unit] = []
    findings: list[Finding] = []
    if compiler is not None:
        units = layout.plan(given, roots, bundled_roots())
        done = compile_units(units)
        sets += done.sets
        findings += done.findings
        errors += done.errors
    for source, path in given.sets:
        try:
            sets.append(read_set(path))
        except ProtoError as error:
            if source == path:
                errors.append(error)
            else:  # the ending alone says little: others have files called so, too
                findings.append(Finding.of(error, "proto.set-skipped", "warning"))
    for upstream in upstreams:
        try:
            sets.append(fetch(upstream))
        except ProtoError as error:
            errors += single_errors(error)
    raise_all(errors)
    raw, index, contradictions = merge(sets)
    raise_all(contradictions)
    index.findings = findings
    note(index, given, units)
    if folder is not None:
        with folder.writing(key) as file:
            if file is not None:
                write_pack(file, raw, index)
                return Pack(file)
    kept = _temporary()
    write_pack(kept, raw, index)
    return Pack(kept)


def _temporary() -> BinaryIO:
    """A file that is gone when it is closed."""
    # Held by the pack, which closes it.
    return tempfile.TemporaryFile(prefix="mockforge-protos-")
