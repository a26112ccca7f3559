"""Filters: ``[?@.price < 10 && match(@.name, 'r.x')]`` (RFC 9535 section 2.3.5), with Jayway's operators."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from msgspec import UNSET

from mockforge.mocking.matching.jsonpath.functions import FUNCTIONS, Function
from mockforge.mocking.matching.jsonpath.operators import COMPARISONS, JAYWAY, Operator
from mockforge.mocking.matching.jsonpath.path import MOST_NESTED, Query, read_query
from mockforge.mocking.matching.jsonpath.run import Run
from mockforge.mocking.matching.jsonpath.scan import Scanner
from mockforge.mocking.regex import compile_regex

Test = Callable[[Any, Run], bool]
Value = Callable[[Any, Run], Any]

_SLASHED: Final = re.compile(r"/((?:[^/\\]|\\.)*)/([a-z]*)", re.DOTALL)
_FLAGS: Final = frozenset("imsxu")


class _Operand(NamedTuple):
    """One side of a comparison, or a test by itself. ``value`` gives UNSET for nothing; ``test`` is set
    where it may stand alone."""

    value: Value | None
    test: Test | None
    query: Query | None = None


def read_test(scanner: Scanner, depth: int) -> Test:
    """The expression after ``?``."""
    scanner.blank()
    return _any(scanner, depth)


def _any(scanner: Scanner, depth: int) -> Test:
    if depth > MOST_NESTED:
        raise scanner.error(f"nests more than {MOST_NESTED} levels deep")
    tests = [_all(scanner, depth)]
    while _takes(scanner, "||"):
        tests.append(_all(scanner, depth))
    if len(tests) == 1:
        return tests[0]
    return lambda node, run: any(test(node, run) for test in tests)


def _all(scanner: Scanner, depth: int) -> Test:
    tests = [_basic(scanner, depth)]
    while _takes(scanner, "&&"):
        tests.append(_basic(scanner, depth))
    if len(tests) == 1:
        return tests[0]
    return lambda node, run: all(test(node, run) for test in tests)


def _takes(scanner: Scanner, token: str) -> bool:
    scanner.blank()
    return scanner.take(token)


def _basic(scanner: Scanner, depth: int) -> Test:
    scanner.blank()
    if scanner.sees("!") and not scanner.sees("!="):
        scanner.at += 1
        inner = _basic(scanner, depth + 1) if depth < MOST_NESTED else _any(scanner, depth + 1)
        return lambda node, run: not inner(node, run)
    if scanner.take("("):
        inner = _any(scanner, depth + 1)
        scanner.want(")")
        return inner
    start = scanner.at
    left = _operand(scanner, depth)
    scanner.blank()
    if scanner.take("=~"):
        return _regex(scanner, left, start)
    operator = _operator(scanner)
    if operator is None:
        if left.test is None:
            raise scanner.error("a value by itself is no condition", start)
        return left.test
    scanner.blank()
    start_right = scanner.at
    right = _operand(scanner, depth)
    if left.value is None or right.value is None:
        at = start if left.value is None else start_right
        raise scanner.error("the function gives true or false, which cannot be compared", at)
    return _compared(operator, left.value, right.value)


def _compared(operator: Operator, left: Value, right: Value) -> Test:
    return lambda node, run: operator(left(node, run), right(node, run))


def _operator(scanner: Scanner) -> Operator | None:
    for sign, operator in COMPARISONS.items():
        if scanner.take(sign):
            return operator
    word = scanner.word()
    if word is not None and word.lower() in JAYWAY:
        scanner.at += len(word)
        return JAYWAY[word.lower()]
    return None


def _regex(scanner: Scanner, left: _Operand, start: int) -> Test:
    scanner.blank()
    at = scanner.at
    found = scanner.match(_SLASHED)
    if found is None or left.value is None:
        raise scanner.error("expected a value, `=~` and a regular expression: =~ /.../", start)
    flags = "".join(flag for flag in found[2] if flag in _FLAGS and flag != "u")
    if set(found[2]) - _FLAGS:
        raise scanner.error(f"unknown flags `{found[2]}`", at)
    pattern = found[1].replace("\\/", "/")
    try:
        is_match = compile_regex(f"(?{flags}){pattern}" if flags else pattern)
    except ValueError as error:
        raise scanner.error(f"not a regular expression: {error}", at) from None
    value = left.value

    def test(node: Any, run: Run) -> bool:
        text = value(node, run)
        try:
            return isinstance(text, str) and is_match(text)
        except UnicodeEncodeError:
            return False

    return test


def _operand(scanner: Scanner, depth: int) -> _Operand:
    if scanner.sees("@") or scanner.sees("$"):
        query = read_query(scanner, depth + 1)
        return _Operand(_value_of(query), lambda node, run: bool(query.nodes(node, run)), query)
    if scanner.sees("["):
        return _list(scanner, depth)
    word = scanner.word()
    if word is not None and scanner.text.startswith("(", scanner.at + len(word)):
        return _call(scanner, word, depth)
    found, literal = scanner.literal()
    if not found:
        raise scanner.error("expected a path, a value or a function")
    return _Operand(lambda _node, _run: literal, None)


def _value_of(query: Query) -> Value:
    """The node that a query leads to; of one that may lead to many, the list of them."""
    if query.definite or query.suffix is not None:

        def single(node: Any, run: Run) -> Any:
            found = query.nodes(node, run)
            return found[0] if found else UNSET

        return single
    return query.nodes


def _list(scanner: Scanner, depth: int) -> _Operand:
    """``['a', 'b']``, for ``in`` and its kin."""
    scanner.want("[")
    if depth > MOST_NESTED:
        raise scanner.error(f"nests more than {MOST_NESTED} levels deep")
    items: list[Value] = []
    scanner.blank()
    while not scanner.take("]"):
        if items:
            scanner.want(",")
            scanner.blank()
        item = _operand(scanner, depth + 1)
        if item.value is None:
            raise scanner.error("expected a value")
        items.append(item.value)
        scanner.blank()
    return _Operand(lambda node, run: [item(node, run) for item in items], None)


def _call(scanner: Scanner, name: str, depth: int) -> _Operand:
    """A function of the RFC (section 2.4), with the types of its arguments checked."""
    start = scanner.at
    function = FUNCTIONS.get(name)
    if function is None:
        raise scanner.error(f"there is no function {name}(); known are {', '.join(FUNCTIONS)}")
    scanner.at += len(name) + 1
    arguments: list[_Operand] = []
    scanner.blank()
    while not scanner.take(")"):
        if arguments:
            scanner.want(",")
            scanner.blank()
        arguments.append(_operand(scanner, depth + 1))
        scanner.blank()
    if len(arguments) != len(function.takes):
        raise scanner.error(f"{name}() takes {len(function.takes)} arguments", start)
    if depth > MOST_NESTED:
        raise scanner.error(f"nests more than {MOST_NESTED} levels deep")
    values: list[Value] = []
    for argument, kind in zip(arguments, function.takes, strict=True):
        query = argument.query
        if kind == "nodes":
            if query is None:
                raise scanner.error(f"{name}() takes a path", start)
            values.append(query.nodes)
        elif argument.value is None or (query is not None and not query.definite):
            raise scanner.error(f"{name}() takes a single value", start)
        else:
            values.append(argument.value)
    return _applied(function, values)


def _applied(function: Function, values: list[Value]) -> _Operand:
    call = function.call

    def value(node: Any, run: Run) -> Any:
        return call(*[each(node, run) for each in values])

    if function.logical:
        return _Operand(None, lambda node, run: bool(value(node, run)))
    return _Operand(value, None)
