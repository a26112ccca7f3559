"""What a predicate is: the one class that everything here derives from, and what it says about misses."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any, ClassVar, Final

import msgspec

from mockforge.errors import MockForgeError, Place
from mockforge.explanations import MAX_TEXT, cut
from mockforge.mocking.matching.content import Content
from mockforge.structured.marks import Part as Step
from mockforge.structured.marks import format_path

Subject = str | Content | None
"""What a predicate is asked about: a text, a body (or a node of one), ``None`` for what is not there."""

TEXT_EQUALITY: Final = 0
TEXT: Final = 1
REGEX: Final = 2
BODY: Final = 3
"""Costs: what a single comparison does; another cheap look at a text; a regular expression; whatever has
to read the body first."""

_EXPLAINED: Final = 50
"""Values of one name that an explanation chooses from."""


class PredicateError(MockForgeError):
    """A predicate is written wrongly. ``path`` leads to the place: the keys below which it stands."""

    def __init__(
        self,
        message: str,
        path: Sequence[Step] = (),
        hint: str | None = None,
        place: Place | None = None,
    ) -> None:
        self.path = tuple(path)
        if place is None and self.path:
            place = Place(path=format_path(self.path))
        super().__init__(message, hint=hint, place=place)


class Mismatch(msgspec.Struct, frozen=True):
    """Why a predicate does not hold: what was ``expected``, the ``actual`` value (both cut to 200
    characters), the ``distance`` between them (0 near, 1 nothing in common), and the ``path`` inside the
    value, where the difference lies deeper."""

    expected: str
    actual: str
    distance: float
    path: str = ""


class Predicate(ABC):
    """A compiled condition on one value.

    ``cost`` tells callers what to ask first. ``exact`` is set if the predicate is plain ``equals`` on a
    single text or number: what an index can be built from (:func:`key_of` gives the text to look up).
    ``negative`` is set where a value that is missing, or any but the one spoken of, will do: see
    :meth:`among`.
    """

    __slots__ = ()

    name: ClassVar[str] = ""
    cost: int = TEXT
    exact: str | None = None
    negative: bool = False

    @abstractmethod
    def matches(self, value: Subject) -> bool:
        """Whether ``value`` satisfies this; ``None`` stands for a value that is absent. Never raises."""

    def among(self, values: Sequence[Subject]) -> bool:
        """The verdict where a name has several values (``a=1&a=2``), or none: one that satisfies this is
        enough, but a negation must hold for all."""
        if len(values) == 1:
            return self.matches(values[0])
        if not values:
            return self.matches(None)
        return all(map(self.matches, values)) if self.negative else any(map(self.matches, values))

    def mismatch(self, value: Subject) -> Mismatch | None:
        """What is wrong with ``value``; None if it matches. Made for explanations, not for speed."""
        if self.matches(value):
            return None
        return Mismatch(str(self), shown(value), self.distance(value))

    def mismatch_among(self, values: Sequence[Subject]) -> Mismatch | None:
        """What :meth:`among` has against ``values``: the nearest of the first misses."""
        if self.among(values):
            return None
        misses = (miss for value in values or (None,) if (miss := self.mismatch(value)) is not None)
        found = list(islice(misses, _EXPLAINED))
        if not found:
            return Mismatch(str(self), ", ".join(map(shown, values[:5])), 1.0)
        return min(found, key=lambda miss: miss.distance)

    def distance(self, value: Subject) -> float:
        """How far a value that does not match is from one that does, 0 to 1."""
        return 1.0

    @abstractmethod
    def __str__(self) -> str:
        """The condition in words, for a person: ``matches ^\\d+$``."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self}>"


class Scope(msgspec.Struct, frozen=True):
    """What a predicate's compiler is handed besides the value: the key ``path`` it stands at, the
    ``options`` that stand beside it, and how to ``compile`` a predicate inside of it."""

    path: tuple[Step, ...]
    options: Mapping[str, Any]
    compile: Callable[[Any, tuple[Step, ...]], Predicate]

    def inside(self, spec: Any, *steps: Step) -> Predicate:
        """The predicate ``spec`` that stands at ``steps`` below this one."""
        return self.compile(spec, (*self.path, *steps))

    def flag(self, name: str, default: bool) -> bool:
        """The option ``name``, true or false."""
        value = self.options.get(name, default)
        if not isinstance(value, bool):
            raise self.option_error(name, f"expected true or false, got {shown_spec(value)}")
        return value

    def option_error(self, name: str, message: str, hint: str | None = None) -> PredicateError:
        """An error in the option ``name``, which stands beside this predicate."""
        return PredicateError(message, (*self.path[:-1], name), hint)

    def error(self, message: str, hint: str | None = None, *steps: Step) -> PredicateError:
        """An error at ``steps`` below this predicate."""
        return PredicateError(message, (*self.path, *steps), hint)


def text_of(value: Subject) -> str | None:
    """``value`` as text."""
    return value.text if isinstance(value, Content) else value


def key_of(value: Subject) -> str | None:
    """What to look up among ``exact`` texts: ``predicate.exact == key_of(value)`` if and only if a predicate
    that has an ``exact`` text matches."""
    return value.key if isinstance(value, Content) else value


def shown(value: Subject) -> str:
    """``value`` as explanations show it: cut, ``(absent)`` if it is not there."""
    if value is None:
        return "(absent)"
    if isinstance(value, Content):
        return value.preview(MAX_TEXT)
    return cut(value)


def shown_spec(value: Any) -> str:
    """A part of a definition as messages quote it."""
    return cut(repr(value)) if not isinstance(value, Mapping) else "a mapping"


def likeness(expected: str, actual: str) -> float:
    """How unlike two texts are, 0 to 1, judged by their beginnings."""
    from difflib import SequenceMatcher

    return 1.0 - SequenceMatcher(None, expected[:MAX_TEXT], actual[:MAX_TEXT], False).ratio()
