"""The words of scripts on WebSocket connections."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final, NamedTuple

from mockforge.errors import MockForgeError
from mockforge.mocking.matching import Predicate, compile_predicate
from mockforge.mocking.scripts import (
    CompileValue,
    Made,
    RunError,
    Scope,
    ScriptError,
    TemplatedVocabulary,
)
from mockforge.mocking.scripts.compile import ALLOWED, Path
from mockforge.nearest import nearest
from mockforge_ws.scripts.actions import FAULTS, Broadcast, Dribble, Join
from mockforge_ws.scripts.messages import Incoming

_KINDS: Final = ("text", "json", "base64")
_MOST_CHUNKS: Final = 10_000
DEFAULT_CHUNKS: Final = 10


class CloseWith(NamedTuple):
    """The close frame to send."""

    code: int
    reason: str = ""


class WebSocketVocabulary(TemplatedVocabulary):
    """``send`` takes a text, ``{text: ...}``, ``{json: ...}``, ``{base64: ...}``, and any other mapping or
    list as JSON. ``compile_text`` compiles templates of text, ``custom`` are the predicates of plugins."""

    verbs: ClassVar[frozenset[str]] = frozenset(ALLOWED)
    own_verbs: ClassVar[frozenset[str]] = frozenset({"echo", "broadcast", "join", "leave", "fault"})
    where: ClassVar[str] = "a WebSocket connection"

    def __init__(
        self, compile_value: CompileValue, compile_text: CompileValue, custom: Mapping[str, Any]
    ) -> None:
        super().__init__(compile_value)
        self._compile_text = compile_text
        self._custom = custom

    def text(self, value: Any, path: Path) -> Made:
        if isinstance(value, str):
            return self._compile_text(value, path)
        return super().text(value, path)

    # -------------------------------------------------------------- what is sent and done

    def payload(self, verb: str, value: Any, path: Path) -> Made | None:
        if verb == "send":
            return None if value is None else self.data(value, path)
        if verb == "close":
            return self._close(value, path)
        if verb == "error":
            reason = self._text("the mock failed" if value is None else value, path)
            return lambda scope: CloseWith(1011, reason(scope))
        if verb == "echo":
            if value is not None:
                raise ScriptError("`echo` takes nothing: it sends the last message back", path)
            return _echo
        if verb in ("join", "leave"):
            room = self._text(value, path)
            return lambda scope: Join(room(scope), leave=verb == "leave")
        if verb == "broadcast":
            return self._broadcast(value, path)
        if verb == "fault":
            return self._fault(value, path)
        if value is not None:
            raise ScriptError(f"`{verb}` takes nothing", path)
        return None

    def data(self, value: Any, path: Path) -> Made:
        """What makes a message: a text, or bytes."""
        if isinstance(value, list) or (
            isinstance(value, Mapping) and not (len(value) == 1 and next(iter(value)) in _KINDS)
        ):
            value = {"json": value}
        elif not isinstance(value, str | Mapping):
            raise ScriptError("expected a text, {text: ...}, {json: ...} or {base64: ...}", path)
        return self.message(value, path)[1]

    def _text(self, value: Any, path: Path) -> Made:
        if not isinstance(value, str) or not value:
            raise ScriptError("expected a text", path)
        return self.text(value, path)

    def _close(self, value: Any, path: Path) -> Made:
        given = {"code": value} if not isinstance(value, Mapping) else value
        for key in given:
            if key not in ("code", "reason"):
                raise ScriptError(f"unknown key {key!r}", (*path, key), "known: code, reason")
        code = 1000 if given.get("code") is None else given["code"]
        if not isinstance(code, int) or isinstance(code, bool) or not may_be_sent(code):
            raise ScriptError(
                f"{code!r} is no close code that may be sent",
                path,
                "1000 to 1003, 1007 to 1014, or 3000 to 4999 (RFC 6455 section 7.4)",
            )
        if given.get("reason") is None:
            return lambda _: CloseWith(code)
        reason = self._text(given["reason"], (*path, "reason"))
        return lambda scope: CloseWith(code, reason(scope))

    def _broadcast(self, value: Any, path: Path) -> Made:
        given = value if isinstance(value, Mapping) and "send" in value else {"send": value}
        for key in given:
            if key not in ("send", "room", "path", "self"):
                raise ScriptError(
                    f"unknown key {key!r}", (*path, key), "known: send, room, path, self"
                )
        if given["send"] is None:
            raise ScriptError("there is nothing to broadcast", path)
        if "room" in given and "path" in given:
            raise ScriptError("it goes to a room or to a path", path, "leave one of them out")
        itself = given.get("self", False)
        if not isinstance(itself, bool):
            raise ScriptError("expected true or false", (*path, "self"))
        data = self.data(given["send"], (*path, "send") if given is value else path)
        room = self._text(given["room"], (*path, "room")) if "room" in given else _none
        target = self._text(given["path"], (*path, "path")) if "path" in given else _none
        return lambda scope: Broadcast(
            data(scope), room=room(scope), path=target(scope), itself=itself
        )

    def _fault(self, value: Any, path: Path) -> Made:
        if isinstance(value, Mapping) and list(value) == ["dribble"]:
            return self._dribble(value["dribble"], (*path, "dribble"))
        if not isinstance(value, str) or value not in FAULTS:
            near = nearest(str(value), (*FAULTS, "dribble"))
            hint = (
                f"did you mean {near}?" if near else f"there are {', '.join((*FAULTS, 'dribble'))}"
            )
            raise ScriptError(f"{value!r} is no fault", path, hint)
        action = FAULTS[value]()
        return lambda _: action

    def _dribble(self, value: Any, path: Path) -> Made:
        if not isinstance(value, Mapping) or not {"send", "over"} <= set(value):
            raise ScriptError("expected {send: ..., over: 2s}, and `chunks` if need be", path)
        for key in value:
            if key not in ("send", "over", "chunks"):
                raise ScriptError(f"unknown key {key!r}", (*path, key), "known: send, over, chunks")
        chunks = value.get("chunks", DEFAULT_CHUNKS)
        if not isinstance(chunks, int) or not 1 <= chunks <= _MOST_CHUNKS:
            raise ScriptError(f"expected a number from 1 to {_MOST_CHUNKS}", (*path, "chunks"))
        data = self.data(value["send"], (*path, "send"))
        over = self.delay(value["over"], (*path, "over"))
        return lambda scope: Dribble(data(scope), chunks, over(scope))

    # -------------------------------------------------------------- what is expected

    def condition(self, spec: Any, path: Path) -> Callable[[Any], bool]:
        """``{text: predicate}`` and ``{binary: predicate}`` (or ``true``) are about one kind of messages,
        anything else is a predicate on either."""
        if not isinstance(spec, Mapping):
            spec = {"equals": spec}
        tests: list[Callable[[Incoming], bool]] = [
            self._of_kind(kind, spec[kind], (*path, kind))
            for kind in ("text", "binary")
            if kind in spec
        ]
        rest = {key: value for key, value in spec.items() if key not in ("text", "binary")}
        if rest:
            predicate = self._predicate(rest, path)
            tests.append(lambda incoming: predicate.matches(incoming.content))
        if len(tests) == 1:
            return tests[0]
        return lambda incoming: all(test(incoming) for test in tests)

    def _of_kind(self, kind: str, spec: Any, path: Path) -> Callable[[Incoming], bool]:
        is_text = kind == "text"
        if isinstance(spec, bool):
            wanted = is_text == spec
            return lambda incoming: incoming.is_text == wanted
        predicate = self._predicate(spec, path)
        return lambda incoming: incoming.is_text == is_text and predicate.matches(incoming.content)

    def _predicate(self, spec: Any, path: Path) -> Predicate:
        try:
            return compile_predicate(spec, path=path, custom=self._custom)
        except MockForgeError as error:
            own = getattr(error, "path", path)
            raise ScriptError(error.message, own or path, error.hint) from None


def may_be_sent(code: int) -> bool:
    """Whether a close frame may carry ``code`` (RFC 6455 section 7.4, and the registry)."""
    return 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999


def _echo(scope: Scope) -> Any:
    received = scope.received
    if not isinstance(received, Incoming):
        raise RunError("there is nothing to echo", hint="expect a message first")
    return received.data


def _none(_: Scope) -> None:
    return None
