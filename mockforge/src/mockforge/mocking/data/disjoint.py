"""Whether two branches of a ``oneOf`` exclude each other by construction, so that no value has to be
compared with both."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Final

from mockforge.mocking.data.shape import Shape
from mockforge.mocking.data.values import identity, type_of

if TYPE_CHECKING:
    from mockforge.mocking.data.compile import Compiler

_NAMES: Final = 16
"""How many common required properties are looked at."""

_Values = frozenset[Hashable] | None


class Outline:
    """What tells a branch from others; each fact is worked out once, for there may be a hundred
    branches to compare with."""

    def __init__(self, compiler: Compiler, shape: Shape) -> None:
        self._compiler = compiler
        self._shape = shape
        self._by_name: dict[str, _Values] = {}
        self._forbidden: dict[str, bool] = {}
        self.enum: _Values = None
        self.types = shape.types
        if shape.enum is not None:
            self.enum = frozenset(map(identity, shape.enum))
            self.types = frozenset(map(type_of, shape.enum))

    def excludes(self, other: Outline) -> bool:
        """Whether no value satisfies both, as far as that can be seen quickly: by type, by
        enumeration, or by a required property with different constants. False if in doubt."""
        types = self.types & other.types
        if not types:
            return True
        if self.enum is not None and other.enum is not None:
            return self.enum.isdisjoint(other.enum)
        if types != {"object"}:
            return False
        mine, theirs = self._shape.required, other._shape.required
        if any(map(other._forbids, mine)) or any(map(self._forbids, theirs)):
            return True
        common = [name for name in mine if name in theirs]
        return any(self._differs(other, name) for name in common[:_NAMES])

    def _forbids(self, name: str) -> bool:
        known = self._forbidden.get(name)
        if known is None:
            known = self._forbidden[name] = any(
                source.schema is False for part in self._shape.objects for source in part.at(name)
            )
        return known

    def _differs(self, other: Outline, name: str) -> bool:
        mine, theirs = self._values(name), other._values(name)
        return mine is not None and theirs is not None and mine.isdisjoint(theirs)

    def _values(self, name: str) -> _Values:
        """The values that the property may have, if they are listed."""
        if name not in self._by_name:
            folded = Shape()
            for part in self._shape.objects:
                for source in part.at(name):
                    self._compiler.folder.fold(folded, source)
            listed = folded.enum
            self._by_name[name] = None if listed is None else frozenset(map(identity, listed))
        return self._by_name[name]
