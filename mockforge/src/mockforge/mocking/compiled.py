"""What compiled patterns and paths take that are kept, in the whole process, for who compiles the same again:
for memory reports. Looks at what was imported already and imports nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, Final, NamedTuple


class _Kept(NamedTuple):
    """A cache: where it is, and about how many bytes (as measured) each of its entries takes."""

    module: str
    name: str
    entry: int


_KEPT: Final = (
    _Kept("mockforge.mocking.regex.engine", "compile_regex", 6_000),
    _Kept("mockforge.mocking.matching.jsonpath.functions", "_compiled", 6_000),
    _Kept("mockforge.mocking.matching.jsonpath.path", "compile_jsonpath", 2_000),
    _Kept("mockforge.mocking.matching.xpath.expression", "_compiled", 2_500),
    _Kept("mockforge.mocking.templating.helpers", "compiled_pattern", 1_000),
)


def held() -> int:
    """About how many bytes they take."""
    return sum(entry * info.currsize for entry, info in _infos())


def limit() -> int:
    """About how many they can take: each cache keeps a number of those used last."""
    return sum(entry * info.maxsize for entry, info in _infos())


def clear() -> None:
    """Let all of them go; they are compiled anew where they are needed."""
    for kept in _KEPT:
        module = sys.modules.get(kept.module)
        if module is not None:
            getattr(module, kept.name).cache_clear()


def _infos() -> Iterator[tuple[int, Any]]:
    for kept in _KEPT:
        module = sys.modules.get(kept.module)
        if module is not None:
            yield kept.entry, getattr(module, kept.name).cache_info()
