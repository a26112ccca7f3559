"""What the YAML parser objects to, as errors with a place in the file."""

from __future__ import annotations

import yaml

from mockforge.errors import DocumentError, Place

from .limits import Limits
from .source import position


def syntax_error(error: yaml.MarkedYAMLError, shown: str, limits: Limits) -> DocumentError:
    """The text is no YAML, or nests deeper than the parser goes."""
    mark = error.problem_mark or error.context_mark
    place = Place(shown, mark.line + 1, mark.column + 1) if mark else Place(shown)
    problem = error.problem or "the text has no meaning here"
    if "maximum nesting depth" in problem:  # the parser's own limit, which it looks ahead for
        return DocumentError(f"is nested more than {limits.depth} levels deep", place=place)
    hint = None
    if error.context:
        hint = str(error.context)
        if error.context_mark:
            hint += f" that starts in line {error.context_mark.line + 1}"
    return DocumentError(f"is not YAML: {problem}", place=place, hint=hint)


def unreadable(error: yaml.YAMLError, data: memoryview, shown: str) -> DocumentError:
    """The reader's own errors give an offset in place of a line: control characters and the like."""
    offset = getattr(error, "position", None)
    reason = getattr(error, "reason", None) or str(error).partition("\n")[0]
    if isinstance(offset, int):
        line, column = position(data, offset)
        return DocumentError(f"is not YAML: {reason}", place=Place(shown, line, column))
    return DocumentError(f"is not YAML: {reason}", place=Place(shown))
