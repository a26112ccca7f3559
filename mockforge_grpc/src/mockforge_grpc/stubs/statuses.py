"""Statuses as stubs write them: ``NOT_FOUND``, or code, message and details."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from mockforge.mocking.scripts import Made, RunError, Scope, ScriptError, text_of
from mockforge_grpc.schema import MessageError
from mockforge_grpc.status import OK, Code, Status
from mockforge_grpc.stubs.values import Path, failed

if TYPE_CHECKING:
    from mockforge_grpc.schema import MessageType, Schema

KEYS: Final = ("code", "message", "details")
MOST_DETAILS: Final = 100
_PREFIX: Final = "type.googleapis.com/"

Compile = Callable[[Any, Path], "Made | None"]
"""What makes a value with templates in it; ``None`` where it is plain."""


class ConstantStatus:
    """Makes the same status for everyone."""

    __slots__ = ("value",)

    def __init__(self, value: Status) -> None:
        self.value = value

    def __call__(self, _: Scope) -> Status:
        return self.value


SUCCESS: Final = ConstantStatus(OK)


def compile_status(
    spec: Any, schema: Schema, templated: Compile, path: Path, *, default: Code | None = None
) -> Made:
    """What makes the status. ``templated`` compiles values that have templates. ``default`` is the code where
    only a text is given that names none: it is the message then."""
    if isinstance(spec, str | int) and not isinstance(spec, bool):
        try:
            return ConstantStatus(Status(Code.named(spec)))
        except ValueError as error:
            if default is None or not isinstance(spec, str):
                raise ScriptError(str(error), path) from None
            spec = {"code": default.name, "message": spec}
    if spec is None and default is not None:
        return ConstantStatus(Status(default))
    if not isinstance(spec, Mapping):
        raise ScriptError("expected a code, or {code, message, details}", path)
    for key in spec:
        if key not in KEYS:
            raise ScriptError(f"unknown key {key!r}", (*path, key), f"known: {', '.join(KEYS)}")
    code = _code(spec, path, default)
    message = spec.get("message", "")
    if not isinstance(message, str):
        raise ScriptError("must be text", (*path, "message"))
    making = templated(message, (*path, "message"))
    details = _details(spec.get("details"), schema, templated, (*path, "details"))
    if callable(code) or making is not None or any(callable(each) for each in details):
        return _made(code, message if making is None else making, details)
    return ConstantStatus(Status(code, message, tuple(details)))  # type: ignore[arg-type] # none is callable


def _code(spec: Mapping[str, Any], path: Path, default: Code | None) -> Code:
    given = spec.get("code")
    if given is None and default is not None:
        return default
    if isinstance(given, str | int) and not isinstance(given, bool):
        try:
            return Code.named(given)
        except ValueError as error:
            raise ScriptError(str(error), (*path, "code")) from None
    raise ScriptError("there is no `code`", path, "for instance `code: NOT_FOUND`")


def _details(spec: Any, schema: Schema, templated: Compile, path: Path) -> list[bytes | Made]:
    if spec is None:
        return []
    if not isinstance(spec, list) or len(spec) > MOST_DETAILS:
        raise ScriptError(f"must be a list of up to {MOST_DETAILS} messages", path)
    return [_detail(each, schema, templated, (*path, at)) for at, each in enumerate(spec)]


def _detail(spec: Any, schema: Schema, templated: Compile, path: Path) -> bytes | Made:
    url = spec.get("@type") if isinstance(spec, Mapping) else None
    if not isinstance(url, str):
        raise ScriptError(
            "a detail names its type",
            path,
            "for instance {'@type': type.googleapis.com/google.rpc.ErrorInfo, reason: ...}",
        )
    name = url.rpartition("/")[2]
    kind, whole = schema.message_type(name), schema.message_type("google.protobuf.Any")
    if kind is None or whole is None:
        raise ScriptError(f"there is no message type {name!r}", (*path, "@type"))
    value = {**spec, "@type": url if "/" in url else _PREFIX + url}
    for error in whole.checked(value):
        raise ScriptError(error.message, (*path, *error.parts), error.hint)
    making = templated(value, path)
    if making is not None:
        return lambda scope: _any(whole, making(scope))
    try:
        return whole.from_json(value).SerializeToString()
    except MessageError as error:
        raise ScriptError(error.message, (*path, *error.parts), error.hint) from None


def _any(whole: MessageType, value: Any) -> bytes:
    try:
        return whole.from_json(value).SerializeToString()
    except MessageError as error:
        raise failed(error, whole) from error


def _made(code: Code, message: str | Made, details: list[bytes | Made]) -> Made:
    def make(scope: Scope) -> Status:
        text = message if isinstance(message, str) else text_of(message(scope))
        if len(text) > 64 * 1024:
            raise RunError("the message of the status is longer than 64 KiB")
        return Status(
            code,
            text,
            tuple(each if isinstance(each, bytes) else each(scope) for each in details),
        )

    return make
