"""A template's text taken apart: text, ``{{ output }}``, ``{% statement %}``, and the tokens of both.

MockForge reads templates itself before the engine sees them (see
:mod:`~mockforge.mocking.templating.translate`), so the delimiters and the rules of white space are decided
here: ``{%-`` and ``-%}`` take away the white space next to them, nothing else does.
"""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

from mockforge.mocking.templating.errors import TemplateError
from mockforge.mocking.templating.limits import MAX_SOURCE

Kind = Literal["name", "number", "string", "duration", "op", "end"]


class Token(NamedTuple):
    """``text`` is as written, but for strings, whose value it is. ``start`` and ``end`` are offsets."""

    kind: Kind
    text: str
    start: int
    end: int


class Piece(NamedTuple):
    """``kind`` ``text`` has ``text``; the others have ``tokens``, which end with one of kind ``end``."""

    kind: Literal["text", "output", "statement"]
    start: int
    end: int
    text: str = ""
    tokens: tuple[Token, ...] = ()


_OPEN: Final = re.compile(r"\{[{%#]")
_TOKEN: Final = re.compile(
    r"""\s*(?:
    (?P<duration>(?:\d+(?:\.\d+)?(?:ms|mo|[smhdwy]))+)(?!\w)
    |(?P<number>\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)(?!\w)
    |(?P<name>[^\W\d]\w*)
    |(?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    |(?P<op>\*\*|//|==|!=|<=|>=|[-+*/%~|.,:()\[\]{}<>=])
    )""",
    re.VERBOSE | re.DOTALL,
)
_SPACE: Final = re.compile(r"\s*")
_RAW: Final = re.compile(r"\{%[-+]?\s*raw\s*([-+]?)%\}")
_END_RAW: Final = re.compile(r"\{%([-+]?)\s*endraw\s*([-+]?)%\}")
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_PLAIN: Final = frozenset("\\'\"/")
_PAIRS: Final = {"(": ")", "[": "]", "{": "}"}


def has_tags(source: str) -> bool:
    """Whether there is anything in it but text."""
    return "{" in source and _OPEN.search(source) is not None


def error_at(source: str, offset: int, message: str, hint: str | None = None) -> TemplateError:
    """The error for what stands at ``offset``."""
    line = source.count("\n", 0, offset) + 1
    column = offset - (source.rfind("\n", 0, offset) + 1) + 1
    start = max(source.rfind("{{", 0, offset + 2), source.rfind("{%", 0, offset + 2), 0)
    return TemplateError(
        message, hint=hint, line=line, column=column, expression=excerpt(source, start)
    )


def excerpt(source: str, start: int, most: int = 60) -> str:
    """The tag at ``start`` on one line, cut where it is long."""
    ends = [found for mark in ("}}", "%}") if (found := source.find(mark, start)) >= 0]
    end = min(ends) + 2 if ends else len(source)
    text = " ".join(source[start : min(end, start + 2 * most)].split())
    return text if len(text) <= most else text[: most - 1] + "…"


def split(source: str) -> list[Piece]:
    """All pieces in order; comments leave none. TemplateError for what cannot be read."""
    if len(source) > MAX_SOURCE:
        raise TemplateError(
            f"the template has {len(source)} characters, more than {MAX_SOURCE}",
            hint="serve large bodies from a file",
        )
    pieces: list[Piece] = []
    at = 0
    trim = False
    while at < len(source):
        found = _OPEN.search(source, at)
        start = found.start() if found else len(source)
        text = source[at:start]
        if trim:
            text = text.lstrip()
        if source[start + 2 : start + 3] == "-":
            text = text.rstrip()
        if text:
            pieces.append(Piece("text", at, start, text))
        if not found:
            break
        if found.group() == "{#":
            at, trim = _comment(source, start)
        elif raw := _RAW.match(source, start):
            end = _END_RAW.search(source, raw.end())
            if end is None:
                raise error_at(source, start, "{% raw %} is not closed", "add {% endraw %}")
            body = source[raw.end() : end.start()]
            body = body.lstrip() if raw[1] == "-" else body
            body = body.rstrip() if end[1] == "-" else body
            pieces.append(Piece("text", raw.end(), end.start(), body))
            at, trim = end.end(), end[2] == "-"
        else:
            piece, trim = _tag(source, start)
            pieces.append(piece)
            at = piece.end
    return pieces


def _comment(source: str, start: int) -> tuple[int, bool]:
    end = source.find("#}", start + 2)
    if end < 0:
        raise error_at(source, start, "the comment is not closed", "add #}")
    return end + 2, source[end - 1] == "-"


def _tag(source: str, start: int) -> tuple[Piece, bool]:
    """The tag at ``start``, and whether white space after it goes."""
    output = source[start + 1] == "{"
    close = "}}" if output else "%}"
    at = start + 2
    if source[at : at + 1] in ("-", "+") and source[at + 1 : at + 3] != close:
        at += 1
    tokens: list[Token] = []
    open_brackets: list[str] = []
    while True:
        at = _SPACE.match(source, at).end()  # type: ignore[union-attr] # matches always
        if not open_brackets:
            for mark in ("", "-", "+"):
                if source.startswith(mark + close, at):
                    tokens.append(Token("end", "", at, at))
                    end = at + len(mark) + 2
                    piece = Piece(
                        "output" if output else "statement", start, end, tokens=tuple(tokens)
                    )
                    return piece, mark == "-"
        token = _token(source, at, start, close)
        at = token.end
        tokens.append(token)
        if token.kind == "op":
            if token.text in _PAIRS:
                open_brackets.append(_PAIRS[token.text])
            elif token.text in ")]}" and (not open_brackets or open_brackets.pop() != token.text):
                raise error_at(source, token.start, f"{token.text} closes nothing")


def _token(source: str, at: int, start: int, close: str) -> Token:
    found = _TOKEN.match(source, at)
    if found is None:
        if at >= len(source):
            raise error_at(source, start, "the tag is not closed", f"add {close}")
        if source[at] in "'\"":
            raise error_at(source, at, "the text is not closed", f"add {source[at]}")
        if source[at].isdigit():
            raise error_at(
                source, at, "this is no number", "a time span is a number and a unit: 90s, 1h, 7d"
            )
        raise error_at(source, at, f"{source[at]!r} has no meaning here")
    kind: Kind = found.lastgroup  # type: ignore[assignment] # the names of the groups
    text = found[kind]
    begin = found.start(kind)
    if kind == "string":
        return Token(kind, _unescaped(source, text[1:-1], begin), begin, found.end())
    return Token(kind, text, begin, found.end())


def _unescaped(source: str, text: str, start: int) -> str:
    """The value of a literal. A backslash before anything without a meaning stays (``'\\d+'``)."""
    if "\\" not in text:
        return text

    def one(match: re.Match[str]) -> str:
        code = match[1] or match[2]
        if code:
            return chr(int(code, 16))
        char = match[3]
        return _ESCAPES.get(char) or (char if char in _PLAIN else "\\" + char)

    value = _ESCAPE.sub(one, text)
    try:
        return value.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise error_at(source, start, "half of a surrogate pair is no character") from None
