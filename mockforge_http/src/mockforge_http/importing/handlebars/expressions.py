"""Reads what stands between the braces of a Handlebars tag."""

from __future__ import annotations

import re
from typing import Final

from .nodes import Call, Expression, Literal, Path

DEEPEST: Final = 40
"""Most parentheses inside each other."""

_TOKEN: Final = re.compile(
    r"""\s*(?:
      (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    | (?P<number>-?\d+(?:\.\d+)?(?=[\s()=|]|$))
    | (?P<names>as\s*\|[^|]*\|)
    | (?P<key>[^\s!"#%&'()*+,./;<=>@\[\\\]^`{|}~]+)\s*=(?!=)
    | (?P<path>(?:\.\./)*(?:@(?:\.\./)*)?
        (?:\[[^\]]*\]|\.\.|[^\s!"#%&'()*+,./;<=>@\[\\\]^`{|}~]+|\.(?=[\s/)|]|$))
        (?:[./](?:\[[^\]]*\]|[^\s!"#%&'()*+,./;<=>@\[\\\]^`{|}~]+))*)(?=[\s()|]|$)
    | (?P<sign>[()])
    )""",
    re.VERBOSE | re.DOTALL,
)
_SEGMENT: Final = re.compile(r"\[([^\]]*)\]|([^./\[\]]+)")
_WORDS: Final[dict[str, bool | None]] = {
    "true": True,
    "false": False,
    "null": None,
    "undefined": None,
}


class TemplateSyntaxError(ValueError):
    """The template is not well-formed; ``offset`` is where, counted in characters."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


class Tokens:
    """The tokens of one tag."""

    def __init__(self, source: str, offset: int) -> None:
        self.offset = offset
        self.items: list[tuple[str, str]] = []
        self.position = 0
        end = 0
        source = source.rstrip()
        while end < len(source):
            match = _TOKEN.match(source, end)
            if match is None or match.lastgroup is None:
                raise TemplateSyntaxError(
                    f"cannot read {source[end : end + 30].strip()!r} in a tag", offset
                )
            self.items.append((match.lastgroup, match[match.lastgroup]))
            end = match.end()

    def peek(self) -> tuple[str, str] | None:
        """The next token, not taken."""
        return self.items[self.position] if self.position < len(self.items) else None

    def take(self) -> tuple[str, str]:
        """The next token."""
        found = self.peek()
        if found is None:
            raise TemplateSyntaxError("a tag ends where a value is expected", self.offset)
        self.position += 1
        return found


def parse_tag(source: str, offset: int) -> tuple[Expression, tuple[str, ...]]:
    """The expression in ``source`` and the names of its ``as |...|``. TemplateSyntaxError."""
    tokens = Tokens(source, offset)
    expression = _call_or_value(tokens, 0)
    names: tuple[str, ...] = ()
    following = tokens.peek()
    if following is not None and following[0] == "names":
        tokens.take()
        names = tuple(following[1].split("|")[1].split())
    if tokens.peek() is not None:
        raise TemplateSyntaxError(f"{tokens.take()[1]!r} is not expected in a tag", offset)
    return expression, names


def _call_or_value(tokens: Tokens, depth: int) -> Expression:
    if depth > DEEPEST:
        raise TemplateSyntaxError(
            f"more than {DEEPEST} parentheses inside each other", tokens.offset
        )
    head = _value(tokens, depth)
    arguments: list[Expression] = []
    named: list[tuple[str, Expression]] = []
    while (token := tokens.peek()) is not None:
        kind, text = token
        if kind == "names" or text == ")":
            break
        if kind == "key":
            tokens.take()
            named.append((text, _value(tokens, depth)))
        else:
            arguments.append(_value(tokens, depth))
    if not arguments and not named:
        return head
    if not isinstance(head, Path):
        raise TemplateSyntaxError("a tag with arguments begins with no name", tokens.offset)
    return Call(".".join(head.parts), tuple(arguments), tuple(named))


def _value(tokens: Tokens, depth: int) -> Expression:
    kind, text = tokens.take()
    if kind == "string":
        quote = text[0]
        return Literal(text[1:-1].replace("\\" + quote, quote))
    if kind == "number":
        return Literal(float(text) if "." in text else int(text))
    if text == "(":
        inner = _call_or_value(tokens, depth + 1)
        if tokens.take()[1] != ")":
            raise TemplateSyntaxError("a parenthesis is not closed", tokens.offset)
        if isinstance(inner, Path) and len(inner.parts) == 1:
            return Call(inner.parts[0])
        return inner
    if kind == "path":
        if text in _WORDS:
            return Literal(_WORDS[text])
        return _path(text)
    raise TemplateSyntaxError(f"{text!r} is not expected in a tag", tokens.offset)


def _path(text: str) -> Path:
    up = 0
    data = False
    while True:
        if text.startswith("../"):
            up, text = up + 1, text[3:]
        elif text.startswith("@"):
            data, text = True, text[1:]
        else:
            break
    if text == "..":
        return Path((), up + 1, data, here=True)
    here = bool(re.match(r"(?:this|\.)(?:[./]|$)", text))
    if here:
        text = re.sub(r"^(?:this|\.)[./]?", "", text)
    parts = tuple(
        match[1] if match[1] is not None else match[2] for match in _SEGMENT.finditer(text)
    )
    return Path(parts, up, data, here or (not parts))
