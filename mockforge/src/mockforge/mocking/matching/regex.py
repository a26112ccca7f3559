"""``matches`` and ``notMatches``: regular expressions over whole texts, in bounded time."""

from __future__ import annotations

from typing import Any

from mockforge.explanations import cut
from mockforge.mocking.matching.base import (
    REGEX,
    Predicate,
    Scope,
    Subject,
    shown_spec,
    text_of,
)
from mockforge.mocking.regex import compile_regex


class Matches(Predicate):
    """``matches``: the expression describes the whole text."""

    __slots__ = ("_is_match", "pattern")
    name = "matches"
    cost = REGEX

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self._is_match = compile_regex(pattern)

    def matches(self, value: Subject) -> bool:
        """Whether the whole text is a match; one that takes too many steps is not."""
        text = value if value.__class__ is str else text_of(value)
        try:
            return text is not None and self._is_match(text)
        except UnicodeEncodeError:  # a lone surrogate, which no pattern describes
            return False

    def distance(self, value: Subject) -> float:
        """A text in the wrong form is nearer than none."""
        return 1.0 if value is None else 0.5

    def __str__(self) -> str:
        return f"matches {cut(self.pattern)}"


class NotMatches(Matches):
    """``notMatches``; an absent value does not match either."""

    __slots__ = ()
    name = "notMatches"
    negative = True

    def matches(self, value: Subject) -> bool:
        """Whether the text as a whole is no match."""
        return not super().matches(value)

    def distance(self, value: Subject) -> float:
        """It is a match or it is not."""
        return 0.5

    def __str__(self) -> str:
        return f"does not match {cut(self.pattern)}"


def compile_matches(value: Any, scope: Scope) -> Predicate:
    """``matches``."""
    return _compile(Matches, value, scope)


def compile_not_matches(value: Any, scope: Scope) -> Predicate:
    """``notMatches``."""
    return _compile(NotMatches, value, scope)


def _compile(kind: type[Matches], value: Any, scope: Scope) -> Predicate:
    if not isinstance(value, str):
        raise scope.error(f"expected a regular expression, got {shown_spec(value)}")
    try:
        return kind(value)
    except ValueError as error:
        raise scope.error(f"`{cut(value)}` is no regular expression: {error}") from None
