"""Hypothesis strategies for messages of any type."""

from __future__ import annotations

from math import inf
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from hypothesis import strategies as st

from mockforge_grpc.schema import MessageType, Schema

_BITS = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


def messages(
    schema: Schema, message_type: MessageType, depth: int = 2
) -> st.SearchStrategy[Message]:
    """Messages of a type, nested at most ``depth`` deep."""
    return _forms(schema, message_type.descriptor, depth).map(
        lambda fields: _filled(schema, message_type, fields)
    )


def _forms(schema: Schema, descriptor: Descriptor, depth: int) -> st.SearchStrategy[dict[str, Any]]:
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for field in descriptor.fields:
        if field.message_type is not None and depth == 0:
            continue
        optional[field.name] = _of_field(schema, field, depth)
    return st.fixed_dictionaries({}, optional=optional)


def _of_field(schema: Schema, field: FieldDescriptor, depth: int) -> st.SearchStrategy[Any]:
    entry = field.message_type
    if entry is not None and entry.has_options and entry.GetOptions().map_entry:
        key, value = entry.fields_by_name["key"], entry.fields_by_name["value"]
        return st.dictionaries(_scalar(key), _single(schema, value, depth), max_size=3)
    if field.is_repeated:
        return st.lists(_single(schema, field, depth), max_size=3)
    return _single(schema, field, depth)


def _single(schema: Schema, field: FieldDescriptor, depth: int) -> st.SearchStrategy[Any]:
    if field.message_type is None:
        return _scalar(field)
    name = field.message_type.full_name
    if name in ("google.protobuf.Struct", "google.protobuf.Value", "google.protobuf.ListValue"):
        known = schema.message_type(name)
        assert known is not None
        forms = {
            "Struct": st.dictionaries(st.text(max_size=3), _JSON, max_size=3),
            "Value": _JSON,
            "ListValue": st.lists(_JSON, max_size=3),
        }
        return forms[name.rpartition(".")[2]].map(known.from_json)
    if name == "google.protobuf.Timestamp":
        return st.fixed_dictionaries(
            {
                "seconds": st.integers(-62135596800, 253402300799),
                "nanos": st.integers(0, 999_999_999),
            }
        )
    if name == "google.protobuf.Duration":
        return st.tuples(st.integers(0, 315576000000 - 1), st.integers(0, 999_999_999)).flatmap(
            lambda pair: st.sampled_from(
                [
                    {"seconds": pair[0], "nanos": pair[1]},
                    {"seconds": -pair[0], "nanos": -pair[1]},
                ]
            )
        )
    if name == "google.protobuf.FieldMask":
        path = st.from_regex(r"[a-z]{1,3}(_[a-z]{1,3}){0,2}(\.[a-z]{1,3})?", fullmatch=True)
        return st.fixed_dictionaries({"paths": st.lists(path, max_size=3)})
    if name == "google.protobuf.Any":
        held = schema.message_type("kinds.Scalars") or schema.message_type("google.rpc.ErrorInfo")
        stamp = schema.message_type("google.protobuf.Timestamp")
        assert held is not None
        assert stamp is not None
        packed = messages(schema, held, 0) | st.integers(0, 10**9).map(
            lambda seconds: _filled(schema, stamp, {"seconds": seconds})
        )
        return packed.map(
            lambda message: {
                "type_url": f"type.googleapis.com/{message.DESCRIPTOR.full_name}",
                "value": message.SerializeToString(),
            }
        )
    return _forms(schema, field.message_type, depth - 1)


def _scalar(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    kind = field.cpp_type
    if kind in _BITS:
        return st.integers(*_BITS[kind])
    if kind == FieldDescriptor.CPPTYPE_BOOL:
        return st.booleans()
    if kind == FieldDescriptor.CPPTYPE_FLOAT:
        # The oracle prints the largest float as something that it then finds too large.
        return st.floats(width=32).filter(lambda number: not 3.4028e38 < abs(number) < inf)
    if kind == FieldDescriptor.CPPTYPE_DOUBLE:
        return st.floats()
    if kind == FieldDescriptor.CPPTYPE_ENUM:
        enum = field.enum_type
        assert enum is not None
        known = st.sampled_from([value.number for value in enum.values])
        return known if enum.is_closed else known | st.integers(-(2**31), 2**31 - 1)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return st.binary(max_size=8)
    return st.text(max_size=8)


def _filled(schema: Schema, message_type: MessageType, fields: dict[str, Any]) -> Message:
    message = message_type.new()
    _fill(message, fields)
    return message


def _fill(message: Any, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        field = message.DESCRIPTOR.fields_by_name[name]
        inner = getattr(message, name)
        if isinstance(value, Message):
            inner.CopyFrom(value)
        elif isinstance(value, dict) and hasattr(inner, "items"):
            for key, item in value.items():
                _store(inner, key, item)
        elif isinstance(value, dict):
            inner.SetInParent()
            _fill(inner, value)
        elif isinstance(value, list) and field.message_type is not None:
            for item in value:
                _fill_or_copy(inner.add(), item)
        elif isinstance(value, list):
            inner.extend(value)
        else:
            setattr(message, name, value)


def _store(items: Any, key: Any, item: Any) -> None:
    if isinstance(item, (dict, Message)):
        _fill_or_copy(items[key], item)
    else:
        items[key] = item


def _fill_or_copy(message: Any, item: Any) -> None:
    if isinstance(item, Message):
        message.CopyFrom(item)
    else:
        _fill(message, item)
