"""From messages to their JSON form. This runs for every request that stubs look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from .registry import Types, message_of
from .scalars import Convert, printing

Printer = Callable[[Message], Any]

CAMEL: Final = 1
DEFAULTS: Final = 2
"""Bits of a style."""


class _Defaults(NamedTuple):
    scalars: dict[str, Any]
    lists: tuple[str, ...]
    maps: tuple[str, ...]


class _Fields(dict[FieldDescriptor, tuple[str, Convert | None]]):
    """By field its name in JSON and what converts it, made when a message first has the field."""

    def __init__(self, types: Types, style: int) -> None:
        super().__init__()
        self.types = types
        self.style = style

    def __missing__(self, field: FieldDescriptor) -> tuple[str, Convert | None]:
        made = self[field] = (json_name(field, self.style), self._converter(field))
        return made

    def _converter(self, field: FieldDescriptor) -> Convert | None:
        if is_map(field):
            return self._of_map(field)
        convert = self._of_value(field)
        if not field.is_repeated:
            return convert
        if convert is None:
            return list
        return lambda values: [convert(value) for value in values]

    def _of_value(self, field: FieldDescriptor) -> Convert | None:
        if field.message_type is not None:
            return self.types.printer(field.message_type, self.style)
        return printing(self.types, field)

    def _of_map(self, field: FieldDescriptor) -> Convert:
        entry = message_of(field)
        key_field = entry.fields_by_name["key"]
        convert = self._of_value(entry.fields_by_name["value"])
        key = str if key_field.type != FieldDescriptor.TYPE_BOOL else _bool_key
        if convert is None:
            if key_field.type == FieldDescriptor.TYPE_STRING:
                return dict
            return lambda values: {key(name): value for name, value in values.items()}
        return lambda values: {key(name): convert(value) for name, value in values.items()}


def make_printer(types: Types, descriptor: Descriptor, style: int) -> Printer:
    """The printer of a type."""
    from .wellknown import PRINTERS

    if (special := PRINTERS.get(descriptor.full_name)) is not None:
        return special(types, descriptor, style)
    return plain_printer(types, descriptor, style)


def plain_printer(types: Types, descriptor: Descriptor, style: int) -> Printer:
    """The printer of a type without a form of its own: field by field."""
    table = _Fields(types, style)

    def fields(message: Message) -> dict[str, Any]:
        result = {}
        for field, value in message.ListFields():
            name, convert = table[field]
            result[name] = value if convert is None else convert(value)
        return result

    if not style & DEFAULTS:
        return fields
    scalars, lists, maps = _defaults(types, descriptor, style)

    def all_fields(message: Message) -> dict[str, Any]:
        result = scalars.copy()
        for name in lists:
            result[name] = []
        for name in maps:
            result[name] = {}
        for field, value in message.ListFields():
            name, convert = table[field]
            result[name] = value if convert is None else convert(value)
        return result

    return all_fields


def _defaults(types: Types, descriptor: Descriptor, style: int) -> _Defaults:
    scalars: dict[str, Any] = {}
    lists: list[str] = []
    maps: list[str] = []
    for field in descriptor.fields:
        name = json_name(field, style)
        if is_map(field):
            maps.append(name)
        elif field.is_repeated:
            lists.append(name)
        elif not field.has_presence:
            convert = printing(types, field)
            value = field.default_value
            scalars[name] = value if convert is None else convert(value)
    return _Defaults(scalars, tuple(lists), tuple(maps))


def json_name(field: FieldDescriptor, style: int) -> str:
    """What ``field`` is called in JSON of a style."""
    if field.is_extension:
        return f"[{field.full_name}]"
    return field.json_name if style & CAMEL else field.name


def is_map(field: FieldDescriptor) -> bool:
    """Whether ``field`` is a map."""
    entry = field.message_type
    return bool(entry is not None and entry.has_options and entry.GetOptions().map_entry)


def _bool_key(key: bool) -> str:
    return "true" if key else "false"
