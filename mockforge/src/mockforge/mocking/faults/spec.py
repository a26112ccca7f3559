"""Reading what a stub or a setting says about a delay or a fault: the error, and the checks that all of
them share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

from mockforge.config.types import Duration
from mockforge.errors import MockForgeError, Place
from mockforge.nearest import nearest
from mockforge.structured import Part, format_path

T = TypeVar("T")

_LONGEST_SHOWN: Final = 60
_LONGEST_SAID: Final = 160


class FaultError(MockForgeError, ValueError):
    """What is said about a delay or a fault is wrong at ``path`` (keys and list positions)."""

    def __init__(self, message: str, *, path: Sequence[Part] = (), hint: str | None = None) -> None:
        self.path = tuple(path)
        place = Place(path=format_path(self.path)) if self.path else None
        super().__init__(message, hint=hint, place=place)


def shown(value: Any) -> str:
    """``value`` in a message."""
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def unwrapped(spec: Any, path: Sequence[Part]) -> Any:
    """``spec``, or what it says where it is text that holds a JSON mapping: variables and flags have no
    other way to say one."""
    if not isinstance(spec, str) or not spec.lstrip().startswith("{"):
        return spec
    try:
        return json.loads(spec)
    except (ValueError, RecursionError) as failure:
        raise FaultError(f"not valid JSON: {failure}", path=path) from failure


def single(spec: Mapping[Any, Any], known: Iterable[str], path: Sequence[Part]) -> tuple[str, Any]:
    """The one key of ``spec`` and its value."""
    names = tuple(known)
    for key in spec:
        if key not in names:
            raise _unknown(key, names, path)
    if len(spec) != 1:
        found = "none" if not spec else " and ".join(map(str, spec))
        raise FaultError(f"expected one of the keys {', '.join(names)}, got {found}", path=path)
    return next(iter(spec.items()))


def section(
    spec: Any, path: Sequence[Part], *, required: Sequence[str] = (), optional: Sequence[str] = ()
) -> Mapping[str, Any]:
    """``spec`` as a mapping that has all of the ``required`` keys and none but these and the ``optional``."""
    names = (*required, *optional)
    if not isinstance(spec, Mapping):
        raise FaultError(
            f"expected a mapping with the keys {', '.join(names)}, got {shown(spec)}", path=path
        )
    for key in spec:
        if key not in names:
            raise _unknown(key, names, path)
    for key in required:
        if key not in spec:
            raise FaultError(f"the key {key} is missing", path=path)
    return spec


def read(parse: Callable[[object], T], value: Any, path: Sequence[Part]) -> T:
    """What ``parse`` makes of ``value``; its ValueError with the place."""
    try:
        return parse(value)
    except ValueError as failure:
        said = str(failure)
        cut = said if len(said) <= _LONGEST_SAID else f"{said[:_LONGEST_SAID]}..."
        raise FaultError(cut, path=path) from failure


def duration(value: Any, path: Sequence[Part]) -> Duration:
    """A time span in seconds."""
    return read(Duration.parse, value, path)


def number(
    value: Any, path: Sequence[Part], *, least: float, most: float, whole: bool = False
) -> float:
    """A number between ``least`` and ``most``."""
    right = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    if not right or not least <= value <= most:
        kind = "an integer" if whole else "a number"
        raise FaultError(
            f"expected {kind} between {least:g} and {most:g}, got {shown(value)}", path=path
        )
    return int(value) if whole else float(value)


def _unknown(key: Any, names: Sequence[str], path: Sequence[Part]) -> FaultError:
    close = nearest(str(key), names)
    hint = f"did you mean {close}?" if close else f"known here: {', '.join(names)}"
    return FaultError("there is no such key", path=(*path, str(key)), hint=hint)
