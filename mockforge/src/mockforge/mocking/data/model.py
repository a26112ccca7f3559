"""The vocabulary of this package: schemas with the place they are read from, limits, the one error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

import msgspec

from mockforge.errors import MockForgeError, Place

Schema = dict[str, Any] | bool
"""A schema as decoded from JSON."""

Dialect = Literal["oas2", "oas3.0", "draft-07", "2020-12"]
"""Which wording of JSON Schema: OpenAPI 2.0, OpenAPI 3.0, draft-07 and what is older (AsyncAPI 3), or JSON
Schema 2020-12 (OpenAPI 3.1 and 3.2)."""

Direction = Literal["response", "request"]
"""Who will read the value: ``writeOnly`` properties stay out of responses, ``readOnly`` ones out of
requests."""

TYPES: Final = ("object", "array", "string", "number", "boolean", "null")
"""The types a :class:`~mockforge.mocking.data.shape.Shape` tells apart; ``integer`` is a number."""

DEMAND_ITEMS: Final = 10_000
"""The largest ``minItems`` or ``minProperties`` that is honoured."""

DEMAND_STRING: Final = 1 << 20
"""The largest ``minLength`` (code points) that is honoured."""

DEMAND_NODES: Final = 200_000
"""The most values in one document, however many a schema asks for."""

HARD_DEPTH: Final = 60
"""Nesting at which even what is required stops."""


class DataLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much is generated where the schema leaves it open.

    A schema that *demands* more (``minItems: 20``, required properties at any depth) gets it, up to
    the fixed ceilings of this module.
    """

    max_depth: int = 8
    """Nesting of objects and arrays from which on optional objects and arrays are left out."""
    max_items: int = 3
    """Items of an array."""
    max_properties: int = 200
    """Properties of an object; required ones count first."""
    max_string: int = 256
    """Code points of a string."""
    max_nodes: int = 1_500
    """Values in the whole document, shared out fairly among its branches."""


class UnsatisfiableError(MockForgeError):
    """A schema that no value can satisfy, or none within the limits.

    ``path`` is the JSON Pointer (RFC 6901) of the contradiction, walked from the schema given and
    through references; ``reason`` says in words what contradicts what.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"no value can satisfy this schema: {reason}",
            hint="correct the schema, or answer with an example or a stub",
            place=Place(path=f"#{path}"),
        )
        self.path = path
        self.reason = reason


class EndlessError(UnsatisfiableError):
    """The recursion has gone as deep as it may: whoever has a way around takes it."""


Key = tuple[int, str, tuple[str, ...]]


class Source:
    """A schema together with where it was read: what relative references in it are relative to.

    ``base`` identifies the resource, ``scope`` lists the resources entered on the way here, outermost
    first (the dynamic scope, JSON Schema 2020-12 section 7.1). ``ref`` is the reference that led
    here, if one did, and ``problem`` says why it led nowhere. ``key`` identifies schema, base and
    scope; it holds the schema's ``id()``, so whoever keeps a key keeps its source.
    """

    __slots__ = ("base", "key", "problem", "ref", "schema", "scope")

    def __init__(
        self,
        schema: Schema,
        base: str,
        scope: tuple[str, ...] = (),
        ref: str | None = None,
        problem: str | None = None,
    ) -> None:
        self.schema = schema
        self.base = base
        self.scope = scope
        self.ref = ref
        self.problem = problem
        self.key: Key = (id(schema), base, scope)

    def beside(self, schema: Schema) -> Source:
        """Another schema read at the same place."""
        return Source(schema, self.base, self.scope)

    def __repr__(self) -> str:
        return f"<Source {self.schema!r:.60} in {self.base!r}>"


Check = Callable[[Any], bool]
"""Whether a value satisfies a schema."""


def pointer_token(name: str) -> str:
    """``name`` as a reference token of a JSON Pointer (RFC 6901 section 3)."""
    return name.replace("~", "~0").replace("/", "~1")


NUMBER_FORMATS: Final = frozenset(
    {
        "double", "float", "int", "int16", "int32", "int64", "int8", "integer", "long", "number",
        "uint", "uint16", "uint32", "uint64", "uint8", "unix-time",
    }
)  # fmt: skip
"""Formats of numbers; of a text, they mean that it holds one."""
