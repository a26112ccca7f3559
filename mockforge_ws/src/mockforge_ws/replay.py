"""Replay files: a conversation as JSON Lines, compiled to a script.

Each line is an object: ``ts`` (milliseconds since the connection opened), ``dir`` (``out`` is sent; ``in``
lines document what a client sent and are passed over), ``text`` or ``binary`` (base64), ``waitFor`` (a
message that has to come first: a regular expression, or a JSONPath where it begins with ``$``), and ``close``
(a code that ends the conversation). Empty lines are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from mockforge.errors import MockForgeError, Place, StartError
from mockforge.mocking.scripts import Made, Program, Scope
from mockforge.mocking.scripts.program import Expect, Leave, Send, Step, Wait
from mockforge_ws.scripts import WebSocketScope

if TYPE_CHECKING:
    from mockforge_ws.scripts import WebSocketVocabulary

MAX_FILE: Final = 32 * 1024**2
"""Bytes of a replay file."""
MAX_LINES: Final = 100_000
_KEYS: Final = frozenset({"ts", "dir", "text", "binary", "waitFor", "close"})


def read_replay(path: Path, vocabulary: WebSocketVocabulary) -> Program:
    """The script that the file at ``path`` is. StartError with the line that is wrong."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE + 1)
    except OSError as error:
        raise StartError(
            f"cannot be read: {(error.strerror or str(error)).lower()}", place=Place(str(path))
        ) from error
    if len(content) > MAX_FILE:
        raise StartError(f"larger than {MAX_FILE} bytes", place=Place(str(path)))
    steps: list[Step] = []
    for number, line in enumerate(content.split(b"\n"), 1):
        if number > MAX_LINES:
            raise StartError(f"more than {MAX_LINES} lines", place=Place(str(path), number))
        if line.strip():
            try:
                steps += _steps(_decoded(line), vocabulary)
            except (MockForgeError, ValueError) as error:
                message = error.message if isinstance(error, MockForgeError) else str(error)
                hint = error.hint if isinstance(error, MockForgeError) else None
                raise StartError(message, hint=hint, place=Place(str(path), number)) from error
    if not steps:
        raise StartError("there is nothing to replay", place=Place(str(path)))
    return Program(tuple(steps))


def _decoded(line: bytes) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"no JSON: {error}") from error
    if not isinstance(value, dict):
        raise ValueError(f"expected an object such as {_EXAMPLE}")  # noqa: TRY004 - bad input
    return value


_EXAMPLE: Final = '{"ts": 0, "dir": "out", "text": "hello"}'


def _steps(line: Mapping[str, Any], vocabulary: WebSocketVocabulary) -> Iterator[Step]:
    for key in line:
        if key not in _KEYS:
            raise ValueError(f"unknown key {key!r}; known: {', '.join(sorted(_KEYS))}")
    direction = line.get("dir", "out")
    if direction not in ("in", "out"):
        raise ValueError(f"`dir` is `in` or `out`, not {direction!r}")
    if direction == "in":
        return
    if sum(key in line for key in ("text", "binary", "close")) != 1:
        raise ValueError("one of `text`, `binary` and `close` says what is done")
    if line.get("waitFor") is not None:
        yield _expect(line["waitFor"], vocabulary)
    if "ts" in line:
        yield Wait(_until(line["ts"]))
    if "close" in line:
        yield Leave("close", vocabulary.payload("close", line["close"], ("close",)))
    elif "text" in line:
        if not isinstance(line["text"], str):
            raise ValueError("`text` is a text")
        yield Send(vocabulary.data(line["text"], ("text",)))
    else:
        yield Send(vocabulary.data({"base64": line["binary"]}, ("binary",)))


def _until(milliseconds: Any) -> Made:
    """Seconds from now to a time since the connection opened."""
    if (
        isinstance(milliseconds, bool)
        or not isinstance(milliseconds, int | float)
        or not 0 <= milliseconds <= 1e12
    ):
        raise ValueError(f"`ts` is a number of milliseconds, not {milliseconds!r}")
    due = milliseconds / 1000

    def seconds(scope: Scope) -> float:
        assert isinstance(scope, WebSocketScope)  # noqa: S101 - the only ones that play this
        return max(0.0, scope.opened + due - scope.now())

    return seconds


def _expect(pattern: Any, vocabulary: WebSocketVocabulary) -> Expect:
    if not isinstance(pattern, str):
        raise ValueError("`waitFor` is a text")  # noqa: TRY004 - bad input
    if pattern.startswith("$"):
        spec: Any = {"jsonPath": {pattern: {"present": True}}}
    else:
        vocabulary.condition(
            {"matches": pattern}, ("waitFor",)
        )  # what is wrong with it is said of it
        # The pattern may match anywhere in the message.
        spec = {"matches": f"(?s:.*)(?:{pattern})(?s:.*)"}
    return Expect(vocabulary.condition(spec, ("waitFor",)), None, None, f"fits {pattern}"[:200])
