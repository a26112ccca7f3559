"""Bodies that a script sends: server-sent events (``sse:``) and chunks (``chunks:``)."""

from __future__ import annotations

import base64
import binascii
import logging
import re
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, ClassVar, Final

import msgspec

from mockforge.errors import MockForgeError
from mockforge.mocking.exchange import BrokenOffError
from mockforge.mocking.faults import compile_delay
from mockforge.mocking.scripts import (
    Made,
    Program,
    Run,
    Scope,
    ScriptError,
    Vocabulary,
    compile_script,
    emissions,
)
from mockforge.structured import Part
from mockforge_http.stubs.turn import Turn

log = logging.getLogger("mockforge.http.stubs")

Path = tuple[Part, ...]

EVENT_STREAM: Final = "text/event-stream"
_FIELDS: Final = ("event", "data", "id", "retry", "comment")
_VERBS: Final = frozenset(
    {"send", "wait", "repeat", "forever", "branch", "set", "end", "disconnect"}
)
_KINDS: Final = ("text", "json", "base64")
_LINE_END: Final = re.compile(r"\r\n|\r|\n")

CompileValue = Callable[[Any, Path], Made]
"""Compiles a value whose texts may be templates."""


class _HttpVocabulary(Vocabulary):
    verbs = _VERBS

    def __init__(self, compile_value: CompileValue) -> None:
        self._compile_value = compile_value

    def value(self, value: Any, path: Path) -> Made:
        return self._compile_value(value, path)

    def delay(self, spec: Any, path: Path) -> Made:
        try:
            delay = compile_delay(spec, path)
        except MockForgeError as error:
            own = getattr(error, "path", path)
            raise ScriptError(error.message, own or path, error.hint) from None
        return lambda scope: delay.sample(scope.chance)

    def payload(self, verb: str, value: Any, path: Path) -> Made | None:
        if verb == "send":
            return None if value is None else self.send(value, path)
        if value is not None:
            raise ScriptError(f"`{verb}` takes nothing", path)
        return None

    def send(self, value: Any, path: Path) -> Made:
        """What ``send`` makes: bytes."""
        raise NotImplementedError


class Events(_HttpVocabulary):
    """``send`` is an event: text or a JSON value as its data, or a mapping with ``event``, ``data``, ``id``,
    ``retry`` and ``comment``."""

    where: ClassVar[str] = "an event stream"

    def send(self, value: Any, path: Path) -> Made:
        fields = value if _is_event(value) else {"data": value}
        made = self._compile_value(fields, path)
        return lambda scope: event_bytes(made(scope))


class Chunks(_HttpVocabulary):
    """``send`` is one chunk: text, ``{text: ...}``, ``{json: ...}`` or ``{base64: ...}``."""

    where: ClassVar[str] = "a chunked answer"

    def send(self, value: Any, path: Path) -> Made:
        if isinstance(value, str):
            value = {"text": value}
        if not isinstance(value, Mapping) or len(value) != 1 or next(iter(value)) not in _KINDS:
            raise ScriptError(
                "expected a text, {text: ...}, {json: ...} or {base64: ...}",
                path,
            )
        kind, content = next(iter(value.items()))
        at = (*path, kind)
        if kind == "base64":
            raw = _decoded(content, at)
            return lambda _: raw
        made = self._compile_value(content, at)
        if kind == "json":
            return lambda scope: msgspec.json.encode(made(scope))
        return lambda scope: text_of(made(scope)).encode("utf-8", "replace")


def compile_stream(
    vocabulary: type[Events] | type[Chunks], spec: Any, path: Path, compile_value: CompileValue
) -> Callable[[Turn], AsyncIterator[bytes]]:
    """What starts the stream of one answer. ScriptError: the script is wrong."""
    program = compile_script(spec, vocabulary(compile_value), path=path)
    return lambda turn: _pieces(program, turn)


async def _pieces(program: Program, turn: Turn) -> AsyncIterator[bytes]:
    run = Run(program, Scope(turn.context, turn.lasting_chance("stream")))
    try:
        async for piece in emissions(run):
            yield piece
    except MockForgeError as error:
        raise _broken_off(turn, error) from error


def _broken_off(turn: Turn, error: MockForgeError) -> BrokenOffError:
    """What ends an answer that cannot go on, after a word in the log."""
    stub, target = turn.stub, turn.exchange.request.target
    log.error("stub %s (%s) breaks off its answer to %s: %s", stub.id, stub.place, target, error)
    return BrokenOffError(f"{type(error).__name__}: {error}")


def event_bytes(fields: Mapping[str, Any]) -> bytes:
    """One event as it is sent (HTML Standard, section 9.2.5)."""
    lines: list[str] = []
    for name in ("comment", "event", "id", "retry", "data"):
        value = fields.get(name)
        if value is None:
            continue
        text = text_of(value)
        if name in ("event", "id", "retry"):  # one line each, or it would be another field
            lines.append(f"{name}: {' '.join(text.splitlines())}")
        else:
            mark = "data: " if name == "data" else ": "
            lines += [mark + line for line in _LINE_END.split(text)]
    return ("\n".join(lines) + "\n\n").encode("utf-8", "replace")


def text_of(value: Any) -> str:
    """A value as text: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _is_event(value: Any) -> bool:
    return isinstance(value, Mapping) and bool(value) and all(key in _FIELDS for key in value)


def _decoded(content: Any, path: Path) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise ScriptError("this is no base64", path) from None
