"""Faults as stubs write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from mockforge.errors import MockForgeError
from mockforge.mocking.faults import compile_delay
from mockforge.mocking.scripts import Made, Scope, ScriptError
from mockforge.nearest import nearest
from mockforge_grpc.scripts.actions import ERROR_CODES, FAULTS, Action, Dribble, Http, Reset
from mockforge_grpc.stubs.values import Path

if TYPE_CHECKING:
    from mockforge_grpc.stubs.kit import Kit

_MOST_CHUNKS: Final = 10_000
_TAKING: Final = ("rst_stream", "http", "dribble")
NAMES: Final = (*FAULTS, "http", "dribble")
_PAGE: Final = b"<html><body><h1>%d</h1></body></html>\n"


def compile_fault(spec: Any, message: Made, kit: Kit, path: Path) -> Made:
    """What makes the action of a fault; ``message`` makes the message that it is done to. ScriptError."""
    name, given = _named(spec, path)
    at = (*path, name) if isinstance(spec, Mapping) else path
    if name == "dribble":
        made = _dribble(given, message, at)
    elif name == "http":
        made = _http(given, at)
    elif name == "rst_stream":
        made = reset_with("INTERNAL_ERROR" if given is None else given, at)
    else:
        if given not in (None, True, {}):
            raise ScriptError(f"{name} takes nothing", at)
        make = FAULTS[name]
        made = _of_message(make, message)
    need_wire(kit, f"the fault {name}", path)
    return made


def need_wire(kit: Kit, what: str, path: Path) -> None:
    """ScriptError where the engine cannot break what it sends."""
    if not kit.wire_faults:
        raise ScriptError(
            f"{what} cannot be done by the engine {kit.engine}", path, "needs `grpc.engine: http2`"
        )


def _named(spec: Any, path: Path) -> tuple[str, Any]:
    if isinstance(spec, Mapping) and len(spec) == 1:
        name, given = next(iter(spec.items()))
    else:
        name, given = spec, None
    if not isinstance(name, str) or name not in NAMES:
        near = nearest(str(name), NAMES)
        raise ScriptError(
            f"{name!r} is no fault" if isinstance(name, str) else "expected the name of a fault",
            path,
            f"did you mean {near}?" if near else f"there are {', '.join(NAMES)}",
        )
    if given is None and name in ("http", "dribble"):
        example = "{http: 502}" if name == "http" else "{dribble: {chunks: 5, over: 2s}}"
        raise ScriptError(f"{name} needs to be told more: write {example}", path)
    return name, given


def _of_message(make: Callable[[bytes], Action], message: Made) -> Made:
    return lambda scope: make(message(scope))


def reset_with(spec: Any, path: Path) -> Made:
    """What resets the stream with an error code: its name, or a number."""
    code = ERROR_CODES.get(spec.upper()) if isinstance(spec, str) else spec
    if not isinstance(code, int) or isinstance(code, bool) or not 0 <= code < 1 << 32:
        raise ScriptError(
            f"{spec!r} is no error code of HTTP/2", path, f"there are {', '.join(ERROR_CODES)}"
        )
    action = Reset(code)
    return lambda _: action


def _http(given: Any, path: Path) -> Made:
    if not isinstance(given, int) or isinstance(given, bool) or not 200 <= given <= 599:
        raise ScriptError("expected a status of HTTP, for instance 502", path)
    action = Http(given, "text/html", _PAGE % given)
    return lambda _: action


def _dribble(given: Any, message: Made, path: Path) -> Made:
    if not isinstance(given, Mapping) or "over" not in given:
        raise ScriptError("expected {over: 2s}, and `chunks` if need be", path)
    for key in given:
        if key not in ("chunks", "over"):
            raise ScriptError(f"unknown key {key!r}", (*path, key), "known: chunks, over")
    chunks = given.get("chunks", 10)
    if not isinstance(chunks, int) or isinstance(chunks, bool) or not 1 <= chunks <= _MOST_CHUNKS:
        raise ScriptError(f"expected a number from 1 to {_MOST_CHUNKS}", (*path, "chunks"))
    try:
        over = compile_delay(given["over"], (*path, "over"))
    except MockForgeError as error:
        raise ScriptError(error.message, (*path, "over"), error.hint) from None
    return lambda scope: Dribble(message(scope), chunks, over.sample(scope.chance))


def nothing(_: Scope) -> bytes:
    """What a fault of a script is done to: it sends no message of its own."""
    return b""
