"""``readOnly`` and ``writeOnly``: properties that one side has no business with are not required of it.

"If the property is marked as ``readOnly`` being ``true`` and is in the ``required`` list, the ``required``
will take effect on the response only" (OpenAPI 3.0.4 section 4.7.24.2; ``writeOnly`` the other way round).
From 3.1 on both are annotations, and "validation of these keywords MAY be done by checking the annotation,
the read or write direction" (3.1.1 section 4.8.24.3.2): that is done here for all versions alike, so that
one schema can serve both directions. A ``readOnly`` property that is sent all the same is let through: the
owner "MAY either ignore a ``readOnly`` field or treat it as an error" (same section), and clients send back
what they were given.

What counts is the object as a whole: a name required in one part of an ``allOf`` may be declared in
another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from mockforge.mocking.data.model import Direction, Schema

Names = frozenset[str]
Resolve = Callable[[str, str], tuple[Schema, str]]

NO_NAMES: Final[Names] = frozenset()
_DEEPEST: Final = 16


class Hidden:
    """Finds what is hidden from the sender of ``direction``."""

    def __init__(self, resolve: Resolve, direction: Direction) -> None:
        self._resolve = resolve
        self._flag = "readOnly" if direction == "request" else "writeOnly"
        self._required: dict[tuple[str, str], Names] = {}

    def excused(self, schema: dict[str, Any], base: str) -> Names:
        """Names that ``schema`` and the parts of its ``allOf`` need not find in a value."""
        required = schema.get("required") or ()
        parts = schema.get("allOf")
        if not parts:
            return self._of(schema, base, required) if required else NO_NAMES
        wanted = self.required(schema, base)
        if not wanted:
            return NO_NAMES
        found: set[str] = set()
        for part, inside in self._parts(schema, base, set()):
            found |= self._of(part, inside, wanted)
        return frozenset(found)

    def required(self, schema: Schema, base: str) -> Names:
        """Every name that ``schema`` or a part of its ``allOf`` requires."""
        return frozenset(
            name
            for part, _ in self._parts(schema, base, set())
            for name in _texts(part.get("required"))
        )

    def required_at(self, ref: str, base: str) -> Names:
        """The same of what ``ref`` names."""
        known = self._required.get((ref, base))
        if known is None:
            schema, inside = self._resolve(ref, base)
            known = self._required[ref, base] = self.required(schema, inside)
        return known

    def _parts(
        self, schema: Schema, base: str, seen: set[int]
    ) -> Iterator[tuple[dict[str, Any], str]]:
        """``schema``, what it refers to and the parts of ``allOf``, each once."""
        if not isinstance(schema, dict) or id(schema) in seen:
            return
        seen.add(id(schema))
        yield schema, base
        ref = schema.get("$ref")
        if isinstance(ref, str):
            target, inside = self._resolve(ref, base)
            yield from self._parts(target, inside, seen)
        parts = schema.get("allOf")
        for part in parts if isinstance(parts, list) else ():
            yield from self._parts(part, base, seen)

    def _of(self, schema: dict[str, Any], base: str, names: Any) -> Names:
        properties = schema.get("properties")
        if not isinstance(properties, dict):
            return NO_NAMES
        return frozenset(
            name
            for name in names
            if isinstance(properties.get(name), dict) and self._is_hidden(properties[name], base, 0)
        )

    def _is_hidden(self, schema: Schema, base: str, depth: int) -> bool:
        """A flag beside ``$ref`` counts as well: 3.0 ignores it, but it is meant."""
        if not isinstance(schema, dict) or depth > _DEEPEST:
            return False
        if schema.get(self._flag) is True:
            return True
        ref = schema.get("$ref")
        if isinstance(ref, str):
            target, inside = self._resolve(ref, base)
            return self._is_hidden(target, inside, depth + 1)
        parts = schema.get("allOf")
        return isinstance(parts, list) and any(
            self._is_hidden(part, base, depth + 1) for part in parts
        )


def _texts(value: Any) -> Iterator[str]:
    return (
        (name for name in value if isinstance(name, str)) if isinstance(value, list) else iter(())
    )
