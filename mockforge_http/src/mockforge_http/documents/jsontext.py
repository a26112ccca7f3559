"""JSON text: minified, checked against the bounds, and taken apart without being decoded whole."""

from __future__ import annotations

import json
import re
from itertools import accumulate
from typing import Any, Final

import msgspec
from msgspec import Raw

from mockforge.errors import DocumentError, Place

from .limits import Limits
from .pointer import Tokens, join
from .source import Source, position

_OFFSET: Final = re.compile(r"\(byte (\d+)\)")
_ESCAPED_SURROGATE: Final = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
_STRING: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"')
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"{}[]"))
_STEP: Final = {ord("{"): 1, ord("["): 1, ord("}"): -1, ord("]"): -1}
_UNFINISHED: Final = "Input data was truncated"


def minify(source: Source, limits: Limits) -> bytes:
    """The JSON text of ``source`` without white space; DocumentError with line and column if it is not
    JSON."""
    try:
        return msgspec.json.format(source.data, indent=-1)
    except RecursionError:
        raise too_deep(source.shown, limits) from None
    except msgspec.DecodeError as error:
        raise _syntax_error(error, source) from None


def _syntax_error(error: msgspec.DecodeError, source: Source) -> DocumentError:
    message = str(error)
    offset = _OFFSET.search(message)
    if offset is not None:
        line, column = position(source.data, int(offset[1]))
        reason = message.removeprefix("JSON is malformed: ").partition(" (byte")[0]
        return DocumentError(f"is not JSON: {reason}", place=Place(source.shown, line, column))
    if message == _UNFINISHED:
        half = _ESCAPED_SURROGATE.search(source.data)
        if half is not None:
            line, column = position(source.data, half.start())
            return DocumentError(
                f"is not JSON: {half[0].decode()} is half of a character",
                place=Place(source.shown, line, column),
            )
        line, column = position(source.data, len(source.data))
        return DocumentError(
            "is not JSON: it ends too early", place=Place(source.shown, line, column)
        )
    return DocumentError(f"is not JSON: {message}", place=Place(source.shown))


def too_deep(shown: str, limits: Limits, tokens: Tokens = ()) -> DocumentError:
    """The error for text that nests further than the limit."""
    return DocumentError(
        f"is nested more than {limits.depth} levels deep",
        place=Place(shown, path=join(tokens) or None),
    )


def members(text: Raw | bytes) -> tuple[dict[str, Raw], bool]:
    """The members of the object ``text`` (minified), undecoded, and whether a key may be there twice."""
    found = msgspec.json.decode(text, type=dict[str, Raw])
    size = 1 + len(found) if found else 2
    slashes = 0
    for key, value in found.items():
        size += len(msgspec.json.encode(key)) + 1 + memoryview(value).nbytes
        slashes += key.count("/")
    # Keys written with escapes make the sum differ; `\/` is the one escape that is common.
    return found, memoryview(text).nbytes - size not in (0, slashes)


def is_object(text: Raw | bytes) -> bool:
    """Whether the minified ``text`` is an object."""
    view = memoryview(text)
    return view.nbytes > 0 and view[0] == 0x7B


def decode_part(text: bytes, shown: str, tokens: Tokens, limits: Limits) -> tuple[Any, bool]:
    """The value of ``text`` (a part found at ``tokens``), and whether a key may be there twice.

    DocumentError: it nests too deeply, or holds a number that no float can hold.
    """
    try:
        value = msgspec.json.decode(text)
    except RecursionError:
        raise too_deep(shown, limits, tokens) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        reason = str(error).partition(" - at")[0]
        raise DocumentError(
            f"cannot be read as JSON: {reason[:1].lower()}{reason[1:]}",
            place=Place(shown, path=join(tokens) or None),
        ) from None
    allowed = limits.depth - len(tokens)
    if text.count(b"{") + text.count(b"[") > allowed and _deeper_than(text, allowed):
        raise too_deep(shown, limits, tokens)
    return value, text.count(b'":') != msgspec.json.encode(value).count(b'":')


def _deeper_than(text: bytes, levels: int) -> bool:
    brackets = _STRING.sub(b"", text).translate(None, _NOT_BRACKETS)
    return max(accumulate(map(_STEP.__getitem__, brackets))) > levels


class _Object(dict[str, Any]):
    """An object of which some keys were given twice."""

    twice: tuple[str, ...] = ()


def duplicate_keys(text: bytes, *, top_only: bool = False) -> list[Tokens]:
    """Where the JSON ``text`` gives a key twice: the tokens that lead to each such member."""

    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        built = _Object(pairs)
        if len(built) != len(pairs):
            seen: set[str] = set()
            built.twice = tuple(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        return built

    found: list[Tokens] = []
    waiting: list[tuple[Tokens, Any]] = [((), json.loads(text, object_pairs_hook=build))]
    while waiting:
        tokens, value = waiting.pop()
        if isinstance(value, _Object):
            found.extend((*tokens, key) for key in dict.fromkeys(value.twice))
            if not top_only:
                waiting.extend(((*tokens, key), member) for key, member in value.items())
        elif isinstance(value, list) and not top_only:
            waiting.extend(((*tokens, str(index)), item) for index, item in enumerate(value))
    return found
