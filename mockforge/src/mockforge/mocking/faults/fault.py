"""Faults: what is done to an answer on the wire. What each comes to is the protocol's business."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from mockforge.config.types import ByteSize, Duration
from mockforge.mocking.faults.spec import (
    FaultError,
    duration,
    number,
    read,
    section,
    shown,
    single,
    unwrapped,
)
from mockforge.nearest import nearest
from mockforge.structured import Part

MOST_CHUNKS: Final = 10_000
"""Pieces that a body is dribbled in at most."""


class Fault(ABC):
    """Something done to an answer. Written as its ``name``, or as a mapping of the name to what it takes.

    ``ends`` is set where the connection does not outlive the fault.
    """

    name: ClassVar[str]
    ends: ClassVar[bool] = True

    @abstractmethod
    def spec(self) -> Any:
        """The fault as it is written."""

    @classmethod
    def parse(cls, value: object) -> Fault:
        """What makes it a type for settings; :class:`FaultError` is a ValueError."""
        return compile_fault(value)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """What :func:`compile_fault` takes, as JSON Schema."""
        forms = {
            "truncate": {"keep": {"type": "number", "minimum": 0, "exclusiveMaximum": 1}},
            "dribble": {
                "chunks": {"type": "integer", "minimum": 1, "maximum": MOST_CHUNKS},
                "over": Duration.json_schema(),
            },
        }
        mappings = [
            {
                "type": "object",
                "properties": {
                    name: {
                        "type": "object",
                        "properties": keys,
                        "required": list(keys),
                        "additionalProperties": False,
                    }
                },
                "required": [name],
                "additionalProperties": False,
            }
            for name, keys in forms.items()
        ]
        bandwidth = {
            "type": "object",
            "properties": {"bandwidth": ByteSize.json_schema()},
            "required": ["bandwidth"],
            "additionalProperties": False,
        }
        return {"anyOf": [{"enum": list(_PLAIN)}, *mappings, bandwidth]}

    def __str__(self) -> str:
        spec = self.spec()
        return spec if isinstance(spec, str) else json.dumps(spec)


class _Plain(Fault):
    """A fault that takes nothing."""

    __slots__ = ()

    def spec(self) -> Any:
        return self.name

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Reset(_Plain):
    """The connection is reset in place of the answer."""

    name = "reset"


class Empty(_Plain):
    """The connection is closed in place of the answer."""

    name = "empty"


class Garbage(_Plain):
    """Bytes that mean nothing in place of the answer, then a close."""

    name = "garbage"


class MalformedChunk(_Plain):
    """The head of the answer, then a chunk that is none, then a close."""

    name = "malformed_chunk"


@dataclass(frozen=True, slots=True)
class Truncate(Fault):
    """The answer breaks off after the share ``keep`` (0 to below 1) of its body, which was announced in
    full."""

    name: ClassVar[str] = "truncate"

    keep: float = 0.5

    def spec(self) -> Any:
        return self.name if self.keep == 0.5 else {"truncate": {"keep": self.keep}}


@dataclass(frozen=True, slots=True)
class Dribble(Fault):
    """The body comes in ``chunks`` pieces of about the same size, evenly spread ``over`` a time in seconds:
    the head at its start, the last piece at its end."""

    name: ClassVar[str] = "dribble"
    ends: ClassVar[bool] = False

    chunks: int
    over: Duration

    def spec(self) -> Any:
        return {"dribble": {"chunks": self.chunks, "over": str(self.over)}}

    def schedule(self, size: int) -> Iterator[tuple[float, int]]:
        """When, in seconds from the start, the piece of a body of ``size`` bytes goes that ends where. No
        piece is empty, so a short body comes in fewer."""
        pieces = min(self.chunks, size)
        for piece in range(1, pieces + 1):
            yield self.over * piece / pieces, size * piece // pieces


@dataclass(frozen=True, slots=True)
class Bandwidth(Fault):
    """The body comes at ``rate`` bytes per second."""

    name: ClassVar[str] = "bandwidth"
    ends: ClassVar[bool] = False

    rate: ByteSize

    def spec(self) -> Any:
        return {"bandwidth": str(self.rate)}

    def schedule(self, size: int) -> Iterator[tuple[float, int]]:
        """Like :meth:`Dribble.schedule`: about twenty pieces a second, up to 64 KiB each."""
        piece = max(1, min(self.rate // 20, 65_536))
        for end in range(piece, size + piece, piece):
            yield min(end, size) / self.rate, min(end, size)


def compile_fault(spec: Any, path: Sequence[Part] = ()) -> Fault:
    """The fault that ``spec`` describes; :class:`FaultError` with the key path, below ``path``, of what
    is wrong with it."""
    spec = unwrapped(spec, path)
    if isinstance(spec, Mapping):
        name, given = single(spec, _NAMES, path)
        if name in _TAKING:
            return _TAKING[name](given, (*path, name))
        if given not in (None, True, {}):
            raise FaultError(f"{name} takes nothing, got {shown(given)}", path=(*path, name))
        return _PLAIN[name]
    if isinstance(spec, str) and spec in _PLAIN:
        return _PLAIN[spec]
    if isinstance(spec, str) and spec in _TAKING:
        raise FaultError(f"{spec} needs to be told more: write {_EXAMPLES[spec]}", path=path)
    close = nearest(spec, _NAMES) if isinstance(spec, str) else None
    raise FaultError(
        f"expected one of {', '.join(_NAMES)}, got {shown(spec)}",
        path=path,
        hint=f"did you mean {close}?" if close else None,
    )


def _truncate(given: Any, path: Sequence[Part]) -> Fault:
    keys = section(given, path, required=("keep",))
    keep = number(keys["keep"], (*path, "keep"), least=0, most=1)
    if keep == 1:
        raise FaultError("nothing would be missing: give less than 1", path=(*path, "keep"))
    return Truncate(keep)


def _dribble(given: Any, path: Sequence[Part]) -> Fault:
    keys = section(given, path, required=("chunks", "over"))
    chunks = number(keys["chunks"], (*path, "chunks"), least=1, most=MOST_CHUNKS, whole=True)
    return Dribble(int(chunks), duration(keys["over"], (*path, "over")))


def _bandwidth(given: Any, path: Sequence[Part]) -> Fault:
    rate = read(ByteSize.parse, given, path)
    if not rate:
        raise FaultError("expected at least 1 byte per second, got 0", path=path)
    return Bandwidth(rate)


_PLAIN: Final[dict[str, Fault]] = {
    "reset": Reset(),
    "empty": Empty(),
    "garbage": Garbage(),
    "malformed_chunk": MalformedChunk(),
    "truncate": Truncate(),
}
_TAKING: Final[dict[str, Callable[[Any, Sequence[Part]], Fault]]] = {
    "truncate": _truncate,
    "dribble": _dribble,
    "bandwidth": _bandwidth,
}
_NAMES: Final = tuple(dict.fromkeys((*_PLAIN, *_TAKING)))
_EXAMPLES: Final = {
    "dribble": "{dribble: {chunks: 5, over: 2s}}",
    "bandwidth": "{bandwidth: 10KiB}",
}
