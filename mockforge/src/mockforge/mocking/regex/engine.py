"""The engine and its limits, and regular expressions compiled to a single call."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from mockforge.mocking.regex.ecma import rewrite
from mockforge.mocking.regex.stubs import rewrite_for_stubs

if TYPE_CHECKING:
    from jsonschema_rs import FancyRegexOptions

BACKTRACKS: Final = 20_000
"""Steps back that a match may take before it is given up: milliseconds."""
COMPILED_BYTES: Final = 512 * 1024
"""The largest compiled pattern."""
MOST_KEPT: Final = 512
"""Compiled patterns that are kept for who asks next."""
LONGEST: Final = 64 * 1024
"""Characters of a pattern."""

Matcher = Callable[[str], bool]


@cache
def engine_options() -> FancyRegexOptions:
    """How the engine matches."""
    # Takes 8 MB, which a server that checks nothing yet does without.
    from jsonschema_rs import FancyRegexOptions

    return FancyRegexOptions(backtrack_limit=BACKTRACKS, size_limit=COMPILED_BYTES)


@lru_cache(maxsize=MOST_KEPT)
def compile_regex(pattern: str, *, whole: bool = True) -> Matcher:
    """A function that says whether ``pattern`` matches a ``whole`` text (else: anywhere in it).

    ``.`` matches line ends too. ValueError, with a reason, if the pattern cannot be read or grows too large
    once compiled. The function is the engine's own: a text that is no Unicode (a lone surrogate) raises
    UnicodeEncodeError, and a match given up after :data:`BACKTRACKS` steps is no match.
    """
    if len(pattern) > LONGEST:
        raise ValueError(f"it is longer than {LONGEST} characters")
    try:
        return compile_rewritten(rewrite_for_stubs(pattern), whole)
    except ValueError as error:
        # Perhaps it is written as JavaScript has it: there a bracket in a class is a plain character.
        try:
            return compile_rewritten(rewrite(pattern).text, whole)
        except ValueError:
            raise error from None


def compile_rewritten(text: str, whole: bool) -> Matcher:
    """A function that says whether a pattern in the engine's words matches; ValueError if it cannot be
    compiled."""
    from jsonschema_rs import Draft202012Validator, ValidationError

    try:
        engine = Draft202012Validator(
            {"pattern": f"^(?:{text})$" if whole else text}, pattern_options=engine_options()
        )
    except ValidationError:
        raise ValueError("its syntax is wrong, or it is too large once compiled") from None
    except UnicodeEncodeError:
        raise ValueError("it is no Unicode text") from None
    return engine.is_valid
