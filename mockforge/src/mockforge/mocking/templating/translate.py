"""From a template as written to one for the engine: the same flow of statements, with every expression as
:mod:`~mockforge.mocking.templating.expressions` writes it, every output through a function that counts, and
every round of a loop counted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, Literal, NamedTuple

from mockforge.mocking.templating.expressions import Expressions
from mockforge.mocking.templating.lexer import Piece, Token, error_at, split
from mockforge.mocking.templating.names import Code
from mockforge.mocking.templating.vocabulary import RESERVED, Vocabulary
from mockforge.nearest import nearest

Mode = Literal["text", "string", "value"]
"""How output is written: as it is, as part of a JSON string, or as a JSON value."""

_OUTPUT: Final[dict[Mode, str]] = {"text": "__t", "string": "__s", "value": "__j"}
_ALONE: Final = "a template stands alone; share values with fixture() or state"
_REFUSED: Final = {
    **dict.fromkeys(("include", "import", "from", "extends", "block", "endblock"), _ALONE),
    **dict.fromkeys(("autoescape", "endautoescape"), "use the filter escape"),
    **dict.fromkeys(("call", "endcall"), "call the macro with {{ name() }}"),
    **dict.fromkeys(
        ("filter", "endfilter"), "{% set text %}...{% endset %}{{ text | name_of_filter }}"
    ),
}
_STATEMENTS: Final = frozenset(
    [
        "if",
        "elif",
        "else",
        "endif",
        "for",
        "endfor",
        "set",
        "endset",
        "with",
        "endwith",
        "macro",
        "endmacro",
        "do",
        "break",
        "continue",
    ]
)
_MOST_BRANCHES: Final = 60
_MOST_BLOCKS: Final = 30


class Origin(NamedTuple):
    """Where a tag of the translation came from."""

    source: str
    start: int
    path: str
    """Key path of the leaf, for values; empty for texts."""


class Translation(NamedTuple):
    """``text`` is for the engine. ``spans`` are the offset (in octets) and number of each tag in it, and
    ``origins`` what the numbers mean. ``roots`` are the names of the context that it reads."""

    text: str
    spans: tuple[tuple[int, int], ...]
    origins: tuple[Origin, ...]
    roots: tuple[str, ...]


class _Block(NamedTuple):
    word: str
    start: int
    counter: int
    """Place of the call that counts rounds; -1 if the block is no loop."""
    length: int
    """Characters of text in the template up to here."""
    branches: list[str]


class Translator:
    """Makes one translation, of one text or of the leaves of a value one after the other."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._out: list[str] = []
        self._tags: list[tuple[int, int]] = []
        self._origins: list[Origin] = []
        self._roots: dict[str, None] = {}
        self._length = 0
        self._source = ""
        self._path = ""
        self._mode: Mode = "text"
        self._assigned: set[str] = set()
        self._macros: set[str] = set()
        self._blocks: list[_Block] = []

    def text(self, text: str) -> None:
        """Text that is no template."""
        self._length += len(text)
        if any(mark in text for mark in ("{{", "{%", "{#")):
            self._out.append("{{ " + json.dumps(text) + " }}")
        elif text.endswith("{"):
            self._out += [text[:-1], '{{ "{" }}']
        else:
            self._out.append(text)

    def template(self, source: str, mode: Mode = "text", path: str = "") -> None:
        """A template. TemplateError for the first thing that is wrong with it."""
        if not source.isascii():
            _check_characters(source)
        pieces = split(source)
        self._source, self._path, self._mode = source, path, mode
        self._assigned, self._macros = _assignments(pieces)
        own_scope = bool(self._assigned) and mode != "text"
        if own_scope:
            self._out.append("{% with %}")
        try:
            for piece in pieces:
                self._piece(piece)
            if self._blocks:
                block = self._blocks[-1]
                raise error_at(
                    source,
                    block.start,
                    f"{block.word} is not closed",
                    f"add {{% end{block.word} %}}",
                )
        finally:
            self._blocks.clear()
        if own_scope:
            self._out.append("{% endwith %}")

    def done(self) -> Translation:
        """What was made of all of it."""
        tags = dict(self._tags)
        spans: list[tuple[int, int]] = []
        offset = 0
        for index, part in enumerate(self._out):
            if index in tags:
                spans.append((offset, tags[index]))
            offset += len(part.encode())
        return Translation(
            "".join(self._out), tuple(spans), tuple(self._origins), tuple(self._roots)
        )

    # ---------------------------------------------------------------- pieces

    def _piece(self, piece: Piece) -> None:
        mode = self._mode
        if mode == "string" and any(block.word in ("set", "macro") for block in self._blocks):
            mode = "text"  # it is escaped where it is put out
        if piece.kind == "text":
            text = piece.text
            self.text(text if mode == "text" else json.dumps(text, ensure_ascii=False)[1:-1])
            return
        number = len(self._origins)
        self._origins.append(Origin(self._source, piece.start, self._path))
        reader = Expressions(
            self._source, piece.tokens, self._vocabulary, self._assigned, self._macros
        )
        if piece.kind == "output":
            value = reader.spaced_call() or reader.expression()
            reader.end()
            made = "{{ " + f"{_OUTPUT[mode]}({self._at(reader, number, value)})" + " }}"
        else:
            made = self._statement(reader, piece, number)
        if made:
            self._tags.append((len(self._out), number))
            self._out.append(made)
        self._roots.update(dict.fromkeys(reader.roots))

    def _at(self, reader: Expressions, number: int, value: Code) -> str:
        """``value``, noting before it is made which tag it stands in, if it may fail."""
        fallible, reader.fallible = reader.fallible, False
        return f"(__at({number}) or {value.text})" if fallible else value.text

    # ---------------------------------------------------------------- statements

    def _statement(self, reader: Expressions, piece: Piece, number: int) -> str:
        first = reader.name("a statement")
        word = first.text
        if word in _REFUSED:
            reader.fail(f"{word} is not available", _REFUSED[word], first)
        if word not in _STATEMENTS:
            near = nearest(word, _STATEMENTS)
            reader.fail(
                f"there is no statement {word}", f"did you mean {near}?" if near else None, first
            )
        if word.startswith("end"):
            made = self._end(reader, word.removeprefix("end"), first)
        elif word in ("else", "elif"):
            made = self._branch(reader, word, first, number)
        elif word in ("break", "continue"):
            if not any(block.word == "for" for block in self._blocks):
                reader.fail(f"{word} stands in no loop", token=first)
            made = "{% " + word + " %}"
        elif word == "do":
            made = "{% do __do(" + self._at(reader, number, reader.expression()) + ") %}"
        else:
            made = getattr(self, f"_{word}")(reader, piece, number)
        reader.end()
        return made

    def _open(self, word: str, piece: Piece) -> None:
        if len(self._blocks) >= _MOST_BLOCKS:
            raise error_at(
                self._source, piece.start, f"blocks are nested deeper than {_MOST_BLOCKS}"
            )
        counter = len(self._out) + 1 if word in ("for", "macro") else -1
        self._blocks.append(_Block(word, piece.start, counter, self._length, []))

    def _end(self, reader: Expressions, word: str, token: Token) -> str:
        if not self._blocks or self._blocks[-1].word != word:
            opened = f"{self._blocks[-1].word} is open" if self._blocks else "no block is open"
            reader.fail(f"end{word} does not fit: {opened}", token=token)
        block = self._blocks.pop()
        if block.counter >= 0:
            self._out[block.counter] = "{{ __round(" + str(self._length - block.length) + ") }}"
        if word == "macro" and reader.token.kind == "name":
            reader.at += 1
        return "{% end" + word + " %}"

    def _branch(self, reader: Expressions, word: str, token: Token, number: int) -> str:
        block = self._blocks[-1] if self._blocks else None
        if (
            block is None
            or block.word not in ("if", "for")
            or (block.word, word) == ("for", "elif")
        ):
            reader.fail(f"{word} stands in no if", token=token)
        if "else" in block.branches:
            reader.fail(f"{word} comes after else", token=token)
        block.branches.append(word)
        if len(block.branches) > _MOST_BRANCHES:
            reader.fail(f"more than {_MOST_BRANCHES} branches", token=token)
        if word == "else":
            return "{% else %}"
        return "{% elif " + self._at(reader, number, reader.expression()) + " %}"

    def _if(self, reader: Expressions, piece: Piece, number: int) -> str:
        condition = self._at(reader, number, reader.expression())
        self._open("if", piece)
        return "{% if " + condition + " %}"

    def _for(self, reader: Expressions, piece: Piece, number: int) -> str:
        targets = self._targets(reader)
        reader.expect("in")
        # Not a whole expression: its `if` would take the filter of the loop.
        values = reader.operand()
        reader.fallible = True  # not everything can be gone through
        over = self._at(reader, number, values)
        made = f"{', '.join(targets)} in __each({over})"
        if reader.take("if"):
            made += f" if {self._at(reader, number, reader.expression())}"
        if reader.is_name("recursive"):
            reader.fail("recursive loops are not available", "write a macro that calls itself")
        self._open("for", piece)
        self._tags.append((len(self._out), number))
        self._out += ["{% for " + made + " %}", ""]
        return ""

    def _targets(self, reader: Expressions) -> list[str]:
        targets = [self._target(reader)]
        while reader.take(","):
            targets.append(self._target(reader))
        return targets

    def _target(self, reader: Expressions) -> str:
        token = reader.name("the name of a variable")
        if token.text in RESERVED or token.text.startswith("__"):
            reader.fail(f"{token.text} cannot be set", "choose another name", token)
        return token.text

    def _set(self, reader: Expressions, piece: Piece, number: int) -> str:
        name = self._target(reader)
        if reader.take("."):
            attribute = reader.name("a name after the dot").text
            reader.expect("=")
            value = self._at(reader, number, reader.expression())
            return "{% set " + f"{name}.{attribute} = __plain({value})" + " %}"
        targets = [name]
        while reader.take(","):
            targets.append(self._target(reader))
        if reader.take("="):
            value = self._at(reader, number, reader.expression())
            return "{% set " + f"{', '.join(targets)} = {value}" + " %}"
        if len(targets) > 1 or not reader.ended:
            reader.expect("=")
        self._open("set", piece)
        return "{% set " + name + " %}"

    def _with(self, reader: Expressions, piece: Piece, number: int) -> str:
        pairs: list[str] = []
        while not reader.ended:
            name = self._target(reader)
            reader.expect("=")
            pairs.append(f"{name} = {self._at(reader, number, reader.expression())}")
            if not reader.ended:
                reader.expect(",")
        self._open("with", piece)
        return "{% with " + ", ".join(pairs) + " %}"

    def _macro(self, reader: Expressions, piece: Piece, number: int) -> str:
        if self._blocks:
            reader.fail("macros are defined outside of blocks")
        name = self._target(reader)
        reader.expect("(")
        parameters: list[str] = []
        while not reader.take(")"):
            parameter = self._target(reader)
            if reader.take("="):
                parameter += f"={self._at(reader, number, reader.expression())}"
            parameters.append(parameter)
            if not reader.is_op(")"):
                reader.expect(",")
        self._open("macro", piece)
        self._tags.append((len(self._out), number))
        self._out += ["{% macro " + f"{name}({', '.join(parameters)})" + " %}", ""]
        return ""


