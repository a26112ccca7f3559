"""The way in: a schema becomes a generator, once; the generator makes values, many times."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any, Final

from mockforge.mocking.data.compile import Compiler
from mockforge.mocking.data.model import (
    DataLimits,
    Dialect,
    Direction,
    EndlessError,
    Schema,
    Source,
    UnsatisfiableError,
)
from mockforge.mocking.data.plan import Plan
from mockforge.mocking.data.references import References
from mockforge.mocking.data.resolver import SchemaResolver
from mockforge.mocking.data.runtime import Context

_LEVELS: Final = (2, 4, 10)
"""How often a schema may stand inside itself: twice is pleasant to read; more only if it must."""

_ATTEMPTS: Final = 3

_PLACE_SIZE: Final = 3000
"""Bytes per compiled place, measured on large public descriptions."""


class Generator:
    """Makes values of one schema.

    Parts of it are compiled when they are first met, so early calls take longer and the memory held
    (:meth:`footprint`) grows with them. Not for use by two threads at once.
    """

    def __init__(self, compiler: Compiler, source: Source, name: str | None) -> None:
        self._compiler = compiler
        self._node = compiler.node((source,), field="", owner=name or "")
        self._check = compiler.checks.of(source)
        # A contradiction at the root is reported here; deeper ones when they are first met.
        if self._plan().level < 0:
            self._node.make(Context(Random(0), compiler.limits))  # noqa: S311  (raises at once)

    def _plan(self) -> Plan:
        try:
            return self._node.plan
        except RecursionError as error:
            raise UnsatisfiableError("", "the schema is nested too deeply to be read") from error

    def generate(self, rng: Random, overrides: Mapping[str, Any] | None = None) -> Any:
        """A value. All chance comes from ``rng``: equally seeded, it gives the equal value in every
        process.

        ``overrides`` are values for properties of the top-level object, used where the property is
        there and the object stays valid (a path parameter ``id``, say). Where a schema is so
        entangled that no valid value was found in a bounded number of attempts, the best one is
        returned; :meth:`accepts` tells. Raises :class:`.UnsatisfiableError` for a contradiction.
        """
        value = self._value(rng)
        if overrides and isinstance(value, dict):
            self._override(value, overrides)
        return value

    def _value(self, rng: Random) -> Any:
        value, error = None, None
        for levels in _LEVELS:
            for _ in range(_ATTEMPTS):
                context = Context(rng, self._compiler.limits, levels)
                try:
                    value = self._node.make(context)
                except EndlessError as problem:
                    error = problem
                    break
                except RecursionError as problem:
                    raise UnsatisfiableError("", "the schema is nested too deeply") from problem
                if not context.misses:
                    return value
            else:
                return value
        raise error or UnsatisfiableError("", "it contains itself without end")

    def _override(self, value: dict[str, Any], overrides: Mapping[str, Any]) -> None:
        for name, wanted in overrides.items():
            if name in value:
                usual = value[name]
                value[name] = wanted
                if not self._check(value):
                    value[name] = usual

    def footprint(self) -> int:
        """About how many bytes this generator holds, apart from the schemas themselves."""
        return self._compiler.places * _PLACE_SIZE

    def accepts(self, value: Any) -> bool:
        """Whether ``value`` satisfies the schema (``format`` is not asserted)."""
        return self._check(value)


def compile_generator(
    schema: Schema,
    base: str,
    *,
    resolver: SchemaResolver,
    dialect: Dialect,
    direction: Direction = "response",
    use_examples: bool = False,
    name: str | None = None,
    limits: DataLimits | None = None,
) -> Generator:
    """A generator for ``schema``, whose relative references are relative to ``base``.

    ``use_examples``: give the examples and defaults that schemas declare, where valid, rather than
    new data. ``name`` is what the value is called (``Pet``), which helps to make it plausible; for
    a schema that was reached by reference, the reference's last segment. Raises
    :class:`.UnsatisfiableError` if the schema contradicts itself at the root.
    """
    references = References(resolver, dialect, direction)
    compiler = Compiler(references, limits or DataLimits(), use_examples=use_examples)
    scope = (base,) if dialect == "2020-12" else ()
    return Generator(compiler, Source(schema, base, scope), name)
