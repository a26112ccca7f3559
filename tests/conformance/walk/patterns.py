"""Regular expressions of documents (ECMA-262) in Python: matching, and making a text that matches.

What cannot be carried over is refused as :class:`PatternError`; such a pattern is then not judged.
"""

from __future__ import annotations

import importlib
import re
import sys
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from typing import Any

_parser: Any = importlib.import_module("re._parser")  # the parse tree has no public name

_ESCAPES = frozenset("dDwWsSbBnrtfv0123456789")
_SPACES = r"\s\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
"""White space and line terminators of ECMA-262, sections 12.2 and 12.3, for a character class."""
_LONGEST_REPEAT = 64


class PatternError(Exception):
    """Not a regular expression of ECMA-262, or one with no counterpart in Python."""


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> re.Pattern[str]:
    """The Python pattern whose ``search`` decides as ECMA-262 does."""
    try:
        return re.compile(_translate(pattern), re.ASCII)
    except (re.error, RecursionError, OverflowError) as error:
        raise PatternError(f"{pattern!r}: {error}") from None


def _translate(pattern: str) -> str:
    out: list[str] = []
    at, in_class = 0, False
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            text, at = _escape(pattern, at, in_class)
            out.append(text)
            continue
        if in_class:
            if char == "]":
                in_class = False
            elif char in "[&~|":  # set operations of other languages; Python warns of them
                char = "\\" + char
        elif char == "[":
            if pattern.startswith("[^]", at):
                out.append(r"[\s\S]")
                at += 3
                continue
            if pattern.startswith("[]", at):
                out.append(r"(?!)")
                at += 2
                continue
            in_class = True
            if pattern.startswith("[^", at):
                char, at = "[^", at + 1
        elif char == "$":
            char = r"\Z"
        elif pattern.startswith("(?<", at) and pattern[at + 3 : at + 4] not in {"=", "!"}:
            char, at = "(?P<", at + 2
        elif pattern.startswith("(?", at) and pattern[at + 2 : at + 3] not in {":", "=", "!", "<"}:
            raise PatternError(f"{pattern!r}: a group that ECMA-262 does not know")
        out.append(char)
        at += 1
    return "".join(out)


def _escape(pattern: str, at: int, in_class: bool) -> tuple[str, int]:
    """The escape at ``at`` in Python's words, and where it ends."""
    char = pattern[at + 1 : at + 2]
    if not char:
        raise PatternError(f"{pattern!r} ends in a backslash")
    if match := re.compile(r"\\u\{([0-9a-fA-F]+)\}").match(pattern, at):
        return re.escape(chr(int(match[1], 16))), match.end()
    if match := re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4})").match(pattern, at):
        return match[0], match.end()
    if match := re.compile(r"\\c([A-Za-z])").match(pattern, at):
        return re.escape(chr(ord(match[1]) % 32)), match.end()
    if match := re.compile(r"\\k<(\w+)>").match(pattern, at):
        return f"(?P={match[1]})", match.end()
    if match := re.compile(r"\\([pP])\{\^?(?:\w+=)?(\w+)\}").match(pattern, at):
        return _category(match[2], match[1] == "P", in_class), match.end()
    if char.isalpha() and char not in _ESCAPES:
        raise PatternError(f"{pattern!r}: unknown escape \\{char}")
    if char == "s":
        return (_SPACES if in_class else f"[{_SPACES}]"), at + 2
    if char == "S" and not in_class:
        return f"[^{_SPACES}]", at + 2
    if char == "b" and in_class:
        return r"\x08", at + 2
    return pattern[at : at + 2], at + 2


def _category(name: str, negated: bool, in_class: bool) -> str:
    short = {"Letter": "L", "Number": "N", "Punctuation": "P", "Symbol": "S", "Mark": "M",
             "Separator": "Z", "Alphabetic": "L", "Uppercase_Letter": "Lu",
             "Lowercase_Letter": "Ll", "Decimal_Number": "Nd"}.get(name, name)  # fmt: skip
    ranges = _ranges(short)
    if not ranges or (negated and in_class):
        raise PatternError(f"no counterpart of \\p{{{name}}}")
    return ranges if in_class else f"[{'^' if negated else ''}{ranges}]"