def _assignments(pieces: Iterable[Piece]) -> tuple[set[str], set[str]]:
    """The variables and the macros that a template makes, wherever it does."""
    variables: set[str] = set()
    macros: set[str] = set()
    for piece in pieces:
        if piece.kind != "statement" or not piece.tokens or piece.tokens[0].kind != "name":
            continue
        word, tokens = piece.tokens[0].text, piece.tokens[1:]
        if word == "for":
            variables |= _names_before(tokens, "in")
        elif word == "set":
            variables |= _names_before(tokens, "=")
        elif word == "with":
            variables |= _keywords(tokens)
        elif word == "macro" and tokens and tokens[0].kind == "name":
            macros.add(tokens[0].text)
            variables |= _parameters(tokens[1:])
    return variables - macros, macros


def _names_before(tokens: Sequence[Token], stop: str) -> set[str]:
    names: set[str] = set()
    for number, token in enumerate(tokens):
        if token.text == stop:
            break
        # Not the attribute of `set ns.name`.
        if token.kind == "name" and (number == 0 or tokens[number - 1].text != "."):
            names.add(token.text)
    return names


def _keywords(tokens: Sequence[Token]) -> set[str]:
    """Names of ``a = 1, b = 2``, outside of brackets."""
    names: set[str] = set()
    depth = 0
    for token, following in pairwise(tokens):
        if token.kind == "op":
            depth += (token.text in "([{") - (token.text in ")]}")
        elif token.kind == "name" and not depth and following.text == "=":
            names.add(token.text)
    return names


def _parameters(tokens: Sequence[Token]) -> set[str]:
    """Names of ``(a, b=1)``: what stands after the bracket or a comma."""
    names: set[str] = set()
    depth = 0
    previous = ""
    for token in tokens:
        if token.kind == "op":
            depth += (token.text in "([{") - (token.text in ")]}")
        elif token.kind == "name" and depth == 1 and previous in ("(", ","):
            names.add(token.text)
        previous = token.text
    return names


def _check_characters(source: str) -> None:
    try:
        source.encode()
    except UnicodeEncodeError as error:
        raise error_at(
            source, error.start, "half of a surrogate pair is no character", "write it as UTF-8"
        ) from None
