"""TOML 1.0 for :mod:`mockforge.structured`: the standard library decodes, and the marks are made by a
scan of their own (of text that is known to be valid) when the first one is asked for."""

from __future__ import annotations

import re
import tomllib
from datetime import date, time
from typing import TYPE_CHECKING, Any, Final

from mockforge.structured.marks import LateMarks, Lines, Mark
from mockforge.structured.shape import check_shape

if TYPE_CHECKING:
    from mockforge.structured import Reading

_AT: Final = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")
_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING: Final = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}(?!")'
    r"|'''.*?'{3,5}(?!')"
    r'|"(?:[^"\\]|\\.)*"'
    r"|'[^']*'",
    re.DOTALL,
)
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR: Final = re.compile(r"[^,\]}\n#]+")


def parse(text: str, reading: Reading) -> tuple[Any, Mark | LateMarks]:
    """The value of ``text`` (dates and times as ISO 8601 text) and a function that makes its marks."""
    text = text.replace("\r\n", "\n")
    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError as failure:
        message = str(failure)
        line: int | None = None
        column: int | None = None
        if at := _AT.search(message):
            message = message[: at.start()]
            line, column = Lines(text).at(len(text))
            if at[1]:
                line, column = int(at[1]), int(at[2])
        message = message[:1].lower() + message[1:]
        raise reading.failure(f"not valid TOML: {message}", line, column) from failure
    except RecursionError:
        raise reading.too_deep() from None
    except ValueError as failure:
        raise reading.failure(f"not valid TOML: {failure}") from failure
    check_shape(value, reading)
    return _plain(value), LateMarks(lambda: _Scan(text).document())


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date | time) else value


class _Scan:
    """Walks over valid TOML and notes where each key stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = Lines(text)
        self.at = 0

    def document(self) -> Mark:
        root = table = Mark(1, 1, {})
        while self.skip_blank():
            if self.text.startswith("[[", self.at):
                self.at += 2
                line, column = self.lines.at(self.at)
                table = self.append(self.down(root, self.keys()), Mark(line, column, {}))
                self.at += 2
            elif self.text[self.at] == "[":
                self.at += 1
                table = self.down(root, self.keys())
                self.at += 1
            else:
                self.pair(table)
        return root

    def skip_blank(self) -> bool:
        """Go to the next token; False at the end of the text."""
        match = _BLANK.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.at < len(self.text)

    def keys(self) -> list[tuple[str, int, int]]:
        """A dotted key, each part with its line and column; stands behind it afterwards."""
        parts = []
        while True:
            self.skip_blank()
            line, column = self.lines.at(self.at)
            if match := _BARE_KEY.match(self.text, self.at):
                name = match[0]
            else:
                match = _STRING.match(self.text, self.at)
                quoted = match[0] if match else ""
                name = quoted[1:-1] if quoted[:1] == "'" else tomllib.loads(f"k={quoted}")["k"]
            self.at = match.end() if match else self.at
            parts.append((name, line, column))
            self.skip_blank()
            if self.text[self.at] != ".":
                return parts
            self.at += 1

    def down(self, table: Mark, keys: list[tuple[str, int, int]]) -> Mark:
        """The mark at ``keys`` below ``table``, made where it is not there yet."""
        for name, line, column in keys:
            if isinstance(table.children, list):
                table = table.children[-1]
            if not isinstance(table.children, dict):
                table.children = {}
            table = table.children.setdefault(name, Mark(line, column))
        return table

    @staticmethod
    def append(array: Mark, item: Mark) -> Mark:
        if not isinstance(array.children, list):
            array.children = []
        array.children.append(item)
        return item

    def pair(self, table: Mark) -> None:
        mark = self.down(table, self.keys())
        self.at += 1  # the equals sign
        self.skip_blank()
        self.value(mark)

    def value(self, mark: Mark) -> None:
        opening = self.text[self.at]
        if opening not in "[{":
            match = _STRING.match(self.text, self.at) or _SCALAR.match(self.text, self.at)
            self.at = match.end() if match else len(self.text)
            return
        mark.children = [] if opening == "[" else {}
        self.at += 1
        while self.skip_blank() and self.text[self.at] not in "]}":
            if opening == "[":
                self.value(self.append(mark, Mark(*self.lines.at(self.at))))
            else:
                self.pair(mark)
            self.skip_blank()
            if self.text[self.at] == ",":
                self.at += 1
        self.at += 1
