"""What the fields of common messages (``google.type``, ``google.rpc``) may hold beyond their types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final


def _whole(low: int, high: int) -> dict[str, Any]:
    return {"minimum": low, "maximum": high}


_DATE: Final = {"year": _whole(2024, 2025), "month": _whole(1, 12), "day": _whole(1, 28)}
_TIME: Final = {
    "hours": _whole(0, 23),
    "minutes": _whole(0, 59),
    "seconds": _whole(0, 59),
    "nanos": {"const": 0},
}
_PART: Final = {"minimum": 0, "maximum": 1}

_TYPES: Final[dict[str, Mapping[str, Mapping[str, Any]]]] = {
    "google.type.Date": _DATE,
    "google.type.DateTime": _DATE | _TIME,
    "google.type.TimeOfDay": _TIME,
    "google.type.Money": {
        "units": _whole(1, 500),
        "nanos": {"enum": [0, 500_000_000, 990_000_000]},
    },
    "google.type.LatLng": {},
    "google.type.Color": {"red": _PART, "green": _PART, "blue": _PART, "alpha": _PART},
    "google.type.Decimal": {"value": {"pattern": r"^[1-9][0-9]{0,2}\.[0-9]{2}$"}},
    "google.type.Fraction": {"denominator": _whole(2, 10)},
    "google.type.Quaternion": {name: {"minimum": -1, "maximum": 1} for name in "xyzw"},
    "google.type.TimeZone": {"id": {"pattern": "^(Europe/Berlin|America/New_York|Asia/Tokyo)$"}},
    "google.type.PhoneNumber": {"e164_number": {"pattern": r"^\+1201555010[0-9]$"}},
    "google.rpc.Status": {"code": _whole(1, 16)},
}

USUAL: Final[dict[tuple[str, str], Mapping[str, Any]]] = {
    (message, field): schema
    for message, fields in _TYPES.items()
    for field, schema in fields.items()
}
"""By the message's full name and the field's name: a JSON Schema that narrows the usual one."""
