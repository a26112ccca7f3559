"""What several functions and filters need: regular expressions in bounded time, arguments as numbers."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

from mockforge.mocking.templating.operators import kind_of
from mockforge.mocking.templating.runtime import RefusedError, Run

LONGEST_PATTERN: Final = 1000
"""Characters of a regular expression in a template."""


class BoundedPattern:
    """A regular expression (Python's syntax) that is only tried on texts over which it cannot take long."""

    __slots__ = ("longest", "pattern")

    def __init__(self, pattern: re.Pattern[str], longest: int) -> None:
        self.pattern = pattern
        self.longest = longest

    def _checked(self, text: str) -> str:
        if len(text) > self.longest:
            raise RefusedError(
                f"the expression {self.pattern.pattern[:40]!r} could take too long over {len(text)} "
                "characters",
                "use fewer repetitions, or tie the expression to the start with ^",
            )
        return text

    def search(self, text: str) -> re.Match[str] | None:
        """The first match anywhere."""
        return self.pattern.search(self._checked(text))

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """The match of the whole text."""
        return self.pattern.fullmatch(self._checked(text))

    def findall(self, text: str) -> list[Any]:
        """As :func:`re.findall`."""
        return self.pattern.findall(self._checked(text))

    def split(self, text: str) -> list[str | Any]:
        """As :func:`re.split`."""
        return self.pattern.split(self._checked(text))

    def sub(self, run: Run, replacement: str, text: str, count: int = 0) -> str:
        """As :func:`re.sub`; RefusedError past the characters or the time of ``run``."""
        length = 0

        def one(match: re.Match[str]) -> str:
            nonlocal length
            made = match.expand(replacement)
            length += len(made)
            run.fits(length)
            run.in_time()
            return made

        try:
            return self.pattern.sub(one, self._checked(text), count=count)
        except (re.error, IndexError) as error:
            raise RefusedError(f"{replacement[:40]!r} is no replacement: {error}") from error


@lru_cache(maxsize=256)
def compiled_pattern(pattern: str) -> BoundedPattern:
    """``pattern``, compiled. RefusedError if it cannot be read."""
    from mockforge.mocking.data.regex_tree import Tree

    if len(pattern) > LONGEST_PATTERN:
        raise RefusedError(f"the regular expression is longer than {LONGEST_PATTERN} characters")
    try:
        return BoundedPattern(re.compile(pattern), Tree(pattern, wide=False).safe_length)
    except (re.error, ValueError, OverflowError, RecursionError, KeyError) as error:
        raise RefusedError(f"{pattern[:40]!r} is no regular expression: {error}") from error


def whole_number(value: Any, what: str) -> int:
    """``value`` as an integer; texts are read."""
    number = value
    if isinstance(value, str):
        try:
            number = float(value) if "." in value else int(value[:40])
        except ValueError:
            number = None
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    if not isinstance(number, int) or isinstance(number, bool):
        shown = repr(value[:40]) if isinstance(value, str) else kind_of(value)
        raise RefusedError(f"{what} is {shown}, not a whole number")
    return number


def real_number(value: Any, what: str) -> float:
    """``value`` as a number; texts are read."""
    try:
        if isinstance(value, int | float | str) and not isinstance(value, bool):
            number = float(value if not isinstance(value, str) else value[:40])
            if number - number == 0:
                return number
    except (ValueError, OverflowError):
        pass
    raise RefusedError(f"{what} is {kind_of(value)}, not a number")


def length_of(value: Any, what: str, most: int) -> int:
    """``value`` as a number of characters or items, at most ``most``."""
    number = whole_number(value, what)
    if not 0 <= number <= most:
        raise RefusedError(f"{what} is {number}, not between 0 and {most}")
    return number
