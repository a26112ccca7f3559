"""Messages as stubs write them: made once where they are the same for everyone, else when they are sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mockforge.mocking.scripts import Made, RunError, Scope, ScriptError
from mockforge_grpc.schema import MessageError
from mockforge_grpc.stubs.wanted import field_named

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from mockforge.structured import Part
    from mockforge_grpc.schema import MessageType
    from mockforge_grpc.stubs.kit import Kit

Path = tuple["Part", ...]


class MessageFailedError(RunError):
    """A message could not be made of what its templates came to."""


class Constant:
    """Makes the same bytes for everyone."""

    __slots__ = ("value",)

    def __init__(self, value: bytes) -> None:
        self.value = value

    def __call__(self, _: Scope) -> bytes:
        return self.value


def compile_message(value: Any, kind: MessageType, kit: Kit, made: Made | None, path: Path) -> Made:
    """What makes the bytes of a message of ``kind``. ``made`` makes its JSON form where there are templates
    in it. ScriptError: with the path of the wrong field, below ``path``."""
    if value is None:
        value = {}
    check_message(value, kind, path)
    if made is None:
        return Constant(_bytes(value, kind, path))

    def make(scope: Scope) -> bytes:
        json = made(scope)
        try:
            return kind.from_json(json).SerializeToString()
        except MessageError as error:
            raise failed(error, kind) from error

    return make


def compile_generated(
    value: Any, kind: MessageType, kit: Kit, made: Made | None, path: Path
) -> Made:
    """What generates a message of ``kind``, with the fields of ``value`` in place of generated ones."""
    if value is None:
        return lambda scope: kit.generate(kind, scope.chance).SerializeToString()
    check_message(value, kind, path)
    if not isinstance(value, Mapping):
        raise ScriptError("expected fields to put over the generated ones", path)
    if made is None:
        _bytes(value, kind, path)

    def make(scope: Scope) -> bytes:
        json = value if made is None else made(scope)
        message = kit.generate(kind, scope.chance)
        try:
            put_over(message, kind.from_json(json), json)
        except MessageError as error:
            raise failed(error, kind) from error
        return message.SerializeToString()

    return make


def check_message(value: Any, kind: MessageType, path: Path) -> None:
    """ScriptError for the first thing that is wrong with a message, templates taken as right."""
    for error in kind.checked(value):
        raise _as_script_error(error, path)


def _bytes(value: Any, kind: MessageType, path: Path) -> bytes:
    try:
        return kind.from_json(value).SerializeToString()
    except MessageError as error:
        raise _as_script_error(error, path) from error


def _as_script_error(error: MessageError, path: Path) -> ScriptError:
    return ScriptError(error.message, (*path, *error.parts), error.hint)


def failed(error: MessageError, kind: MessageType) -> MessageFailedError:
    """What is said where a template came to something that is no message."""
    where = f" at {error.field_path}" if error.field_path else ""
    return MessageFailedError(
        f"the templates made no {kind.full_name}{where}: {error.message}", hint=error.hint
    )


def put_over(target: Message, source: Message, json: Any) -> None:
    """Put the fields of ``source`` that ``json``, its JSON form, speaks of over those of ``target``."""
    descriptor = target.DESCRIPTOR
    for key, value in json.items():
        field = field_named(descriptor, key)  # type: ignore[arg-type] # upb's is one as well
        if field is None:  # an extension, or a well-known type
            target.CopyFrom(source)
            return
        plain = field.message_type is not None and not field.is_repeated
        if plain and isinstance(value, Mapping) and target.HasField(field.name):
            put_over(getattr(target, field.name), getattr(source, field.name), value)
            continue
        target.ClearField(field.name)
        part = source.__class__()
        part.CopyFrom(source)
        for other, _ in source.ListFields():
            if other.number != field.number:
                part.ClearField(other.name)
        target.MergeFrom(part)
