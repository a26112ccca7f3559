"""Types whose JSON form is not field by field: google.protobuf's Timestamp, Any, Struct, wrappers ..."""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Callable
from typing import Any, Final

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import DecodeError, Message

from mockforge.explanations import cut

from ..errors import MessageError
from .printing import Printer, plain_printer
from .reading import MAX_DEPTH, VALUE, Fill
from .registry import Types
from .scalars import kind_of, print_double, printing, read_text, reading, shown

_BUILT_IN: Final = "google.protobuf."
_ANY: Final = f"{_BUILT_IN}Any"
_PREFIX: Final = "type.googleapis.com/"
_TYPE: Final = "@type"
_SHOWN: Final = 200


# ---------------------------------------------------------------- times and masks


def _print_text(types: Types, descriptor: Descriptor, style: int) -> Printer:
    plain = plain_printer(types, descriptor, style)

    def convert(message: Any) -> Any:
        try:
            return message.ToJsonString()
        except ValueError:  # out of range
            return plain(message)

    return convert


def _read_text(types: Types, descriptor: Descriptor) -> Fill:
    name = descriptor.name.lower()

    def fill(message: Any, value: Any, depth: int) -> None:
        if not isinstance(value, str):
            raise MessageError(f"expected a {name} as text, got {kind_of(value)}")
        try:
            message.FromJsonString(value)
        except ValueError as error:
            raise MessageError(f"{shown(value)} is no {name}", hint=_EXAMPLES[name]) from error

    return fill


_EXAMPLES: Final = {
    "timestamp": "such as 2026-01-31T12:30:00Z",
    "duration": "such as 1.5s",
    "fieldmask": "such as name,address.street",
}

# ---------------------------------------------------------------- wrappers


def _print_wrapper(types: Types, descriptor: Descriptor, style: int) -> Printer:
    convert = printing(types, descriptor.fields_by_name["value"])
    if convert is None:
        return lambda message: message.value  # type: ignore[attr-defined]  # wrappers have it
    return lambda message: convert(message.value)  # type: ignore[attr-defined]  # as above


def _read_wrapper(types: Types, descriptor: Descriptor) -> Fill:
    convert = reading(types, descriptor.fields_by_name["value"])

    def fill(message: Any, value: Any, depth: int) -> None:
        message.value = convert(value)

    return fill


# ---------------------------------------------------------------- Struct, Value, ListValue


def _value_to_json(message: Any) -> Any:
    kind = message.WhichOneof("kind")
    if kind is None or kind == "null_value":
        return None
    if kind == "struct_value":
        return _struct_to_json(message.struct_value)
    if kind == "list_value":
        return _list_to_json(message.list_value)
    if kind == "number_value":
        return print_double(message.number_value)
    return getattr(message, kind)


def _struct_to_json(message: Any) -> dict[str, Any]:
    return {name: _value_to_json(value) for name, value in message.fields.items()}


def _list_to_json(message: Any) -> list[Any]:
    return [_value_to_json(value) for value in message.values]


def _fill_value(message: Any, value: Any, depth: int) -> None:
    if value is None:
        message.null_value = 0
    elif isinstance(value, str):
        message.string_value = read_text(value)
    elif isinstance(value, bool):
        message.bool_value = value
    elif isinstance(value, (int, float)):
        try:
            message.number_value = value
        except (OverflowError, ValueError):
            raise MessageError(f"{shown(value)} is out of the range of double") from None
    elif isinstance(value, dict):
        message.struct_value.SetInParent()
        _fill_struct(message.struct_value, value, depth + 1)
    elif isinstance(value, (list, tuple)):
        message.list_value.SetInParent()
        _fill_list(message.list_value, value, depth + 1)
    else:
        raise MessageError(f"expected a JSON value, got {kind_of(value)}")


def _fill_struct(message: Any, value: Any, depth: int) -> None:
    if not isinstance(value, dict):
        raise MessageError(f"expected an object, got {kind_of(value)}")
    _check_depth(depth)
    for name, item in value.items():
        try:
            _fill_value(message.fields[read_text(name)], item, depth + 1)
        except MessageError as error:
            error.parts = (str(name), *error.parts)
            raise


def _fill_list(message: Any, value: Any, depth: int) -> None:
    if not isinstance(value, (list, tuple)):
        raise MessageError(f"expected a list, got {kind_of(value)}")
    _check_depth(depth)
    for number, item in enumerate(value):
        try:
            _fill_value(message.values.add(), item, depth + 1)
        except MessageError as error:
            error.parts = (number, *error.parts)
            raise


