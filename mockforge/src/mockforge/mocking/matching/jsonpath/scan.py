"""The characters of a path: a cursor with the small tokens that every part of the grammar reads."""

from __future__ import annotations

import re
from typing import Any, Final

_BLANK: Final = re.compile(r"[ \t\n\r]*")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
_INTEGER: Final = re.compile(r"-?[0-9]+")
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HEX: Final = re.compile(r"[0-9A-Fa-f]{4}")
_ESCAPES: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "/": "/", "\\": "\\"}
_LARGEST: Final = 2**53 - 1


class JsonPathError(ValueError):
    """A path is written wrongly. ``offset`` is where, in characters from its start."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(f"{message} (at character {offset + 1})")
        self.offset = offset


class Scanner:
    """A position in ``text``."""

    __slots__ = ("at", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def error(self, message: str, at: int | None = None) -> JsonPathError:
        """An error here, or ``at`` an offset."""
        return JsonPathError(message, self.at if at is None else at)

    @property
    def ended(self) -> bool:
        """Whether nothing is left."""
        return self.at >= len(self.text)

    def blank(self) -> None:
        """Skip white space."""
        found = _BLANK.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def sees(self, token: str) -> bool:
        """Whether ``token`` stands here."""
        return self.text.startswith(token, self.at)

    def take(self, token: str) -> bool:
        """Skip ``token`` if it stands here."""
        if self.sees(token):
            self.at += len(token)
            return True
        return False

    def want(self, token: str) -> None:
        """Skip ``token``, or white space and ``token``; an error if something else stands here."""
        self.blank()
        if not self.take(token):
            found = f"`{self.text[self.at]}`" if not self.ended else "the end"
            raise self.error(f"expected `{token}`, found {found}")

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Skip what ``pattern`` matches here."""
        found = pattern.match(self.text, self.at)
        if found is not None:
            self.at = found.end()
        return found

    def word(self) -> str | None:
        """A word of letters, digits and underscores that stands here; it is not skipped."""
        found = _WORD.match(self.text, self.at)
        return found[0] if found else None

    def integer(self) -> int | None:
        """An integer (of an index or a slice)."""
        start = self.at
        found = self.match(_INTEGER)
        if found is None:
            return None
        digits = found[0].lstrip("-")
        if (len(digits) > 1 and digits[0] == "0") or found[0] == "-0":
            raise self.error(f"`{found[0][:20]}` is no integer of JSON", start)
        if len(digits) > 16 or int(digits) > _LARGEST:
            raise self.error("an integer is out of range", start)
        return int(found[0])

    def number(self) -> int | float | None:
        """A number of JSON."""
        found = self.match(_NUMBER)
        if found is None:
            return None
        if found[1] is None and found[2] is None and len(found[0]) <= 300:
            return int(found[0])
        return float(found[0])

    def quoted(self) -> str | None:
        """A text in single or double quotes."""
        quote = self.text[self.at : self.at + 1]
        if quote not in ("'", '"') or not quote:
            return None
        start = self.at
        self.at += 1
        out: list[str] = []
        while not self.ended:
            char = self.text[self.at]
            self.at += 1
            if char == quote:
                return "".join(out)
            if char < " ":
                raise self.error("a control character in a text must be escaped", self.at - 1)
            out.append(self._escape(quote) if char == "\\" else char)
        raise self.error("a text is not closed", start)

    def _escape(self, quote: str) -> str:
        char = self.text[self.at : self.at + 1]
        self.at += 1
        if char == quote:
            return quote
        if char in _ESCAPES:
            return _ESCAPES[char]
        if char != "u":
            raise self.error(f"`\\{char}` is no escape", self.at - 2)
        code = self._unit()
        if 0xD800 <= code < 0xDC00 and self.take("\\u"):
            low = self._unit()
            if 0xDC00 <= low < 0xE000:
                return chr(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00))
        if 0xD800 <= code < 0xE000:
            raise self.error("half of a surrogate pair stands alone", self.at - 6)
        return chr(code)

    def _unit(self) -> int:
        found = self.match(_HEX)
        if found is None:
            raise self.error("expected four hexadecimal digits")
        return int(found[0], 16)

    def literal(self) -> tuple[bool, Any]:
        """Whether a literal (text, number, true, false, null) stands here, and its value."""
        text = self.quoted()
        if text is not None:
            return True, text
        word = self.word()
        if word in ("true", "false", "null"):
            self.at += len(word)
            return True, {"true": True, "false": False, "null": None}[word]
        number = self.number()
        return number is not None, number
