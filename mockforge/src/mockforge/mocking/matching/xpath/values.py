"""The four types of values and how they turn into each other (XPath 1.0 sections 3.4, 4)."""

from __future__ import annotations

import math
import re
from typing import Final

from mockforge.mocking.matching.xpath.nodes import Node

Value = list[Node] | str | float | bool

_NUMBER: Final = re.compile(r"[ \t\r\n]*(-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))[ \t\r\n]*")
_LONGEST: Final = 400


def to_text(value: Value) -> str:
    """``string()``"""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return min(value, key=lambda node: node.order).value() if value else ""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return str(int(value)) if value.is_integer() else f"{value:.15f}".rstrip("0").rstrip(".")


def to_number(value: Value) -> float:
    """``number()``"""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, float):
        return value
    text = to_text(value)
    found = _NUMBER.fullmatch(text) if len(text) <= _LONGEST else None
    return float(found[1]) if found else math.nan


def to_bool(value: Value) -> bool:
    """``boolean()``"""
    if isinstance(value, float):
        return not (value == 0 or math.isnan(value))
    return bool(value)
