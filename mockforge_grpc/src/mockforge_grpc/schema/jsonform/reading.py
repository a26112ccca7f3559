"""From JSON forms to messages, with errors that say where in the form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from mockforge.nearest import nearest

from ..errors import MessageError
from .printing import is_map
from .registry import Types, message_of
from .scalars import NULL_VALUE, Convert, kind_of, reading, reading_key, shown

Fill = Callable[[Message, Any, int], None]
"""Fills a message from a value at a depth; MessageError whose parts begin below the value."""

MAX_DEPTH: Final = 100
"""Of messages in messages: what receivers accept, too."""
VALUE: Final = "google.protobuf.Value"


class FieldReader(NamedTuple):
    """How one field is read."""

    field: FieldDescriptor
    oneof: str | None
    put: Fill
    takes_null: bool
    """null is a value of its type, not the absence of one."""


class Reader:
    """How a type is read. ``fill`` does it; ``special`` says that it is not read field by field."""

    __slots__ = ("_types", "descriptor", "fill", "special", "table")

    def __init__(self, types: Types, descriptor: Descriptor) -> None:
        from .wellknown import READERS

        self._types = types
        self.descriptor = descriptor
        make = READERS.get(descriptor.full_name)
        self.special = make is not None
        self.fill: Fill = self.fill_fields if make is None else make(types, descriptor)
        self.table: dict[str, FieldReader] = {}
        for field in descriptor.fields:
            reader = _field_reader(types, field)
            self.table[field.name] = reader
        for field in descriptor.fields:
            self.table[field.json_name] = self.table[field.name]

    def fill_fields(self, message: Message, value: Any, depth: int) -> None:
        """Fill ``message`` from an object with its fields."""
        if not isinstance(value, dict):
            raise MessageError(
                f"expected an object ({self.descriptor.full_name}), got {kind_of(value)}"
            )
        if depth > MAX_DEPTH:
            raise MessageError(f"messages are nested more than {MAX_DEPTH} deep")
        table = self.table
        seen: dict[object, str] = {}
        for name, item in value.items():
            entry = table.get(name)
            if entry is None:
                entry = self.unknown(name)
            field, oneof, put, takes_null = entry
            if field in seen:
                raise MessageError(f"it is also given as {seen[field]!r}", parts=(name,))
            seen[field] = name
            if item is None and not takes_null:
                continue
            if oneof is not None:
                if oneof in seen:
                    raise MessageError(
                        f"only one field of the oneof {oneof} can be set, and "
                        f"{seen[oneof]} is there, too",
                        parts=(name,),
                    )
                seen[oneof] = name
            try:
                put(message, item, depth)
            except MessageError as error:
                error.parts = (name, *error.parts)
                raise

    def unknown(self, name: Any) -> FieldReader:
        """The reader of the extension that ``name`` stands for; MessageError if it stands for nothing."""
        if isinstance(name, str) and name.startswith("[") and name.endswith("]"):
            extension = self._types.extension(name[1:-1])
            if extension is None:
                raise MessageError(f"there is no extension {shown(name[1:-1])}", parts=(name,))
            extended = extension.containing_type.full_name if extension.containing_type else ""
            if extended != self.descriptor.full_name:
                raise MessageError(
                    f"{extension.full_name} extends {extended}, not {self.descriptor.full_name}",
                    parts=(name,),
                )
            return self.table.setdefault(name, _field_reader(self._types, extension))
        names = [field.name for field in self.descriptor.fields]
        close = nearest(str(name), names)
        if close:
            hint = f"did you mean {close}?"
        elif names:
            hint = f"its fields are {', '.join(names[:12])}{', ...' if len(names) > 12 else ''}"
        else:
            hint = "it has no fields"
        raise MessageError(
            f"{self.descriptor.full_name} has no field {shown(name)}", parts=(str(name),), hint=hint
        )


def make_reader(types: Types, descriptor: Descriptor) -> Reader:
    """The reader of a type."""
    return Reader(types, descriptor)


def _field_reader(types: Types, field: FieldDescriptor) -> FieldReader:
    if is_map(field):
        put = _map(types, field)
    elif field.is_repeated:
        put = _repeated(types, field)
    elif field.message_type is not None:
        put = _single_message(types, field)
    else:
        put = _single_scalar(types, field)
    oneof = field.containing_oneof
    return FieldReader(
        field, oneof.name if oneof else None, put, takes_null(field) and not field.is_repeated
    )


def takes_null(field: FieldDescriptor) -> bool:
    """Whether null is a value of this field, or of its elements."""
    if field.message_type is not None:
        return bool(field.message_type.full_name == VALUE)
    return field.enum_type is not None and field.enum_type.full_name == NULL_VALUE


def _getter(field: FieldDescriptor) -> Callable[[Message], Any]:
    if field.is_extension:
        key: Any = field
        return lambda message: message.Extensions[key]
    name = field.name
    return lambda message: getattr(message, name)


def _single_scalar(types: Types, field: FieldDescriptor) -> Fill:
    convert = reading(types, field)
    name = field.name
    key: Any = field

    def put(message: Message, value: Any, depth: int) -> None:
        setattr(message, name, convert(value))

    def put_extension(message: Message, value: Any, depth: int) -> None:
        message.Extensions[key] = convert(value)

    return put_extension if field.is_extension else put


def _filler(types: Types, descriptor: Descriptor) -> Fill:
    """The filler of another type, made when it is first needed: types may contain themselves."""
    fill: Fill | None = None

    def later(message: Message, value: Any, depth: int) -> None:
        nonlocal fill
        if fill is None:
            fill = types.reader(descriptor).fill
        fill(message, value, depth)

    return later


def _single_message(types: Types, field: FieldDescriptor) -> Fill:
    fill = _filler(types, message_of(field))
    get = _getter(field)

    def put(message: Message, value: Any, depth: int) -> None:
        inner = get(message)
        inner.SetInParent()
        fill(inner, value, depth + 1)

    return put


def _repeated(types: Types, field: FieldDescriptor) -> Fill:
    get = _getter(field)
    element = (
        _message_element(types, field.message_type)
        if field.message_type is not None
        else _scalar_element(reading(types, field))
    )
    nullable = takes_null(field)

    def put(message: Message, value: Any, depth: int) -> None:
        if not isinstance(value, (list, tuple)):
            raise MessageError(f"expected a list, got {kind_of(value)}")
        items = get(message)
        for number, item in enumerate(value):
            try:
                if item is None and not nullable:
                    raise MessageError("null cannot stand in a list")  # noqa: TRY301 - gets its place
                element(items, item, depth + 1)
            except MessageError as error:
                error.parts = (number, *error.parts)
                raise

    return put


def _message_element(types: Types, descriptor: Descriptor) -> Callable[[Any, Any, int], None]:
    fill = _filler(types, descriptor)
    return lambda items, item, depth: fill(items.add(), item, depth)


def _scalar_element(convert: Convert) -> Callable[[Any, Any, int], None]:
    return lambda items, item, depth: items.append(convert(item))


def _map(types: Types, field: FieldDescriptor) -> Fill:
    get = _getter(field)
    entry = message_of(field)
    key_field = entry.fields_by_name["key"]
    value_field = entry.fields_by_name["value"]
    read_key = reading_key(types, key_field)
    nullable = takes_null(value_field)
    if value_field.message_type is not None:
        fill = _filler(types, value_field.message_type)

        def store(items: Any, key: Any, item: Any, depth: int) -> None:
            fill(items[key], item, depth)
    else:
        convert = reading(types, value_field)

        def store(items: Any, key: Any, item: Any, depth: int) -> None:
            items[key] = convert(item)

    def put(message: Message, value: Any, depth: int) -> None:
        if not isinstance(value, dict):
            raise MessageError(f"expected an object (a map), got {kind_of(value)}")
        items = get(message)
        for name, item in value.items():
            try:
                if item is None and not nullable:
                    raise MessageError("null cannot stand in a map")  # noqa: TRY301 - gets its place
                store(items, read_key(name), item, depth + 1)
            except MessageError as error:
                error.parts = (str(name), *error.parts)
                raise

    return put
