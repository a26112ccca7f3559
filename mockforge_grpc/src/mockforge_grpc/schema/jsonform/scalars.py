"""Single values: numbers, texts, bytes, enums."""

from __future__ import annotations

import math
import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable
from decimal import Decimal
from struct import Struct
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor as F

from mockforge.explanations import cut
from mockforge.nearest import nearest

from ..errors import MessageError
from .registry import Types, enum_of, json_enum_names

Convert = Callable[[Any], Any]

INT32: Final = (-(2**31), 2**31 - 1)
_RANGES: Final = {
    "int32": INT32,
    "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
}
_INTEGERS: Final = {
    F.TYPE_INT32: "int32",
    F.TYPE_SINT32: "int32",
    F.TYPE_SFIXED32: "int32",
    F.TYPE_UINT32: "uint32",
    F.TYPE_FIXED32: "uint32",
    F.TYPE_INT64: "int64",
    F.TYPE_SINT64: "int64",
    F.TYPE_SFIXED64: "int64",
    F.TYPE_UINT64: "uint64",
    F.TYPE_FIXED64: "uint64",
}
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d{1,9})?", re.ASCII)
_DIGITS: Final = re.compile(r"-?\d{1,20}", re.ASCII)
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]*", re.ASCII)
_SPECIAL: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_FLOAT: Final = Struct("<f")
_MOST_FLOAT: Final = 3.4028235677973366e38
"""From here on, what is rounded to a float is infinite."""
_SHOWN: Final = 80
_LONG: Final = 256
NULL_VALUE: Final = "google.protobuf.NullValue"


