"""The tokens of an expression (XPath 1.0 section 3.7)."""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

Kind = Literal["operator", "name", "axis", "function", "literal", "number", "sign", "end"]

_TOKEN: Final = re.compile(
    r"""\s*(?:
      (?P<literal>"[^"]*"|'[^']*')
    | (?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)
    | (?P<sign>//|::|\.\.|!=|<=|>=|[()\[\].@,/|+\-=<>*$])
    | (?P<name>[^\W\d][\w.-]*(?::(?:\*|[^\W\d][\w.-]*)(?!:))?)
    )""",
    re.VERBOSE,
)
_WORDS: Final = frozenset({"and", "or", "mod", "div"})
_SIGNS: Final = frozenset({"=", "!=", "<", "<=", ">", ">=", "+", "-", "|"})
_NODE_TYPES: Final = frozenset({"text", "node", "comment", "processing-instruction"})


class XPathError(ValueError):
    """An expression is written wrongly. ``offset`` is where, in characters from its start."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(f"{message} (at character {offset + 1})")
        self.offset = offset


class Token(NamedTuple):
    """A token; node types (``text`` before a bracket) are names."""

    kind: Kind
    text: str
    at: int


def tokens(text: str) -> list[Token]:
    """All tokens of ``text``, an ``end`` last; XPathError where none begins."""
    found: list[Token] = []
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            begin = at + len(text[at:]) - len(text[at:].lstrip())
            raise XPathError(f"`{text[begin]}` makes no sense here", begin)
        kind = match.lastgroup or ""
        word = match[kind]
        found.append(_token(kind, word, match.start(kind), text[match.end() :].lstrip(), found))
        at = match.end()
    found.append(Token("end", "", len(text)))
    return found


def _token(kind: str, word: str, at: int, after: str, before: list[Token]) -> Token:
    if kind == "literal":
        return Token("literal", word[1:-1], at)
    if kind == "number":
        return Token("number", word, at)
    # A star or a word is an operator where an operand has just ended.
    ended = bool(before) and not (
        before[-1].kind in ("operator", "axis")
        or (before[-1].text in ("@", "::", "(", "[", ",", "/", "//") and before[-1].kind == "sign")
    )
    if kind == "sign":
        operator = word in _SIGNS or (word == "*" and ended)
        return Token("operator" if operator else "sign", word, at)
    if ended and word in _WORDS:
        return Token("operator", word, at)
    if after.startswith("::"):
        return Token("axis", word, at)
    if after.startswith("(") and word not in _NODE_TYPES:
        return Token("function", word, at)
    return Token("name", word, at)
