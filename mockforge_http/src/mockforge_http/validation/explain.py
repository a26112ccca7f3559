"""Why a value does not satisfy a schema: every error that stands for itself, up to a number, in words.

Used after the validator has said no. The validator itself can list errors, but only all of them at once,
each with a copy of the value it is about: minutes and gigabytes for a large body that is wrong everywhere.
This walks the bundled schema beside the value, stops when it has found enough, and gives up after a number
of steps; then the validator's first error has to do. For small values the validator's list says where to
look. What a value is refused for is always the validator's verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from contextlib import contextmanager
from itertools import islice
from typing import Any, Final, NamedTuple

from mockforge_http.validation import leaves, wording
from mockforge_http.validation.branches import Branches
from mockforge_http.validation.evaluated import Evaluated
from mockforge_http.validation.leaves import Wrong
from mockforge_http.validation.scope import Definitions

_STEPS: Final = 20_000
"""Schemas applied to values: tens of milliseconds."""
_ITEMS_PER_STEP: Final = 20
_SUGGESTED: Final = 3

Path = tuple[str | int, ...]


class Problem(NamedTuple):
    """One thing that is wrong: where, what, and the value that is there."""

    path: Path
    wrong: Wrong
    value: Any


class Problems(list[Problem]):
    """Problems found so far, up to ``most``."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    @property
    def full(self) -> bool:
        """Whether no more are wanted."""
        return len(self) >= self.most

    def add(self, path: Path, wrong: Wrong, value: Any) -> None:
        """Note one more, if it is wanted."""
        if len(self) < self.most:
            self.append(Problem(path, wrong, value))


class OutOfStepsError(Exception):
    """The walk took too long."""


