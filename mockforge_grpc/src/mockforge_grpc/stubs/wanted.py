"""What a stub expects of a message, held against its type: names that it does not have are mistakes, and
values are brought to the form in which messages are compared.

Messages are compared as proto3 JSON: with the names of the ``.proto`` file, 64-bit numbers as texts, enums by
name, and fields without presence written out. So ``{pageSize: 5}`` finds what is ``{"page_size": "5"}``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from mockforge.mocking.matching.jsonvalue import is_placeholder
from mockforge.nearest import nearest
from mockforge_grpc.schema import MessageError

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor

    from mockforge.mocking.stubs import StubSource
    from mockforge.structured import Part
    from mockforge_grpc.schema import MessageType

_ANYTHING: Final = "{{ anything }}"
"""A text that the check of messages takes as right: it is made later."""
_PATH: Final = re.compile(r"\$(?:\.[A-Za-z_]\w*|\[\d+\]|\[\*\])+")
_STEP: Final = re.compile(r"\.([A-Za-z_]\w*)|\[")
_WELL_KNOWN: Final = "google.protobuf."


def expected(spec: Any, kind: MessageType, source: StubSource, at: tuple[Part, ...]) -> Any:
    """The predicate ``spec`` on messages of ``kind``, its values as they will be compared. Problems go to
    ``source``."""
    if not isinstance(spec, Mapping):
        return spec
    made: dict[str, Any] = {}
    for name, value in spec.items():
        here = (*at, name)
        if name in ("json", "jsonExact") and isinstance(value, Mapping):
            made[name] = _value(value, kind, source, here, exact=name == "jsonExact")
        elif (
            name in ("anyOf", "allOf")
            and isinstance(value, Sequence)
            and not isinstance(value, str)
        ):
            made[name] = [
                expected(each, kind, source, (*here, number)) for number, each in enumerate(value)
            ]
        elif name == "not":
            made[name] = expected(value, kind, source, here)
        else:
            if name == "jsonPath" and isinstance(value, Mapping):
                for path in value:
                    _check_path(path, kind.descriptor, source, (*here, path))
            made[name] = value
    return made


def _value(
    value: Mapping[str, Any],
    kind: MessageType,
    source: StubSource,
    at: tuple[Part, ...],
    *,
    exact: bool,
) -> Any:
    open_places = _open(value)
    errors = kind.checked(_filled(value) if open_places else value)
    for error in errors:
        report(error, source, at)
    if errors or open_places:
        return value
    try:
        full = kind.to_json(kind.from_json(value), defaults=True)
    except MessageError as error:
        report(error, source, at)
        return value
    return full if exact else _asked(value, full, kind.descriptor)


def report(error: MessageError, source: StubSource, at: tuple[Part, ...]) -> None:
    """Have a mistake in a message known, with its place in the stub and the path of the field."""
    source.problem(error.message, (*at, *error.parts), hint=error.hint)


def _open(value: Any) -> bool:
    """Whether something stands for other values than itself."""
    if isinstance(value, Mapping):
        return any(map(_open, value.values()))
    if isinstance(value, list):
        return any(map(_open, value))
    return is_placeholder(value)


def _filled(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _filled(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each) for each in value]
    return _ANYTHING if is_placeholder(value) else value


def _asked(given: Any, full: Any, descriptor: Descriptor) -> Any:
    """Of the whole message ``full`` what ``given`` speaks of."""
    if not isinstance(given, Mapping) or not isinstance(full, dict) or _special(descriptor):
        return full
    made: dict[str, Any] = {}
    for key, value in given.items():
        field = field_named(descriptor, key)
        if field is None:
            return full
        if field.name in full:
            made[field.name] = _asked_field(value, full[field.name], field)
    return made


def _asked_field(given: Any, full: Any, field: FieldDescriptor) -> Any:
    kind = field.message_type
    if kind is None or kind.GetOptions().map_entry:
        return full
    if isinstance(full, list) and isinstance(given, list) and len(given) == len(full):
        return [_asked(one, other, kind) for one, other in zip(given, full, strict=True)]
    return _asked(given, full, kind)


def field_named(descriptor: Descriptor, name: str) -> FieldDescriptor | None:
    """A field by either of its names."""
    field: FieldDescriptor | None = descriptor.fields_by_name.get(name)
    if field is None:
        field = descriptor.fields_by_camelcase_name.get(name)
    if field is None:
        field = next((each for each in descriptor.fields if each.json_name == name), None)
    return field


def _special(descriptor: Descriptor) -> bool:
    return str(descriptor.full_name).startswith(_WELL_KNOWN)


def _check_path(
    path: Any, descriptor: Descriptor, source: StubSource, at: tuple[Part, ...]
) -> None:
    """Report a plain JSONPath that leads through a field which is not there."""
    if not isinstance(path, str) or not _PATH.fullmatch(path):
        return
    kind: Descriptor | None = descriptor
    for step in _STEP.finditer(path):
        name = step[1]
        if name is None:
            continue
        if kind is None or _special(kind) or kind.GetOptions().map_entry:
            return
        field = kind.fields_by_name.get(name)
        if field is None:
            other = field_named(kind, name)
            near = other.name if other is not None else nearest(name, list(kind.fields_by_name))
            source.problem(
                f"{kind.full_name} has no field {name!r}",
                at,
                hint=f"did you mean {near}?" if near else None,
            )
            return
        kind = field.message_type
