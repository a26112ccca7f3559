"""Checks of files of stubs, for the linters of protocols: compiled as a server would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mockforge.findings import Finding
from mockforge.mocking.stubs.common import build
from mockforge.mocking.stubs.compiler import StubCompiler, StubSource
from mockforge.mocking.stubs.errors import StubError, as_finding
from mockforge.mocking.stubs.loader import LoadLimits
from mockforge.mocking.stubs.plain import definition_text
from mockforge.structured import Structured, read_structured


class StubFile(NamedTuple):
    """The file at ``path`` as it was read, and the definitions in it."""

    path: Path
    read: Structured
    listed: list[Any]


def read_stubs(path: Path, key: str) -> StubFile | None:
    """The file at ``path``, or ``None`` if it has no stub with ``key`` or cannot be read."""
    try:
        read = read_structured(path, limits=LoadLimits().file, error=StubError, problems=[])
    except StubError:  # said by whoever knows stubs
        return None
    listed = read.value if isinstance(read.value, list) else [read.value]
    return StubFile(path, read, listed) if any(_has(each, key) for each in listed) else None


def check_stubs(
    file: StubFile, key: str, compilers: Mapping[str, StubCompiler[Any]]
) -> Iterator[Finding]:
    """The findings about the stubs with ``key`` in a file."""
    path, read, listed = file
    places = read.items()
    for number, definition in enumerate(listed):
        if not _has(definition, key):
            continue
        at = (number,) if isinstance(read.value, list) else ()
        line, column = places[number] if at else (1, 1)
        source = StubSource(definition, file=path, line=line, column=column, structured=read, at=at)
        build(source, compilers, text=definition_text(definition), default_id=path.stem)
        yield from source.findings
        yield from map(as_finding, source.problems)


def _has(value: Any, key: str) -> bool:
    return isinstance(value, dict) and isinstance(value.get(key), dict)
