"""Whether the protos are still those that a pack was made from."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import msgspec

from .compiler import PACKAGE, Compiler
from .index import Index, Watch
from .layout import Given, Unit

FORMAT: Final = 1
_RACY_NS: Final = 2_000_000_000
"""Two changes of a file within this time may leave it with the same time stamp."""
_CHUNK: Final = 1 << 20


def pack_key(given: Given, roots: Iterable[Path], compiler: Compiler | None) -> str:
    """The name of the pack of these sources: the same for the same sources, roots and versions."""
    identity = [
        FORMAT,
        compiler.version if compiler is not None else "",
        [_version(name) for name in ("mockforge-grpc", PACKAGE, "googleapis-common-protos")],
        sorted({os.path.abspath(source) for source, _ in given.protos}),  # noqa: PTH100 - text
        sorted(os.path.abspath(source) for source, _ in given.sets),  # noqa: PTH100 - text
        [os.path.abspath(root) for root in roots],  # noqa: PTH100 - text
        # Places in messages are spelt as the user spells paths.
        Path.cwd().as_posix(),
        sorted({str(source) for source, _ in given.protos}),
    ]
    return blake2b(msgspec.json.encode(identity), digest_size=16).hexdigest()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def note(index: Index, given: Given, units: Iterable[Unit]) -> None:
    """Write into ``index`` what `is_fresh` compares."""
    index.listing = given.listing()
    watched = dict.fromkeys([*index.listing, *(entry.origin for entry in index.files)])
    index.read = [made for path in watched if (made := _watch(path)) is not None]
    index.absent = sorted(set(_shadows(index, units)))


def forget(index: Index) -> None:
    """Drop what only `is_fresh` needs: of thousands of files, megabytes."""
    index.listing, index.read, index.absent = [], [], []


def _shadows(index: Index, units: Iterable[Unit]) -> Iterator[str]:
    """Paths of files that would be imported instead of those that were."""
    origins = {entry.name: entry.origin for entry in index.files}
    for unit in units:
        for name, origin in origins.items():
            for root in unit.roots:
                path = str(root / name)
                if path == origin:
                    break
                if not os.path.exists(path):  # noqa: PTH110 - of thousands of files
                    yield path


def is_fresh(index: Index, given: Given, made_ns: int) -> bool:
    """Whether every file is as it was when a pack with ``index`` was made at ``made_ns``."""
    return (
        index.listing == given.listing()
        and not any(map(os.path.exists, index.absent))
        and all(_is_unchanged(watch, made_ns) for watch in index.read)
    )


def _is_unchanged(watch: Watch, made_ns: int) -> bool:
    """By its stamp if that leaves no doubt, by its content otherwise."""
    try:
        status = os.stat(watch.path)  # noqa: PTH116 - of thousands of files
    except OSError:
        return False
    if status.st_size != watch.size:
        return False
    same = (status.st_mtime_ns, status.st_ctime_ns) == (watch.mtime_ns, watch.ctime_ns)
    settled = max(status.st_mtime_ns, status.st_ctime_ns) < made_ns - _RACY_NS
    return (same and settled) or _digest(watch.path) == watch.digest


def _watch(path: str) -> Watch | None:
    try:
        status = os.stat(path)  # noqa: PTH116 - as above
        digest = _digest(path)
    except OSError:
        return None  # built into the compiler
    return Watch(path, status.st_size, status.st_mtime_ns, status.st_ctime_ns, digest)


def _digest(path: str) -> bytes:
    digest = blake2b(digest_size=16)
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - as above
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except OSError:
        return b""
    return digest.digest()
