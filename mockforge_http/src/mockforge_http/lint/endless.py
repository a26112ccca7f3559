"""Schemas that require themselves: every value of them would contain another one, without end.

Following what is required finds the candidates at little cost; making a value decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any, Final

from mockforge.errors import MockForgeError
from mockforge.findings import Finding
from mockforge.mocking.data import compile_generator
from mockforge.mocking.data.model import EndlessError
from mockforge_http.documents import Document
from mockforge_http.documents.pointer import join
from mockforge_http.lint.grammar import Node, Tokens
from mockforge_http.lint.making import at, shown
from mockforge_http.schemas import DocumentSchemas

Place = tuple[str, Tokens]

_MOST_STEPS: Final = 1_000
"""Schemas looked at on the way from one."""


class EndlessLint:
    """Looks at the named schemas of one document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._resolver = DocumentSchemas(document)
        self._required: dict[Place, tuple[Place, ...]] = {}

    def findings(self, node: Node) -> Iterator[Finding]:
        """A finding if the schema ``node`` requires itself."""
        here = (node.file, node.tokens)
        if not self._leads_back(here) or not self._is_endless(node):
            return
        yield at(
            "schema-endless",
            "every value of this schema would contain another one, without end",
            shown(self._document, node.file),
            join(node.tokens),
            hint="make one of the properties on the way optional, or let an array on it be empty",
        )

    def _leads_back(self, start: Place) -> bool:
        waiting = list(self._next(start))
        seen: set[Place] = set(waiting)
        while waiting and len(seen) < _MOST_STEPS:
            place = waiting.pop()
            if place == start:
                return True
            for further in self._next(place):
                if further not in seen:
                    seen.add(further)
                    waiting.append(further)
        return False

    def _next(self, place: Place) -> tuple[Place, ...]:
        """The schemas of which a value of the one at ``place`` must hold one."""
        known = self._required.get(place)
        if known is None:
            file, tokens = place
            try:
                schema = self._document.value(join(tokens), file)
            except MockForgeError:
                schema = None
            base = self._document.base_at(file, tokens)
            targets = (self._document.target(ref, base) for ref in _required_refs(schema))
            known = tuple(target for target in targets if target is not None)
            self._required[place] = known
        return known

    def _is_endless(self, node: Node) -> bool:
        base = self._document.base_at(node.file, node.tokens)
        try:
            generator = compile_generator(
                node.value, base, resolver=self._resolver, dialect=self._document.dialect
            )
            generator.generate(Random(0))  # noqa: S311 - plausible data, not secrets
        except EndlessError:
            return True
        except (MockForgeError, ValueError, TypeError, AttributeError, RecursionError):
            return False
        return False


def _required_refs(schema: Any) -> Iterator[str]:
    """The references that every value of ``schema`` follows."""
    waiting = [schema]
    while waiting:
        schema = waiting.pop()
        if not isinstance(schema, dict):
            continue
        ref = schema.get("$ref")
        if isinstance(ref, str):
            yield ref
        parts = schema.get("allOf")
        waiting += parts if isinstance(parts, list) else ()
        properties, required = schema.get("properties"), schema.get("required")
        if isinstance(properties, dict) and isinstance(required, list):
            waiting += [
                properties[name]
                for name in required
                if isinstance(name, str) and name in properties
            ]
        least = schema.get("minItems")
        if isinstance(least, int) and least > 0:
            waiting.append(schema.get("items"))
