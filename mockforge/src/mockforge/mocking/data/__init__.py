"""JSON Schema (as OpenAPI 2.0 to 3.2 and AsyncAPI use it) to plausible, valid, seeded data.

A pure library: no files, no network, no clock. :func:`compile_generator` turns a schema into a
:class:`Generator` once; ``generate(rng)`` is then cheap enough for every request. Where references
lead is the caller's business (:class:`SchemaResolver`; :class:`SchemaStore` for schemas in memory).
"""

from __future__ import annotations

from mockforge.mocking.data.chance import Dice
from mockforge.mocking.data.check import compile_check
from mockforge.mocking.data.generator import Generator, compile_generator
from mockforge.mocking.data.model import (
    DataLimits,
    Dialect,
    Direction,
    Schema,
    UnsatisfiableError,
)
from mockforge.mocking.data.resolver import SchemaResolver, SchemaStore

__all__ = [
    "DataLimits",
    "Dialect",
    "Dice",
    "Direction",
    "Generator",
    "Schema",
    "SchemaResolver",
    "SchemaStore",
    "UnsatisfiableError",
    "compile_check",
    "compile_generator",
]
