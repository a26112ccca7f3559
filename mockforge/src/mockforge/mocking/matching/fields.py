"""``form`` and ``multipart``: conditions on the fields and parts of a body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from mockforge.explanations import cut
from mockforge.mocking.matching.base import (
    BODY,
    Mismatch,
    Predicate,
    Scope,
    Subject,
    shown,
    shown_spec,
)
from mockforge.mocking.matching.content import Content, Part
from mockforge.mocking.matching.logic import together

_PART_KEYS: Final = frozenset({"name", "filename", "contentType", "headers", "body"})


class FormField(Predicate):
    """One field of a form, by its name."""

    __slots__ = ("_condition", "_field")
    name = "form"
    cost = BODY

    def __init__(self, field: str, condition: Predicate) -> None:
        self._field = field
        self._condition = condition

    def matches(self, value: Subject) -> bool:
        """Whether the condition holds among the field's values; a field that is not there is absent."""
        content = _content(value)
        return content is not None and self._condition.among(content.form.get(self._field, ()))

    def mismatch(self, value: Subject) -> Mismatch | None:
        """What the field holds instead."""
        if self.matches(value):
            return None
        content = _content(value)
        if content is None:
            return Mismatch(str(self), shown(value), 1.0)
        miss = self._condition.mismatch_among(content.form.get(self._field, ()))
        if miss is None:
            return Mismatch(str(self), shown(value), 1.0, self._field)
        return Mismatch(miss.expected, miss.actual, miss.distance, self._field)

    def __str__(self) -> str:
        return cut(f"field {self._field} {self._condition}")


class PartMatcher:
    """What one part of a multipart body must be like."""

    __slots__ = ("_body", "_headers", "_names", "words")

    def __init__(
        self,
        names: Sequence[tuple[str, Predicate]],
        headers: Sequence[tuple[str, Predicate]],
        body: Predicate | None,
    ) -> None:
        self._names = names
        self._headers = headers
        self._body = body
        words = [f"{key} {predicate}" for key, predicate in (*names, *headers)]
        self.words = " and ".join(words + ([f"body {body}"] if body is not None else []))

    def missed(self, part: Part) -> int:
        """How many of the conditions the part does not satisfy."""
        found = {
            "name": part.name,
            "filename": part.filename,
            "contentType": part.content.media_type or None,
        }
        missed = sum(not predicate.matches(found[key]) for key, predicate in self._names)
        missed += sum(
            not predicate.matches(part.headers.get(key)) for key, predicate in self._headers
        )
        return missed + (self._body is not None and not self._body.matches(part.content))


class HasPart(Predicate):
    """``multipart``: some part (or, ``allParts``, every part of at least one) is as wanted."""

    __slots__ = ("_all", "_wanted")
    name = "multipart"
    cost = BODY + 1

    def __init__(self, wanted: PartMatcher, *, all_parts: bool) -> None:
        self._wanted = wanted
        self._all = all_parts

    def matches(self, value: Subject) -> bool:
        """Whether the value is a multipart body with such a part."""
        parts = value.parts if isinstance(value, Content) else ()
        verdicts = (not self._wanted.missed(part) for part in parts)
        return (bool(parts) and all(verdicts)) if self._all else any(verdicts)

    def mismatch(self, value: Subject) -> Mismatch | None:
        """The part that comes nearest."""
        if self.matches(value):
            return None
        parts = value.parts if isinstance(value, Content) else ()
        if not parts:
            return Mismatch(str(self), f"no parts: {shown(value)}", 1.0)
        near = min(parts[:100], key=self._wanted.missed)
        actual = f"{near.name or '(no name)'}: {near.content.preview(100)}"
        return Mismatch(str(self), cut(actual), 0.5, near.name or "")

    def __str__(self) -> str:
        return cut(f"{'every' if self._all else 'a'} part with {self._wanted.words}")


def _content(value: Subject) -> Content | None:
    return Content.of_text(value) if isinstance(value, str) else value


def compile_form(value: Any, scope: Scope) -> Predicate:
    """``form``: fields with predicates."""
    if not isinstance(value, Mapping) or not value:
        raise scope.error(
            f"expected fields with predicates, got {shown_spec(value)}",
            "write {form: {name: {equals: rex}}}",
        )
    return together(
        [
            FormField(_text(name, scope), scope.inside(spec, _text(name, scope)))
            for name, spec in value.items()
        ]
    )


def compile_multipart(value: Any, scope: Scope) -> Predicate:
    """``multipart``: a list of what parts must be there, or parts by their names."""
    all_parts = scope.flag("allParts", False)
    found: list[Predicate] = []
    if isinstance(value, list) and value:
        for i, spec in enumerate(value):
            found.append(HasPart(_part(spec, scope, (i,), None), all_parts=all_parts))
    elif isinstance(value, Mapping) and value:
        for name, spec in value.items():
            text = _text(name, scope)
            found.append(HasPart(_part(spec, scope, (text,), text), all_parts=all_parts))
    else:
        raise scope.error(
            f"expected parts by name, or a list of parts, got {shown_spec(value)}",
            "write {multipart: {file: {filename: {endsWith: .png}}}}",
        )
    return together(found)


def _part(spec: Any, scope: Scope, steps: tuple[str | int, ...], name: str | None) -> PartMatcher:
    names: list[tuple[str, Predicate]] = []
    headers: list[tuple[str, Predicate]] = []
    if name is not None:
        names.append(("name", scope.compile(name, scope.path)))
    if not (isinstance(spec, Mapping) and not _PART_KEYS.isdisjoint(spec)):
        return PartMatcher(names, (), scope.inside(spec, *steps))
    for key in spec:
        if key not in _PART_KEYS:
            raise scope.error(
                f"`{str(key)[:64]}` says nothing about a part",
                f"known are {', '.join(sorted(_PART_KEYS))}; predicates on its content go under body",
                *steps,
            )
    names += [
        (key, scope.inside(spec[key], *steps, key))
        for key in ("name", "filename", "contentType")
        if key in spec
    ]
    given = spec.get("headers", {})
    if not isinstance(given, Mapping):
        raise scope.error(
            f"expected headers with predicates, got {shown_spec(given)}", None, *steps, "headers"
        )
    for header, predicate in given.items():
        text = _text(header, scope)
        headers.append((text.lower(), scope.inside(predicate, *steps, "headers", text)))
    body = scope.inside(spec["body"], *steps, "body") if "body" in spec else None
    return PartMatcher(names, headers, body)


def _text(name: Any, scope: Scope) -> str:
    if not isinstance(name, str):
        raise scope.error(f"expected a name, got {name!r}", "put it in quotes")
    return name
