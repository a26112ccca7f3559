"""Which files are compiled together, and from which folder imports are looked for.

A folder that is given is itself the root of imports. Where its files say otherwise (an import that is found
only from a folder above or below), that folder is the root instead, so that common layouts need no settings.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from mockforge.errors import Place

from .errors import ProtoError

PROTO: Final = ".proto"
SETS: Final = frozenset({".binpb", ".pb", ".protoset", ".desc"})
MOST_FILES: Final = 50_000
MOST_BYTES: Final = 16 * 1024**2
"""Of one .proto file."""
_LEVELS_UP: Final = 6
_SKIPPED: Final = frozenset({"node_modules", "__pycache__", "venv"})
_IMPORT: Final = re.compile(
    rb"""^[ \t]*import[ \t]+(?:(?:public|weak|option)[ \t]+)?["']([^"'\n]+)["']""", re.MULTILINE
)


class Given(NamedTuple):
    """What the sources hold: ``.proto`` files and descriptor sets, each with the source it belongs to."""

    protos: list[tuple[Path, Path]]
    sets: list[tuple[Path, Path]]
    folders: list[Path]
    """Folders in which something may come to be."""

    def listing(self) -> list[str]:
        """All files, for comparing."""
        return sorted({str(path) for _, path in self.protos} | {str(path) for _, path in self.sets})


class Unit(NamedTuple):
    """Files that are compiled in one run: by the ``names`` they have below ``roots``, and their paths."""

    roots: tuple[Path, ...]
    names: tuple[str, ...]
    paths: tuple[Path, ...]


def find(sources: Iterable[Path]) -> Given:
    """Look through ``sources``; ProtoError."""
    given = Given([], [], [])
    for source in sources:
        if source.is_dir():
            before = len(given.protos) + len(given.sets)
            _walk(source, given)
            if len(given.protos) + len(given.sets) == before:
                raise ProtoError("there is no .proto file in this folder", place=Place(str(source)))
        elif not source.exists():
            raise ProtoError("there is no such file or folder", place=Place(str(source)))
        elif source.suffix.lower() == PROTO:
            given.protos.append((source, source))
        elif source.suffix.lower() in SETS:
            given.sets.append((source, source))
        else:
            raise ProtoError(
                "this is neither a .proto file nor a descriptor set",
                place=Place(str(source)),
                hint=f"descriptor sets are called {', '.join(sorted(SETS))}",
            )
    return given


def _walk(source: Path, given: Given) -> None:
    for folder, below, names in os.walk(source):
        below[:] = sorted(
            name for name in below if not name.startswith(".") and name not in _SKIPPED
        )
        given.folders.append(Path(folder))
        for name in sorted(names):
            suffix = os.path.splitext(name)[1].lower()  # noqa: PTH122 - of thousands of names
            if suffix == PROTO:
                given.protos.append((source, Path(folder, name)))
            elif suffix in SETS and not name.startswith("."):
                given.sets.append((source, Path(folder, name)))
        if len(given.protos) > MOST_FILES:
            raise ProtoError(
                f"there are more than {MOST_FILES} .proto files here",
                place=Place(str(source)),
                hint="give the folders that you need",
            )


def plan(given: Given, roots: Sequence[Path], bundled: Sequence[Path]) -> list[Unit]:
    """What to compile with what. ``roots`` are those the user named."""
    bases: dict[Path, list[Path]] = {}
    for source, path in given.protos:
        named = _containing(path, roots)
        # Roots that were named are looked through together, in their order.
        own = source if source.is_dir() else source.parent
        base = own if named is None else roots[0]
        bases.setdefault(base, []).append(path)
    units: list[Unit] = []
    for base, paths in bases.items():
        others = [each for each in bases if each != base]
        if roots and base == roots[0]:
            units.append(_unit(tuple(roots), paths, (*others, *bundled)))
        else:
            units += _guessed(base, paths, (*roots, *others), bundled)
    return units


def _guessed(
    base: Path, paths: list[Path], others: tuple[Path, ...], bundled: Sequence[Path]
) -> Iterator[Unit]:
    """The units of one source: usually one with ``base`` as its root."""
    inside: dict[Path, None] = {}
    outside: dict[Path, None] = {}
    above: Path | None = None
    for path in paths:
        for name in imports(path):
            if (own := _above(name, base)) is not None:
                above = own
                continue
            if any((root / name).is_file() for root in (base, *others, *bundled)):
                continue
            found = _root_of(name, path, base)
            if found is None:
                continue
            if found.is_relative_to(base):
                inside[found] = None
            else:
                outside[found] = None
    if above is not None:
        base = above
    roots = sorted(inside, key=lambda root: -len(root.parts))
    grouped: dict[Path, list[Path]] = {}
    for path in paths:
        grouped.setdefault(_containing(path, roots) or base, []).append(path)
    for root, members in grouped.items():
        rest = [each for each in (*roots, base) if each != root]
        yield _unit((root,), members, (*rest, *outside, *others, *bundled))


def _above(name: str, base: Path) -> Path | None:
    """The folder above ``base`` from which ``name`` is found inside ``base``, by its own name."""
    absolute = base.absolute()
    parents = absolute.parents
    for levels in range(1, min(_LEVELS_UP, len(parents)) + 1):
        below = "/".join(absolute.parts[-levels:]) + "/"
        if name.startswith(below) and (absolute / name.removeprefix(below)).is_file():
            return _like(parents[levels - 1], base)
    return None


def _root_of(name: str, path: Path, base: Path) -> Path | None:
    """The folder from which ``name``, imported in ``path``, is found: around the file first, then above
    the source."""
    folder = path.parent
    while folder.is_relative_to(base):
        if (folder / name).is_file():
            return folder
        if folder == folder.parent:
            break
        folder = folder.parent
    absolute = base.absolute()
    for parent in list(absolute.parents)[:_LEVELS_UP]:
        if (parent / name).is_file():
            return _like(parent, base)
    for folder_name, below, _ in os.walk(base):
        below[:] = sorted(each for each in below if not each.startswith("."))
        if Path(folder_name, name).is_file():
            return Path(folder_name)
    return None


def _like(folder: Path, base: Path) -> Path:
    """``folder``, spelt relative to the working folder if ``base`` is."""
    return folder if base.is_absolute() else Path(os.path.relpath(folder))


def _containing(path: Path, roots: Sequence[Path]) -> Path | None:
    for root in roots:
        if path.is_relative_to(root) or path.resolve().is_relative_to(root.resolve()):
            return root
    return None


def _unit(own: tuple[Path, ...], paths: Iterable[Path], others: Iterable[Path]) -> Unit:
    named: dict[str, Path] = {}
    for path in paths:
        root = _containing(path, own)
        if root is None:
            raise ProtoError("this file is below no root", place=Place(str(path)))
        try:
            name = path.relative_to(root).as_posix()
        except ValueError:
            name = path.resolve().relative_to(root.resolve()).as_posix()
        for earlier in own[: own.index(root)]:
            if (earlier / name).is_file():
                raise ProtoError(
                    f"it goes by the same name, {name}, as {earlier / name}",
                    place=Place(str(path)),
                    hint="name a folder above both as the root",
                )
        named.setdefault(name, path)
    roots = dict.fromkeys((*own, *others))
    return Unit(tuple(roots), tuple(named), tuple(named.values()))


def imports(path: Path) -> list[str]:
    """The names that a .proto file imports, as far as a look at its lines shows; [] if it cannot be
    read."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES)
    except OSError:
        return []
    return [name.decode("utf-8", "replace") for name in _IMPORT.findall(data)]
