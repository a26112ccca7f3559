"""Handlebars templates (as handlebars.java reads them) into nodes.

Written from the language's documentation; what differs between implementations follows handlebars.java,
which WireMock uses: lines that hold only a tag keep their line breaks, and ``~`` takes white space away at
the inner edges of blocks only.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from .expressions import TemplateSyntaxError, parse_tag
from .nodes import Block, Call, Expression, Node, Output, Partial, Path, Text

__all__ = ["DEEPEST", "TemplateSyntaxError", "parse"]

DEEPEST: Final = 40
"""Most blocks inside each other."""
_OPEN: Final = re.compile(r"\{\{")
_COMMENT: Final = re.compile(r"\{\{~?!--.*?--~?\}\}|\{\{~?!.*?\}\}", re.DOTALL)
_TAG: Final = re.compile(
    r"""\{\{(?:
      \{(?P<raw>[^{}]*)\}\}\}
    | (?P<left>~?)\s*(?P<kind>[#^/&>]|)
      (?P<inner>(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^'"}]|\}(?!\}))*?)
      (?P<right>~?)\}\}
    )""",
    re.VERBOSE | re.DOTALL,
)


def _inside(tag: re.Match[str]) -> str:
    """Which edge of a block a tag is: ``#``, ``/``, ``e`` for both; ``-`` if it is none."""
    if tag["raw"] is not None:
        return "-"
    inner = tag["inner"].strip()
    if inner == "else" or inner.startswith("else ") or (tag["kind"] == "^" and not inner):
        return "e"
    return "#" if tag["kind"] in ("#", "^") else "/" if tag["kind"] == "/" else "-"


class _Open(NamedTuple):
    """A block that is not closed yet; ``chained`` if ``{{else if}}`` opened it."""

    expression: Expression
    names: tuple[str, ...]
    inverted: bool
    chained: bool
    offset: int
    body: list[Node]
    otherwise: list[Node]
    around: list[Node]


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.top: list[Node] = []
        self.stack: list[_Open] = []
        self.target = self.top
        self.strips = False

    def run(self) -> tuple[Node, ...]:
        position = 0
        while (opening := _OPEN.search(self.source, position)) is not None:
            start = opening.start()
            comment = _COMMENT.match(self.source, start)
            tag = comment or _TAG.match(self.source, start)
            if tag is None:
                rest = self.source.find("{{", start + 2)
                end = len(self.source) if rest < 0 else rest
                if "}}" in self.source[start:end]:
                    raise TemplateSyntaxError("a tag is not well-formed", start)
                self.text(self.source[position:end])
                position = end
                continue
            kind = "-" if comment else _inside(tag)
            self.text(self.source[position:start], ends=kind in "/e" and tag[0].startswith("{{~"))
            position = tag.end()
            if comment is None:
                self.tag(tag)
            self.strips = kind in "#e" and tag[0].endswith("~}}")
        self.text(self.source[position:])
        if self.stack:
            raise TemplateSyntaxError(
                f"the block {_name(self.stack[-1].expression)} is not closed", self.stack[-1].offset
            )
        return tuple(self.top)

    def text(self, text: str, *, ends: bool = False) -> None:
        if self.strips:
            text = text.lstrip()
        if ends:
            text = text.rstrip()
        self.strips = False
        if text:
            self.target.append(Text(text))

    def tag(self, tag: re.Match[str]) -> None:
        offset = tag.start()
        if tag["raw"] is not None:
            self.target.append(Output(parse_tag(tag["raw"].strip("~"), offset)[0], offset))
            return
        kind, inner = tag["kind"], tag["inner"].strip()
        if kind == "/":
            self.close(inner, offset)
        elif kind == "^" and not inner:
            self.otherwise(offset)
        elif kind in ("#", "^"):
            self.open(inner, offset, inverted=kind == "^")
        elif kind == ">":
            self.target.append(Partial(inner, offset))
        elif inner == "else":
            self.otherwise(offset)
        elif inner.startswith("else ") and self.stack:
            self.otherwise(offset)
            self.open(inner[5:].strip(), offset, chained=True)
        else:
            self.target.append(Output(parse_tag(inner, offset)[0], offset))

    def open(
        self, inner: str, offset: int, *, inverted: bool = False, chained: bool = False
    ) -> None:
        if len(self.stack) >= DEEPEST:
            raise TemplateSyntaxError(f"more than {DEEPEST} blocks inside each other", offset)
        expression, names = parse_tag(inner.removeprefix("*"), offset)
        block = _Open(expression, names, inverted, chained, offset, [], [], self.target)
        self.stack.append(block)
        self.target = block.body

    def otherwise(self, offset: int) -> None:
        if not self.stack:
            raise TemplateSyntaxError("an {{else}} stands in no block", offset)
        self.target = self.stack[-1].otherwise

    def close(self, name: str, offset: int) -> None:
        chained = True
        while chained:
            if not self.stack:
                raise TemplateSyntaxError(f"{{{{/{name}}}}} closes nothing", offset)
            block = self.stack.pop()
            chained = block.chained
            self.target = block.around
            if not chained and name not in (_name(block.expression), ""):
                raise TemplateSyntaxError(
                    f"{{{{/{name}}}}} closes the block {_name(block.expression)}", offset
                )
            self.target.append(
                Block(
                    block.expression,
                    block.names,
                    tuple(block.body),
                    tuple(block.otherwise),
                    block.inverted,
                    block.offset,
                )
            )


def _name(expression: Expression) -> str:
    if isinstance(expression, Call):
        return expression.name
    if isinstance(expression, Path):
        return ".".join(expression.parts)
    return str(expression.value)


def parse(source: str) -> tuple[Node, ...]:
    """The nodes of the template ``source``. TemplateSyntaxError."""
    return _Parser(source).run()
