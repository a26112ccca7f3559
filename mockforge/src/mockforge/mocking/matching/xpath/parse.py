"""The grammar (XPath 1.0 sections 2 and 3), compiled to closures as it is read."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from mockforge.mocking.matching.xpath.axes import AXES
from mockforge.mocking.matching.xpath.expression import (
    Context,
    Evaluate,
    Expression,
    Step,
    Test,
    compare,
    filtered,
    path_from,
)
from mockforge.mocking.matching.xpath.functions import FUNCTIONS, Function
from mockforge.mocking.matching.xpath.nodes import Node
from mockforge.mocking.matching.xpath.scan import Token, XPathError, tokens
from mockforge.mocking.matching.xpath.values import Value, to_bool, to_number
from mockforge.nearest import nearest

LONGEST: Final = 4096
"""Characters of an expression."""
MOST_NESTED: Final = 24
"""Brackets inside of each other."""
_MOST_IN_A_ROW: Final = 200

_EVERYWHERE: Final = Step(AXES["descendant-or-self"], lambda _: True, ())
_SELF: Final = Step(AXES["self"], lambda _: True, ())
_PARENT: Final = Step(AXES["parent"], lambda _: True, ())
_LEVELS: Final = (
    ("or",),
    ("and",),
    ("=", "!="),
    ("<", "<=", ">", ">="),
    ("+", "-"),
    ("*", "div", "mod"),
)


def parse(text: str, namespaces: Mapping[str, str] | None) -> Expression:
    """The whole expression; XPathError if it makes no sense."""
    if len(text) > LONGEST:
        raise XPathError(f"an expression may have up to {LONGEST} characters", LONGEST)
    parser = _Parser(tokens(text), namespaces)
    expression = parser.expression()
    if parser.token.kind != "end":
        raise parser.error(f"`{parser.token.text}` makes no sense here")
    return expression


class _Parser:
    def __init__(self, found: list[Token], namespaces: Mapping[str, str] | None) -> None:
        self._tokens = found
        self._at = 0
        self._depth = 0
        self._namespaces = namespaces

    @property
    def token(self) -> Token:
        return self._tokens[self._at]

    def error(self, message: str, token: Token | None = None) -> XPathError:
        return XPathError(message, (token or self.token).at)

    def _take(self, *texts: str) -> str | None:
        token = self.token
        if token.kind in ("sign", "operator") and token.text in texts:
            self._at += 1
            return token.text
        return None

    def _want(self, text: str) -> None:
        if self._take(text) is None:
            found = f"`{self.token.text}`" if self.token.kind != "end" else "the end"
            raise self.error(f"expected `{text}`, found {found}")

    # -------------------------------------------------------------- operators

    def expression(self) -> Expression:
        self._depth += 1
        if self._depth > MOST_NESTED:
            raise self.error(f"nests more than {MOST_NESTED} levels deep")
        found = self._binary(0)
        self._depth -= 1
        return found

    def _binary(self, level: int) -> Expression:
        if level == len(_LEVELS):
            return self._unary()
        left = self._binary(level + 1)
        count = 0
        while (sign := self._take(*_LEVELS[level])) is not None:
            count += 1
            if count > _MOST_IN_A_ROW:
                raise self.error("too many operators in a row")
            right = self._binary(level + 1)
            left = Expression(_operation(sign, left.evaluate, right.evaluate), False)
        return left

    def _unary(self) -> Expression:
        negations = 0
        while self._take("-") is not None:
            negations += 1
        inner = self._union()
        if not negations:
            return inner
        factor = -1.0 if negations % 2 else 1.0
        evaluate = inner.evaluate
        return Expression(
            lambda context: factor * to_number(context.budget.read(evaluate(context))), False
        )

    def _union(self) -> Expression:
        start = self.token
        parts = [self._path()]
        while self._take("|") is not None:
            parts.append(self._path())
        if len(parts) == 1:
            return parts[0]
        if not all(part.nodes for part in parts):
            raise self.error("`|` joins sets of nodes only", start)
        evaluates = [part.evaluate for part in parts]

        def union(context: Context) -> list[Node]:
            found: dict[int, Node] = {}
            for evaluate in evaluates:
                nodes: Any = evaluate(context)  # a list of nodes, as was checked
                found.update((node.order, node) for node in nodes)
            return [found[order] for order in sorted(found)]

        return Expression(union, True)

    # -------------------------------------------------------------- paths

    def _path(self) -> Expression:
        token = self.token
        if token.kind in ("literal", "number", "function") or (token.kind, token.text) == (
            "sign",
            "(",
        ):
            return self._filtered()
        if (token.kind, token.text) == ("sign", "$"):
            raise self.error("there are no variables here")
        if self._take("//") is not None:
            return Expression(path_from(_root, (_EVERYWHERE, *self._steps())), True)
        if self._take("/") is not None:
            return Expression(path_from(_root, self._steps() if self._begins_step() else ()), True)
        if not self._begins_step():
            raise self.error(
                f"expected an expression, found `{token.text}`"
                if token.text
                else "the expression ends early"
            )
        return Expression(path_from(lambda context: [context.node], self._steps()), True)

    def _filtered(self) -> Expression:
        """A primary expression, with predicates and a path behind it."""
        start = self.token
        found = self._primary()
        predicates = self._predicates()
        steps: tuple[Step, ...] = ()
        if self._take("//") is not None:
            steps = (_EVERYWHERE, *self._steps())
        elif self._take("/") is not None:
            steps = self._steps()
        if not predicates and not steps:
            return found
        if not found.nodes:
            raise self.error("only sets of nodes have predicates and paths", start)
        evaluate = found.evaluate

        def first(context: Context) -> list[Node]:
            nodes = evaluate(context)
            for predicate in predicates:
                nodes = filtered(nodes, predicate, context.budget)  # type: ignore[arg-type] # checked above
            return nodes  # type: ignore[return-value] # checked above

        return Expression(path_from(first, steps), True)

    def _begins_step(self) -> bool:
        token = self.token
        return token.kind in ("name", "axis") or (
            token.kind == "sign" and token.text in (".", "..", "@", "*")
        )

    def _steps(self) -> tuple[Step, ...]:
        steps = [self._step()]
        while (sign := self._take("/", "//")) is not None:
            if len(steps) > _MOST_IN_A_ROW:
                raise self.error("too many steps")
            if sign == "//":
                steps.append(_EVERYWHERE)
            steps.append(self._step())
        return tuple(steps)

    def _step(self) -> Step:
        if self._take("..") is not None:
            return _PARENT
        if self._take(".") is not None:
            return _SELF
        axis = "child"
        if self._take("@") is not None:
            axis = "attribute"
        elif self.token.kind == "axis":
            axis = self.token.text
            if axis not in AXES:
                likely = nearest(axis, AXES)
                raise self.error(
                    f"there is no axis `{axis}`" + (f", did you mean `{likely}`?" if likely else "")
                )
            self._at += 1
            self._want("::")
        test = self._test("attribute" if axis == "attribute" else "element")
        return Step(AXES[axis], test, self._predicates())

    def _test(self, kind: str) -> Test:
        """A node test; names are those of the principal ``kind`` of node of the axis."""
        token = self.token
        if self._take("*") is not None:
            return lambda node: node.kind == kind
        if token.kind != "name":
            raise self.error("expected the name of a node")
        self._at += 1
        if token.text in ("text", "node", "comment", "processing-instruction") and self._take("("):
            if token.text == "processing-instruction" and self.token.kind == "literal":
                self._at += 1
            self._want(")")
            if token.text == "node":
                return lambda _: True
            return (lambda node: node.kind == "text") if token.text == "text" else (lambda _: False)
        prefix, _, name = token.text.rpartition(":")
        return self._name_test(kind, prefix, name, token)

    def _name_test(self, kind: str, prefix: str, name: str, token: Token) -> Test:
        if self._namespaces is None:
            if not prefix:
                return lambda node: node.name == name and node.kind == kind
            if name == "*":
                return lambda node: node.prefix == prefix and node.kind == kind
            return lambda node: node.name == name and node.prefix == prefix and node.kind == kind
        if prefix and prefix != "xml" and prefix not in self._namespaces:
            raise self.error(f"the prefix `{prefix}` is not among the namespaces", token)
        namespace = "http://www.w3.org/XML/1998/namespace" if prefix == "xml" else ""
        wanted = self._namespaces.get(prefix, namespace) if prefix else ""
        if name == "*":
            return lambda node: node.namespace == wanted and node.kind == kind
        return lambda node: node.name == name and node.namespace == wanted and node.kind == kind

    def _predicates(self) -> tuple[Evaluate, ...]:
        found: list[Evaluate] = []
        while self._take("[") is not None:
            found.append(self.expression().evaluate)
            self._want("]")
        return tuple(found)

    # -------------------------------------------------------------- primary expressions

    def _primary(self) -> Expression:
        token = self.token
        self._at += 1
        if token.kind == "literal":
            text = token.text
            return Expression(lambda _: text, False)
        if token.kind == "number":
            number = float(token.text)
            return Expression(lambda _: number, False)
        if token.kind == "sign":
            inner = self.expression()
            self._want(")")
            return inner
        return self._call(token)

    def _call(self, token: Token) -> Expression:
        function = FUNCTIONS.get(token.text)
        if function is None:
            likely = nearest(token.text, FUNCTIONS) if len(token.text) <= 64 else None
            raise self.error(
                f"there is no function {token.text}()"
                + (f", did you mean {likely}()?" if likely else ""),
                token,
            )
        self._want("(")
        arguments: list[Expression] = []
        while self._take(")") is None:
            if arguments:
                self._want(",")
            arguments.append(self.expression())
        if not function.least <= len(arguments) <= function.most:
            raise self.error(f"{token.text}() does not take {len(arguments)} arguments", token)
        if function.nodes and arguments and not arguments[0].nodes:
            raise self.error(f"{token.text}() takes a set of nodes", token)
        return Expression(_called(function, [argument.evaluate for argument in arguments]), False)


def _called(function: Function, evaluates: list[Evaluate]) -> Evaluate:
    call = function.call
    if not function.reads:
        return lambda context: call(context, [evaluate(context) for evaluate in evaluates])

    def evaluate(context: Context) -> Value:
        read = context.budget.read
        if not evaluates:
            read([context.node])
        return call(context, [read(evaluate(context)) for evaluate in evaluates])

    return evaluate


def _root(context: Context) -> list[Node]:
    node = context.node
    while node.parent is not None:
        node = node.parent
    return [node]


def _operation(sign: str, left: Evaluate, right: Evaluate) -> Evaluate:
    if sign == "or":
        return lambda context: to_bool(left(context)) or to_bool(right(context))
    if sign == "and":
        return lambda context: to_bool(left(context)) and to_bool(right(context))
    arithmetic = _ARITHMETIC.get(sign)
    if arithmetic is not None:
        return lambda context: arithmetic(
            to_number(context.budget.read(left(context))),
            to_number(context.budget.read(right(context))),
        )
    return lambda context: compare(sign, left(context), right(context), context.budget)


def _divided(left: float, right: float) -> float:
    if right:
        return left / right
    return (
        math.nan
        if not left or math.isnan(left)
        else math.copysign(math.inf, left * math.copysign(1, right))
    )


def _modulo(left: float, right: float) -> float:
    return math.nan if not right or math.isinf(left) else math.fmod(left, right)


_ARITHMETIC: Final[dict[str, Callable[[float, float], float]]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "div": _divided,
    "mod": _modulo,
}
