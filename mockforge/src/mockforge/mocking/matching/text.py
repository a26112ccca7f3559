"""Predicates on texts: equality, parts of a text, sets, presence."""

from __future__ import annotations

from typing import Any

from mockforge.explanations import cut
from mockforge.mocking.matching.base import (
    TEXT,
    TEXT_EQUALITY,
    Predicate,
    Scope,
    Subject,
    key_of,
    likeness,
    shown_spec,
    text_of,
)
from mockforge.mocking.matching.content import Content


class Equals(Predicate):
    """``equals`` with a text, a number or a boolean."""

    __slots__ = ("exact", "text")
    name = "equals"
    cost = TEXT_EQUALITY

    def __init__(self, text: str) -> None:
        self.text = text
        self.exact: str | None = text

    def matches(self, value: Subject) -> bool:
        """Character by character."""
        if value.__class__ is str or value is None:
            return value == self.text
        return key_of(value) == self.text

    def distance(self, value: Subject) -> float:
        """By how much the two texts differ."""
        text = text_of(value)
        return 1.0 if text is None else likeness(self.text, text)

    def __str__(self) -> str:
        return f"equals {cut(self.text)}" if self.text else 'equals ""'


class Wording(Predicate):
    """A look at the text that is not equality; absent values never match."""

    __slots__ = ("text",)
    cost = TEXT

    def __init__(self, text: str) -> None:
        self.text = text

    def distance(self, value: Subject) -> float:
        """By how much the two texts differ."""
        text = text_of(value)
        return 1.0 if text is None else likeness(self.text, text)

    def __str__(self) -> str:
        return f"{self.name} {cut(self.text)}" if self.text else f'{self.name} ""'


class EqualsIgnoreCase(Wording):
    """``equalsIgnoreCase``: equal after Unicode case folding."""

    __slots__ = ("_folded",)
    name = "equalsIgnoreCase"

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._folded = text.casefold()

    def matches(self, value: Subject) -> bool:
        """Whether it is the same text but for case."""
        text = text_of(value)
        return text is not None and text.casefold() == self._folded


class Contains(Wording):
    """``contains``."""

    __slots__ = ()
    name = "contains"

    def matches(self, value: Subject) -> bool:
        """Whether the text stands anywhere in the value."""
        text = text_of(value)
        return text is not None and self.text in text


class NotContains(Wording):
    """``notContains``; an absent value contains nothing."""

    __slots__ = ()
    name = "notContains"
    negative = True

    def matches(self, value: Subject) -> bool:
        """Whether the text stands nowhere in the value."""
        text = text_of(value)
        return text is None or self.text not in text

    def distance(self, value: Subject) -> float:
        """It is there or it is not."""
        return 0.5


class StartsWith(Wording):
    """``startsWith``."""

    __slots__ = ()
    name = "startsWith"

    def matches(self, value: Subject) -> bool:
        """Whether the value begins with the text."""
        text = text_of(value)
        return text is not None and text.startswith(self.text)


class EndsWith(Wording):
    """``endsWith``."""

    __slots__ = ()
    name = "endsWith"

    def matches(self, value: Subject) -> bool:
        """Whether the value ends with the text."""
        text = text_of(value)
        return text is not None and text.endswith(self.text)


class Present(Predicate):
    """``present: true`` and ``absent: false``."""

    __slots__ = ()
    name = "present"
    cost = TEXT_EQUALITY

    def matches(self, value: Subject) -> bool:
        """Whether there is a value at all, be it empty."""
        return value is not None

    def __str__(self) -> str:
        return "is present"


class Absent(Predicate):
    """``absent: true`` and ``present: false``."""

    __slots__ = ()
    name = "absent"
    cost = TEXT_EQUALITY
    negative = True

    def matches(self, value: Subject) -> bool:
        """Whether there is no value."""
        return value is None

    def __str__(self) -> str:
        return "is absent"


def compile_wording(kind: type[Wording], value: Any, scope: Scope) -> Predicate:
    """The predicates that take a text; numbers and booleans are taken as they are written in JSON."""
    return kind(wanted_text(value, scope))


def wanted_text(value: Any, scope: Scope) -> str:
    """A text from a definition."""
    if isinstance(value, str):
        return value
    text = scalar_text(value)
    if text is None:
        raise scope.error(f"expected a text, got {shown_spec(value)}")
    return text


def scalar_text(value: Any) -> str | None:
    """A number or boolean from a definition as JSON writes it; None for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return repr(value) if isinstance(value, int | float) else None


def compile_present(value: Any, scope: Scope) -> Predicate:
    """``present``."""
    return Present() if _truth(value, scope) else Absent()


def compile_absent(value: Any, scope: Scope) -> Predicate:
    """``absent``."""
    return Absent() if _truth(value, scope) else Present()


def _truth(value: Any, scope: Scope) -> bool:
    if not isinstance(value, bool):
        raise scope.error(f"expected true or false, got {shown_spec(value)}")
    return value


class EqualsNull(Predicate):
    """``equals: null``: the null of JSON, or nothing at all."""

    __slots__ = ()
    name = "equals"
    cost = TEXT_EQUALITY

    def matches(self, value: Subject) -> bool:
        """Whether the value is null or absent."""
        return value is None or (isinstance(value, Content) and value.json is None)

    def __str__(self) -> str:
        return "equals null"


class OneOf(Predicate):
    """``in``: one of several texts, numbers or JSON values."""

    __slots__ = ("_others", "_texts")
    name = "in"
    cost = TEXT_EQUALITY

    def __init__(self, texts: list[str], others: list[Predicate]) -> None:
        self._texts = dict.fromkeys(texts)
        self._others = others

    def matches(self, value: Subject) -> bool:
        """Whether the value equals one of them."""
        if key_of(value) in self._texts:
            return True
        return any(other.matches(value) for other in self._others)

    def __str__(self) -> str:
        return cut(f"in [{', '.join([*self._texts, *map(str, self._others)])}]")


def compile_equals(value: Any, scope: Scope) -> Predicate:
    """``equals``: texts and numbers by their text, null, or a whole JSON value."""
    text = value if isinstance(value, str) else scalar_text(value)
    if text is not None:
        return Equals(text)
    if value is None:
        return EqualsNull()
    from mockforge.mocking.matching.jsonvalue import compile_json_exact

    return compile_json_exact(value, scope)


def compile_in(value: Any, scope: Scope) -> Predicate:
    """``in``."""
    if not isinstance(value, list) or not value:
        raise scope.error(f"expected a list of values, got {shown_spec(value)}")
    texts: list[str] = []
    others: list[Predicate] = []
    for item in value:
        found = compile_equals(item, scope)
        if found.exact is not None:
            texts.append(found.exact)
        else:
            others.append(found)
    return OneOf(texts, others)