def _check_depth(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise MessageError(f"messages are nested more than {MAX_DEPTH} deep")


# ---------------------------------------------------------------- Any


def _print_any(types: Types, descriptor: Descriptor, style: int) -> Printer:
    def convert(message: Any) -> dict[str, Any]:
        url: str = message.type_url
        data: bytes = message.value
        if not url and not data:
            return {}
        result: dict[str, Any] = {_TYPE: url}
        held = types.descriptor(url.rpartition("/")[2])
        if held is None or (inner := _decoded(types, held, data)) is None:
            result["value"] = b2a_base64(data, newline=False).decode()
            return result
        form = types.printer(held, style)(inner)
        if held.full_name in PRINTERS:
            result["value"] = form
        else:
            result.update(form)
        return result

    return convert


def _decoded(types: Types, descriptor: Descriptor, data: bytes) -> Message | None:
    message = types.new(descriptor)
    try:
        message.ParseFromString(data)
    except DecodeError:
        return None
    return message


def any_type(types: Types, value: Any) -> tuple[str, Descriptor | None]:
    """The type URL in the JSON form of an Any, and its type if that is known; MessageError."""
    if not isinstance(value, dict):
        raise MessageError(f"expected an object with {_TYPE}, got {kind_of(value)}")
    if _TYPE not in value:
        raise MessageError(f"{_TYPE} is missing", hint=f'such as "{_PREFIX}google.rpc.ErrorInfo"')
    try:
        url = read_text(value[_TYPE])
    except MessageError as error:
        error.parts = (_TYPE, *error.parts)
        raise
    if "/" not in url:
        url = _PREFIX + url
    return url, types.descriptor(url.rpartition("/")[2])


def any_content(value: dict[str, Any], held: Descriptor) -> Any:
    """The JSON form of what the JSON form of an Any holds; MessageError."""
    rest = {name: item for name, item in value.items() if name != _TYPE}
    if held.full_name not in READERS:
        return rest
    if rest.keys() != {"value"}:
        raise MessageError(f'{held.full_name} in an Any has its form under "value"')
    return rest["value"]


def _read_any(types: Types, descriptor: Descriptor) -> Fill:
    read_bytes = reading(types, descriptor.fields_by_name["value"])

    def fill(message: Any, value: Any, depth: int) -> None:
        if value == {}:
            return
        _check_depth(depth)
        url, held = any_type(types, value)
        if held is None:
            if value.keys() != {_TYPE, "value"} or not isinstance(value["value"], str):
                raise unknown_type(types, url)
            try:
                message.value = read_bytes(value["value"])
            except MessageError:
                raise unknown_type(types, url) from None
        else:
            inner = types.new(held)
            content = any_content(value, held)
            try:
                types.reader(held).fill(inner, content, depth + 1)
            except MessageError as error:
                if held.full_name in READERS:
                    error.parts = ("value", *error.parts)
                raise
            require_all(inner)
            message.value = inner.SerializeToString(deterministic=True)
        message.type_url = url

    return fill


def unknown_type(types: Types, url: str) -> MessageError:
    """The error about a type that nobody knows."""
    name = url.rpartition("/")[2]
    close = types.nearest_type(name)
    return MessageError(
        f"there is no message type {cut(name, _SHOWN)}",
        parts=(_TYPE,),
        hint=f"did you mean {close}?"
        if close
        else 'give its .proto, or its bytes as base64 under "value"',
    )


def require_all(message: Any) -> None:
    """MessageError if a required field is missing (proto2)."""
    if not message.IsInitialized():
        missing = ", ".join(message.FindInitializationErrors())
        raise MessageError(f"required fields are missing: {missing}")


_WRAPPERS: Final = (
    "Double",
    "Float",
    "Int64",
    "UInt64",
    "Int32",
    "UInt32",
    "Bool",
    "String",
    "Bytes",
)
_TEXTS: Final = ("Timestamp", "Duration", "FieldMask")

PRINTERS: Final[dict[str, Callable[[Types, Descriptor, int], Printer]]] = {
    **{f"{_BUILT_IN}{name}": _print_text for name in _TEXTS},
    **{f"{_BUILT_IN}{name}Value": _print_wrapper for name in _WRAPPERS},
    VALUE: lambda *_: _value_to_json,
    f"{_BUILT_IN}Struct": lambda *_: _struct_to_json,
    f"{_BUILT_IN}ListValue": lambda *_: _list_to_json,
    _ANY: _print_any,
}
READERS: Final[dict[str, Callable[[Types, Descriptor], Fill]]] = {
    **{f"{_BUILT_IN}{name}": _read_text for name in _TEXTS},
    **{f"{_BUILT_IN}{name}Value": _read_wrapper for name in _WRAPPERS},
    VALUE: lambda *_: _fill_value,
    f"{_BUILT_IN}Struct": lambda *_: _fill_struct,
    f"{_BUILT_IN}ListValue": lambda *_: _fill_list,
    _ANY: _read_any,
}
ANY: Final = _ANY
