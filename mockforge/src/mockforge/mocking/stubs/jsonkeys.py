"""What a condition on a JSON body implies for the index: with it, one of many stubs on a path is found
through a dictionary."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

import msgspec

from mockforge.mocking.matching import Content
from mockforge.mocking.matching.jsonvalue import is_placeholder
from mockforge.mocking.stubs.criteria import Key


class WithContent(Protocol):
    """Facts that have a body."""

    @property
    def content(self) -> Content | None: ...


_MOST_KEYS: Final = 8
_DEEPEST: Final = 8


class JsonProbe(msgspec.Struct, frozen=True):
    """Reads the value at a path of names in a JSON body, for the index: as it is and as text."""

    path: tuple[str, ...]

    def read(self, facts: WithContent) -> Iterable[Hashable]:
        """The value twice (of an array: each item), or nothing where there is none or it is no scalar."""
        content = facts.content
        value: Any = None if content is None else content.json
        for name in self.path:
            if not isinstance(value, dict) or name not in value:
                return ()
            value = value[name]
        if isinstance(value, list):
            # The predicate is asked about the items as well.
            return [key for item in value for key in _json_keys(item)]
        return _json_keys(value)


def _json_keys(value: Any) -> Sequence[Hashable]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, int | float):
        return (value, Content.of_json(value).key)
    return ("null", None) if value is None else ()


def json_keys(spec: Any) -> tuple[Key[Any], ...]:
    """What a predicate on a body implies: scalars at plain paths of ``json``, ``jsonExact`` and
    ``jsonPath``."""
    keys: list[Key[Any]] = []
    if isinstance(spec, Mapping):
        for kind in ("json", "jsonExact"):
            if isinstance(spec.get(kind), Mapping):
                _leaves(spec[kind], (), keys)
        paths = spec.get("jsonPath")
        for expression, wanted in paths.items() if isinstance(paths, Mapping) else ():
            path = _plain_json_path(expression)
            if isinstance(wanted, Mapping) and list(wanted) == ["equals"]:
                wanted = wanted["equals"]
            # Text of an array or an object equals one that is there, for which the probe reads nothing.
            if path and isinstance(wanted, str) and not wanted.startswith(("[", "{")):
                keys.append(Key(JsonProbe(path), wanted))
    return tuple(keys[:_MOST_KEYS])


def _leaves(value: Mapping[str, Any], path: tuple[str, ...], keys: list[Key[Any]]) -> None:
    for name, each in value.items():
        if isinstance(each, Mapping):
            if len(path) < _DEEPEST:
                _leaves(each, (*path, name), keys)
        elif isinstance(each, str | int | float) and not is_placeholder(each):
            keys.append(Key(JsonProbe((*path, name)), each))
        if len(keys) >= _MOST_KEYS:
            return


def _plain_json_path(expression: str) -> tuple[str, ...]:
    """The names that ``$.a.b`` goes through; empty for anything that is not as plain as that."""
    parts = expression.split(".")
    if parts[0] != "$" or not all(part.isidentifier() for part in parts[1:]):
        return ()
    return tuple(parts[1:])
