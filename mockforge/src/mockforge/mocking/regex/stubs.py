r"""The regular expressions of stubs in the engine's words.

Users bring them from Java (WireMock, MockServer), JavaScript and Python, which mostly agree. On top of
ECMA-262 (:mod:`~mockforge.mocking.regex.ecma`) these are read: ``.`` matches line ends as well, ``\Q...\E``,
``\h`` and ``\R``, POSIX classes (``\p{Alpha}``, ``[[:alpha:]]``), classes in classes (``[a-z&&[^b]]``),
``(?P=name)``.
"""

from __future__ import annotations

from typing import Final

from mockforge.mocking.regex.ecma import Rewriter

_HORIZONTAL: Final = r"\t \u{a0}\u{1680}\u{180e}\u{2000}-\u{200a}\u{202f}\u{205f}\u{3000}"
_LINE_ENDS: Final = r"(?:\r\n|[\n-\r\u{85}\u{2028}\u{2029}])"
_POSIX: Final = {
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "alnum": "a-zA-Z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "punct": r"!-\/:-@\[-`{-~",
    "graph": "!-~",
    "print": " -~",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "xdigit": "0-9a-fA-F",
    "space": r"\t-\r ",
}
_JAVA_ONLY: Final = {"javalowercase": "Ll", "javauppercase": "Lu", "isalphabetic": "Alphabetic"}


def rewrite_for_stubs(pattern: str) -> str:
    """``pattern`` in the engine's words; ValueError if it is no regular expression."""
    return _StubRewriter(_unquoted(pattern)).run().text


def _unquoted(pattern: str) -> str:
    r"""``pattern`` with what stands between ``\Q`` and ``\E`` escaped."""
    if r"\Q" not in pattern:
        return pattern
    out: list[str] = []
    at = 0
    while at < len(pattern):
        if pattern.startswith(r"\Q", at):
            quoted, _, _ = pattern[at + 2 :].partition(r"\E")
            out.extend(char if char.isalnum() or char == "_" else "\\" + char for char in quoted)
            at += len(quoted) + 4
        elif pattern[at] == "\\":
            out.append(pattern[at : at + 2])
            at += 2
        else:
            out.append(pattern[at])
            at += 1
    return "".join(out)


class _StubRewriter(Rewriter):
    dot = r"[\s\S]"
    _nested = 0

    def _group(self) -> str:
        if not self.text.startswith("(?P=", self.at):
            return super()._group()
        name, closed, _ = self.text[self.at + 4 :].partition(")")
        if not closed or name not in self.names:
            raise ValueError(f"no group is named {name[:40]!r}")
        self.at += len(name) + 5
        return self._reference(self.names[name])

    def _escape(self) -> str:
        following = self.text[self.at + 1 : self.at + 2]
        if following == "h":
            self.at += 2
            return f"[{_HORIZONTAL}]"
        if following == "H":
            self.at += 2
            return f"[^{_HORIZONTAL}]"
        if following == "R":
            self.at += 2
            return _LINE_ENDS
        return super()._escape()

    def _property(self) -> str | None:
        body = super()._property()
        if body is None:
            return None
        name = body[3:-1].lower()
        negated = "^" if body[1] == "P" else ""
        if name in _POSIX:
            return f"[{negated}{_POSIX[name]}]"
        if name in _JAVA_ONLY:
            return f"{body[:3]}{_JAVA_ONLY[name]}}}"
        return body

    def _class(self) -> str:
        self._nested += 1
        if self._nested > 16:
            raise ValueError("character classes nest too deeply")
        text = self.text
        self.at += 1
        negated = text.startswith("^", self.at)
        self.at += negated
        groups: list[tuple[list[str], list[str]]] = [([], [])]
        while self.at < len(text) and text[self.at] != "]":
            plain, nested = groups[-1]
            if text.startswith("&&", self.at):
                self.at += 2
                groups.append(([], []))
            elif text.startswith("[:", self.at) and (name := self._posix_name()) is not None:
                plain.append(_POSIX[name])
            elif text[self.at] == "[":
                nested.append(self._class())
            else:
                plain.append(self._item())
        if self.at >= len(text):
            raise ValueError("a character class is not closed")
        self.at += 1
        self._nested -= 1
        if len(groups) == 1 and groups[0][0] and not groups[0][1]:
            return f"[{'^' if negated else ''}{''.join(groups[0][0])}]"
        return _joined(groups, negated=negated)

    def _posix_name(self) -> str | None:
        name, closed, _ = self.text[self.at + 2 : self.at + 12].partition(":]")
        if not closed or name not in _POSIX:
            return None
        self.at += len(name) + 4
        return name

    def _atom(self) -> int | str:
        if self.text.startswith(r"\h", self.at):
            self.at += 2
            return _HORIZONTAL
        return super()._atom()


def _joined(groups: list[tuple[list[str], list[str]]], *, negated: bool) -> str:
    """Classes in classes and intersections, which the engine's front takes for plain characters, as
    alternatives and look-ahead."""
    units = []
    for plain, nested in groups:
        choices = ([f"[{''.join(plain)}]"] if plain else []) + nested
        if choices:
            units.append(choices[0] if len(choices) == 1 else f"(?:{'|'.join(choices)})")
    if not units:
        return r"[\s\S]" if negated else r"[^\s\S]"
    both = "".join(f"(?={unit})" for unit in units[1:]) + units[0]
    return rf"(?:(?!{both})[\s\S])" if negated else f"(?:{both})"
