"""Bodies that a script sends: server-sent events (``sse:``) and chunks (``chunks:``)."""

from __future__ import annotations

import logging
import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, ClassVar, Final

from mockforge.errors import MockForgeError
from mockforge.mocking.exchange import BrokenOffError
from mockforge.mocking.scripts import (
    CompileValue,
    Made,
    Program,
    Run,
    Scope,
    ScriptError,
    TemplatedVocabulary,
    compile_script,
    emissions,
    text_of,
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
_LINE_END: Final = re.compile(r"\r\n|\r|\n")


class _HttpVocabulary(TemplatedVocabulary, ABC):
    verbs = _VERBS

    def payload(self, verb: str, value: Any, path: Path) -> Made | None:
        if verb == "send":
            return None if value is None else self.send(value, path)
        if value is not None:
            raise ScriptError(f"`{verb}` takes nothing", path)
        return None

    @abstractmethod
    def send(self, value: Any, path: Path) -> Made:
        """What ``send`` makes: bytes."""


class Events(_HttpVocabulary):
    """``send`` is an event: text or a JSON value as its data, or a mapping with ``event``, ``data``, ``id``,
    ``retry`` and ``comment``."""

    where: ClassVar[str] = "an event stream"

    def send(self, value: Any, path: Path) -> Made:
        fields = value if _is_event(value) else {"data": value}
        made = self.value(fields, path)
        return lambda scope: event_bytes(made(scope))


class Chunks(_HttpVocabulary):
    """``send`` is one chunk: text, ``{text: ...}``, ``{json: ...}`` or ``{base64: ...}``."""

    where: ClassVar[str] = "a chunked answer"

    def send(self, value: Any, path: Path) -> Made:
        kind, made = self.message(value, path)
        if kind == "base64":
            return made
        return lambda scope: made(scope).encode("utf-8", "replace")


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


def _is_event(value: Any) -> bool:
    return isinstance(value, Mapping) and bool(value) and all(key in _FIELDS for key in value)
