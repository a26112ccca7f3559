"""JSON bodies."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import msgspec

_encode = msgspec.json.Encoder(decimal_format="number").encode


def render_json(value: Any) -> bytes:
    """Compact JSON. Integers beyond 64 bits, which msgspec refuses, take the slower way."""
    try:
        return _encode(value)
    except (OverflowError, UnicodeEncodeError):
        return json.dumps(value, separators=(",", ":"), default=_number).encode()


def _number(value: object) -> float | int:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
