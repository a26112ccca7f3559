"""From what went wrong in a rendering to an error with its place, its reason and a remedy."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Any, Final

from mockforge.errors import MockForgeError, Place
from mockforge.mocking.templating.errors import TemplateError
from mockforge.mocking.templating.lexer import error_at
from mockforge.mocking.templating.runtime import RefusedError
from mockforge.mocking.templating.translate import Translation

_ARGUMENTS: Final = re.compile(r"^[\w.<>]+\(\) ")


def explained(
    error: Exception, at: int, fuel: int, program: Translation, place: Place | None
) -> TemplateError:
    """What ``error`` says, raised by the engine or by a function in the tag with the number ``at``."""
    if isinstance(error, TemplateError) and error.line:
        return error
    if isinstance(error, RefusedError | MockForgeError):
        return _at_tag(program, at, error.message, error.hint, place)
    kind = getattr(error, "kind", None)
    if kind is None:
        message = _ARGUMENTS.sub("", str(error)) or "it failed"
        name = "wrong arguments" if isinstance(error, TypeError) else type(error).__name__
        return _at_tag(program, at, f"{name}: {message}"[:200], None, place)
    if kind == "OutOfFuel":
        message = f"the template takes more than {fuel} steps"
        return _located(
            program, error, message, "make it do less, or raise core.templates.fuel", place
        )
    return refused_by_engine(error, program, place)


def refused_by_engine(error: Any, program: Translation, place: Place | None) -> TemplateError:
    """What minijinja's TemplateError says."""
    return _located(program, error, error.detail or error.message, None, place)


def below(place: Place | None, path: str) -> Place | None:
    """The place of a leaf."""
    if place is None or not path:
        return place
    joint = "" if not place.path or path.startswith("[") else "."
    return Place(place.file, place.line, place.column, f"{place.path or ''}{joint}{path}")


def _at_tag(
    program: Translation, number: int, message: str, hint: str | None, place: Place | None
) -> TemplateError:
    """The error for the tag of that number; without a position where there is none."""
    if number < 0 and len(program.origins) == 1:
        number = 0
    if not 0 <= number < len(program.origins):
        return TemplateError(message, hint=hint, place=place)
    origin = program.origins[number]
    error = error_at(origin.source, origin.start, message, hint)
    error.place = below(place, origin.path)
    return error


def _located(
    program: Translation,
    error: Any,
    message: str,
    hint: str | None,
    place: Place | None,
) -> TemplateError:
    """The error for the tag at an offset of the translation."""
    found = -1
    where = error.range
    if where is not None and program.spans:
        index = bisect_right(program.spans, (where[0], len(program.origins))) - 1
        found = program.spans[max(index, 0)][1]
    return _at_tag(program, found, message, hint, place)
