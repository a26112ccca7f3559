"""Values as templates of WireMock print them: the way Java does, not as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

__all__ = ["HelperError", "Json", "Listed", "Mapped", "java", "plain", "pretty", "text"]

MOST_ITEMS: Final = 10_000
"""Most items of a list that a helper makes."""


class HelperError(Exception):
    """A helper was called in a way it does not allow: what is printed instead, as WireMock does."""


class Listed(list[Any]):
    """A list, printed ``[1, a]``."""

    __slots__ = ()

    def __str__(self) -> str:
        return f"[{', '.join(map(text, self))}]"

    def __getitem__(self, index: Any) -> Any:
        return java(list.__getitem__(self, index))

    def __iter__(self) -> Iterator[Any]:
        return map(java, list.__iter__(self))


class Mapped(dict[str, Any]):
    """A map, printed ``{a=1}``."""

    __slots__ = ()

    def __str__(self) -> str:
        pairs = (f"{key}={text(value)}" for key, value in self.items())
        return f"{{{', '.join(pairs)}}}"


class Json(Mapped):
    """What JSONPath found: an object, printed as indented JSON."""

    __slots__ = ()

    def __str__(self) -> str:
        return pretty(self)


class JsonList(Listed):
    """What JSONPath found: an array, printed as JSON without blanks."""

    __slots__ = ()

    def __str__(self) -> str:
        return compact(self)


def java(value: Any) -> Any:
    """``value`` so that it, and what is in it, prints as Java does."""
    if type(value) is dict:
        return Mapped(value)
    return Listed(value) if type(value) in (list, tuple) else value


def found(value: Any) -> Any:
    """``value`` as JSONPath hands it over."""
    if isinstance(value, Mapping):
        return Json(value)
    return JsonList(value) if isinstance(value, list | tuple) else value


def text(value: Any) -> str:
    """What is printed for ``value``."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Mapping | list | tuple):
        return str(java(value))
    return str(value)


def _number(value: float) -> str:
    """As ``Double.toString``."""
    if value != value or value in (float("inf"), float("-inf")):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return f"{value!r}"
    exponent = f"{value:e}".partition("e")[2]
    return f"{_mantissa(value)}E{int(exponent)}"


def _mantissa(value: float) -> str:
    shortest = repr(value)
    sign = "-" if shortest.startswith("-") else ""
    digits = shortest.lstrip("-").partition("e")[0].replace(".", "").strip("0") or "0"
    return f"{sign}{digits[0]}.{digits[1:] or '0'}"


def plain(value: Any) -> Any:
    """``value`` without the classes of this module, for serialising."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def compact(value: Any) -> str:
    """JSON without blanks."""
    return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))


def pretty(value: Any, depth: int = 0, *, nulls: bool = False) -> str:
    """Indented JSON as WireMock writes it: ``"a" : 1``, arrays on one line, members that are null only
    with ``nulls``."""
    if depth > 100:
        raise HelperError("a value is nested more than 100 deep")
    if isinstance(value, Mapping):
        if not value:
            return "{ }"
        inner = "  " * (depth + 1)
        pairs = (
            f"{inner}{json.dumps(str(key), ensure_ascii=False)} : {pretty(item, depth + 1, nulls=nulls)}"
            for key, item in value.items()
            if nulls or item is not None
        )
        return "{\n" + ",\n".join(pairs) + "\n" + "  " * depth + "}"
    if isinstance(value, list | tuple):
        if not value:
            return "[ ]"
        return f"[ {', '.join(pretty(item, depth, nulls=nulls) for item in value)} ]"
    return compact(value)
