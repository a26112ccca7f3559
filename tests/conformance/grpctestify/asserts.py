"""The expressions of ASSERTS and EXTRACT: paths as in jq, comparisons, and functions with an ``@``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from uuid import UUID

_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*"|'[^']*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<function>@\w+)
    |(?P<name>[A-Za-z_]\w*)|(?P<sign>==|!=|>=|<=|=~|[.\[\]()|,><?]))""",
    re.VERBOSE,
)
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": lambda one, other: bool(one == other),
    "!=": lambda one, other: bool(one != other),
    ">": lambda one, other: one is not None and bool(_number(one) > _number(other)),
    "<": lambda one, other: one is not None and bool(_number(one) < _number(other)),
    ">=": lambda one, other: one is not None and bool(_number(one) >= _number(other)),
    "<=": lambda one, other: one is not None and bool(_number(one) <= _number(other)),
    "contains": lambda one, other: one is not None and other in one,
    "startswith": lambda one, other: isinstance(one, str) and one.startswith(str(other)),
    "endswith": lambda one, other: isinstance(one, str) and one.endswith(str(other)),
    "matches": lambda one, other: re.search(str(other), str(one)) is not None,
    "=~": lambda one, other: re.search(str(other), str(one)) is not None,
}


class Context:
    """What expressions speak of: the last message (or error), metadata, and what was extracted."""

    def __init__(self) -> None:
        self.value: Any = None
        self.headers: Mapping[str, str] = {}
        self.trailers: Mapping[str, str] = {}
        self.variables: dict[str, Any] = {}


def holds(expression: str, context: Context) -> bool:
    """Whether an assertion is true."""
    return bool(evaluate(expression, context))


def evaluate(expression: str, context: Context) -> Any:
    """The value of an expression. ValueError: it cannot be read."""
    reader = _Reader(_tokens(expression), context)
    value = reader.either()
    if reader.kind:
        raise ValueError(f"{expression!r} goes on after its end")
    return value


def extract(line: str, context: Context) -> None:
    """``name = expression``."""
    name, equals, expression = line.partition("=")
    if not equals:
        raise ValueError(f"{line!r} extracts nothing")
    context.variables[name.strip()] = evaluate(expression.strip(), context)


def _tokens(expression: str) -> list[tuple[str, str]]:
    found, at = [], 0
    text = expression.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"{text[at:]!r} cannot be read")
        found.append((str(match.lastgroup), str(match[str(match.lastgroup)])))
        at = match.end()
    return found


class _Reader:
    def __init__(self, tokens: Sequence[tuple[str, str]], context: Context) -> None:
        self._tokens = tokens
        self._at = 0
        self._context = context

    @property
    def kind(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    @property
    def _text(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _take(self, text: str = "") -> str:
        if not self.kind or (text and self._text != text):
            raise ValueError(f"expected {text or 'more'}, found {self._text or 'the end'}")
        self._at += 1
        return self._tokens[self._at - 1][1]

    def either(self) -> Any:
        value = self._both()
        while self._text == "or":
            self._at += 1
            other = self._both()
            value = value or other
        return value

    def _both(self) -> Any:
        value = self._compared()
        while self._text == "and":
            self._at += 1
            other = self._compared()
            value = value and other
        return value

    def _compared(self) -> Any:
        if self._text == "not" and self.kind == "name":
            self._at += 1
            return not self._compared()
        value = self._piped()
        compare = _COMPARISONS.get(self._text.lower()) if self.kind in ("sign", "name") else None
        if compare is None:
            return value
        self._at += 1
        return compare(value, self._piped())

    def _piped(self) -> Any:
        value = self._operand()
        while self._text == "|":
            self._at += 1
            value = _filtered(self._take(), value)
        return value

    def _operand(self) -> Any:
        kind, text = self.kind, self._take()
        if kind == "string":
            return text[1:-1].replace('\\"', '"').replace("\\\\", "\\")
        if kind == "number":
            return float(text) if "." in text else int(text)
        if kind == "function":
            return self._called(text)
        if text == "(":
            value = self.either()
            self._take(")")
            return value
        if text == ".":
            return self._path(self._context.value, first=True)
        if kind == "name":
            constants = {"true": True, "false": False, "null": None}
            value = constants.get(text, self._context.variables.get(text))
            return self._path(value, first=False)
        raise ValueError(f"{text!r} is not expected")

    def _path(self, value: Any, *, first: bool) -> Any:
        """Steps after a value; the first name follows its dot already."""
        if first and self.kind == "name" and self._text not in ("and", "or"):
            value = _member(value, self._take())
        while True:
            if self._text == ".":
                self._at += 1
                value = _member(value, self._take())
            elif self._text == "[":
                self._at += 1
                key = self._operand()
                self._take("]")
                value = _member(value, key)
            elif self._text == "?":
                self._at += 1
            else:
                return value

    def _called(self, name: str) -> Any:
        arguments: list[Any] = []
        self._take("(")
        while self._text != ")":
            arguments.append(self.either())
            if self._text == ",":
                self._at += 1
        self._take(")")
        if name in ("@header", "@trailer"):
            known = self._context.headers if name == "@header" else self._context.trailers
            return known.get(str(arguments[0]).lower())
        if name in ("@has_header", "@has_trailer"):
            known = self._context.headers if name == "@has_header" else self._context.trailers
            return str(arguments[0]).lower() in known
        function = _FUNCTIONS.get(name)
        if function is None:
            raise ValueError(f"{name} is not known")
        return function(*arguments)


def _member(value: Any, key: Any) -> Any:
    if isinstance(value, dict):
        return value.get(str(key))
    if isinstance(value, list) and isinstance(key, int):
        return value[key] if -len(value) <= key < len(value) else None
    return None


def _filtered(name: str, value: Any) -> Any:
    if name == "length":
        return 0 if value is None else len(value)
    if name == "type":
        kinds = {str: "string", bool: "boolean", dict: "object", list: "array", type(None): "null"}
        return kinds.get(type(value), "number")
    if name == "keys":
        return sorted(value)
    if name in ("tonumber", "tostring"):
        return _number(value) if name == "tonumber" else str(value)
    raise ValueError(f"the filter {name} is not known")


def _number(value: Any) -> float:
    return float(value)


def _reads(read: Callable[[Any], Any]) -> Callable[[Any], bool]:
    def check(value: Any) -> bool:
        try:
            read(value)
        except (ValueError, TypeError, AttributeError):
            return False
        return True

    return check


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "@has_value": lambda value: value not in (None, "", [], {}),
    "@empty": lambda value: value in (None, "", [], {}),
    "@len": lambda value: 0 if value is None else len(value),
    "@regex": lambda value, pattern: re.search(pattern, str(value)) is not None,
    "@uuid": _reads(lambda value: UUID(value)),
    "@ip": _reads(ip_address),
    "@email": lambda value: re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", str(value)) is not None,
    "@url": lambda value: re.match(r"https?://[^\s/]+", str(value)) is not None,
    "@timestamp": _reads(lambda value: datetime.fromisoformat(value)),
}
