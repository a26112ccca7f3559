"""JSON Schemas of the types that have a JSON form of their own (https://protobuf.dev/programming-guides/json/)."""

from __future__ import annotations

from typing import Any, Final

_P: Final = "google.protobuf."
_INT64: Final = {"type": ["string", "null"], "format": "int64"}

WELL_KNOWN: Final[dict[str, dict[str, Any]]] = {
    _P + "Timestamp": {"type": "string", "format": "date-time"},
    _P + "Duration": {
        "type": "string",
        "pattern": r"^-?[0-9]+(\.[0-9]{1,9})?s$",
        "description": "Seconds with up to nine digits after the point, and `s`: `1.5s`.",
    },
    _P + "FieldMask": {"type": "string", "description": "Paths separated by commas."},
    _P + "Struct": {"type": "object", "additionalProperties": True},
    _P + "Value": {},
    _P + "ListValue": {"type": "array", "items": {}},
    _P + "Empty": {"type": "object"},
    _P + "Any": {
        "type": "object",
        "properties": {"@type": {"type": "string", "description": "The URL of the type."}},
        "additionalProperties": True,
    },
    _P + "DoubleValue": {"type": ["number", "null"], "format": "double"},
    _P + "FloatValue": {"type": ["number", "null"], "format": "float"},
    _P + "Int64Value": _INT64,
    _P + "UInt64Value": {**_INT64, "format": "uint64"},
    _P + "Int32Value": {"type": ["integer", "null"], "format": "int32"},
    _P + "UInt32Value": {"type": ["integer", "null"], "format": "uint32"},
    _P + "BoolValue": {"type": ["boolean", "null"]},
    _P + "StringValue": {"type": ["string", "null"]},
    _P + "BytesValue": {"type": ["string", "null"], "contentEncoding": "base64"},
}
IN_QUERY: Final = frozenset(
    WELL_KNOWN.keys() - {_P + name for name in ("Struct", "Value", "ListValue", "Empty", "Any")}
)
"""Those that one query parameter can say."""

STATUS: Final = "google.rpc.Status"
STATUS_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "description": "How a call failed.",
    "properties": {
        "code": {"type": "integer", "format": "int32", "description": "A `google.rpc.Code`."},
        "message": {"type": "string"},
        "details": {"type": "array", "items": WELL_KNOWN[_P + "Any"]},
    },
}
