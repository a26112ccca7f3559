"""A Go template as one of MockForge's: what it reads of the request, functions, ``if`` and ``range``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from .layouts import strftime
from .lexer import GoTemplateError, Word, pieces
from .parser import Call, Field, Literal, Node, Variable, parse
from .vocabulary import NUMBERS, OWN, TEXTS, WORDS

__all__ = ["GoTemplateError", "Names", "is_template", "translate"]


class Names(NamedTuple):
    """Expressions for what templates read. They differ by kind of call."""

    request: str = "request"
    requests: str = "[request]"
    number: str = "index"


_BLOCKS: Final = {
    "if",
    "range",
    "else",
    "end",
    "with",
    "define",
    "template",
    "block",
    "break",
    "continue",
}
_MOMENTS: Final = frozenset({"now"})


def is_template(value: object) -> bool:
    """Whether it is a text that GripMock takes for a template."""
    return isinstance(value, str) and "{{" in value and "}}" in value


def translate(source: str, names: Names) -> str:
    """The same in our language. A template that is one expression gives a text, as it does in Go.

    GoTemplateError: something in it has no counterpart.
    """
    return _Translation(names).translated(source)


class _Translation:
    def __init__(self, names: Names) -> None:
        self._names = names
        self._open: list[str] = []
        self._dots: list[str | None] = []

    def translated(self, source: str) -> str:
        found = [piece for piece in pieces(source) if piece != ""]
        alone = len(found) == 1
        made = "".join(
            _text(piece) if isinstance(piece, str) else self._action(piece, alone=alone)
            for piece in found
        )
        if self._open:
            raise GoTemplateError(f"`{self._open[-1]}` has no `end`")
        return made

    # ------------------------------------------------------------ actions

    def _action(self, words: Sequence[Word], *, alone: bool) -> str:
        if not words:
            raise GoTemplateError("an action is empty")
        first = words[0]
        if first.kind == "name" and first.value in _BLOCKS:
            return self._block(first.value, words[1:])
        if first.kind == "variable" and len(words) > 1 and words[1].kind in (":=", "="):
            return f"{{% set {_variable(first.value)} = {self._expression(parse(words[2:]))[0]} %}}"
        expression, is_text = self._expression(parse(words))
        if alone and not is_text:
            expression = f"{expression} | string"
        return f"{{{{ {expression} }}}}"

    def _block(self, name: str, rest: Sequence[Word]) -> str:
        if name == "if":
            self._open.append("if")
            self._dots.append(None)
            return f"{{% if {self._expression(parse(rest))[0]} %}}"
        if name == "range":
            return self._range(rest)
        if name == "else" and self._open:
            if not rest:
                return "{% else %}"
            if rest[0].value == "if" and self._open[-1] == "if":
                return f"{{% elif {self._expression(parse(rest[1:]))[0]} %}}"
        if name == "end" and self._open:
            self._dots.pop()
            return "{% endif %}" if self._open.pop() == "if" else "{% endfor %}"
        raise GoTemplateError(f"`{name}` has no counterpart there")

    def _range(self, rest: Sequence[Word]) -> str:
        signs = [word.kind for word in rest]
        targets = "item"
        if ":=" in signs:
            at = signs.index(":=")
            given = [_variable(word.value) for word in rest[:at] if word.kind == "variable"]
            rest = rest[at + 1 :]
            expression = self._expression(parse(rest))[0]
            self._open.append("range")
            self._dots.append(given[-1])
            if len(given) == 2:
                return f"{{% for {given[1]} in {expression} %}}{{% set {given[0]} = loop.index0 %}}"
            return f"{{% for {given[0]} in {expression} %}}"
        expression = self._expression(parse(rest))[0]
        targets = f"item{len(self._open) or ''}"
        self._open.append("range")
        self._dots.append(targets)
        return f"{{% for {targets} in {expression} %}}"

    # ------------------------------------------------------------ expressions

    def _expression(self, node: Node) -> tuple[str, bool]:
        """What it becomes, and whether that is a text for sure."""
        if isinstance(node, Literal):
            return _literal(node.value), isinstance(node.value, str)
        if isinstance(node, Variable):
            if node.name == "$":
                raise GoTemplateError("`$` as a whole has no counterpart")
            return _variable(node.name), False
        if isinstance(node, Field):
            return self._field(node)
        return self._call(node)

    def _field(self, node: Field) -> tuple[str, bool]:
        if node.base is not None and not (
            isinstance(node.base, Variable) and node.base.name == "$"
        ):
            base, _ = self._expression(node.base)
            return _attributes(base, node.names), False
        dot = next((dot for dot in reversed(self._dots) if dot is not None), None)
        if node.base is None and dot is not None:
            return _attributes(dot, node.names), False
        if not node.names:
            raise GoTemplateError("the dot as a whole has no counterpart")
        name, *inner = node.names
        if name in ("RequestTime", "Timestamp") and not inner:
            return "now", False
        known = {
            "Request": self._names.request,
            "Requests": self._names.requests,
            "Headers": "metadata",
            "MessageIndex": self._names.number,
        }.get(name)
        if known is None:
            raise GoTemplateError(f"`.{name}` has no counterpart")
        return _attributes(known, inner), name == "Headers" and bool(inner)

    def _call(self, node: Call) -> tuple[str, bool]:
        family, dot, rest = node.name.partition(".")
        if family == "faker" and dot:
            return self._faked(rest, node)
        special = _SPECIAL.get(node.name)
        arguments = [self._expression(argument)[0] for argument in node.arguments]
        if special is not None:
            return special(self, node, arguments)
        if node.name in WORDS:
            form, is_text = WORDS[node.name]
            return _filled(form, arguments, node.name), is_text
        if node.name in OWN:
            return f"gripmock.{node.name}({', '.join(arguments)})", node.name == "join"
        raise GoTemplateError(f"the function `{node.name}` has no counterpart")

    def _faked(self, name: str, node: Call) -> tuple[str, bool]:
        arguments = [self._expression(argument)[0] for argument in node.arguments]
        if name in TEXTS:
            form = TEXTS[name]
            if name == "Text.Paragraph" and not arguments:
                form = "faker.paragraph()"
            return f"({_filled(form, arguments, node.name, exact=False)})", True
        if name in NUMBERS:
            return _filled(NUMBERS[name], arguments, node.name), False
        raise GoTemplateError(f"`faker.{name}` has no counterpart")

    def index(self, node: Call, arguments: list[str]) -> tuple[str, bool]:
        """``index list 0``; through a pipe, the list comes last."""
        if not arguments:
            raise GoTemplateError("`index` has no arguments")
        if isinstance(node.arguments[0], Literal) and len(arguments) == 2:
            arguments.reverse()
        base, *steps = arguments
        return base + "".join(f"[{step}]" for step in steps), False

    def either(self, node: Call, arguments: list[str]) -> tuple[str, bool]:
        """``and``, ``or``."""
        return f"({f' {node.name} '.join(arguments)})", False

    def moment(self, node: Call, arguments: list[str]) -> tuple[str, bool]:
        """``now``, ``unix``, ``format``."""
        if node.name == "now" and not arguments:
            return "now", False
        if node.name == "unix" and len(arguments) == 1:
            return f"({arguments[0]} | date('epoch'))", False
        if node.name == "format" and len(arguments) == 2:
            one, other = node.arguments
            layout, moment = (
                (one, arguments[1]) if isinstance(one, Literal) else (other, arguments[0])
            )
            if isinstance(layout, Literal) and isinstance(layout.value, str):
                return f"({moment} | date({_literal(strftime(layout.value))}))", True
        raise GoTemplateError(f"`{node.name}` is called in a way that has no counterpart")

    def printed(self, node: Call, arguments: list[str]) -> tuple[str, bool]:
        """``sprintf``, ``printf``, ``print``."""
        if node.name == "print":
            return f"({' ~ '.join(arguments)})", True
        form = node.arguments[0] if node.arguments else None
        if not isinstance(form, Literal) or not isinstance(form.value, str):
            raise GoTemplateError(f"`{node.name}` has a format that is no constant")
        made = _literal(form.value.replace("%v", "%s").replace("%q", '"%s"'))
        return f"({made} | format({', '.join(arguments[1:])}))", True


_SPECIAL: Final = {
    "index": _Translation.index,
    "and": _Translation.either,
    "or": _Translation.either,
    "now": _Translation.moment,
    "unix": _Translation.moment,
    "format": _Translation.moment,
    "sprintf": _Translation.printed,
    "printf": _Translation.printed,
    "print": _Translation.printed,
}


def _filled(form: str, arguments: Sequence[str], name: str, *, exact: bool = True) -> str:
    wanted = form.count("{")
    if len(arguments) < wanted or (exact and len(arguments) != wanted):
        raise GoTemplateError(f"`{name}` takes {wanted} arguments")
    for number in range(wanted):
        form = form.replace(f"{{{number}}}", arguments[number])
    return form


def _attributes(base: str, names: Sequence[str]) -> str:
    return base + "".join(f".{name}" for name in names)


def _literal(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _variable(name: str) -> str:
    if len(name) < 2:
        raise GoTemplateError("`$` cannot be set")
    return f"v_{name[1:]}"


def _text(text: str) -> str:
    """Text that means nothing in our language either."""
    if "{%" in text or "{#" in text:
        raise GoTemplateError("`{%` and `{#` in the text mean something else here")
    return text
