"""YAML, JSON and TOML files as plain values, with the line and column of every key.

Settings, stub files and manifests are read here, so that a mistake in any of them can be reported as
``file:line:column``. What is read is bounded (size, nesting, values after aliases are expanded), and
what the three formats leave loose is tightened: a key given twice is an error, keys are always text,
YAML scalars follow the 1.2 core schema (``on``, ``NO`` and ``12:30`` are text, ``1e3`` is a number).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from mockforge.errors import ConfigError, MockForgeError, Place
from mockforge.structured.marks import LateMarks, Mark, Part, find_mark, format_path

__all__ = [
    "SUFFIXES",
    "Kind",
    "Limits",
    "Part",
    "Structured",
    "format_path",
    "parse_structured",
    "read_structured",
]

Kind = Literal["yaml", "json", "toml"]

SUFFIXES: Final[dict[str, Kind]] = {
    ".yaml": "yaml",
    ".yml": "yaml",
    ".json": "json",
    ".toml": "toml",
}
"""File endings and the format they stand for."""


class Limits(NamedTuple):
    """What a file may hold at most: ``size`` in bytes, ``depth`` of nesting, number of ``values``
    (mappings, lists and scalars, each alias counted as what it stands for)."""

    size: int = 8 * 1024**2
    depth: int = 64
    values: int = 1_000_000


class Structured:
    """What a file says. ``value`` is made of dict (text keys), list, str, int, float, bool and None;
    parts that a YAML file shares by alias are the same object: do not change them in place.
    ``file`` is the name the file goes by in messages."""

    __slots__ = ("_marks", "file", "value")

    def __init__(self, file: str, value: Any, marks: Mark | LateMarks) -> None:
        self.file = file
        self.value = value
        self._marks = marks

    def position(self, path: Sequence[Part]) -> tuple[int, int]:
        """1-based line and column of the key (or list item) at ``path``; of the nearest part above it
        where ``path`` is not in the file."""
        if isinstance(self._marks, LateMarks):
            self._marks = self._marks.make()
        mark = find_mark(self._marks, path)
        return mark.line, mark.column

    def items(self) -> list[tuple[int, int]]:
        """1-based line and column of each item of the list at the top; cheaper than :meth:`position` where
        only these are wanted. Empty if the top is no list."""
        if not isinstance(self.value, list):
            return []
        if isinstance(self._marks, LateMarks) and self._marks.items is not None:
            return self._marks.items()
        return [self.position((number,)) for number in range(len(self.value))]

    def place(self, path: Sequence[Part] = ()) -> Place:
        """The place of ``path``, for an error or a finding about it."""
        line, column = self.position(path)
        return Place(self.file, line, column, format_path(path) or None)


class Reading:
    """One read under way: the name of the file, the limits, and where problems go. For the modules
    that read one format each."""

    __slots__ = ("error", "file", "limits", "problems")

    def __init__(
        self,
        file: str,
        limits: Limits,
        error: type[MockForgeError],
        problems: list[MockForgeError] | None,
    ) -> None:
        self.file = file
        self.limits = limits
        self.error = error
        self.problems = problems

    def failure(
        self,
        message: str,
        line: int | None = None,
        column: int | None = None,
        *,
        path: str | None = None,
        hint: str | None = None,
    ) -> MockForgeError:
        """The error for a problem at the given place, to be raised."""
        return self.error(message, hint=hint, place=Place(self.file, line, column, path or None))

    def duplicate(self, path: Sequence[Part], line: int, column: int, first: int) -> None:
        """Report a key that was given before on line ``first``; reading can go on after it."""
        problem = self.failure(
            f"the key {str(path[-1])!r} is given twice, first on line {first}",
            line,
            column,
            path=format_path(path),
            hint="remove one of the two",
        )
        if self.problems is None:
            raise problem
        self.problems.append(problem)

    def too_deep(self, line: int | None = None, column: int | None = None) -> MockForgeError:
        """The error for nesting past the limit."""
        return self.failure(f"nested deeper than {self.limits.depth} levels", line, column)


def read_structured(
    path: Path,
    *,
    kind: Kind | None = None,
    limits: Limits | None = None,
    error: type[MockForgeError] = ConfigError,
    problems: list[MockForgeError] | None = None,
) -> Structured:
    """Read the file at ``path``; its ending tells the format unless ``kind`` does.

    Raises ``error`` with the place of what is wrong. Where ``problems`` is a list, problems after
    which reading can go on (a key given twice, the last one counts) are put there instead.
    """
    limits = limits or Limits()
    if kind is None:
        kind = SUFFIXES.get(path.suffix.lower())
        if kind is None:
            raise error(
                f"cannot tell the format of {path}",
                hint=f"name it with one of the endings {', '.join(SUFFIXES)}",
            )
    try:
        with path.open("rb") as file:
            content = file.read(limits.size + 1)
    except OSError as failure:
        reason = (failure.strerror or str(failure)).lower()
        raise error(f"cannot read {path}: {reason}", hint="check the path") from failure
    return parse_structured(
        content, name=str(path), kind=kind, limits=limits, error=error, problems=problems
    )


def parse_structured(
    content: bytes | str,
    *,
    name: str,
    kind: Kind,
    limits: Limits | None = None,
    error: type[MockForgeError] = ConfigError,
    problems: list[MockForgeError] | None = None,
) -> Structured:
    """Like :func:`read_structured`, for ``content`` that is already at hand; ``name`` is what
    messages call it."""
    reading = Reading(name, limits or Limits(), error, problems)
    if len(content) > reading.limits.size:
        raise reading.failure(f"larger than {reading.limits.size} bytes")
    text = content if isinstance(content, str) else _decode(content, reading)
    match kind:
        case "yaml":
            from mockforge.structured.from_yaml import parse
        case "json":
            from mockforge.structured.from_json import parse
        case "toml":
            from mockforge.structured.from_toml import parse
    value, marks = parse(text, reading)
    return Structured(name, value, marks)


def _decode(content: bytes, reading: Reading) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        before = content[: failure.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        raise reading.failure(
            f"not UTF-8 text (byte 0x{content[failure.start]:02x})",
            line,
            column,
            hint="save the file as UTF-8",
        ) from failure