def kind_of(value: Any) -> str:
    """What kind of JSON value it is, for messages."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    kinds = {str: "a text", int: "a number", float: "a number", dict: "an object", list: "a list"}
    return kinds.get(type(value), f"a {type(value).__name__}")


def shown(value: Any) -> str:
    """A value in a message, which is not to grow with it."""
    if isinstance(value, int) and value.bit_length() > _LONG:
        return "a number of many digits"
    return repr(cut(value, _SHOWN)) if isinstance(value, str) else cut(str(value), _SHOWN)


# ---------------------------------------------------------------- to JSON


def printing(types: Types, field: F) -> Convert | None:
    """What turns a value of ``field`` into JSON; None if it is its own JSON form."""
    if field.type == F.TYPE_STRING:
        declared: Any = field  # the annotations of the library know no `file`
        return None if types.has_texts_only(declared.file) else _text
    if field.type == F.TYPE_BOOL:
        return None
    if field.type == F.TYPE_BYTES:
        return _base64
    if field.type == F.TYPE_DOUBLE:
        return print_double
    if field.type == F.TYPE_FLOAT:
        return _shortest
    if field.type == F.TYPE_ENUM:
        enum = enum_of(field)
        if enum.full_name == NULL_VALUE:
            return _null
        names = json_enum_names(types, enum)
        return lambda number: names.get(number, number)
    return str if _INTEGERS[field.type].endswith("64") else None


def _base64(value: bytes) -> str:
    return b2a_base64(value, newline=False).decode()


def print_double(value: float) -> float | str:
    """The number, or the name of one that JSON cannot write."""
    if value - value == 0:
        return value
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"


def _shortest(value: float) -> float | str:
    """The number with the fewest digits that is the same float."""
    if value - value != 0:
        return print_double(value)
    for digits in (6, 7, 8):
        short = float(f"{value:.{digits}g}")
        # The largest floats, shortened, are too large for the format.
        if -_MOST_FLOAT < short < _MOST_FLOAT and _FLOAT.unpack(_FLOAT.pack(short))[0] == value:
            return short
    return float(f"{value:.9g}")


def _text(value: str | bytes) -> str:
    # What is not UTF-8 comes as bytes: UnicodeDecodeError.
    return value if isinstance(value, str) else value.decode()


def _null(_: int) -> None:
    return None


# ---------------------------------------------------------------- from JSON


def reading(types: Types, field: F) -> Convert:
    """What turns JSON into a value of ``field``; MessageError."""
    if field.type == F.TYPE_STRING:
        return read_text
    if field.type == F.TYPE_BOOL:
        return read_bool
    if field.type == F.TYPE_BYTES:
        return _read_bytes
    if field.type == F.TYPE_DOUBLE:
        return _read_double
    if field.type == F.TYPE_FLOAT:
        return _read_float
    if field.type == F.TYPE_ENUM:
        return _enum(types, field)
    return _integer(_INTEGERS[field.type])


def reading_key(types: Types, field: F) -> Convert:
    """The same for the keys of a map, which are texts in JSON."""
    if field.type == F.TYPE_BOOL:
        return _read_bool_key
    return reading(types, field)


def read_text(value: Any) -> str:
    """A text that can be encoded."""
    if not isinstance(value, str):
        raise MessageError(f"expected a text, got {kind_of(value)}")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise MessageError("the text has half of a surrogate pair") from None
    return value


def read_bool(value: Any) -> bool:
    """True or false."""
    if value is True or value is False:
        return value
    raise MessageError(f"expected true or false, got {kind_of(value)}")


def _read_bool_key(value: Any) -> bool:
    if value in ("true", "false"):
        return bool(value == "true")
    raise MessageError(f'expected the key "true" or "false", got {shown(value)}')


def _read_bytes(value: Any) -> bytes:
    if not isinstance(value, str):
        raise MessageError(f"expected bytes as base64 text, got {kind_of(value)}")
    plain = value.rstrip("=").replace("-", "+").replace("_", "/")
    if len(plain) % 4 == 1 or not _BASE64.fullmatch(plain):
        raise MessageError("this text is no base64")
    return a2b_base64(plain + "=" * (-len(plain) % 4))


def _integer(name: str) -> Convert:
    low, high = _RANGES[name]

    def read(value: Any) -> int:
        number = value if type(value) is int else _whole(value, name)
        if low <= number <= high:
            return number
        raise MessageError(f"{shown(value)} is out of the range of {name}")

    return read


def _whole(value: Any, name: str) -> int:
    if isinstance(value, str):
        if _DIGITS.fullmatch(value):
            return int(value)
        if not _NUMBER.fullmatch(value):
            raise MessageError(f"expected a number ({name}), got the text {shown(value)}")
        exact = Decimal(value)
        # Large powers of ten are refused before anyone writes them out.
        if exact.adjusted() > 20:
            raise MessageError(f"{shown(value)} is out of the range of {name}")
        if exact != exact.to_integral_value():
            raise MessageError(f"expected a whole number ({name}), got {shown(value)}")
        return int(exact)
    if isinstance(value, float):
        if not value.is_integer():
            raise MessageError(f"expected a whole number ({name}), got {shown(value)}")
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    raise MessageError(f"expected a number ({name}), got {kind_of(value)}")


def _read_double(value: Any) -> float:
    if type(value) is float:
        return value
    if isinstance(value, str):
        if (special := _SPECIAL.get(value)) is not None:
            return special
        if not _NUMBER.fullmatch(value):
            raise MessageError(f"expected a number, got the text {shown(value)}")
        number = float(value)
        if math.isinf(number):
            raise MessageError(f"{shown(value)} is out of the range of double")
        return number
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            raise MessageError(f"{shown(value)} is out of the range of double") from None
    raise MessageError(f"expected a number, got {kind_of(value)}")


def _read_float(value: Any) -> float:
    number = _read_double(value)
    if abs(number) >= _MOST_FLOAT and not math.isinf(number):
        raise MessageError(f"{shown(value)} is out of the range of float")
    return number


def _enum(types: Types, field: F) -> Convert:
    enum = enum_of(field)
    numbers = {value.name: value.number for value in enum.values}
    for number, name in json_enum_names(types, enum).items():
        numbers.setdefault(name, number)
    known = frozenset(numbers.values())
    nullable = enum.full_name == NULL_VALUE
    closed = enum.is_closed

    def read(value: Any) -> int:
        if isinstance(value, str):
            if (number := numbers.get(value)) is not None:
                return number
            if not _DIGITS.fullmatch(value):
                close = nearest(value, numbers)
                raise MessageError(
                    f"{enum.full_name} has no value {shown(value)}",
                    hint=f"did you mean {close}?" if close else f"it has {_some(numbers)}",
                )
            number = int(value)
        elif value is None and nullable:
            return 0
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            number = _whole(value, "enum")
        else:
            raise MessageError(
                f"expected the name of a value of {enum.full_name}, got {kind_of(value)}"
            )
        if not INT32[0] <= number <= INT32[1] or (closed and number not in known):
            raise MessageError(
                f"{enum.full_name} has no value {shown(number)}", hint=f"it has {_some(numbers)}"
            )
        return number

    return read


def _some(names: dict[str, int], most: int = 8) -> str:
    listed = list(names)
    return ", ".join(listed[:most]) + (", ..." if len(listed) > most else "")
