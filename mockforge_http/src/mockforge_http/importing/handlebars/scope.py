"""Names of a template while it is translated: which loops are open, and what was assigned."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from .nodes import Block, Call, Expression, Literal, Node, Output

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

VARIABLES: Final = "kept"
"""What holds assigned values in a translated template, so that a loop can change them."""


class Frame(NamedTuple):
    """One open block that changes what ``this`` is: ``this`` is code for it (empty at the top), ``loop``
    says whether ``@index`` means something, ``key`` is code for ``@key``."""

    this: str
    loop: str
    key: str
    names: dict[str, str]


TOP: Final = Frame("", "", "", {})


def assigned_names(nodes: Iterable[Node]) -> set[str]:
    """The names that helpers of the template give a value to."""
    return {name for call, block in _calls(nodes) if (name := assigned_name(call, block))}


def assigned_name(call: Call, block: bool) -> str | None:
    """The name that ``call`` assigns to, if it does."""
    named = dict(call.named)
    given: Expression | None = None
    if call.name == "assign":
        given = call.arguments[0] if block and call.arguments else None
    elif call.name in ("parseJson", "formData", "regexExtract"):
        first = {"parseJson": 0 if block else 1, "formData": 0 if block else 1, "regexExtract": 2}
        position = first[call.name]
        given = call.arguments[position] if len(call.arguments) > position else None
    elif call.name == "val":
        given = named.get("assign")
    if isinstance(given, Literal) and isinstance(given.value, str) and given.value:
        return given.value
    return None


def _calls(nodes: Iterable[Node]) -> Iterator[tuple[Call, bool]]:
    for node in nodes:
        if isinstance(node, Output):
            yield from _inner(node.expression, block=False)
        elif isinstance(node, Block):
            yield from _inner(node.expression, block=True)
            yield from _calls(node.body)
            yield from _calls(node.otherwise)


def _inner(expression: Expression, *, block: bool) -> Iterator[tuple[Call, bool]]:
    if isinstance(expression, Call):
        yield expression, block
        for argument in (*expression.arguments, *(value for _, value in expression.named)):
            yield from _inner(argument, block=False)


def quoted(text: str) -> str:
    """``text`` as a string of the template language."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return "'" + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + "'"


def member(code: str, key: str) -> str:
    """``code`` with one step more."""
    return f"{code}.{key}" if _NAME.fullmatch(key) else f"{code}[{quoted(key)}]"


def is_name(text: str) -> bool:
    """Whether ``text`` can be written as it is."""
    return _NAME.fullmatch(text) is not None
