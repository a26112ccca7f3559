"""Whether two branches of a ``oneOf`` exclude each other by construction, so that no value has to be
compared with both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mockforge.mocking.data.shape import Shape
from mockforge.mocking.data.values import identity, type_of

if TYPE_CHECKING:
    from mockforge.mocking.data.compile import Compiler

_NAMES: Final = 16
"""How many common required properties are looked at."""


def disjoint(compiler: Compiler, first: Shape, second: Shape) -> bool:
    """Whether no value satisfies both, as far as that can be seen quickly: by type, by enumeration,
    or by a required property with different constants. False if in doubt."""
    types = _types(first) & _types(second)
    if not types:
        return True
    if first.enum is not None and second.enum is not None:
        return not set(map(identity, first.enum)) & set(map(identity, second.enum))
    if types != {"object"}:
        return False
    if any(_forbids(second, name) for name in first.required):
        return True
    if any(_forbids(first, name) for name in second.required):
        return True
    common = [name for name in first.required if name in second.required]
    return any(_differ(compiler, name, first, second) for name in common[:_NAMES])


def _types(shape: Shape) -> frozenset[str]:
    return shape.types if shape.enum is None else frozenset(map(type_of, shape.enum))


def _forbids(shape: Shape, name: str) -> bool:
    return any(source.schema is False for part in shape.objects for source in part.at(name))


def _differ(compiler: Compiler, name: str, first: Shape, second: Shape) -> bool:
    mine, theirs = _values(compiler, name, first), _values(compiler, name, second)
    if mine is None or theirs is None:
        return False
    return not set(map(identity, mine)) & set(map(identity, theirs))


def _values(compiler: Compiler, name: str, shape: Shape) -> list[Any] | None:
    """The values that the property may have, if they are listed."""
    folded = Shape()
    for part in shape.objects:
        for source in part.at(name):
            compiler.folder.fold(folded, source)
    return folded.enum
