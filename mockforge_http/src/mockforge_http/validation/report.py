"""From problems of values to findings: the place named in words, every text bounded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from msgspec import UNSET

from mockforge_http.findings import Location, RequestFinding, found, pointer_to, shortened
from mockforge_http.validation import wording
from mockforge_http.validation.compile import SchemaValidator
from mockforge_http.validation.explain import Explainer, Path, Problem, first_problems
from mockforge_http.validation.leaves import Wrong, wrong_alone

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

_LONGEST: Final = 300
_SMALL: Final = 4_096
"""Bytes up to which the validator may list all errors, each with a copy of its value."""
_ABOUT_ABSENCE: Final = frozenset({"dependentRequired", "required"})
"""What is there instead is beside the point."""


def problems_of(validator: SchemaValidator, value: Any, most: int, size: int) -> list[Problem]:
    """Up to ``most`` problems of ``value``, which is not valid; at least one, whatever it cost to find out
    why. ``size`` is about how many bytes ``value`` took to write."""
    wanted: set[Path] | None = None
    if size <= _SMALL:
        errors = list(validator.engine.iter_errors(value))
        plain = _plain_problems(errors, validator.patterns)
        if plain:
            return plain[:most]
        wanted = places_of(errors)
    problems = Explainer(validator.schema(), validator.patterns, wanted=wanted).problems(
        value, most
    )
    return list(first_problems(problems)) or [_first_error(validator, value)]


def _plain_problems(
    errors: list[ValidationError], patterns: dict[str, str]
) -> list[Problem] | None:
    """The errors as problems if each is about a value by itself, one for each place, as most mistakes are:
    then there is nothing to look up in the schema."""
    found: dict[Path, Problem] = {}
    for error in errors:
        path = tuple(error.instance_path)
        wrong = wrong_alone(error.kind, error.instance, patterns)
        if wrong is None or path in found:
            return None
        found[path] = Problem(path, wrong, error.instance)
    return list(found.values())


def places_of(errors: Iterable[ValidationError]) -> set[Path]:
    """Where the validator sees errors, and all places on the way there."""
    places: set[Path] = {()}
    for error in errors:
        path = tuple(error.instance_path)
        while path not in places:
            places.add(path)
            path = path[:-1]
    return places


def _first_error(validator: SchemaValidator, value: Any) -> Problem:
    """The validator's own first error."""
    from jsonschema_rs import ValidationError

    try:
        validator.engine.validate(value)
    except ValidationError as error:
        says = f"is not valid: {shortened(error.message, _LONGEST)}"
        return Problem(tuple(error.instance_path), Wrong(error.kind.name, says), UNSET)
    return Problem((), Wrong("schema", "is not valid"), UNSET)


def findings_of(
    problems: Iterable[Problem], location: Location, name: str, what: str, *, skip: int = 0
) -> list[RequestFinding]:
    """``problems`` of the value that ``what`` names in a sentence ("The request body"). ``skip`` tokens of
    each path lead to that value."""
    return [_finding(problem, location, name, what, skip) for problem in problems]


def _finding(
    problem: Problem, location: Location, name: str, what: str, skip: int
) -> RequestFinding:
    path: Path = problem.path[skip:]
    wrong = problem.wrong
    shown = problem.value is not UNSET and wrong.code not in _ABOUT_ABSENCE
    pointer = pointer_to(*path)
    place = f"`{pointer}` in {what[0].lower()}{what[1:]}" if pointer else what
    return found(
        location,
        name,
        wrong.code,
        f"{place} {wrong.says}.",
        pointer=pointer,
        expected=wrong.expected,
        actual=wording.actual(problem.value) if shown else None,
    )
