r"""ECMA-262 regular expressions, rewritten so that the validator's engine reads them as ECMA-262 does.

The engine (Rust's ``regex`` and ``fancy-regex`` behind jsonschema-rs) takes most of the syntax as it is. What
it refuses or reads differently is written in other words with the same meaning: ``[\w-\.]``, ``[^]``,
``(?<n>..)\k<n>``, ``\0``, surrogate pairs, braces that are no quantifier, ``.`` (which in ECMA-262 leaves out
four line ends, not one), back-references to what comes later. ``\A`` and ``\Z`` are no ECMA-262, but
documents use them and mean the ends of the text. The reading is that of the ``u`` flag (JSON Schema 2020-12
core, section 6.4) as far as the pattern makes sense with it, else that of annex B.
"""

from __future__ import annotations

from typing import ClassVar, Final, NamedTuple

_META: Final = frozenset("\\^$.|?*+()[]{}")
_CONTROLS: Final = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13}
_SETS: Final = frozenset("dDwWsS")
_HEX: Final = frozenset("0123456789abcdefABCDEF")
_OCTAL: Final = frozenset("01234567")
_NEVER: Final = r"[^\s\S]"
_ALWAYS: Final = r"[\s\S]"
_ENDS: Final = {"A": "^", "Z": "$", "z": "$"}


class Rewritten(NamedTuple):
    """``text`` for the engine. ``run`` is set where the whole pattern is one repeated character class
    between both ends, ``^[a-z]{1,9000}$``: the class, the least and the most repetitions (``None``: any
    number). Then lengths can be checked apart, which costs the engine nothing."""

    text: str
    run: tuple[str, int, int | None] | None = None


def rewrite(pattern: str) -> Rewritten:
    """``pattern`` in the engine's words; ValueError if it is no regular expression at all."""
    return Rewriter(pattern).run()


