"""Keywords of OpenAPI schemas, in the form that ``jsonschema`` validators are made of.

Only what OpenAPI changes or what Python would read differently; everything else is the library's.
Sources: Schema Object and Discriminator Object of the OpenAPI specification 3.0.4, 3.1.1 and 3.2.0.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from jsonschema import ValidationError
from jsonschema.validators import Draft202012Validator
from referencing.exceptions import Unresolvable

from .patterns import PatternError, compiled

Errors = Iterator[ValidationError]
Keyword = Callable[[Any, Any, Any, Any], Errors]

_LIBRARY: Any = Draft202012Validator.VALIDATORS
_COMPONENT_NAME = re.compile(r"[A-Za-z0-9._-]+")
_SECTIONS = ("#/components/schemas/", "#/definitions/")


class MissingPropertyError(ValidationError):
    """A required property is absent; ``name`` says which."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name!r} is a required property")
        self.name = name


def reference(validator: Any, target: Any, instance: Any, schema: Any) -> Errors:
    """``$ref``; one that is no text (an unquoted ``#/...`` is a comment in YAML) refers to nothing."""
    if isinstance(target, str):
        yield from _LIBRARY["$ref"](validator, target, instance, schema)


def any_type(validator: Any, types: Any, instance: Any, schema: Any) -> Errors:
    """``type`` (3.1), in which a word that is no type is the type of nothing."""
    for name in types if isinstance(types, list) else [types]:
        if name in (*_TYPES, "null") and validator.is_type(instance, name):
            return
    yield ValidationError(f"{_short(instance)} is not of type {types}")


def type_or_null(validator: Any, types: Any, instance: Any, schema: Any) -> Errors:
    """``type`` with ``nullable`` (3.0). A list, unknown to 2.0 and 3.0 yet found, means one of them."""
    if instance is None and (schema.get("nullable") is True or schema.get("x-nullable") is True):
        return
    for name in types if isinstance(types, list) else [types]:
        if name == "file" or (name == "null" and instance is None):
            return
        if name in _TYPES and validator.is_type(instance, name):
            return
    yield ValidationError(f"{_short(instance)} is not of type {types}")


_TYPES = frozenset({"string", "number", "integer", "boolean", "array", "object"})


def pattern(validator: Any, expression: Any, instance: Any, schema: Any) -> Errors:
    """``pattern`` as ECMA-262 reads it; an expression that cannot be read judges nothing."""
    if not isinstance(instance, str) or not isinstance(expression, str):
        return
    try:
        if compiled(expression).search(instance):
            return
    except PatternError:
        return
    yield ValidationError(f"{_short(instance)} does not match {expression!r}")


def pattern_properties(validator: Any, patterns: Any, instance: Any, schema: Any) -> Errors:
    """``patternProperties`` with the expressions of :func:`pattern`."""
    if not isinstance(instance, dict):
        return
    for expression, subschema in patterns.items():
        try:
            matches = compiled(expression).search
        except PatternError:
            continue
        for name, value in instance.items():
            if matches(name):
                yield from validator.descend(value, subschema, path=name, schema_path=expression)


def additional_properties(validator: Any, value: Any, instance: Any, schema: Any) -> Errors:
    """``additionalProperties``, beside ``patternProperties`` as :func:`pattern_properties` has it."""
    if not isinstance(instance, dict):
        return
    named = schema.get("properties") or {}
    expressions = []
    for expression in schema.get("patternProperties") or ():
        try:
            expressions.append(compiled(expression).search)
        except PatternError:
            continue
    for name, member in instance.items():
        if name in named or any(matches(name) for matches in expressions):
            continue
        if value is False:
            yield ValidationError(f"the property {name!r} is not allowed")
        elif isinstance(value, dict):
            yield from validator.descend(member, value, path=name)


def exclusive(keyword: str) -> Keyword:
    """``exclusiveMinimum`` or ``exclusiveMaximum`` of 3.1, where ``true``, the word of 3.0, is no number
    and says nothing."""

    def limit(validator: Any, value: Any, instance: Any, schema: Any) -> Errors:
        if not isinstance(value, bool):
            yield from _LIBRARY[keyword](validator, value, instance, schema)

    return limit


def required_except(flag: str) -> Keyword:
    """``required`` that does not ask for properties carrying ``flag`` (readOnly in requests,
    writeOnly in answers)."""

    def required(validator: Any, names: Any, instance: Any, schema: Any) -> Errors:
        if not isinstance(instance, dict) or not isinstance(names, list):
            return
        exempt: set[str] | None = None
        for name in names:
            if name not in instance:
                exempt = _flagged(validator, schema, flag) if exempt is None else exempt
                if name not in exempt:
                    yield MissingPropertyError(name)

    return required


