"""Expressions: read here, and written again for the engine with every operation as a call of a function.

The engine alone would not do. Its operators and filters make texts of any size (``'x' * 10**10`` ends the
process, ``a ~ a`` doubles forty times at no cost in fuel), its parser overflows the stack on deep nesting,
and its access to methods is not restricted. So arithmetic, comparison, lists, filters, tests, methods become
calls of functions that check what they make (:mod:`~mockforge.mocking.templating.operators`); what is left to
the engine are names, attributes, ``and``/``or``/``not``/``if`` and the flow of statements. The grammar is
Jinja's (Template Designer Documentation, "Expressions").
"""

from __future__ import annotations

import json
from typing import Final

from mockforge.mocking.templating.lexer import Token
from mockforge.mocking.templating.limits import MAX_DEPTH
from mockforge.mocking.templating.names import NO_OPERAND, OPERAND, Code, Names

_BINARY: Final[dict[str, tuple[int, str]]] = {
    "or": (1, "or"), "and": (2, "and"),
    "==": (4, "__eq"), "!=": (4, "__ne"), "<": (4, "__lt"), "<=": (4, "__le"), ">": (4, "__gt"),
    ">=": (4, "__ge"), "in": (4, "__in"), "not": (4, "__not_in"),
    "+": (5, "__add"), "-": (5, "__sub"), "~": (6, "__cat"), "*": (7, "__mul"), "/": (7, "__div"),
    "//": (7, "__floordiv"), "%": (7, "__mod"), "**": (8, "__pow"),
}  # fmt: skip
_FLAT: Final = frozenset(("or", "and", "__add", "__cat"))
"""Operations of which a chain is one call."""
_MOST_OPERANDS: Final = 200
_LOOP_CALLS: Final = frozenset(("cycle", "changed"))
_NATIVE_TESTS: Final = frozenset(("defined", "undefined", "none"))