class Explainer:
    """Explains one value against a bundled schema. ``patterns`` leads from patterns in it to how the
    document writes them. ``wanted`` are the places where something is known to be wrong, and all on the
    way to them; nothing else is looked at then."""

    def __init__(
        self,
        schema: Any,
        patterns: dict[str, str] | None = None,
        *,
        wanted: Set[Path] | None = None,
        steps: int = _STEPS,
    ) -> None:
        self._root = schema
        self._patterns = patterns or {}
        self._definitions = Definitions(schema)
        self._wanted = wanted
        self._steps = steps
        self._branches = Branches(self.check, Problems)
        self._evaluated = Evaluated(self.valid, self._definitions)

    def problems(self, value: Any, most: int) -> list[Problem]:
        """Up to ``most`` problems of ``value``; those found before the steps ran out, if they do."""
        found = Problems(most)
        try:
            self.check(self._root, value, (), found)
        except (OutOfStepsError, RecursionError):
            return found
        return found

    def valid(self, schema: Any, value: Any) -> bool:
        """Whether ``value`` satisfies ``schema``, a part of the bundled schema."""
        found = Problems(1)
        with self._everywhere():
            self.check(schema, value, (), found)
        return not found

    @contextmanager
    def _everywhere(self) -> Iterator[None]:
        """While alternatives are weighed, every place counts."""
        wanted, self._wanted = self._wanted, None
        try:
            yield
        finally:
            self._wanted = wanted

    def _spend(self, steps: int) -> None:
        self._steps -= steps
        if self._steps < 0:
            raise OutOfStepsError

    # ------------------------------------------------------------------ one schema

    def check(self, schema: Any, value: Any, path: Path, found: Problems) -> None:
        """Note what is wrong with ``value`` at ``path``."""
        if schema is True or found.full:
            return
        if self._wanted is not None and path not in self._wanted:
            return
        self._spend(1)
        if schema is False:
            found.add(path, Wrong("false", "is not allowed"), value)
            return
        if "$ref" in schema or "$dynamicRef" in schema:
            for target in self._definitions.targets(schema):
                if not target.resource:  # it leaves the dynamic scope as it is
                    self.check(target.schema, value, path, found)
                    continue
                with self._definitions.followed(target):
                    self.check(target.schema, value, path, found)
        kind = leaves.type_of(value)
        declared = schema.get("type")
        wrong = leaves.wrong_type(declared, kind, value) if declared is not None else None
        if wrong is None and ("enum" in schema or "const" in schema):
            wrong = leaves.wrong_choice(schema, value)
        if wrong is not None:
            found.add(path, wrong, value)
            return
        for wrong in self._alone(schema, value, kind):
            found.add(path, wrong, value)
        if kind == "object":
            self._object(schema, value, path, found)
        elif kind == "array":
            self._array(schema, value, path, found)
        self._combined(schema, value, path, found)
        if ("unevaluatedProperties" in schema or "unevaluatedItems" in schema) and not found.full:
            with self._everywhere():
                self._unevaluated(schema, value, kind, path, found)

    def _alone(self, schema: dict[str, Any], value: Any, kind: str) -> list[Wrong]:
        if kind in ("integer", "number"):
            return leaves.wrong_number(schema, value)
        if kind == "string":
            return leaves.wrong_text(schema, value, self._patterns)
        if kind == "array":
            return leaves.wrong_length(schema, value)
        return leaves.wrong_breadth(schema, value) if kind == "object" else []

    def _combined(self, schema: dict[str, Any], value: Any, path: Path, found: Problems) -> None:
        for part in schema.get("allOf", ()):
            self.check(part, value, path, found)
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema and not found.full:
                with self._everywhere():
                    self._branches.check(keyword, schema[keyword], value, path, found)
        if "not" in schema and not found.full and self.valid(schema["not"], value):
            found.add(path, Wrong("not", f"must not match {wording.shown(schema['not'])}"), value)
        if "if" in schema and not found.full:
            keyword = "then" if self.valid(schema["if"], value) else "else"
            self.check(schema.get(keyword, True), value, path, found)

    # ------------------------------------------------------------------ objects

    def _object(
        self, schema: dict[str, Any], value: dict[str, Any], path: Path, found: Problems
    ) -> None:
        for name in schema.get("required", ()):
            if name not in value:
                found.add(path, _missing(name, schema, value), value)
        for name, needed in schema.get("dependentRequired", {}).items():
            if name in value:
                for other in needed:
                    if other not in value:
                        says = f"must have the property `{other}`, as it has `{name}`"
                        found.add(path, Wrong("dependentRequired", says, other), value)
        for name, part in schema.get("dependentSchemas", {}).items():
            if name in value:
                self.check(part, value, path, found)
        self._members(schema, value, path, found)
        if "propertyNames" in schema:
            self._names(schema["propertyNames"], value, path, found)

    def _members(
        self, schema: dict[str, Any], value: dict[str, Any], path: Path, found: Problems
    ) -> None:
        properties = schema.get("properties", {})
        patterns = schema.get("patternProperties")
        extra = schema.get("additionalProperties", True)
        if patterns is None and extra is True:
            for name, part in properties.items():
                if name in value:
                    self.check(part, value[name], (*path, name), found)
            return
        unwanted: list[str] = []
        wanted = self._wanted
        for name, member in value.items():
            if found.full:
                break
            self._spend(1)
            at = (*path, name)
            described = name in properties
            if described and (wanted is None or at in wanted):
                self.check(properties[name], member, at, found)
            if patterns:
                for pattern, part in patterns.items():
                    if leaves.matches(pattern, name):
                        described = True
                        self.check(part, member, at, found)
            if not described:
                if extra is False:
                    unwanted.append(name)
                else:
                    self.check(extra, member, at, found)
        _refuse(unwanted, "additionalProperties", properties, value, path, found)

    def _names(self, schema: Any, value: dict[str, Any], path: Path, found: Problems) -> None:
        for name in value:
            inner = Problems(1)
            with self._everywhere():
                self.check(schema, name, (), inner)
            if inner:
                says = f"has the property name {wording.shown(name)}, which {inner[0].wrong.says}"
                found.add(path, Wrong("propertyNames", says, inner[0].wrong.expected), value)

    # ------------------------------------------------------------------ arrays

    def _array(self, schema: dict[str, Any], value: list[Any], path: Path, found: Problems) -> None:
        if schema.get("uniqueItems") is True:
            self._spend(len(value) // _ITEMS_PER_STEP)
            twins = leaves.twins(value)
            if twins is not None:
                says = f"must not have equal items, but items {twins[0]} and {twins[1]} are equal"
                found.add(path, Wrong("uniqueItems", says), value)
        prefix = schema.get("prefixItems", ())
        for position, (part, item) in enumerate(zip(prefix, value, strict=False)):
            self.check(part, item, (*path, position), found)
        rest = schema.get("items", True)
        if rest is False and len(value) > len(prefix):
            says = f"must have at most {wording.count(len(prefix), 'item')}, has {len(value)}"
            found.add(path, Wrong("items", says), value)
        elif rest is not True:
            wanted = self._wanted
            for position in range(len(prefix), len(value)):
                if found.full:
                    break
                at = (*path, position)
                if wanted is None or at in wanted:
                    self.check(rest, value[position], at, found)
        if "contains" in schema and not found.full:
            self._contains(schema, value, path, found)

    def _contains(
        self, schema: dict[str, Any], value: list[Any], path: Path, found: Problems
    ) -> None:
        least = schema.get("minContains", 1)
        most = schema.get("maxContains")
        number = sum(self.valid(schema["contains"], item) for item in value)
        what = f"that match {wording.shown(schema['contains'])}"
        if number < least:
            says = f"must contain at least {wording.count(int(least), 'item')} {what}, has {number}"
            found.add(
                path, Wrong("minContains" if "minContains" in schema else "contains", says), value
            )
        if most is not None and number > most:
            says = f"must contain at most {wording.count(int(most), 'item')} {what}, has {number}"
            found.add(path, Wrong("maxContains", says), value)

    # ------------------------------------------------------------------ what no keyword has looked at

    def _unevaluated(
        self, schema: dict[str, Any], value: Any, kind: str, path: Path, found: Problems
    ) -> None:
        if kind == "object" and "unevaluatedProperties" in schema:
            part = schema["unevaluatedProperties"]
            seen = self._evaluated.names(schema, value)
            left = [name for name in value if name not in seen]
            if part is False:
                declared = dict.fromkeys([*schema.get("properties", ()), *seen])
                _refuse(left, "unevaluatedProperties", declared, value, path, found)
                return
            for name in left:
                self.check(part, value[name], (*path, name), found)
        elif kind == "array" and "unevaluatedItems" in schema:
            part = schema["unevaluatedItems"]
            positions = self._evaluated.positions(schema, value)
            for position in range(len(value)):
                if position in positions:
                    continue
                at = (*path, position)
                if part is False:
                    found.add(at, Wrong("unevaluatedItems", "is not allowed"), value[position])
                else:
                    self.check(part, value[position], at, found)


def _missing(name: str, schema: dict[str, Any], value: dict[str, Any]) -> Wrong:
    """A required property is not there; one that is almost its name is pointed out."""
    declared = schema.get("properties", {})
    near = wording.nearest(name, (other for other in value if other not in declared))
    hint = f" (`{near}` was sent)" if near is not None else ""
    return Wrong("required", f"must have the property `{name}`{hint}", name)


def _refuse(
    names: list[str],
    code: str,
    declared: Any,
    value: dict[str, Any],
    path: Path,
    found: Problems,
) -> None:
    """Properties that are not allowed, each for itself."""
    for position, name in enumerate(names):
        if found.full:
            return
        near = None
        if position < _SUGGESTED:
            near = wording.nearest(name, (other for other in declared if other not in value))
        hint = f" (did you mean `{near}`?)" if near is not None else ""
        listed = ", ".join(islice(map(str, declared), 20))
        found.add(
            (*path, name),
            Wrong(code, f"is not allowed{hint}", f"one of: {listed}" if listed else "no property"),
            value[name],
        )


def first_problems(problems: list[Problem]) -> Iterator[Problem]:
    """Each problem once: parts of a schema may say the same thing."""
    seen: set[tuple[Path, str, str]] = set()
    for problem in problems:
        key = (problem.path, problem.wrong.code, problem.wrong.says)
        if key not in seen:
            seen.add(key)
            yield problem
