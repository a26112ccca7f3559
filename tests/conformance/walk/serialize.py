"""Parameter values as they are written in a target, a header or a form (Parameter Object, ``style``).

Names and values are percent-encoded before the delimiters of a style are put between them, so that
a delimiter inside a value cannot be taken for one of the style.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

_RESERVED = ":/?#[]@!$&'()*+,;="
_DELIMITERS = {"spaceDelimited": "%20", "pipeDelimited": "%7C", "tabDelimited": "%09"}


def text(value: Any) -> str:
    """A primitive as text: booleans and null in JSON's words, whole numbers without a point."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value, separators=(",", ":"))


def encoded(value: Any, *, reserved: bool = False) -> str:
    """A primitive, percent-encoded; ``reserved`` characters stay where they are allowed."""
    safe = _RESERVED.translate({ord(c): None for c in "#&+="}) if reserved else ""
    return quote(text(value), safe=safe)


def path_value(name: str, value: Any, style: str, *, explode: bool) -> str:
    """What replaces ``{name}`` in a path template."""
    if style == "label":
        return _labelled(value, explode=explode)
    if style == "matrix":
        return _matrix(name, value, explode=explode)
    return _simple(value, explode=explode)


def header_value(value: Any, *, explode: bool) -> str:
    """The ``simple`` style without percent-encoding, as header fields have it."""
    if isinstance(value, list):
        return ",".join(map(text, value))
    if isinstance(value, dict):
        return ",".join(_pairs(value, "=" if explode else ",", text))
    return text(value)


def query_pairs(
    name: str, value: Any, style: str, *, explode: bool, reserved: bool = False
) -> list[str]:
    """``name=value`` pieces of a query string or form body."""
    key = quote(name, safe="")

    def write(part: Any) -> str:
        return encoded(part, reserved=reserved)

    if isinstance(value, dict):
        if style == "deepObject":
            return list(_deep(key, value, write))
        if explode:
            return [f"{quote(member, safe='')}={write(part)}" for member, part in value.items()]
        between = _DELIMITERS.get(style, ",")
        return [f"{key}={between.join(_pairs(value, between, write))}"]
    if isinstance(value, list):
        if style == "deepObject":
            return list(_deep(key, value, write))
        if explode:
            return [f"{key}={write(part)}" for part in value]
        return [f"{key}={_DELIMITERS.get(style, ',').join(map(write, value))}"]
    return [f"{key}={write(value)}"]


def _pairs(value: dict[str, Any], between: str, write: Any) -> list[str]:
    return [f"{write(member)}{between}{write(part)}" for member, part in value.items()]


def _deep(key: str, value: Any, write: Any) -> Any:
    """``a[b]=1``; nesting, which the specification leaves open, as ``a[b][c]=1`` and ``a[0]=1``."""
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for member, part in members:
        inner = f"{key}%5B{quote(str(member), safe='')}%5D"
        if isinstance(part, dict | list):
            yield from _deep(inner, part, write)
        else:
            yield f"{inner}={write(part)}"


def _simple(value: Any, *, explode: bool) -> str:
    if isinstance(value, list):
        return ",".join(map(encoded, value))
    if isinstance(value, dict):
        return ",".join(_pairs(value, "=" if explode else ",", encoded))
    return encoded(value)


def _labelled(value: Any, *, explode: bool) -> str:
    if isinstance(value, list):
        return "." + ("." if explode else ",").join(map(encoded, value))
    if isinstance(value, dict):
        if explode:
            return "." + ".".join(_pairs(value, "=", encoded))
        return "." + ",".join(_pairs(value, ",", encoded))
    return "." + encoded(value)


def _matrix(name: str, value: Any, *, explode: bool) -> str:
    key = encoded(name)
    if isinstance(value, list):
        if explode:
            return "".join(f";{key}={encoded(part)}" for part in value)
        return f";{key}=" + ",".join(map(encoded, value))
    if isinstance(value, dict):
        if explode:
            return "".join(f";{pair}" for pair in _pairs(value, "=", encoded))
        return f";{key}=" + ",".join(_pairs(value, ",", encoded))
    return f";{key}={encoded(value)}"
