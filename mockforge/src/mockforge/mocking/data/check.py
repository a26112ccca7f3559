"""Whether a value satisfies a schema: a compact evaluator, compiled to closures.

The generator asks it where data cannot be right by construction (``oneOf``, ``not``, ``if``,
examples). It follows JSON Schema 2020-12, reading older wordings through
:func:`~mockforge.mocking.data.dialects.normalise`. It is no validator for users: it says yes or no
and never why.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

from mockforge.mocking.data.check_arrays import array_checks, unevaluated_items
from mockforge.mocking.data.check_base import Assertion, Seen, all_of
from mockforge.mocking.data.check_objects import object_checks, unevaluated_properties
from mockforge.mocking.data.format_checks import is_of_format
from mockforge.mocking.data.model import Check, Dialect, Direction, Key, Schema, Source
from mockforge.mocking.data.patterns import pattern
from mockforge.mocking.data.references import References
from mockforge.mocking.data.resolver import SchemaResolver
from mockforge.mocking.data.values import identity, is_integer, type_of


class Checker:
    """Checks compiled from schemas of one document, each made once.

    ``formats`` says whether ``format`` excludes texts; without it, it is an annotation.
    """

    def __init__(self, references: References, *, formats: bool) -> None:
        self.references = references
        self.formats = formats
        self._made: dict[Key, tuple[Source, Assertion]] = {}

    def of(self, source: Source) -> Check:
        """The check for the schema at ``source``."""
        made: list[Assertion] = []

        def check(value: Any) -> bool:
            if not made:
                made.append(self.assertion(source))
            return made[0](value, None)

        return check

    def lazily(self, source: Source) -> Assertion:
        """The check, compiled when it is first asked: references lead through it, so that a
        recursive schema ends, and one that leads to a thousand others is not compiled in vain."""
        made: list[Assertion] = []
        judging: set[int] = set()

        def check(value: Any, seen: Seen | None) -> bool:
            if not made:
                made.append(self.assertion(source))
            place = id(value)
            if place in judging:
                # The schema leads back to itself without going into the value: nothing is gained.
                return False
            judging.add(place)
            try:
                return made[0](value, seen)
            finally:
                judging.discard(place)

        return check

    def assertion(self, source: Source) -> Assertion:
        """The check, as it is used inside others."""
        schema = source.schema
        if isinstance(schema, bool):
            return lambda _value, _seen: schema
        known = self._made.get(source.key)
        if known is None:
            made = self._compile(source, self.references.view(schema))
            known = self._made[source.key] = (source, made)
        return known[1]

    def _compile(self, source: Source, view: dict[str, Any]) -> Assertion:
        checks = [
            build(self, view[keyword], source)
            for keyword, build in _KEYWORDS.items()
            if keyword in view
        ]
        if "if" in view:
            checks.append(self._conditional(source, view))
        checks.extend(array_checks(self, source, view))
        checks.extend(object_checks(self, source, view))
        last = [
            build(self, source, view[keyword])
            for keyword, build in _UNEVALUATED.items()
            if keyword in view
        ]
        return _closed(all_of(checks), all_of(last)) if last else all_of(checks)

    def inner(self, source: Source, schema: Schema) -> Assertion:
        """The check for a schema that stands inside ``source``."""
        return self.assertion(self.references.child(source, schema))

    def _conditional(self, source: Source, view: dict[str, Any]) -> Assertion:
        condition = self.inner(source, view["if"])
        then = self.inner(source, view.get("then", True))
        otherwise = self.inner(source, view.get("else", True))

        def check(value: Any, seen: Seen | None) -> bool:
            inside = None if seen is None else Seen()
            if not condition(value, inside):
                return otherwise(value, seen)
            if seen is not None and inside is not None:
                seen.add(inside)
            return then(value, seen)

        return check


def _closed(assertion: Assertion, last: Assertion) -> Assertion:
    """``last`` judges what ``assertion`` (and nothing around it) left unevaluated."""

    def check(value: Any, seen: Seen | None) -> bool:
        inside = Seen()
        if not (assertion(value, inside) and last(value, inside)):
            return False
        if seen is not None:
            seen.add(inside)
        return True

    return check


def _ref(checker: Checker, ref: str, source: Source) -> Assertion:
    return checker.lazily(checker.references.follow(source, ref))


def _dynamic_ref(checker: Checker, ref: str, source: Source) -> Assertion:
    return checker.lazily(checker.references.follow_dynamic(source, ref))


def _all_of(checker: Checker, schemas: list[Schema], source: Source) -> Assertion:
    return all_of([checker.inner(source, schema) for schema in schemas])


def _any_of(checker: Checker, schemas: list[Schema], source: Source) -> Assertion:
    branches = [checker.inner(source, schema) for schema in schemas]

    def check(value: Any, seen: Seen | None) -> bool:
        if seen is None:
            return any(branch(value, None) for branch in branches)
        matched = False
        for branch in branches:
            inside = Seen()
            if branch(value, inside):
                matched = True
                seen.add(inside)
        return matched

    return check


def _one_of(checker: Checker, schemas: list[Schema], source: Source) -> Assertion:
    branches = [checker.inner(source, schema) for schema in schemas]

    def check(value: Any, seen: Seen | None) -> bool:
        matched = False
        for branch in branches:
            inside = None if seen is None else Seen()
            if branch(value, inside):
                if matched:
                    return False
                matched = True
                if seen is not None and inside is not None:
                    seen.add(inside)
        return matched

    return check


def _not(checker: Checker, schema: Schema, source: Source) -> Assertion:
    inner = checker.inner(source, schema)
    return lambda value, _seen: not inner(value, None)


def _type(_checker: Checker, names: str | list[str], _source: Source) -> Assertion:
    wanted = frozenset([names] if isinstance(names, str) else names)
    integers = "integer" in wanted and "number" not in wanted

    def check(value: Any, _seen: Seen | None) -> bool:
        return type_of(value) in wanted or (integers and is_integer(value))

    return check


def _enum(_checker: Checker, values: list[Any], _source: Source) -> Assertion:
    allowed = frozenset(map(identity, values))
    return lambda value, _seen: identity(value) in allowed


def _const(_checker: Checker, constant: Any, _source: Source) -> Assertion:
    wanted = identity(constant)
    return lambda value, _seen: identity(value) == wanted


def _for_type(
    kind: str, holds: Callable[[Any, Any], bool]
) -> Callable[[Checker, Any, Source], Assertion]:
    """A keyword that says something about one type only."""

    def build(_checker: Checker, wanted: Any, _source: Source) -> Assertion:
        return lambda value, _seen: type_of(value) != kind or holds(value, wanted)

    return build


def is_multiple(value: float, divisor: float) -> bool:
    """Whether ``value`` is a whole multiple of ``divisor``, both taken as written in decimal."""
    if isinstance(value, int) and isinstance(divisor, int):
        return value % divisor == 0
    return (Fraction(repr(value)) / Fraction(repr(divisor))).denominator == 1


def _pattern(_checker: Checker, text: str, _source: Source) -> Assertion:
    compiled = pattern(text)
    if compiled is None:
        return lambda _value, _seen: True
    matches = compiled.matches
    return lambda value, _seen: not isinstance(value, str) or matches(value)


def _format(checker: Checker, name: str, _source: Source) -> Assertion:
    if not checker.formats:
        return lambda _value, _seen: True
    return lambda value, _seen: not isinstance(value, str) or is_of_format(name, value)


_KEYWORDS: Final[dict[str, Callable[[Checker, Any, Source], Assertion]]] = {
    "type": _type,
    "const": _const,
    "enum": _enum,
    "minimum": _for_type("number", lambda value, bound: bool(value >= bound)),
    "maximum": _for_type("number", lambda value, bound: bool(value <= bound)),
    "exclusiveMinimum": _for_type("number", lambda value, bound: bool(value > bound)),
    "exclusiveMaximum": _for_type("number", lambda value, bound: bool(value < bound)),
    "multipleOf": _for_type("number", is_multiple),
    "minLength": _for_type("string", lambda value, bound: len(value) >= bound),
    "maxLength": _for_type("string", lambda value, bound: len(value) <= bound),
    "pattern": _pattern,
    "format": _format,
    "$ref": _ref,
    "$dynamicRef": _dynamic_ref,
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
}

_UNEVALUATED: Final[dict[str, Callable[[Checker, Source, Schema], Assertion]]] = {
    "unevaluatedItems": unevaluated_items,
    "unevaluatedProperties": unevaluated_properties,
}


def compile_check(
    schema: Schema,
    base: str,
    *,
    resolver: SchemaResolver,
    dialect: Dialect,
    direction: Direction = "response",
) -> Check:
    """Whether a value satisfies ``schema`` (see :func:`.generator.compile_generator` for the rest);
    ``format`` counts."""
    references = References(resolver, dialect, direction)
    scope = (base,) if dialect == "2020-12" else ()
    return Checker(references, formats=True).of(Source(schema, base, scope))