class Expressions(Names):
    """Reads the expressions of one tag."""

    _level = 0

    # ---------------------------------------------------------------- operators

    def expression(self) -> Code:
        """A whole expression: ``a if b else c``."""
        self._deeper()
        value = self._binary(1)
        while self.take("if"):
            condition = self._binary(1)
            other = self.expression() if self.take("else") else Code("none")
            value = self._made(
                f"({value.text} if {condition.text} else {other.text})", (value, condition, other)
            )
        self._level -= 1
        return value

    def operand(self) -> Code:
        """An expression without ``if`` of its own."""
        return self._binary(1)

    def _deeper(self) -> None:
        self._level += 1
        if self._level > MAX_DEPTH:
            self.fail(
                f"the expression is nested deeper than {MAX_DEPTH}", "set a variable on the way"
            )

    def _binary(self, level: int) -> Code:
        if level <= 3 and self.take("not"):
            self._deeper()
            operand = self._binary(3)
            self._level -= 1
            left = self._made(f"(not {operand.text})", (operand,))
        else:
            left = self._unary()
        compared = False
        while True:
            token = self.token
            found = _BINARY.get(token.text) if token.kind in ("op", "name") else None
            if found is None or found[0] < level:
                return left
            if found[0] == 4:
                if compared:
                    self.fail("comparisons do not chain", "join them with `and`")
                compared = True
            self.at += 1
            if token.text == "not":
                self.expect("in")
            right = self._binary(found[0] + 1)
            left = self._joined(found[1], left, right)

    def _joined(self, operation: str, left: Code, right: Code) -> Code:
        operands: tuple[str, ...] = (left.text, right.text)
        deepest = max(left.depth, right.depth) + 1
        if operation in _FLAT and left.operation == operation:
            operands = (*left.operands, right.text)
            deepest = max(left.depth, right.depth + 1)
            if len(operands) > (_MOST_OPERANDS if operation.startswith("__") else MAX_DEPTH):
                self.fail("the expression is too long", "set a variable on the way")
        if operation.startswith("__"):
            self.fallible = True
            text = f"{operation}({', '.join(operands)})"
        else:
            text = "(" + f" {operation} ".join(operands) + ")"
        code = self._made(text, (), deepest)
        return code._replace(operation=operation, operands=operands)

    def _unary(self) -> Code:
        signs = 0
        while self.token.kind == "op" and self.token.text in "+-":
            signs += self.token.text == "-"
            self.at += 1
        value = self.postfix()
        return self._call("__neg", value) if signs % 2 else value

    # ---------------------------------------------------------------- what follows a value

    def postfix(self) -> Code:
        """A value with attributes, items, calls, filters and tests."""
        value = self._primary()
        while True:
            token = self.token
            if token.kind == "op" and token.text == ".":
                self.at += 1
                value = self._attribute(value)
            elif token.kind == "op" and token.text == "[":
                self.at += 1
                value = self._item(value)
            elif token.kind == "op" and token.text == "(":
                self.fail("only functions, macros and methods can be called")
            elif token.kind == "op" and token.text == "|":
                self.at += 1
                value = self.filtered(_whole(value))
            elif token.kind == "name" and token.text == "is":
                self.at += 1
                value = self._test(_whole(value))
            else:
                return _whole(value)

    def _attribute(self, value: Code) -> Code:
        token = self.token
        if token.kind == "number" and token.text.isdigit():
            self.at += 1
            return self._made(f"{value.text}[{int(token.text)}]", (value,))
        self.name("a name after the dot")
        if token.text.startswith("_"):
            self.fail("names that begin with an underscore are not accessible", token=token)
        if self.is_op("("):
            return self._method(value, token)
        if value.path == ("request", "headers"):
            return self._header(value, token)
        if value.path == ("request", "body"):
            value = Code("request.json", 2)
        made = self._made(f"{value.text}.{token.text}", (value,))
        return made._replace(path=(*value.path, token.text) if value.path else ())

    def _header(self, value: Code, first: Token) -> Code:
        """``request.headers.x-request-id``: hyphens without space around them belong to the name."""
        name, end = first.text, first.end
        while (
            self.is_op("-")
            and self.token.start == end
            and self._tokens[self.at + 1].kind == "name"
            and self._tokens[self.at + 1].start == end + 1
        ):
            last = self._tokens[self.at + 1]
            name, end = f"{name}-{last.text}", last.end
            self.at += 2
        return self._made(f"{value.text}[{json.dumps(name.lower())}]", (value,))

    def _item(self, value: Code) -> Code:
        parts: list[Code | None] = [None]
        while not self.take("]"):
            if self.take(":"):
                parts.append(None)
            elif parts[-1] is None:
                parts[-1] = self.expression()
            else:
                self.fail("expected ] after the index")
        if len(parts) > 3:
            self.fail("a slice is [from:to] or [from:to:step]")
        if len(parts) > 1:
            return self._call("__slice", _whole(value), *(part or Code("none") for part in parts))
        index = parts[0]
        if index is None:
            self.fail("expected an index in the brackets")
        if value.path == ("request", "body"):
            value = Code("request.json", 2)
        return self._made(f"{value.text}[{index.text}]", (value, index))

    def _method(self, value: Code, token: Token) -> Code:
        arguments = self.arguments()
        inner = [code for _, code in arguments]
        text = ", ".join(f"{key}={code.text}" if key else code.text for key, code in arguments)
        self.fallible = True
        if value.text == "loop" and token.text in _LOOP_CALLS:
            return self._made(f"loop.{token.text}({text})", inner)
        value = _whole(value)
        joined = ", ".join(part for part in (value.text, json.dumps(token.text), text) if part)
        return self._made(f"__call({joined})", (value, *inner))

    def filtered(self, value: Code) -> Code:
        """``value`` through the filter whose name comes next."""
        token = self.name("the name of a filter")
        if token.text not in self._vocabulary.filters:
            self._unknown("filter", token, self._vocabulary.filters)
        return self._with_arguments(f"__filter_{token.text}", value)

    def _with_arguments(self, function: str, value: Code) -> Code:
        arguments = self.arguments() if self.is_op("(") else []
        text = "".join(
            f", {key}={code.text}" if key else f", {code.text}" for key, code in arguments
        )
        self.fallible = True
        return self._made(
            f"{function}({value.text}{text})", (value, *(code for _, code in arguments))
        )

    def _test(self, value: Code) -> Code:
        negated = self.take("not")
        token = self.name("the name of a test")
        if token.text in _NATIVE_TESTS:
            made = self._made(f"({value.text} is {token.text})", (value,))
        else:
            if token.text not in self._vocabulary.tests:
                self._unknown("test", token, self._vocabulary.tests)
            bare = self.token.kind in OPERAND and self.token.text not in NO_OPERAND
            if bare:
                made = self._call(f"__test_{token.text}", value, self.postfix())
            else:
                made = self._with_arguments(f"__test_{token.text}", value)
        return self._made(f"(not {made.text})", (made,)) if negated else made

    def arguments(self) -> list[tuple[str, Code]]:
        """What stands in parentheses: keyword (or nothing) and value of each."""
        self.expect("(")
        found: list[tuple[str, Code]] = []
        while not self.take(")"):
            key = ""
            if self.token.kind == "name" and self.is_op("=", 1):
                key = self.token.text
                self.at += 2
            elif found and found[-1][0]:
                self.fail("arguments with names come after those without")
            found.append((key, self.expression()))
            if not self.is_op(")"):
                self.expect(",")
        return found

    # ---------------------------------------------------------------- values

    def _primary(self) -> Code:
        token = self.token
        self.at += 1
        if token.kind == "string" or token.kind == "duration":
            return Code(json.dumps(token.text))
        if token.kind == "number":
            return Code(self._number(token))
        if token.kind == "name":
            return self._named(token)
        if token.kind == "op":
            if token.text == "(":
                return self._tuple()
            if token.text == "[":
                return self._call("__list", *self._items("]"))
            if token.text == "{":
                return self._call("__dict", *self._pairs())
        self.at -= 1
        what = f"found {token.text!r}" if token.text else "the tag ends"
        raise self.error(f"expected a value, {what}")

    def _number(self, token: Token) -> str:
        text = token.text.replace("_", "")
        if any(char in text for char in ".eE"):
            number = float(text)
            if number in (float("inf"), float("-inf")):
                self.fail("the number is too large", token=token)
            return repr(number)
        if len(text) > 18:
            self.fail("the number is too large", "numbers have at most 18 digits", token)
        return str(int(text))

    def _tuple(self) -> Code:
        if self.take(")"):
            return self._call("__list")
        first = self.expression()
        if self.take(")"):
            return Code(first.text, first.depth)
        self.expect(",")
        return self._call("__list", first, *self._items(")"))

    def _items(self, close: str) -> list[Code]:
        items: list[Code] = []
        while not self.take(close):
            items.append(self.expression())
            if not self.is_op(close):
                self.expect(",")
        return items

    def _pairs(self) -> list[Code]:
        pairs: list[Code] = []
        while not self.take("}"):
            key = self.expression()
            self.expect(":")
            pairs += [key, self.expression()]
            if not self.is_op("}"):
                self.expect(",")
        return pairs


def _whole(value: Code) -> Code:
    """``request.path`` where no name follows is the path as text."""
    return Code("request.path_text", 2) if value.path == ("request", "path") else value
