"""Functions at the end of a path, as Jayway has them: ``$.items.length()``.

A path that can lead to one node only hands over that node; any other hands over the list of all nodes.
"""

from __future__ import annotations

from collections.abc import Callable
from math import fsum
from typing import Any, Final

Suffix = Callable[[list[Any], bool], list[Any]]


def _numbers(value: Any) -> list[int | float]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, int | float) and not isinstance(item, bool)]


def _length(value: Any) -> list[Any]:
    return [len(value)] if isinstance(value, list | dict | str) else []


def _total(value: Any) -> list[Any]:
    numbers = _numbers(value)
    if all(isinstance(number, int) for number in numbers):
        return [sum(numbers)]
    try:
        return [fsum(numbers)]
    except OverflowError:
        return []


def _average(value: Any) -> list[Any]:
    numbers = _numbers(value)
    try:
        return [fsum(numbers) / len(numbers)] if numbers else []
    except OverflowError:
        return []


def _keys(value: Any) -> list[Any]:
    return [list(value)] if isinstance(value, dict) else []


SUFFIXES: Final[dict[str, Callable[[Any], list[Any]]]] = {
    "length": _length,
    "size": _length,
    "min": lambda value: [min(numbers)] if (numbers := _numbers(value)) else [],
    "max": lambda value: [max(numbers)] if (numbers := _numbers(value)) else [],
    "sum": _total,
    "avg": _average,
    "keys": _keys,
    "first": lambda value: value[:1] if isinstance(value, list) else [],
    "last": lambda value: value[-1:] if isinstance(value, list) else [],
}


def suffix(name: str) -> Suffix:
    """The function ``name`` over what a path leads to."""
    function = SUFFIXES[name]

    def apply(nodes: list[Any], definite: bool) -> list[Any]:
        if definite:
            return function(nodes[0]) if nodes else []
        return function(nodes)

    return apply
