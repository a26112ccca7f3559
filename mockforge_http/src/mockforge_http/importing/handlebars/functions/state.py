"""What WireMock's state extension does, on the state of the process: contexts with properties and a list."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from .documents import json_path
from .values import HelperError, Listed, plain, text

if TYPE_CHECKING:
    from mockforge.mocking.state import State

SPACE: Final = "contexts"
"""The space of the store that contexts are kept in, by name."""
MOST_ITEMS: Final = 10_000
"""Items of a context's list; the oldest go."""
_COUNTS: Final = ("updateCount", "listSize")


def _context(state: State, name: Any) -> dict[str, Any] | None:
    return cast("dict[str, Any] | None", state.store.get(SPACE, text(name)))


def state_value(
    state: State,
    context: Any = None,
    property: Any = None,  # noqa: A002 - the extension's name
    list: Any = None,  # noqa: A002 - the extension's name
    default: Any = None,
) -> Any:
    """A property of a context, or what a JSONPath leads to in its list."""
    found = _context(state, context)
    value: Any = None
    if found is not None:
        if property == "list":
            value = Listed(found["list"])
        elif property in _COUNTS:
            value = found["updates"] if property == "updateCount" else len(found["list"])
        elif property is not None:
            value = found["properties"].get(text(property))
        elif list is not None:
            value = json_path(found["list"], f"${text(list)}")
    if value is not None:
        return value
    if default is None:
        name = property if property is not None else list
        raise HelperError(f"No state for context {text(context)}, property {text(name)} found")
    if isinstance(default, str) and default[:1] in ("[", "{"):
        return json_path(default, "$", default)
    return default


def record_state(
    state: State, context: Any, properties: Any = None, first: Any = None, last: Any = None
) -> str:
    """Set properties of a context (``null`` takes one away), and add to either end of its list."""
    name = text(context)
    if not name:
        return ""
    found = _context(state, name) or {"properties": {}, "list": [], "updates": 0}
    for key, value in (properties or {}).items():
        if value == "null":
            found["properties"].pop(key, None)
        else:
            found["properties"][key] = plain(value)
    if first:
        found["list"].insert(0, plain(first))
    if last:
        found["list"].append(plain(last))
    del found["list"][: max(0, len(found["list"]) - MOST_ITEMS)]
    found["updates"] += 1
    state.store.put(SPACE, name, found)
    return ""


def delete_state(
    state: State, context: Any = None, matching: Any = None, end: Any = None, index: Any = None
) -> str:
    """Let contexts go, or an item of the list of one."""
    if matching is not None:
        from .collections import expression

        pattern = expression(matching)
        for name, _ in state.store.items(SPACE):
            if pattern.fullmatch(name):
                state.store.delete(SPACE, name)
        return ""
    if end is None and index is None:
        for name in context if isinstance(context, list | tuple) else [context]:
            state.store.delete(SPACE, text(name))
        return ""
    found = _context(state, context)
    if found is not None and found["list"]:
        place = {"first": 0, "last": -1}.get(text(end), index)
        number = int(text(place)) if re.fullmatch(r"-?\d{1,6}", text(place)) else 0
        if -len(found["list"]) <= number < len(found["list"]):
            del found["list"][number]
            found["updates"] += 1
            state.store.put(SPACE, text(context), found)
    return ""


def state_matches(state: State, context: Any, **conditions: Any) -> bool:
    """Whether a context is as the matcher of the extension asks."""
    found = _context(state, context)
    if "hasNotContext" in conditions:
        return found is None
    if found is None:
        return False
    return all(_CONDITIONS[name](found, wanted) for name, wanted in conditions.items())


def _number(wanted: Any) -> int:
    source = text(wanted)
    return int(source) if re.fullmatch(r"-?\d{1,12}", source) else -1


_Condition = Callable[[dict[str, Any], Any], bool]
_CONDITIONS: Final[Mapping[str, _Condition]] = {
    "hasProperty": lambda found, wanted: text(wanted) in found["properties"],
    "hasNotProperty": lambda found, wanted: text(wanted) not in found["properties"],
    "updateCountEqualTo": lambda found, wanted: found["updates"] == _number(wanted),
    "updateCountLessThan": lambda found, wanted: found["updates"] < _number(wanted),
    "updateCountMoreThan": lambda found, wanted: found["updates"] > _number(wanted),
    "listSizeEqualTo": lambda found, wanted: len(found["list"]) == _number(wanted),
    "listSizeLessThan": lambda found, wanted: len(found["list"]) < _number(wanted),
    "listSizeMoreThan": lambda found, wanted: len(found["list"]) > _number(wanted),
}
CONDITIONS: Final = frozenset(("hasContext", "hasNotContext", *_CONDITIONS))
"""Parameters of the matcher that are known."""

STATE: Final[Mapping[str, Callable[..., Any]]] = {
    "deleteState": delete_state,
    "recordState": record_state,
    "state": state_value,
    "stateMatches": state_matches,
}
"""Helpers whose first argument is ``state``."""
