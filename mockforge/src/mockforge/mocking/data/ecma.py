r"""ECMA-262 regular expressions, which JSON Schema is written in, as Python ones.

What differs and is translated: ``(?<name>``, ``\k<name>``, ``\p{..}``, ``\u{..}``, ``\uXXXX``,
``\cX``, ``\/`` and other identity escapes, ``[^]`` and ``[]``, ``$`` (Python's also matches before a
final newline), and characters in classes that Python reserves. ``\d`` and ``\w`` mean ASCII.
``\A``, ``\Z`` and ``(?i)`` are no ECMA, but many documents use them and they keep their meaning.
"""

from __future__ import annotations

from typing import Final

from mockforge.mocking.data import unicode_sets

_SPACES: Final = r"\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_SPECIAL: Final = frozenset(".^$*+?{}[]\\|()")
_SAME_ESCAPES: Final = frozenset("tnrfv")
_HEX: Final = frozenset("0123456789abcdefABCDEF")


def translate(pattern: str) -> str:
    """``pattern`` for Python's :mod:`re` (with ``re.ASCII``); ValueError if it makes no sense."""
    return _Translator(pattern).run()


class _Translator:
    def __init__(self, pattern: str) -> None:
        self.text = pattern
        self.at = 0
        self.out: list[str] = []

    def run(self) -> str:
        text = self.text
        while self.at < len(text):
            char = text[self.at]
            if char == "\\":
                self.out.append(self._escape())
            elif char == "[":
                self.out.append(self._class())
            elif char == "$":
                self.out.append(r"\Z")
                self.at += 1
            elif char == "(" and self._named_group():
                self.out.append("(?P<")
                self.at += 3
            elif char == "{" and not self._quantifier():
                self.out.append(r"\{")
                self.at += 1
            else:
                self.out.append(char)
                self.at += 1
        return "".join(self.out)

    def _named_group(self) -> bool:
        return self.text.startswith("(?<", self.at) and not self.text.startswith(
            ("(?<=", "(?<!"), self.at
        )

    def _quantifier(self) -> bool:
        """Whether the ``{`` here opens a quantifier; elsewhere ECMA (annex B) takes it as it is."""
        inside, closed, _ = self.text[self.at + 1 :].partition("}")
        low, comma, high = inside.partition(",")
        return bool(closed) and low.isdecimal() and (not comma or high == "" or high.isdecimal())

    def _escape(self) -> str:
        """An escape outside a class."""
        following = self.text[self.at + 1 : self.at + 2]
        if following == "s":
            self.at += 2
            return f"[{_SPACES}]"
        if following == "S":
            self.at += 2
            return f"[^{_SPACES}]"
        if following in ("d", "D", "w", "W", "b", "B", "A", "Z"):
            self.at += 2
            return f"\\{following}"
        if following == "z":
            self.at += 2
            return r"\Z"
        if following == "k" and self.text.startswith("<", self.at + 2):
            name, _, _ = self.text[self.at + 3 :].partition(">")
            self.at += len(name) + 4
            return f"(?P={name})"
        if following in ("p", "P") and (body := self._property()) is not None:
            return f"[{body}]"
        if following.isdecimal() and following != "0":
            digits = following
            while self.text[self.at + 1 + len(digits) : self.at + 2 + len(digits)].isdecimal():
                digits += self.text[self.at + 1 + len(digits)]
            self.at += 1 + len(digits)
            return f"(?:\\{digits})"
        return _literal(self._character())

    def _property(self) -> str | None:
        r"""The class body of a ``\p{..}`` here, or None if it is something else."""
        if self.text[self.at + 2 : self.at + 3] != "{":
            return None
        name, closed, _ = self.text[self.at + 3 :].partition("}")
        if not closed:
            return None
        negated = self.text[self.at + 1] == "P"
        self.at += len(name) + 4
        return unicode_sets.class_body(name, negated=negated)

    def _character(self) -> str:
        """The one character that the escape here stands for."""
        text, at = self.text, self.at
        char = text[at + 1 : at + 2]
        if not char:
            raise ValueError("the pattern ends with a backslash")
        self.at += 2
        if char in _SAME_ESCAPES:
            return {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}[char]
        if char == "0":
            return "\0"
        if char == "c" and (letter := text[at + 2 : at + 3]).isalpha() and letter.isascii():
            self.at += 1
            return chr(ord(letter) % 32)
        if char == "u" and text.startswith("{", at + 2):
            digits, closed, _ = text[at + 3 :].partition("}")
            if closed and digits and _HEX.issuperset(digits):
                self.at += len(digits) + 2
                return chr(int(digits, 16))
        length = {"x": 2, "u": 4}.get(char, 0)
        digits = text[at + 2 : at + 2 + length]
        if length and len(digits) == length and _HEX.issuperset(digits):
            self.at += length
            return chr(int(digits, 16))
        return char

    def _class(self) -> str:
        """A character class."""
        text = self.text
        self.at += 1
        negated = text.startswith("^", self.at)
        self.at += negated
        items: list[str] = []
        single = False  # whether the item before is one character, so that a range may start at it
        while self.at < len(text) and text[self.at] != "]":
            following = text[self.at + 1 : self.at + 2]
            if text[self.at] == "-" and single and following not in ("]", ""):
                self.at += 1
                item, single_end = self._class_item()
                items.append(f"-{item}" if single_end else rf"\-{item}")
                single = False
            else:
                item, single = self._class_item()
                items.append(item)
        if self.at >= len(text):
            raise ValueError("a character class is not closed")
        self.at += 1
        if not items:
            return r"[\s\S]" if negated else r"(?!)"
        return f"[{'^' if negated else ''}{''.join(items)}]"

    def _class_item(self) -> tuple[str, bool]:
        """The next item of a class for Python, and whether it is a single character."""
        text = self.text
        char = text[self.at]
        if char != "\\":
            self.at += 1
            return _literal(char), True
        following = text[self.at + 1 : self.at + 2]
        if following == "s":
            self.at += 2
            return _SPACES, False
        if following in ("d", "D", "w", "W", "S"):
            self.at += 2
            return f"\\{following}", False
        if following in ("p", "P") and (body := self._property()) is not None:
            return body, False
        if following == "b":
            self.at += 2
            return r"\x08", True
        return _literal(self._character()), True


def _literal(char: str) -> str:
    """``char``, safe inside and outside of a class."""
    if char.isalnum() or char in " _":
        return char
    if char.isascii():
        return f"\\x{ord(char):02x}"
    return f"\\U{ord(char):08x}"
