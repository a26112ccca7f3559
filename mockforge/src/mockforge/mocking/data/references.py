"""Walking from schema to schema: children, references, and the normalised view, each made once.

Both readers of schemas (the generator's :mod:`~mockforge.mocking.data.fold` and
:mod:`~mockforge.mocking.data.check`) walk through this, so that they agree on what a schema says and
so that a recursive schema comes back as the very same object, even from a resolver that decodes
afresh at each call.
"""

from __future__ import annotations

from typing import Any

from mockforge.errors import MockForgeError
from mockforge.mocking.data.dialects import normalise
from mockforge.mocking.data.model import Dialect, Direction, Schema, Source
from mockforge.mocking.data.resolver import SchemaResolver


class References:
    """The walker over one document, for one direction. Holds what it has read: as many schemas as
    the generators made from it have reached."""

    def __init__(self, resolver: SchemaResolver, dialect: Dialect, direction: Direction) -> None:
        self.resolver = resolver
        self.dialect = dialect
        self.direction = direction
        self._views: dict[int, tuple[Schema, dict[str, Any]]] = {}
        self._targets: dict[tuple[str, str], tuple[Schema, str]] = {}
        self._negations: dict[int, tuple[Schema, Schema]] = {}

    def view(self, schema: dict[str, Any]) -> dict[str, Any]:
        """``schema`` in the wording of 2020-12 (see :func:`.dialects.normalise`)."""
        known = self._views.get(id(schema))
        if known is None:
            known = self._views[id(schema)] = (schema, normalise(schema, self.dialect))
        return known[1]

    def negated(self, source: Source) -> Source:
        """The schema of everything that ``source`` does not allow."""
        schema = source.schema
        if isinstance(schema, bool):
            return source.beside(not schema)
        known = self._negations.get(id(schema))
        if known is None:
            known = self._negations[id(schema)] = (schema, {"not": schema})
        return source.beside(known[1])

    def child(self, source: Source, schema: Schema) -> Source:
        """A schema that stands inside ``source``; its ``$id`` makes a resource of it."""
        if (
            self.dialect == "2020-12"
            and isinstance(schema, dict)
            and isinstance(schema.get("$id"), str)
        ):
            base = self.resolver.rebase(schema["$id"], source.base)
            return Source(schema, base, _entered(source.scope, base))
        return Source(schema, source.base, source.scope)

    def follow(self, source: Source, ref: str) -> Source:
        """What the ``$ref`` in ``source`` names. Where it names nothing, the schema that allows
        nothing, with the reason as its ``problem``: the rest of a description can still be used."""
        try:
            schema, base = self._target(ref, source.base)
        except MockForgeError as error:
            problem = f"the reference {ref!r} leads nowhere ({error.message})"
            return Source(False, source.base, source.scope, ref, problem)
        scope = _entered(source.scope, base) if self.dialect == "2020-12" else ()
        return Source(schema, base, scope, ref)

    def follow_dynamic(self, source: Source, ref: str) -> Source:
        """What the ``$dynamicRef`` in ``source`` names: the outermost resource that defines the
        dynamic anchor wins (JSON Schema 2020-12 core, section 8.2.3.2)."""
        target = self.follow(source, ref)
        anchor = ref.rpartition("#")[2]
        schema = target.schema
        if isinstance(schema, dict) and anchor and schema.get("$dynamicAnchor") == anchor:
            for base in source.scope:
                found = self.resolver.dynamic_anchor(anchor, base)
                if found is not None:
                    # The resolver may decode afresh: the cache of targets makes it one object.
                    schema, inside = self._targets.setdefault((f"#{anchor}", base), found)
                    return Source(schema, inside, _entered(source.scope, inside))
        return target

    def _target(self, ref: str, base: str) -> tuple[Schema, str]:
        known = self._targets.get((ref, base))
        if known is None:
            known = self._targets[ref, base] = self.resolver.resolve(ref, base)
        return known

    def hidden(self, source: Source) -> bool:
        """Whether a property with this schema is not for the reader of this direction."""
        flag = "writeOnly" if self.direction == "response" else "readOnly"
        schema = source.schema
        if not isinstance(schema, dict):
            return False
        if schema.get(flag) is True:
            return True
        ref = schema.get("$ref")
        if isinstance(ref, str):
            target = self.follow(source, ref).schema
            return isinstance(target, dict) and target.get(flag) is True
        return False

    def excused(self, source: Source) -> bool:
        """Whether a required property may be missing because it is hidden.

        OpenAPI 3.0.3 (Schema Object) says that ``required`` then holds in one direction only. In
        2020-12 (validation, section 9.4) the value of a ``writeOnly`` property "is never present when
        the instance is retrieved" and that of a ``readOnly`` one is not the client's to give, so it
        cannot be required there either.
        """
        return self.hidden(source)


def _entered(scope: tuple[str, ...], base: str) -> tuple[str, ...]:
    return scope if base in scope else (*scope, base)


def ref_name(ref: str) -> str:
    """The last segment of a reference: ``Pet`` of ``#/components/schemas/Pet`` and of ``Pet.yaml``."""
    path, _, fragment = ref.partition("#")
    last = (fragment or path).rpartition("/")[2].replace("~1", "/").replace("~0", "~")
    if not fragment:
        last = last.rpartition(".")[0] or last
    return last