def _flagged(validator: Any, schema: Any, flag: str, depth: int = 0) -> set[str]:
    """Properties of ``schema`` (through ``$ref`` and ``allOf``) that carry ``flag``."""
    validator, schema = _followed(validator, schema)
    if not isinstance(schema, dict) or depth > 8:
        return set()
    found = set()
    for name, subschema in (schema.get("properties") or {}).items():
        beside = isinstance(subschema, dict) and subschema.get(flag) is True
        if beside or _carries(validator, subschema, flag):  # beside $ref: meant, if ignored in 3.0
            found.add(name)
    for branch in schema.get("allOf") or ():
        found |= _flagged(validator, branch, flag, depth + 1)
    return found


def _followed(validator: Any, schema: Any) -> tuple[Any, Any]:
    for _ in range(32):
        if not isinstance(schema, dict) or not isinstance(schema.get("$ref"), str):
            break
        target = lookup(validator, schema["$ref"])
        if target is None:
            break
        schema = target.contents
        validator = validator.evolve(schema=schema, _resolver=target.resolver)
    return validator, schema


def lookup(validator: Any, reference: str) -> Any:
    """What ``reference`` means where ``validator`` stands, or None."""
    try:
        return validator._resolver.lookup(reference)  # there is no public way
    except Unresolvable:
        return None


def all_of(flag: str) -> Keyword:
    """``allOf`` whose branches share their exemptions: ``required`` may stand beside the branch that
    declares the property."""

    def keyword(validator: Any, branches: Any, instance: Any, schema: Any) -> Errors:
        exempt: set[str] | None = None
        for error in _LIBRARY["allOf"](validator, branches, instance, schema):
            if isinstance(error, MissingPropertyError) and not error.path:
                exempt = _flagged(validator, schema, flag) if exempt is None else exempt
                if error.name in exempt:
                    continue
            yield error

    return keyword


def properties_without(flag: str) -> Keyword:
    """``properties``, none of which carries ``flag`` and is present all the same: the side on which
    it should not be sent."""

    def keyword(validator: Any, declared: Any, instance: Any, schema: Any) -> Errors:
        if not isinstance(instance, dict):
            return
        # No schema stands here, yet documents put a reference to a set of properties.
        validator, declared = _followed(validator, declared)
        for name, subschema in declared.items():
            if name not in instance or not isinstance(subschema, dict | bool):
                continue
            yield from validator.descend(instance[name], subschema, path=name, schema_path=name)
            if _carries(validator, subschema, flag):
                error = ValidationError(f"a {flag} property is sent: {name!r}")
                error.path.appendleft(name)
                yield error

    return keyword


def _carries(validator: Any, subschema: Any, flag: str) -> bool:
    if not isinstance(subschema, dict):
        return False
    if "$ref" not in subschema:
        return subschema.get(flag) is True
    _, target = _followed(validator, subschema)
    return isinstance(target, dict) and target.get(flag) is True


