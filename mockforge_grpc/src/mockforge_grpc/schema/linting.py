"""``mockforge lint`` for ``.proto`` files and descriptor sets: compiled as a server would, and looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mockforge.findings import Finding

from .errors import ProtoError, single_errors
from .layout import PROTO, SETS

if TYPE_CHECKING:
    from .model import Schema

Check = Callable[["Schema"], Iterable[Finding]]
"""Looks at a schema that compiles."""


def lint_proto(
    path: Path, *, fast: bool = False, roots: Sequence[Path] = (), checks: Sequence[Check] = ()
) -> Iterable[Finding] | None:
    """The findings about the file or folder at ``path``; None if it is neither a ``.proto`` file nor a
    descriptor set. ``checks`` are asked for more, unless it is to be ``fast``."""
    suffix = path.suffix.lower()
    if suffix not in SETS and suffix != PROTO:
        return None
    return _lint(path, () if fast else checks, roots)


def _lint(path: Path, checks: Sequence[Check], roots: Sequence[Path]) -> Iterator[Finding]:
    from .loading import load_schema

    try:
        schema = load_schema([path], roots)
    except ProtoError as error:
        for each in single_errors(error):
            yield Finding.of(each, "proto.invalid")
        return
    try:
        yield from schema.findings
        for check in checks:
            yield from check(schema)
    finally:
        schema.close()
