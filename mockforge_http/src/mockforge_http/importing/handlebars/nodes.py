"""The parts of a Handlebars template, as :mod:`.parser` finds them."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias


class Literal(NamedTuple):
    """``'text'``, ``12``, ``true``, ``null``."""

    value: str | int | float | bool | None


class Path(NamedTuple):
    """``request.query.[0]``: ``up`` counts ``../``; ``data`` says it began with ``@``; ``here`` that it
    began with ``this`` or ``.``, so that it never names a helper."""

    parts: tuple[str, ...]
    up: int = 0
    data: bool = False
    here: bool = False


class Call(NamedTuple):
    """``name arg key=value``, in parentheses or not."""

    name: str
    arguments: tuple[Expression, ...] = ()
    named: tuple[tuple[str, Expression], ...] = ()


Expression: TypeAlias = "Literal | Path | Call"


class Text(NamedTuple):
    """What is copied to the output."""

    text: str


class Output(NamedTuple):
    """``{{expression}}``; ``offset`` is where it stands in the template."""

    expression: Expression
    offset: int


class Block(NamedTuple):
    """``{{#name ...}}body{{else}}otherwise{{/name}}``; ``inverted`` for ``{{^name}}``."""

    expression: Expression
    names: tuple[str, ...]
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]
    inverted: bool
    offset: int


class Partial(NamedTuple):
    """``{{> name}}``."""

    name: str
    offset: int


Node: TypeAlias = "Text | Output | Block | Partial"
