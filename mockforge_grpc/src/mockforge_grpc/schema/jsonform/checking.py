"""What is wrong with a JSON form in which templates will be filled in later: names above all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from ..errors import MessageError
from .printing import is_map
from .reading import MAX_DEPTH, takes_null
from .registry import Types, message_of
from .scalars import Convert, kind_of, reading, reading_key
from .wellknown import ANY, any_content, any_type, unknown_type


def is_template(value: Any) -> bool:
    """Whether ``value`` is a text that a template engine will change."""
    return isinstance(value, str) and ("{{" in value or "{%" in value)


def has_template(value: Any) -> bool:
    """Whether a template is anywhere in ``value``."""
    if isinstance(value, dict):
        return any(is_template(key) or has_template(item) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return any(map(has_template, value))
    return is_template(value)


def check(
    types: Types, descriptor: Descriptor, value: Any, parts: tuple[str | int, ...] = ()
) -> Iterator[MessageError]:
    """Everything that is wrong with ``value`` whatever its templates turn into."""
    if is_template(value):
        return
    reader = types.reader(descriptor)
    if len(parts) > 2 * MAX_DEPTH:
        yield MessageError(f"messages are nested more than {MAX_DEPTH} deep", parts=parts)
    elif descriptor.full_name == ANY and has_template(value):
        yield from _check_any(types, value, parts)
    elif reader.special:
        if not has_template(value):
            try:
                reader.fill(types.new(descriptor), value, 0)
            except MessageError as error:
                yield _under(parts, error)
    elif not isinstance(value, dict):
        yield MessageError(
            f"expected an object ({descriptor.full_name}), got {kind_of(value)}", parts=parts
        )
    else:
        yield from _check_fields(types, descriptor, value, parts)


def _check_fields(
    types: Types, descriptor: Descriptor, value: dict[str, Any], parts: tuple[str | int, ...]
) -> Iterator[MessageError]:
    reader = types.reader(descriptor)
    seen: dict[object, str] = {}
    for name, item in value.items():
        if is_template(name):
            continue
        try:
            entry = reader.table.get(name) or reader.unknown(name)
        except MessageError as error:
            yield _under(parts, error)
            continue
        if entry.field in seen:
            message = f"it is also given as {seen[entry.field]!r}"
            yield MessageError(message, parts=(*parts, name))
            continue
        seen[entry.field] = name
        if item is None and not entry.takes_null:
            continue
        if entry.oneof is not None and seen.setdefault(entry.oneof, name) != name:
            yield MessageError(
                f"only one field of the oneof {entry.oneof} can be set, and "
                f"{seen[entry.oneof]} is there, too",
                parts=(*parts, name),
            )
        yield from _check_field(types, entry.field, item, (*parts, name))


def _check_field(
    types: Types, field: FieldDescriptor, value: Any, parts: tuple[str | int, ...]
) -> Iterator[MessageError]:
    if is_template(value):
        return
    if is_map(field):
        yield from _check_map(types, field, value, parts)
    elif not field.is_repeated:
        yield from _check_value(types, field, value, parts)
    elif not isinstance(value, (list, tuple)):
        yield MessageError(f"expected a list, got {kind_of(value)}", parts=parts)
    else:
        for number, item in enumerate(value):
            if item is None and not takes_null(field):
                yield MessageError("null cannot stand in a list", parts=(*parts, number))
                continue
            yield from _check_value(types, field, item, (*parts, number))


def _check_map(
    types: Types, field: FieldDescriptor, value: Any, parts: tuple[str | int, ...]
) -> Iterator[MessageError]:
    if not isinstance(value, dict):
        yield MessageError(f"expected an object (a map), got {kind_of(value)}", parts=parts)
        return
    entry = message_of(field)
    read_key = reading_key(types, entry.fields_by_name["key"])
    value_field = entry.fields_by_name["value"]
    for name, item in value.items():
        if not is_template(name):
            yield from _tried(read_key, name, (*parts, str(name)))
        if item is None and not takes_null(value_field):
            yield MessageError("null cannot stand in a map", parts=(*parts, str(name)))
            continue
        yield from _check_value(types, value_field, item, (*parts, str(name)))


def _check_value(
    types: Types, field: FieldDescriptor, value: Any, parts: tuple[str | int, ...]
) -> Iterator[MessageError]:
    if field.message_type is not None:
        yield from check(types, field.message_type, value, parts)
    elif not is_template(value):
        yield from _tried(reading(types, field), value, parts)


def _check_any(types: Types, value: Any, parts: tuple[str | int, ...]) -> Iterator[MessageError]:
    try:
        url, held = any_type(types, value)
        if is_template(url):
            return
        if held is None:
            raise unknown_type(types, url)
        content = any_content(value, held)
    except MessageError as error:
        yield _under(parts, error)
        return
    below = (*parts, "value") if types.reader(held).special else parts
    yield from check(types, held, content, below)


def _tried(convert: Convert, value: Any, parts: tuple[str | int, ...]) -> Iterator[MessageError]:
    try:
        convert(value)
    except MessageError as error:
        yield _under(parts, error)


def _under(parts: tuple[str | int, ...], error: MessageError) -> MessageError:
    error.parts = (*parts, *error.parts)
    return error