@lru_cache(maxsize=32)
def _ranges(category: str) -> str:
    """The characters of a general category as ranges of a character class."""
    out: list[str] = []
    start: int | None = None
    for code in range(sys.maxunicode + 2):
        inside = code <= sys.maxunicode and unicodedata.category(chr(code)).startswith(category)
        if inside and start is None:
            start = code
        elif not inside and start is not None:
            out.append(f"\\U{start:08x}-\\U{code - 1:08x}")
            start = None
    return "".join(out)


def widths(pattern: str) -> tuple[int, int | None]:
    """Fewest characters of a text that matches, and most (None: no limit is known)."""
    tree = _parser.parse(_translate(pattern), re.ASCII)
    fewest, most = tree.getwidth()
    items = list(tree)
    anchored = (
        len(items) >= 2
        and str(items[0][0]) == "AT"
        and str(items[-1][0]) == "AT"
        and "BEGINNING" in str(items[0][1])
        and "END" in str(items[-1][1])
    )
    return fewest, (most if anchored and most < _parser.MAXREPEAT else None)


def samples(pattern: str, shortest: int = 0) -> Iterator[str]:
    """Texts that match ``pattern``, the first ones of at least ``shortest`` characters if it can be."""
    expression = compiled(pattern)
    try:
        tree = _parser.parse(expression.pattern, re.ASCII)
    except re.error as error:
        raise PatternError(str(error)) from None
    seen = set()
    for repeats in (0, 1, 2, 4, 8, 16, 32, _LONGEST_REPEAT, shortest):
        for branch in range(4):
            text = "".join(_Sampler(repeats, branch).run(tree))
            if len(text) < shortest:
                text += "a" * (shortest - len(text))
            if text not in seen and expression.search(text):
                seen.add(text)
                yield text


class _Sampler:
    """Walks a parse tree: repeats take ``repeats`` above their least, alternatives the given one."""

    def __init__(self, repeats: int, branch: int) -> None:
        self.repeats = repeats
        self.branch = branch
        self.groups: dict[int, str] = {}

    def run(self, tree: Any) -> Iterator[str]:
        for kind, value in tree:
            yield from self._part(str(kind), value)

    def _part(self, kind: str, value: Any) -> Iterator[str]:
        if kind == "LITERAL":
            yield chr(value)
        elif kind == "NOT_LITERAL":
            yield "b" if value == ord("a") else "a"
        elif kind == "ANY":
            yield "a"
        elif kind == "IN":
            yield _member(value)
        elif kind in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
            least, most, inner = value
            for _ in range(min(least + self.repeats, int(most), least + _LONGEST_REPEAT * 4)):
                yield from self.run(inner)
        elif kind == "SUBPATTERN":
            text = "".join(self.run(value[3]))
            if value[0] is not None:
                self.groups[value[0]] = text
            yield text
        elif kind == "BRANCH":
            yield from self.run(value[1][self.branch % len(value[1])])
        elif kind == "GROUPREF":
            yield self.groups.get(value, "")
        # Assertions yield nothing: whether they hold is seen when the whole text is matched.


_PREFERRED = "a1A0b2-_ .xyzXYZ/:@+=#!,;"


def _member(items: Any) -> str:
    """A character of a class, a plain one where the class has any."""
    for code in chain(map(ord, _PREFERRED), range(32, 127), range(160, 1024)):
        if _in_class(items, code):
            return chr(code)
    for kind, value in items:
        if str(kind) == "RANGE":
            return chr(value[0])
        if str(kind) == "LITERAL":
            return chr(value)
    return "a"


_CATEGORIES = {
    "CATEGORY_DIGIT": re.compile(r"\d", re.ASCII),
    "CATEGORY_NOT_DIGIT": re.compile(r"\D", re.ASCII),
    "CATEGORY_WORD": re.compile(r"\w", re.ASCII),
    "CATEGORY_NOT_WORD": re.compile(r"\W", re.ASCII),
    "CATEGORY_SPACE": re.compile(r"\s", re.ASCII),
    "CATEGORY_NOT_SPACE": re.compile(r"\S", re.ASCII),
}


def _in_class(items: Any, code: int) -> bool:
    negated = False
    found = False
    for kind, value in items:
        name = str(kind)
        if name == "NEGATE":
            negated = True
        elif name == "LITERAL":
            found = found or code == value
        elif name == "RANGE":
            found = found or value[0] <= code <= value[1]
        elif name == "CATEGORY":
            found = found or _CATEGORIES[str(value)].match(chr(code)) is not None
    return found != negated