class Rewriter:
    """Goes through a pattern once. ``dot`` is what the dot stands for."""

    dot: ClassVar[str] = r"[^\n\r\u2028\u2029]"

    def __init__(self, pattern: str) -> None:
        self.text = pattern
        self.at = 0
        self.out: list[str] = []
        self.names, self.groups = _groups(pattern)
        self.opened = 0
        self.open: list[int] = []
        self.closed: set[int] = set()

    def run(self) -> Rewritten:
        """The whole pattern; ValueError if it makes no sense."""
        while self.at < len(self.text):
            self.out.append(self._next())
        if self.open:
            raise ValueError("a group is not closed")
        return Rewritten("".join(self.out), self._run())

    def _next(self) -> str:
        char = self.text[self.at]
        if char == "\\":
            return self._escape()
        if char == "[":
            return self._class()
        if char == "(":
            return self._group()
        if char == "{":
            return self._brace()
        self.at += 1
        if char == ")":
            if not self.open:
                raise ValueError("a group is closed that was not opened")
            self.closed.add(self.open.pop())
        elif char == ".":
            return self.dot
        elif char in "]}":
            return "\\" + char
        return char

    # ------------------------------------------------------------------ groups and quantifiers

    def _group(self) -> str:
        text, at = self.text, self.at
        opening = "("
        number = 0
        if text.startswith("(?", at):
            name = _group_name(text, at)
            if name is not None:
                number = self._count()
                self.at = text.index(">", at) + 1
            else:
                opening = next(
                    (
                        word
                        for word in ("(?<=", "(?<!", "(?=", "(?!", "(?:")
                        if text.startswith(word, at)
                    ),
                    "(?",
                )
                self.at += len(opening)
                if opening == "(?":
                    return self._flags()
        else:
            number = self._count()
            self.at += 1
        self.open.append(number)
        return opening

    def _flags(self) -> str:
        """``(?i)`` and ``(?i:``, which are younger than the patterns of most documents, or of other
        languages. The engine knows them."""
        start = self.at
        while self.text[self.at : self.at + 1].isalpha() or self.text[self.at : self.at + 1] == "-":
            self.at += 1
        flags = self.text[start : self.at]
        closing = self.text[self.at : self.at + 1]
        if closing not in (")", ":") or not flags:
            raise ValueError("a group of an unknown kind")
        self.at += 1
        if closing == ":":
            self.open.append(0)
        return f"(?{flags}{closing}"

    def _count(self) -> int:
        self.opened += 1
        return self.opened

    def _brace(self) -> str:
        """A quantifier, or (annex B) a brace."""
        quantifier = _quantifier(self.text, self.at)
        if quantifier is None or not self.out:
            self.at += 1
            return r"\{"
        self.at += len(quantifier)
        return quantifier

    # ------------------------------------------------------------------ escapes

    def _escape(self) -> str:
        following = self.text[self.at + 1 : self.at + 2]
        if following in _SETS or following in ("b", "B"):
            self.at += 2
            return f"\\{following}"
        if following in _ENDS:
            self.at += 2
            return _ENDS[following]
        if following == "k" and self.names and self.text.startswith("<", self.at + 2):
            name, _, _ = self.text[self.at + 3 :].partition(">")
            self.at += len(name) + 4
            if name not in self.names:
                raise ValueError(f"no group is named {name!r}")
            return self._reference(self.names[name])
        if following in ("p", "P") and (body := self._property()) is not None:
            return body
        if following in "123456789" and following:
            digits = self._digits()
            if int(digits) <= self.groups:
                self.at += 1 + len(digits)
                return self._reference(int(digits))
        return _written(self._character())

    def _digits(self) -> str:
        end = self.at + 1
        while self.text[end : end + 1].isdecimal() and self.text[end].isascii():
            end += 1
        return self.text[self.at + 1 : end]

    def _reference(self, number: int) -> str:
        """A group that has not matched yet is an empty text to ECMA-262 (section 22.2.2.7.2)."""
        return f"(?:\\{number})" if number in self.closed else "(?:)"

    def _property(self) -> str | None:
        if self.text[self.at + 2 : self.at + 3] != "{":
            return None
        name, closed, _ = self.text[self.at + 3 :].partition("}")
        if not closed:
            return None
        body = self.text[self.at : self.at + len(name) + 4]
        self.at += len(body)
        return body

    def _character(self) -> int:
        """The one code point that the escape here stands for; two that are the halves of one are one."""
        code = self._code()
        if 0xD800 <= code < 0xDC00 and self.text.startswith("\\u", self.at):
            before = self.at
            low = self._code()
            if 0xDC00 <= low <= 0xDFFF:
                return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
            self.at = before
        return code

    def _code(self) -> int:
        text, at = self.text, self.at
        char = text[at + 1 : at + 2]
        if not char:
            raise ValueError("the pattern ends with a backslash")
        self.at += 2
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char in _OCTAL:
            return self._octal(at)
        if char == "c":
            letter = text[at + 2 : at + 3]
            if letter.isalpha() and letter.isascii():
                self.at += 1
                return ord(letter) % 32
            self.at -= 1  # annex B: the backslash is one
            return ord("\\")
        if char == "u" and text.startswith("{", at + 2):
            digits, closed, _ = text[at + 3 :].partition("}")
            if closed and digits and _HEX.issuperset(digits) and int(digits, 16) <= 0x10FFFF:
                self.at += len(digits) + 2
                return int(digits, 16)
        length = {"x": 2, "u": 4}.get(char, 0)
        digits = text[at + 2 : at + 2 + length]
        if length and len(digits) == length and _HEX.issuperset(digits):
            self.at += length
            return int(digits, 16)
        return ord(char)

    def _octal(self, at: int) -> int:
        """Annex B: up to three octal digits, up to 255."""
        digits = ""
        while len(digits) < 3 and self.text[at + 1 + len(digits) : at + 2 + len(digits)] in _OCTAL:
            if (
                not self.text[at + 1 + len(digits) :]
                or int(digits + self.text[at + 1 + len(digits)], 8) > 255
            ):
                break
            digits += self.text[at + 1 + len(digits)]
        self.at = at + 1 + len(digits)
        return int(digits, 8)

    # ------------------------------------------------------------------ classes

    def _class(self) -> str:
        text = self.text
        self.at += 1
        negated = text.startswith("^", self.at)
        self.at += negated
        items: list[str] = []
        while self.at < len(text) and text[self.at] != "]":
            items.append(self._item())
        if self.at >= len(text):
            raise ValueError("a character class is not closed")
        self.at += 1
        body = "".join(items)
        if not body:
            return _ALWAYS if negated else _NEVER
        return f"[{'^' if negated else ''}{body}]"

    def _item(self) -> str:
        """A character, a range or a set; annex B lets a set stand where a range would end or start: then
        the hyphen is a hyphen."""
        first = self._atom()
        following = self.text[self.at + 1 : self.at + 2]
        if not self.text.startswith("-", self.at) or following in ("]", ""):
            return _in_class(first)
        self.at += 1
        last = self._atom()
        if isinstance(first, int) and isinstance(last, int):
            return _range(first, last)
        return f"{_in_class(first)}\\-{_in_class(last)}"

    def _atom(self) -> int | str:
        """The next code point of a class, or a set as it is written."""
        char = self.text[self.at]
        if char != "\\":
            self.at += 1
            return ord(char)
        following = self.text[self.at + 1 : self.at + 2]
        if following and following in _SETS:
            self.at += 2
            return f"\\{following}"
        if following in ("p", "P") and (body := self._property()) is not None:
            return body
        if following == "b":
            self.at += 2
            return 8
        return self._character()

    # ------------------------------------------------------------------ runs

    def _run(self) -> tuple[str, int, int | None] | None:
        if len(self.out) < 4 or self.out[0] != "^" or self.out[-1] != "$" or len(self.out) > 5:
            return None
        unit, bounds = self.out[1], self.out[2]
        if len(self.out) == 5 and self.out[3] != "?":
            return None
        if not (unit[0] == "[" or (unit[0] == "\\" and unit[1] in "dDwWsSpP")):
            return None
        if bounds in ("*", "+"):
            return unit, int(bounds == "+"), None
        if bounds[0] != "{":
            return None
        low, comma, high = bounds[1:-1].partition(",")
        return unit, int(low), int(high) if high else None if comma else int(low)