class Discriminators:
    """``oneOf``, ``anyOf`` and ``discriminator``: the named schema decides.

    With a discriminator, the instance must be valid against the schema that the value of its
    property names. A value that names none leaves the alternatives to decide, as they do without a
    discriminator: documents whose alternatives fix the property by ``enum`` seldom map the values.
    Without alternatives beside it (a base schema that others extend by ``allOf``) the named schema
    is checked too, unless it is just being checked, and there must be one unless the property is
    fixed by ``enum``. ``strict`` asks for what the alternatives say without a discriminator as well:
    what a client sends should be valid to those who leave the discriminator aside.
    """

    def __init__(self, *, strict: bool) -> None:
        self.strict = strict
        self._under_way: set[tuple[int, int]] = set()

    def one_of(self, validator: Any, branches: Any, instance: Any, schema: Any) -> Errors:
        errors = list(self._choose(_LIBRARY["oneOf"], validator, branches, instance, schema))
        if (
            errors
            and not self.strict
            and "discriminator" not in schema
            and isinstance(instance, dict)
        ):
            branch = _embedded_choice(validator, branches, instance)
            if branch is not None and not any(validator.descend(instance, branch)):
                return
        yield from errors

    def any_of(self, validator: Any, branches: Any, instance: Any, schema: Any) -> Errors:
        yield from self._choose(_LIBRARY["anyOf"], validator, branches, instance, schema)

    def base(self, validator: Any, value: Any, instance: Any, schema: Any) -> Errors:
        """The ``discriminator`` keyword where no alternatives stand beside it."""
        if "oneOf" in schema or "anyOf" in schema or not isinstance(instance, dict):
            return
        name = instance.get(_property(value))
        if not isinstance(name, str):
            return  # whether it must be present is up to `required`
        target = _target(validator, value, name, ())
        if target is not None:
            yield from self._named(validator, target, instance)
        elif not _is_fixed(validator, schema, _property(value)):
            yield ValidationError(f"the discriminating value {name!r} names no schema")

    def _choose(
        self, otherwise: Keyword, validator: Any, branches: Any, instance: Any, schema: Any
    ) -> Errors:
        discriminator = schema.get("discriminator")
        discriminated = isinstance(instance, dict) and bool(_property(discriminator))
        if self.strict or not discriminated:
            yield from otherwise(validator, branches, instance, schema)
        if not discriminated:
            return
        name = instance.get(_property(discriminator))
        if name is None and isinstance(discriminator, dict):
            name = discriminator.get("defaultMapping")
        if not isinstance(name, str):
            yield ValidationError(
                f"the discriminating property {_property(discriminator)!r} is absent or no string"
            )
            return
        target = _target(validator, discriminator, name, branches)
        if target is not None:
            yield from self._named(validator, target, instance)
        elif not self.strict:
            yield from otherwise(validator, branches, instance, schema)

    def _named(self, validator: Any, target: Any, instance: Any) -> Errors:
        key = (id(instance), id(target.contents))
        if key in self._under_way:
            return
        self._under_way.add(key)
        try:
            yield from validator.descend(instance, target.contents, resolver=target.resolver)
        finally:
            self._under_way.discard(key)


def _embedded_choice(validator: Any, branches: Any, instance: Any) -> Any:
    """The branch that ``instance`` names by the discriminator of a base schema of that branch."""
    for branch in branches:
        reference = branch.get("$ref") if isinstance(branch, dict) else None
        if isinstance(reference, str):
            name = reference.rpartition("/")[2].split(".")[0]
            for base in _bases(validator, branch):
                mapping = base.get("mapping") or {} if isinstance(base, dict) else {}
                named = instance.get(_property(base))
                if isinstance(named, str) and mapping.get(named, named) in (name, reference):
                    return branch
    return None


def _bases(validator: Any, schema: Any, depth: int = 0) -> Iterator[Any]:
    """Discriminators in a schema and those it extends."""
    validator, schema = _followed(validator, schema)
    if isinstance(schema, dict) and depth < 8:
        if "discriminator" in schema:
            yield schema["discriminator"]
        for part in schema.get("allOf") or ():
            yield from _bases(validator, part, depth + 1)


def _is_fixed(validator: Any, schema: Any, name: str) -> bool:
    """Whether a property may have listed values only."""
    _, declared = _followed(validator, (schema.get("properties") or {}).get(name))
    return isinstance(declared, dict) and not declared.keys().isdisjoint(("enum", "const"))


def _property(discriminator: Any) -> str:
    if isinstance(discriminator, dict):
        return str(discriminator.get("propertyName") or "")
    return discriminator if isinstance(discriminator, str) else ""  # 2.0: just the name


def _target(validator: Any, discriminator: Any, name: str, branches: Any) -> Any:
    """The schema that the discriminating value ``name`` stands for."""
    mapping = discriminator.get("mapping") if isinstance(discriminator, dict) else None
    mapped = (mapping or {}).get(name)
    if isinstance(mapped, str):
        if _COMPONENT_NAME.fullmatch(mapped) and (found := _component(validator, mapped)):
            return found
        return lookup(validator, mapped)
    for branch in branches:
        reference = branch.get("$ref") if isinstance(branch, dict) else None
        if isinstance(reference, str) and reference.rpartition("/")[2].split(".")[0] == name:
            return lookup(validator, reference)
    return _component(validator, name)


def _component(validator: Any, name: str) -> Any:
    step = name.replace("~", "~0").replace("/", "~1").replace("%", "%25")
    for section in _SECTIONS:
        if (found := lookup(validator, section + step)) is not None:
            return found
    return None


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


__all__ = [
    "Discriminators",
    "Keyword",
    "MissingPropertyError",
    "additional_properties",
    "all_of",
    "any_type",
    "exclusive",
    "lookup",
    "pattern",
    "pattern_properties",
    "properties_without",
    "reference",
    "required_except",
    "type_or_null",
]
