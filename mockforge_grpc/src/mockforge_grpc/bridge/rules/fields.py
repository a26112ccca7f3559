"""Texts of a path or a query as values for fields: what a parameter names, and how it is read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from mockforge.nearest import nearest
from mockforge_grpc.bridge.rules.errors import BindingError

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor

_INTEGER: Final = re.compile(r"-?[0-9]{1,20}")
_TRUTH: Final = {"true": True, "false": False, "1": True, "0": False}
_WRAPPERS: Final = frozenset(
    f"google.protobuf.{name}Value"
    for name in ("Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes")
)
_TEXTS: Final = frozenset(
    {"google.protobuf.Timestamp", "google.protobuf.Duration", "google.protobuf.FieldMask"}
)
_JSON: Final = frozenset(
    {"google.protobuf.Value", "google.protobuf.Struct", "google.protobuf.ListValue"}
)
MAX_DEPTH: Final = 32
"""Names that a parameter may string together."""


def is_map(field: FieldDescriptor) -> bool:
    """Whether ``field`` is a map."""
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def is_plain(message: Descriptor) -> bool:
    """Whether a message has no JSON form of its own, so that its fields can be named one by one."""
    name = message.full_name
    return name not in _WRAPPERS and name not in _TEXTS and name not in _JSON


def field_named(message: Descriptor, name: str) -> FieldDescriptor | None:
    """The field with this name, in the spelling of the ``.proto`` or of JSON."""
    field: FieldDescriptor | None = message.fields_by_name.get(name)
    if field is None:
        # What may be asked for by strangers is looked up in no cache of theirs to fill.
        field = next((each for each in message.fields if each.json_name == name), None)
    return field


def resolve(message: Descriptor, names: Sequence[str], written: str) -> list[FieldDescriptor]:
    """The fields on the way that ``names`` go from ``message``.

    BindingError: there is no such field, or the way leads through a repeated one or a scalar.
    """
    if len(names) > MAX_DEPTH:
        raise BindingError(f"{written[:60]}: more than {MAX_DEPTH} names")
    fields: list[FieldDescriptor] = []
    for position, name in enumerate(names):
        field = field_named(message, name)
        if field is None:
            close = nearest(name, [each.name for each in message.fields])
            raise BindingError(
                f"{written}: {message.full_name} has no field {name}",
                hint=f"did you mean {close}?" if close else None,
            )
        fields.append(field)
        if position + 1 == len(names):
            return fields
        below = field.message_type
        if below is None or field.is_repeated or not is_plain(below):
            raise BindingError(f"{written}: {field.full_name} has no fields to name")
        message = below
    raise BindingError(f"{written or 'a parameter'}: no field is named")


def read_value(field: FieldDescriptor, text: str, written: str) -> Any:
    """``text`` as the JSON value of (one element of) ``field``. BindingError if it is none."""
    if field.message_type is not None:
        return _read_message(field.message_type, text, written)
    kind = field.cpp_type
    if kind == field.CPPTYPE_BOOL:
        truth = _TRUTH.get(text.lower())
        if truth is None:
            raise BindingError(f"{written}: expected true or false, got {text[:60]!r}")
        return truth
    if kind == field.CPPTYPE_ENUM:
        return int(text) if _INTEGER.fullmatch(text) else text
    if kind in (field.CPPTYPE_DOUBLE, field.CPPTYPE_FLOAT):
        if text in ("NaN", "Infinity", "-Infinity"):
            return text
        try:
            return float(text)
        except ValueError:
            raise BindingError(f"{written}: expected a number, got {text[:60]!r}") from None
    if kind == field.CPPTYPE_STRING:
        return text
    if not _INTEGER.fullmatch(text):
        raise BindingError(f"{written}: expected an integer, got {text[:60]!r}")
    return int(text)


def _read_message(message: Descriptor, text: str, written: str) -> Any:
    name = message.full_name
    if name in _TEXTS:
        return text
    if name in _WRAPPERS:
        return read_value(message.fields_by_name["value"], text, written)
    if name in _JSON:
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError as error:
            if name == "google.protobuf.Value":
                return text
            raise BindingError(f"{written}: expected JSON: {error}") from error
    raise BindingError(f"{written}: is a message; name its fields, like `{written}.name=...`")


def put(tree: dict[str, Any], fields: Sequence[FieldDescriptor], value: Any) -> None:
    """Set ``value`` at the way of ``fields`` in the JSON form ``tree``, whatever stood there, in either
    spelling. BindingError if the way is barred by something else."""
    for field in fields[:-1]:
        key = field.json_name if field.json_name in tree else field.name
        below = tree.setdefault(key, {})
        if not isinstance(below, dict):
            raise BindingError(f"{field.full_name} is given as no object")
        tree = below
    last = fields[-1]
    tree.pop(last.json_name, None)
    tree[last.name] = value
