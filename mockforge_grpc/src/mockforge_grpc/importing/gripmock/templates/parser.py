"""Pipelines of Go templates as trees (text/template, "Pipelines")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from .lexer import GoTemplateError, Word

MOST_NESTED: Final = 40


class Literal(NamedTuple):
    """A constant."""

    value: Any


class Field(NamedTuple):
    """``.a.b`` (``base`` is None: of the dot), ``$x.a``, or fields of what ``base`` gives."""

    base: Node | None
    names: tuple[str, ...]


class Variable(NamedTuple):
    """``$x``; ``$`` is what the template was called with."""

    name: str


class Call(NamedTuple):
    """A function with its arguments, what came through the pipe last of them. Functions with dots in their
    names (``faker.Person.Name``) have them in ``name``."""

    name: str
    arguments: tuple[Node, ...]


Node = Literal | Field | Variable | Call


def parse(words: Sequence[Word]) -> Node:
    """The tree of one pipeline."""
    reader = _Reader(words)
    node = reader.pipeline(0)
    reader.done()
    return node


class _Reader:
    def __init__(self, words: Sequence[Word]) -> None:
        self._words = words
        self._at = 0

    @property
    def _next(self) -> Word | None:
        return self._words[self._at] if self._at < len(self._words) else None

    def _take(self) -> Word:
        word = self._next
        if word is None:
            raise GoTemplateError("the action ends too early")
        self._at += 1
        return word

    def done(self) -> None:
        word = self._next
        if word is not None:
            raise GoTemplateError(f"{word.value!r} is not expected there")

    def pipeline(self, depth: int) -> Node:
        if depth > MOST_NESTED:
            raise GoTemplateError("parentheses are nested too deeply")
        node = self._command(None, depth)
        while (word := self._next) is not None and word.kind == "|":
            self._at += 1
            node = self._command(node, depth)
        return node

    def _command(self, piped: Node | None, depth: int) -> Node:
        word = self._next
        if word is None:
            raise GoTemplateError("a pipeline is empty")
        if word.kind == "name":
            self._at += 1
            name = word.value
            follow = self._next
            if follow is not None and follow.kind == "field" and follow.tight:
                self._at += 1
                name = ".".join((name, *follow.value))
            arguments = self._operands(depth)
            return Call(name, (*arguments, *(() if piped is None else (piped,))))
        operands = self._operands(depth)
        if not operands:
            raise GoTemplateError(f"{word.value!r} is not expected there")
        if piped is not None or len(operands) > 1:
            raise GoTemplateError("values are called like functions")
        return operands[0]

    def _operands(self, depth: int) -> tuple[Node, ...]:
        found: list[Node] = []
        while (word := self._next) is not None and word.kind not in ("|", ")", ",", "=", ":="):
            found.append(self._operand(depth))
        return tuple(found)

    def _operand(self, depth: int) -> Node:
        word = self._take()
        node: Node
        if word.kind == "(":
            node = self.pipeline(depth + 1)
            if self._take().kind != ")":
                raise GoTemplateError("a parenthesis is not closed")
        elif word.kind == "value":
            return Literal(word.value)
        elif word.kind == "field":
            return Field(None, word.value)
        elif word.kind == ".":
            return Field(None, ())
        elif word.kind == "variable":
            node = Variable(word.value)
        elif word.kind == "name":
            name = word.value
            follow = self._next
            if follow is not None and follow.kind == "field" and follow.tight:
                self._at += 1
                name = ".".join((name, *follow.value))
            return Call(name, ())
        else:
            raise GoTemplateError(f"{word.value!r} is not expected there")
        follow = self._next
        if follow is not None and follow.kind == "field" and follow.tight:
            self._at += 1
            return Field(node, follow.value)
        return node
