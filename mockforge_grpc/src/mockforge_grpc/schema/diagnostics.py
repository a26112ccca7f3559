"""What the compiler says, as errors that name file, line and column as the user knows them."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from mockforge.errors import Place
from mockforge.findings import Finding
from mockforge.nearest import nearest

from .compiler import Compiled
from .errors import ProtoError
from .layout import Unit

_LINE: Final = re.compile(
    r"^(?P<file>[^\n:]+\.\w+):(?:(?P<line>\d+):(?:(?P<column>\d+):)?)? (?:error: )?"
    r"(?P<warning>warning: )?(?P<message>.*)$"
)
_ABSENT: Final = "File not found."
_IMPORT: Final = re.compile(r'^Import "(?P<name>.*)" was not found or had errors\.$')
_CYCLE: Final = re.compile(r"^File recursively imports itself: (?P<way>.*)$")
_TAKEN: Final = re.compile(r'^"(?P<symbol>.*)" is already defined in file "(?P<file>.*)"\.$')
_UNKNOWN: Final = re.compile(r'^"(?P<name>[\w.]+)" is not defined\.$')
_UNIMPORTED: Final = re.compile(
    r'^"(?P<name>.*)" seems to be defined in "(?P<file>.*)", which is not imported by'
)
_UNUSED: Final = re.compile(r"^Import (?P<name>\S+) is unused\.$")
_DECLARED: Final = re.compile(r"^[ \t]*(?:message|enum)[ \t]+(\w+)", re.MULTILINE)
_SCALARS: Final = frozenset(
    {
        "double",
        "float",
        "int32",
        "int64",
        "uint32",
        "uint64",
        "sint32",
        "sint64",
        "fixed32",
        "fixed64",
    }
    | {"sfixed32", "sfixed64", "bool", "string", "bytes"}
)
_TAB: Final = 8
_MOST_TEXT: Final = 1024**2


class Said(NamedTuple):
    """What the compiler said about a unit: errors, warnings, and the names of the files that are wrong."""

    errors: list[ProtoError]
    findings: list[Finding]
    files: set[str]


def read(run: Compiled, unit: Unit, bundled: Sequence[Path]) -> Said:
    """What ``run`` said about ``unit``."""
    # One more root than the unit has is the compiling room's own.
    return _Reader(unit, bundled, run.roots[: len(unit.roots)]).read(run.said, failed=not run.ok)


def order(error: ProtoError) -> tuple[str, int, int]:
    """By file and line."""
    place = error.place or Place()
    return (place.file or "", place.line or 0, place.column or 0)


class _Reader:
    def __init__(self, unit: Unit, bundled: Sequence[Path], spelt: Sequence[str]) -> None:
        self.spelt = spelt
        self.unit = unit
        self.bundled = frozenset(bundled)
        self.names = dict(zip(unit.paths, unit.names, strict=True))
        self.own = dict(zip(unit.names, unit.paths, strict=True))

    def read(self, said: str, *, failed: bool) -> Said:
        wrong: set[str] = set()
        errors: dict[str, ProtoError] = {}
        taken: dict[tuple[Path, Path], list[tuple[str, Place]]] = {}
        findings: list[Finding] = []
        absent: set[str] = set()
        left: list[str] = []
        for line in said.splitlines():
            match = _LINE.match(line)
            if match is None:
                left.append(line.strip())
                continue
            file, message = match["file"], match["message"]
            if match["warning"]:
                path = self.path(file)
                if path in self.names:
                    findings.append(_warning(message, self._place(path, match)))
                continue
            if message == _ABSENT:
                absent.add(file)
                continue
            path = self.path(file)
            wrong.add(self.names.get(path, file))
            if (again := _TAKEN.match(message)) is not None:
                other = self.path(again["file"])
                taken.setdefault((path, other), []).append(
                    (again["symbol"], self._place(path, match))
                )
                continue
            error = self._error(message, path, self._place(path, match), absent, taken)
            if error is not None:
                errors.setdefault(str(error), error)
        for name in sorted(absent):
            if name in self.own:
                errors[name] = ProtoError("cannot be read", place=Place(str(self.own[name])))
        for (path, other), symbols in taken.items():
            error = _taken(path, other, symbols)
            errors[str(error)] = error
        if failed and not errors:
            said_more = "; ".join(filter(None, left)) or "it gave no reason"
            errors[""] = ProtoError(f"the protobuf compiler failed: {said_more}")
        return Said(list(errors.values()), findings, wrong | absent)

    def path(self, name: str) -> Path:
        """Where the file called ``name`` is; the compiler names it as an import would, or by its path."""
        for root, spelt in zip(self.unit.roots, self.spelt, strict=True):
            if name.startswith(f"{spelt}/"):
                below = name.removeprefix(f"{spelt}/")
                return self.own.get(below) or root / below
        if (own := self.own.get(name)) is not None:
            return own
        for root in self.unit.roots:
            if (root / name).is_file():
                return root / name
        return Path(name)

    def _place(self, path: Path, match: re.Match[str]) -> Place:
        if match["line"] is None:
            return Place(str(path))
        line = int(match["line"])
        column = int(match["column"]) if match["column"] else None
        return Place(str(path), line, _without_tabs(path, line, column))

    def _error(
        self, message: str, path: Path, place: Place, absent: set[str], taken: Container[object]
    ) -> ProtoError | None:
        if (match := _IMPORT.match(message)) is not None:
            # What is wrong with a file that is there is said in its own lines.
            if (name := match["name"]) not in absent:
                return None
            return ProtoError(
                f'the import "{name}" is not found', place=place, hint=self._where(name, path)
            )
        if (match := _UNIMPORTED.match(message)) is not None:
            # Where two files define the same, this is but a consequence.
            if path == (other := self.path(match["file"])) or (path, other) in taken:
                return None
            return ProtoError(
                f"{match['name']} is defined in {other}, which is not imported",
                place=place,
                hint=f'add: import "{match["file"]}";',
            )
        if (match := _UNKNOWN.match(message)) is not None:
            name = match["name"].rpartition(".")[2]
            close = nearest(name, [*_SCALARS, *_DECLARED.findall(_text(path))])
            hint = f"did you mean {close}?" if close and close != name else None
            return ProtoError(f"{match['name']} is not defined", place=place, hint=hint)
        if (match := _CYCLE.match(message)) is not None:
            return ProtoError(f"the file imports itself: {match['way']}", place=place)
        return ProtoError(message.rstrip("."), place=place)

    def _where(self, name: str, importer: Path) -> str:
        searched = [str(root) or "." for root in self.unit.roots if root not in self.bundled]
        base = name.rpartition("/")[2]
        for known, path in self.own.items():
            if known.rpartition("/")[2] == base and path != importer:
                return (
                    f'there is {path}: import "{known}", or name the folder above it as a root '
                    f"(looked in {', '.join(searched)})"
                )
        return (
            f"looked in {', '.join(searched)} and the protos of Google that come with MockForge; name the "
            "folder that has it with grpc.roots (--proto-root)"
        )


def _taken(path: Path, other: Path, symbols: list[tuple[str, Place]]) -> ProtoError:
    """One error for all that two files both define."""
    # What is inside of another is not counted: it is there twice because the other is.
    names = [name for name, _ in symbols]
    outer = [(name, place) for name, place in symbols if name.rpartition(".")[0] not in names]
    name, place = outer[0]
    more = len(outer) - 1
    said = f"{name} and {more} more are" if more else f"{name} is"
    if path == other:
        return ProtoError(
            f"{said} defined here twice: the file is read under two names",
            place=place,
            hint="name the folder that imports start from as the root (grpc.roots, --proto-root)",
        )
    return ProtoError(
        f"{said} defined here and in {other}",
        place=place,
        hint="leave one of the files out, or give one another package",
    )


def _warning(message: str, place: Place) -> Finding:
    if (match := _UNUSED.match(message)) is not None:
        return Finding(
            "proto.import-unused",
            f'the import "{match["name"]}" is not used',
            "info",
            place.file,
            place.line,
            place.column,
        )
    return Finding(
        "proto.warning", message.rstrip("."), "warning", place.file, place.line, place.column
    )


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_TEXT).decode("utf-8", "replace")
    except OSError:
        return ""


def _without_tabs(path: Path, line: int, column: int | None) -> int | None:
    """The column in characters: the compiler counts a tab as going on to the next multiple of eight."""
    if column is None:
        return None
    lines = _text(path).split("\n")
    if line > len(lines) or "\t" not in lines[line - 1]:
        return column
    seen = 0
    for number, character in enumerate(lines[line - 1]):
        if seen >= column - 1:
            return number + 1
        seen += _TAB - seen % _TAB if character == "\t" else 1
    return column
