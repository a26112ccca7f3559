"""The ``headers:`` of what stubs send, in answers and in webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockforge.mocking.fields import is_token
from mockforge.mocking.stubs import StubSource
from mockforge.structured import Part

Path = tuple[Part, ...]


def header_lines(source: StubSource, given: Any, path: Path) -> Iterator[tuple[str, Any, Path]]:
    """Name, value and place of each header line of a mapping, in which a list of values stands for as many
    lines; what is wrong goes to ``source``."""
    if given is None:
        return
    if not isinstance(given, dict):
        source.problem("must be a mapping of names to values", path)
        return
    for name, value in given.items():
        at = (*path, name)
        if not is_token(name):
            source.problem(f"{name!r} is not a header name", at)
            continue
        for each in value if isinstance(value, list) else (value,):
            yield name, each, at