def _groups(pattern: str) -> tuple[dict[str, int], int]:
    """The numbers of named groups, and how many groups there are."""
    names: dict[str, int] = {}
    count = 0
    at = 0
    inside = False
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            at += 1
        elif inside:
            inside = char != "]"
        elif char == "[":
            inside = True
            at += pattern.startswith("^", at + 1)
        elif char == "(":
            name = _group_name(pattern, at)
            if name is not None or not pattern.startswith("(?", at):
                count += 1
                if name is not None:
                    names.setdefault(name, count)
        at += 1
    return names, count


def _group_name(pattern: str, at: int) -> str | None:
    """The name of the group that opens here, also as Python writes it."""
    for word in ("(?<", "(?P<"):
        if pattern.startswith(word, at):
            name, closed, _ = pattern[at + len(word) :].partition(">")
            if closed and name and name[0] not in "=!":
                return name
    return None


def _quantifier(pattern: str, at: int) -> str | None:
    inside, closed, _ = pattern[at + 1 :].partition("}")
    low, comma, high = inside.partition(",")
    numbers = low.isdecimal() and (high == "" or high.isdecimal()) and inside.isascii()
    return f"{{{low}{comma}{high}}}" if closed and numbers else None


def _is_half(code: int) -> bool:
    """Whether ``code`` is half of a surrogate pair, which no text holds."""
    return 0xD800 <= code <= 0xDFFF


def _written(code: int) -> str:
    """A code point outside of a class."""
    if _is_half(code):
        return _NEVER
    char = chr(code)
    if char in _META:
        return "\\" + char
    return char if code >= 32 else f"\\x{code:02x}"


def _in_class(item: int | str) -> str:
    """A code point, or a set as it is, inside of a class. What might mean something there to one engine or
    the other is written by number."""
    if isinstance(item, str):
        return item
    if _is_half(item):
        return ""
    char = chr(item)
    if char.isalnum() or char in " _" or item > 127:
        return char
    return f"\\x{item:02x}"


def _range(first: int, last: int) -> str:
    if first > last:
        raise ValueError("a range of characters is out of order")
    if _is_half(first):
        first = 0xE000
    if _is_half(last):
        last = 0xD7FF
    return f"{_in_class(first)}-{_in_class(last)}" if first <= last else ""
