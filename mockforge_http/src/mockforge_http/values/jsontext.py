"""JSON from a client (RFC 8259): exact, bounded, and with a message that says where it breaks.

Stricter than the RFC has to be where it leaves the outcome open: a number that no float can hold and half of
a surrogate pair are errors, and so are duplicate names if asked. Softer in one point: a byte order mark is
skipped (section 8.1 allows that).
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, Final

import msgspec

from mockforge.mocking.malformed import MalformedError
from mockforge_http.findings import pointer_to, shortened
from mockforge_http.values.scalars import SURE_DIGITS, exact_number

MAX_DEPTH: Final = 200
"""Deepest nesting of arrays and objects; the check against schemas gives up at 255."""
MAX_BRACKETS: Final = 200_000
"""Most arrays and objects of one text. An empty one takes 3 bytes of JSON and 70 of memory, so the size of
the text alone would be no bound."""

_BOM: Final = b"\xef\xbb\xbf"
_CONTAINERS: Final = (dict, list)
_OFFSET: Final = re.compile(r" \(byte (\d+)\)$")
_WRAPPED: Final = re.compile(r" - at `\$.*$", re.DOTALL)
_HALF_PAIR: Final = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)

_LOOKED_AT: Final = 64 * 1024
_DIGITS: Final = bytes(0x30 if chr(code) in "0123456789+-.eE" else 0x20 for code in range(256))
_LONG_NUMBER: Final = b"0" * (SURE_DIGITS + 1)

_decode_plain: Final = msgspec.json.Decoder().decode
_decode: Final = msgspec.json.Decoder(float_hook=exact_number).decode
_encode: Final = msgspec.json.Encoder(decimal_format="number").encode


def decode_json(
    raw: bytes | str,
    *,
    max_depth: int = MAX_DEPTH,
    max_brackets: int = MAX_BRACKETS,
    unique_names: bool = False,
) -> Any:
    """The value of ``raw``; MalformedError (``malformed``, ``too-deep``, ``too-many-brackets`` or
    ``duplicate-key``) if there is none. ``unique_names`` refuses objects that give a name twice; else
    the last one counts."""
    brackets = _brackets(raw)
    if brackets > max_brackets:
        raise MalformedError(
            f"has more than {max_brackets} opening brackets",
            code="too-many-brackets",
            expected=f"up to {max_brackets} arrays and objects",
        )
    try:
        value = _decode_plain(raw) if _has_short_numbers(raw) else _decode(raw)
    except RecursionError:
        raise _too_deep(max_depth) from None
    except (msgspec.DecodeError, UnicodeError) as error:
        data = raw.encode("utf-8", "replace") if isinstance(raw, str) else raw
        if data.startswith(_BOM):
            return decode_json(
                data[3:],
                max_depth=max_depth,
                max_brackets=max_brackets,
                unique_names=unique_names,
            )
        raise _malformed(error, data) from None
    if type(value) in _CONTAINERS:
        if brackets > max_depth and _is_deeper(value, max_depth):
            raise _too_deep(max_depth)
        if unique_names:
            _check_names(raw, value)
    return value


def _has_short_numbers(raw: bytes | str) -> bool:
    """Whether a float is sure to say what each number says, as a rule: no run of digits is that long.
    Looking costs a tenth of asking :func:`exact_number` for every number."""
    if isinstance(raw, str) or len(raw) > _LOOKED_AT:
        return False
    return _LONG_NUMBER not in raw.translate(_DIGITS)


def _brackets(raw: bytes | str) -> int:
    if isinstance(raw, str):
        return raw.count("{") + raw.count("[")
    return raw.count(b"{") + raw.count(b"[")


def _is_deeper(value: Any, levels: int) -> bool:
    """Level by level, so that neither depth nor width needs more than references to what is there."""
    level = [value]
    for _ in range(levels):
        level = [
            child
            for parent in level
            for child in (parent.values() if type(parent) is dict else parent)
            if type(child) in _CONTAINERS
        ]
        if not level:
            return False
    return True


def _too_deep(levels: int) -> MalformedError:
    return MalformedError(
        f"nests more than {levels} levels deep",
        code="too-deep",
        expected=f"up to {levels} levels of arrays and objects",
    )


# ---------------------------------------------------------------------- what is wrong


def _malformed(error: Exception, data: bytes) -> MalformedError:
    if isinstance(error, UnicodeError):
        # msgspec counts from the start of the string that holds the octet, so look again.
        try:
            data.decode()
        except UnicodeDecodeError as found:
            return _at(found.start, "an octet that is not UTF-8", data)
        return MalformedError("is not well-formed JSON: it is not UTF-8", expected="UTF-8")
    message = _WRAPPED.sub("", str(error))
    offset = _OFFSET.search(message)
    if offset is not None:
        reason = message.removeprefix("JSON is malformed: ")[: -len(offset[0])]
        return _at(int(offset[1]), reason, data)
    half = _HALF_PAIR.search(data)
    if half is not None:
        return _at(half.start(), f"{half[0].decode('ascii')} is half of a character", data)
    if not data.strip():
        return MalformedError("is empty, but JSON is expected", expected="a JSON text", actual=data)
    if message == "Number out of range":
        message = "the number is out of range"
    if message == "Input data was truncated":
        return _at(len(data), "it ends too early", data)
    return MalformedError(
        f"is not usable JSON: {message[:1].lower()}{message[1:]}", expected="a JSON text"
    )


def _at(offset: int, reason: str, data: bytes) -> MalformedError:
    before = data[:offset]
    line = before.count(b"\n") + 1
    column = offset - (before.rfind(b"\n") + 1) + 1
    return MalformedError(
        f"is not well-formed JSON: {reason} (line {line}, column {column})",
        expected="a JSON text (RFC 8259)",
        actual=data[max(0, offset - 20) : offset + 20],
    )


# ---------------------------------------------------------------------- names given twice


def _check_names(raw: bytes | str, value: Any) -> None:
    """Written again, the value has a ``":`` less for each name that was lost. Escapes can make the two
    counts differ for other reasons; then it is looked at exactly."""
    if msgspec.json.format(raw, indent=-1).count(_member(raw)) == _written(value).count(b'":'):
        return
    path = _duplicate(raw)
    if path is not None:
        raise MalformedError(
            f"gives `{shortened(str(path[-1]))}` more than once in one object",
            code="duplicate-key",
            pointer=pointer_to(*path),
            expected="each name once",
        )


def _member(raw: bytes | str) -> Any:
    return '":' if isinstance(raw, str) else b'":'


def _written(value: Any) -> bytes:
    try:
        return _encode(value)
    except OverflowError:
        return json.dumps(value, separators=(",", ":"), default=_plain).encode()


def _plain(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value).__name__)


class _Object(dict[str, Any]):
    twice: str | None = None


def _first_repeated(pairs: list[tuple[str, Any]]) -> str | None:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            return name
        seen.add(name)
    return None


def _duplicate(raw: bytes | str) -> tuple[str | int, ...] | None:
    """Where a name is given twice: the tokens that lead to it."""

    def build(pairs: list[tuple[str, Any]]) -> _Object:
        built = _Object(pairs)
        if len(built) != len(pairs):
            built.twice = _first_repeated(pairs)
        return built

    waiting: list[tuple[tuple[str | int, ...], Any]] = [
        ((), json.loads(raw, object_pairs_hook=build))
    ]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, _Object):
            if value.twice is not None:
                return (*path, value.twice)
            waiting += [((*path, name), member) for name, member in value.items()]
        elif isinstance(value, list):
            waiting += [((*path, position), item) for position, item in enumerate(value)]
    return None
