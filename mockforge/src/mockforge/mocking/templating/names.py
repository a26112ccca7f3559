"""Names in expressions: variables of the context and of the template, functions, macros, the environment."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Sequence
from typing import Final, NamedTuple, NoReturn

from mockforge.mocking.templating.lexer import Token
from mockforge.mocking.templating.limits import MAX_DEPTH
from mockforge.mocking.templating.reader import Reader
from mockforge.mocking.templating.vocabulary import RESERVED, Vocabulary, global_name
from mockforge.nearest import nearest

OPERAND: Final = frozenset(("name", "number", "string", "duration"))
"""Kinds of tokens that values begin with."""
NO_OPERAND: Final = frozenset(("if", "else", "is", "in", "and", "or", "not"))
"""Names that values do not begin with."""
_CONSTANTS: Final = {
    "true": "true",
    "True": "true",
    "false": "false",
    "False": "false",
    "none": "none",
    "None": "none",
}


class Code(NamedTuple):
    """An expression for the engine, and how deep it is nested. ``operation`` and ``operands`` are kept where
    a chain may go on; ``path`` are the names of a plain reference (``request``, ``path``)."""

    text: str
    depth: int = 1
    operation: str = ""
    operands: tuple[str, ...] = ()
    path: tuple[str, ...] = ()


class Names(Reader, ABC):
    """Reads names. ``assigned`` are the variables that the template makes itself, ``macros`` its macros."""

    def __init__(
        self,
        source: str,
        tokens: Sequence[Token],
        vocabulary: Vocabulary,
        assigned: Collection[str],
        macros: Collection[str],
    ) -> None:
        super().__init__(source, tokens)
        self._vocabulary = vocabulary
        self._assigned = assigned
        self._macros = macros
        self.fallible = False
        """Whether an operation was read that may fail for its operands."""
        self.roots: set[str] = set()
        """Names of the context that were read."""

    @abstractmethod
    def arguments(self) -> list[tuple[str, Code]]:
        """What stands in parentheses: keyword (or nothing) and value of each."""

    @abstractmethod
    def postfix(self) -> Code:
        """A value with attributes, items, calls, filters and tests."""

    def _made(self, text: str, inner: Iterable[Code], depth: int = 0) -> Code:
        depth = depth or 1 + max((code.depth for code in inner), default=0)
        if depth > MAX_DEPTH:
            self.fail(
                f"the expression is nested deeper than {MAX_DEPTH}", "set a variable on the way"
            )
        return Code(text, depth)

    def _call(self, function: str, *inner: Code, fallible: bool = True) -> Code:
        self.fallible = self.fallible or fallible
        return self._made(f"{function}({', '.join(code.text for code in inner)})", inner)

    def _named(self, token: Token) -> Code:
        name = token.text
        if name in self._assigned:
            if self.is_op("("):
                self.fail(f"{name} is a variable, not a function", token=token)
            return Code(name)
        if name in self._macros:
            if not self.is_op("("):
                self.fail(f"the macro {name} must be called", f"write {name}()", token)
            return self._known(name, fallible=True)
        if name in _CONSTANTS:
            return Code(_CONSTANTS[name])
        if name == "loop":
            return Code(name)
        if name == "env":
            return self._environment(token)
        function = self._function(token)
        if function:
            return self._known(global_name(function), fallible=self.is_op("("))
        if name in RESERVED:
            self.fail(f"expected a value, found {name!r}", token=token)
        if name not in self._vocabulary.names:
            known = {*self._vocabulary.names, *self._vocabulary.functions, *self._assigned, "env"}
            self._unknown("variable or function", token, known)
        self.roots.add(name)
        return Code(name, path=(name,))

    def _function(self, token: Token) -> str:
        """The function that a name (with what follows a dot) stands for, passed over; else empty."""
        functions = self._vocabulary.functions
        if token.text in self._vocabulary.families and self.is_op("."):
            member = self._tokens[self.at + 1]
            full = f"{token.text}.{member.text}"
            if member.kind == "name" and full in functions:
                self.at += 2
                return full
            if token.text not in self._vocabulary.names:
                prefix = token.text + "."
                known = {each[len(prefix) :]: each for each in functions if each.startswith(prefix)}
                near = nearest(member.text, known)
                self.fail(
                    f"there is no function {full}",
                    f"did you mean {known[near]}?"
                    if near
                    else f"there are: {', '.join(sorted(known))}",
                    member,
                )
        return token.text if token.text in functions else ""

    def _known(self, function: str, *, fallible: bool) -> Code:
        """A call of a function; without parentheses, one without arguments."""
        arguments = self.arguments() if self.is_op("(") else []
        text = ", ".join(f"{key}={code.text}" if key else code.text for key, code in arguments)
        self.fallible = self.fallible or fallible
        return self._made(f"{function}({text})", [code for _, code in arguments])

    def spaced_call(self) -> Code | None:
        """``randInt 1 6``: a function with its arguments set off by spaces, where the tag is one."""
        start = self.at
        token = self.token
        if token.kind == "name" and token.text not in self._assigned:
            self.at += 1
            function = self._function(token)
            if function and self._begins_argument(function):
                arguments: list[Code] = []
                while self.token.kind != "end":
                    negative = self.take("-")
                    value = self.postfix()
                    arguments.append(self._call("__neg", value) if negative else value)
                return self._call(global_name(function), *arguments)
        self.at = start
        return None

    def _begins_argument(self, function: str) -> bool:
        token = self.token
        if token.kind == "op" and token.text == "-":
            return function in ("randInt", "rand.int")
        return token.kind in OPERAND and token.text not in NO_OPERAND

    def _environment(self, token: Token) -> Code:
        """``env.HOME``, ``env['HOME']``, ``env('HOME')``: only what is allowed, known beforehand."""
        if self.take("."):
            name = self.name("the name of an environment variable")
        elif self.take("[") or self.take("("):
            name = self.token
            if name.kind != "string":
                self.fail("expected the name of an environment variable in quotes")
            self.at += 1
            self.expect("]" if self._tokens[self.at - 2].text == "[" else ")")
        else:
            self.fail("env needs the name of a variable", "write env.HOME", token)
        if name.text not in self._vocabulary.env:
            self.fail(
                f"the environment variable {name.text} is not allowed in templates",
                "name it in core.templates.env",
                name,
            )
        value = self._vocabulary.env[name.text]
        return Code("none" if value is None else json.dumps(value))

    def _unknown(self, what: str, token: Token, known: Iterable[str]) -> NoReturn:
        near = nearest(token.text, known)
        self.fail(
            f"there is no {what} {token.text}", f"did you mean {near}?" if near else None, token
        )
