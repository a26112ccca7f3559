"""JSON (RFC 8259) for :mod:`mockforge.structured`: the standard library decodes, and the marks are
made by a scan of their own when the first one is asked for."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from mockforge.structured.marks import LateMarks, Lines, Mark, Part
from mockforge.structured.shape import check_shape

if TYPE_CHECKING:
    from mockforge.structured import Reading

_TOKEN: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_NOT_BLANK: Final = re.compile(r"[^\s,]")
_LONGEST_NUMBER: Final = 4300  # digits; the interpreter's own limit for decimal integers


def parse(text: str, reading: Reading) -> tuple[Any, Mark | LateMarks]:
    """The value of ``text``, and its marks or what makes them."""
    repeated = False

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeated
        made = dict(items)
        repeated = repeated or len(made) < len(items)
        return made

    if not text.strip(" \t\r\n"):
        return None, Mark(1, 1)
    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=_refuse)
    except json.JSONDecodeError as failure:
        message = failure.msg[:1].lower() + failure.msg[1:]
        raise reading.failure(
            f"not valid JSON: {message}", failure.lineno, failure.colno
        ) from failure
    except RecursionError:
        raise reading.too_deep() from None
    except ValueError as failure:
        line, column, token = _odd_number(text)
        raise reading.failure(
            f"not valid JSON: {token[:20]} is not a number JSON knows", line, column
        ) from failure
    check_shape(value, reading)
    if repeated:
        return value, _scan(text, reading)
    return value, LateMarks(lambda: _scan(text, None), lambda: _items(text))


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _odd_number(text: str) -> tuple[int, int, str]:
    lines = Lines(text)
    for token in _TOKEN.finditer(text):
        odd = token[0] in ("NaN", "Infinity", "-Infinity") or (
            len(token[0]) > _LONGEST_NUMBER and token[0][0] != '"'
        )
        if odd:
            return (*lines.at(token.start()), token[0])
    return 1, 1, "this"


def _items(text: str) -> list[tuple[int, int]]:
    """Where the items of valid JSON that is a list begin."""
    lines = Lines(text)
    decode = json.JSONDecoder().raw_decode
    found: list[tuple[int, int]] = []
    at = text.index("[") + 1
    while (start := _NOT_BLANK.search(text, at)) and start[0] != "]":
        found.append(lines.at(start.start()))
        at = decode(text, start.start())[1]
    return found


def _scan(text: str, reading: Reading | None) -> Mark:
    """The marks of valid JSON; keys given twice are reported to ``reading`` if there is one."""
    lines = Lines(text)
    root: Mark | None = None
    stack: list[Mark] = []
    path: list[Part] = []
    key: tuple[str, int, int] | None = None
    for token in _TOKEN.finditer(text):
        word = token[0]
        if word in "}]":
            stack.pop()
            if path:
                path.pop()
            continue
        if word in ",:":
            continue
        line, column = lines.at(token.start())
        above = stack[-1] if stack else None
        if above is not None and isinstance(above.children, dict) and key is None:
            key = (json.loads(word), line, column)
            continue
        mark = Mark(line, column)
        if above is None:
            root = mark
        elif isinstance(above.children, dict) and key is not None:
            name, mark.line, mark.column = key
            first = above.children.get(name)
            if first is not None and reading is not None:
                reading.duplicate((*path, name), mark.line, mark.column, first.line)
            above.children[name] = mark
        elif isinstance(above.children, list):
            above.children.append(mark)
        if word in "{[":
            if above is not None:
                path.append(key[0] if key is not None else len(above.children or ()) - 1)
            mark.children = {} if word == "{" else []
            stack.append(mark)
        key = None
    return root or Mark(1, 1)
