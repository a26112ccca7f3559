"""Which members and items some keyword has looked at: what ``unevaluatedProperties`` and ``unevaluatedItems``
leave alone (JSON Schema 2020-12 core, section 11)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mockforge_http.validation import leaves
from mockforge_http.validation.scope import Definitions

Valid = Callable[[Any, Any], bool]


class Evaluated:
    """Collects evaluated names and positions; ``valid`` says whether a part of the schema holds."""

    def __init__(self, valid: Valid, definitions: Definitions) -> None:
        self._valid = valid
        self._definitions = definitions

    def names(self, schema: Any, value: dict[str, Any], *, whole: bool = False) -> set[str]:
        """The names of ``value`` that ``schema`` evaluates; ``whole`` counts its own
        ``unevaluatedProperties`` as well, as those of parts do."""
        if not isinstance(schema, dict):
            return set()
        found = {name for name in schema.get("properties", ()) if name in value}
        for pattern in schema.get("patternProperties", ()):
            found |= {name for name in value if leaves.matches(pattern, name)}
        if "additionalProperties" in schema or (whole and "unevaluatedProperties" in schema):
            return set(value)
        for name, part in schema.get("dependentSchemas", {}).items():
            if name in value:
                found |= self.names(part, value, whole=True)
        for part in self._holding(schema, value):
            found |= self.names(part, value, whole=True)
        for target in self._definitions.targets(schema):
            with self._definitions.followed(target):
                found |= self.names(target.schema, value, whole=True)
        return found

    def positions(self, schema: Any, value: list[Any], *, whole: bool = False) -> set[int]:
        """The positions of ``value`` that ``schema`` evaluates."""
        if not isinstance(schema, dict):
            return set()
        if "items" in schema or (whole and "unevaluatedItems" in schema):
            return set(range(len(value)))
        found = set(range(min(len(schema.get("prefixItems", ())), len(value))))
        if "contains" in schema:
            part = schema["contains"]
            found |= {position for position, item in enumerate(value) if self._valid(part, item)}
        for part in self._holding(schema, value):
            found |= self.positions(part, value, whole=True)
        for target in self._definitions.targets(schema):
            with self._definitions.followed(target):
                found |= self.positions(target.schema, value, whole=True)
        return found

    def _holding(self, schema: dict[str, Any], value: Any) -> Iterator[Any]:
        """The parts in place that hold of ``value``."""
        yield from schema.get("allOf", ())
        for keyword in ("anyOf", "oneOf"):
            for part in schema.get(keyword, ()):
                if self._valid(part, value):
                    yield part
        if "if" in schema:
            if self._valid(schema["if"], value):
                yield schema["if"]
                yield schema.get("then", True)
            else:
                yield schema.get("else", True)
